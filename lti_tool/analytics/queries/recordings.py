"""What was played of a room's recordings since one of its sessions began."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select

from lti_tool.access.scope import Scope
from lti_tool.analytics.queries.rooms import QUARTER, in_scope
from lti_tool.models import Entry, Person, Play, Playback, RoomSession, db


def played(scope: Scope, recordings: Sequence[Entry], session: RoomSession) -> tuple[ColumnElement[bool], ...]:
    """The rows of ``Playback`` since the quarter of an hour in which the session began."""
    return (
        Playback.entry_id.in_([entry.id for entry in recordings]),
        Playback.quarter >= session.start_ms // QUARTER,
        in_scope(scope, session),
    )


def _started(scope: Scope, recordings: Sequence[Entry], session: RoomSession) -> tuple[ColumnElement[bool], ...]:
    """The plays that were started since the session began. Those that nobody said were started are not among them."""
    return (
        Play.entry_id.in_([entry.id for entry in recordings]),
        Play.time_ms >= session.start_ms,
        in_scope(scope, session),
    )


def sums(scope: Scope, recordings: Sequence[Entry], session: RoomSession) -> Sequence[Any]:
    """(recording's key, person's key, impressions, watched milliseconds) of all who loaded or watched a recording."""
    by = (Playback.entry_id, Playback.person_id)
    query = select(*by, func.sum(Playback.impressions), func.sum(Playback.watched_ms))
    return db.session.execute(query.where(*played(scope, recordings, session)).group_by(*by)).all()


def plays(scope: Scope, recordings: Sequence[Entry], session: RoomSession) -> Sequence[Any]:
    """(recording's key, person's key, watched positions) of each play."""
    query = select(Play.entry_id, Play.person_id, Play.positions).where(*_started(scope, recordings, session))
    return db.session.execute(query).all()


def play_quarters(scope: Scope, recordings: Sequence[Entry], session: RoomSession) -> Sequence[Any]:
    """(quarter of an hour since the epoch, plays started in it), in order."""
    quarter = (Play.time_ms // QUARTER).label("quarter")
    query = select(quarter, func.count()).where(*_started(scope, recordings, session))
    return db.session.execute(query.group_by(quarter).order_by(quarter)).all()


def people(scope: Scope, keys: Collection[int]) -> dict[int, Person]:
    """People of the account by their keys; nobody, unless the scope shows people."""
    if not scope.people:
        return {}
    found: dict[int, Person] = {}
    listed = list(keys)
    for start in range(0, len(listed), 5000):
        query = select(Person).where(Person.account_id == scope.account_id, Person.id.in_(listed[start : start + 5000]))
        found |= {person.id: person for person in db.session.scalars(query)}
    return found
