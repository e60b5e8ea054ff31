"""Where and on what people watched a session, and the room's recordings since it began."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select

from lti_tool.access.scope import Scope
from lti_tool.analytics.queries.recordings import played
from lti_tool.analytics.queries.rooms import in_scope
from lti_tool.models import Attendance, Entry, Playback, PlaybackViewer, RoomSession, db


def live(scope: Scope, session: RoomSession, by: Sequence[str], only: Mapping[str, str]) -> Sequence[Any]:
    """(value of each field, how many live viewers have them); an empty value where it is not known.

    ``only``: fields and the values that they must have.
    """
    of_session = (Attendance.session_id == session.id, Attendance.watched_seconds > 0, in_scope(scope, session))
    values = [_value(Attendance, field) for field in by]
    query = select(*values, func.count()).where(*of_session, *_only(Attendance, only))
    return db.session.execute(query.group_by(*values)).all()


def recorded(
    scope: Scope, recordings: Sequence[Entry], session: RoomSession, by: Sequence[str], only: Mapping[str, str]
) -> Sequence[Any]:
    """(value of each field, person's key) of all who watched a recording, once each.

    What is known is known by person and recording, so that somebody may come with several values.
    """
    viewer = and_(PlaybackViewer.entry_id == Playback.entry_id, PlaybackViewer.person_id == Playback.person_id)
    values = [_value(PlaybackViewer, field) for field in by]
    query = select(*values, Playback.person_id).select_from(Playback).outerjoin(PlaybackViewer, viewer)
    watched = (*played(scope, recordings, session), Playback.watched_ms > 0)
    return db.session.execute(query.where(*watched, *_only(PlaybackViewer, only)).distinct()).all()


def _value(model: Any, field: str) -> ColumnElement[str]:
    return func.coalesce(getattr(model, field), "")


def _only(model: Any, only: Mapping[str, str]) -> list[ColumnElement[bool]]:
    return [_value(model, field) == value for field, value in only.items()]
