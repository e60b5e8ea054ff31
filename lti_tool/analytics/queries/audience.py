"""Where and on what people watched a session, and the room's recordings since it began."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, distinct, func, select

from lti_tool.access.scope import Scope
from lti_tool.analytics.queries.recordings import played
from lti_tool.analytics.queries.rooms import in_scope
from lti_tool.models import Attendance, Entry, Playback, PlaybackViewer, RoomSession, db

# Of ``Attendance`` and ``PlaybackViewer`` alike.
FIELDS = ("country", "device", "operating_system", "browser")


def live(scope: Scope, session: RoomSession, by: str, only: Mapping[str, str]) -> dict[str, int]:
    """Live unique viewers by a field; under an empty key those of whom it is not known.

    ``only``: fields and the values that they must have.
    """
    of_session = (Attendance.session_id == session.id, Attendance.watched_seconds > 0, in_scope(scope, session))
    value = _value(Attendance, by)
    query = select(value, func.count()).where(*of_session, *_only(Attendance, only)).group_by(value)
    return {row[0]: row[1] for row in db.session.execute(query)}


def recorded(
    scope: Scope, recordings: Sequence[Entry], session: RoomSession, by: str, only: Mapping[str, str]
) -> dict[str, int]:
    """Recording unique viewers by a field: what is known is known by person and recording."""
    value = _value(PlaybackViewer, by)
    query = _watched(select(value, func.count(distinct(Playback.person_id))), scope, recordings, session, only)
    return {row[0]: row[1] for row in db.session.execute(query.group_by(value))}


def recorded_in_all(scope: Scope, recordings: Sequence[Entry], session: RoomSession, only: Mapping[str, str]) -> int:
    """Recording unique viewers of all values together: each counts once."""
    query = _watched(select(func.count(distinct(Playback.person_id))), scope, recordings, session, only)
    return db.session.scalar(query) or 0


def _watched(
    query: Any, scope: Scope, recordings: Sequence[Entry], session: RoomSession, only: Mapping[str, str]
) -> Any:
    viewer = and_(PlaybackViewer.entry_id == Playback.entry_id, PlaybackViewer.person_id == Playback.person_id)
    rows = query.select_from(Playback).outerjoin(PlaybackViewer, viewer)
    return rows.where(*played(scope, recordings, session), Playback.watched_ms > 0, *_only(PlaybackViewer, only))


def _value(model: Any, field: str) -> ColumnElement[str]:
    return func.coalesce(getattr(model, field), "")


def _only(model: Any, only: Mapping[str, str]) -> list[ColumnElement[bool]]:
    return [_value(model, field) == value for field, value in only.items()]
