"""What was played of a room's recordings since one of its sessions began."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, select

from lti_tool.access.scope import Scope
from lti_tool.analytics.queries.rooms import in_scope
from lti_tool.models import Entry, Person, Play, Playback, PlaybackQuarter, RoomSession, db
from lti_tool.models.facts import QUARTER


class Quarter(NamedTuple):
    """``quarter`` counts from the epoch."""

    quarter: int
    impressions: int
    watched_ms: int
    plays: int


def _started(scope: Scope, recordings: Sequence[Entry], session: RoomSession) -> tuple[ColumnElement[bool], ...]:
    """The plays that were started since the session began. Those that nobody said were started are not among them."""
    return (
        Play.entry_id.in_([entry.id for entry in recordings]),
        Play.time_ms >= session.start_ms,
        in_scope(scope, session),
    )


def sums_by_recording(scope: Scope, recordings: Sequence[Entry], session: RoomSession) -> Sequence[Any]:
    """(recording's key, impressions, watched milliseconds) of those that were loaded or watched."""
    return _sums(PlaybackQuarter, PlaybackQuarter.entry_id, scope, recordings, session)


def sums_by_person(scope: Scope, recordings: Sequence[Entry], session: RoomSession) -> Sequence[Any]:
    """(person's key, impressions, watched milliseconds) of all who loaded or watched a recording."""
    return _sums(Playback, Playback.person_id, scope, recordings, session)


def _sums(table: Any, by: Any, scope: Scope, recordings: Sequence[Entry], session: RoomSession) -> Sequence[Any]:
    """Since the quarter of an hour in which the session began. One group in SQL, for there may be many people."""
    since = (
        table.entry_id.in_([entry.id for entry in recordings]),
        table.quarter >= session.start_ms // QUARTER,
        in_scope(scope, session),
    )
    query = select(by, func.sum(table.impressions), func.sum(table.watched_ms))
    return db.session.execute(query.where(*since).group_by(by)).all()


def plays(scope: Scope, recordings: Sequence[Entry], session: RoomSession) -> Sequence[Any]:
    """(recording's key, person's key, watched positions) of each play."""
    query = select(Play.entry_id, Play.person_id, Play.positions).where(*_started(scope, recordings, session))
    return db.session.execute(query).all()


def quarters(scope: Scope, recordings: Sequence[Entry], session: RoomSession) -> Sequence[Quarter]:
    """What everybody played since a session began, by quarter of an hour, in order.

    Impressions and watching are those of the whole quarter in which the session began; plays only those since then.
    """
    if not recordings:
        return ()
    ids, first = [entry.id for entry in recordings], session.start_ms // QUARTER
    q = PlaybackQuarter
    sums = (func.sum(q.impressions), func.sum(q.watched_ms), func.sum(q.plays))
    since = (q.entry_id.in_(ids), q.quarter >= first, in_scope(scope, session))
    rows = db.session.execute(select(q.quarter, *sums).where(*since).group_by(q.quarter).order_by(q.quarter))
    found = [Quarter(*(int(value) for value in row)) for row in rows]
    if found and found[0].quarter == first:
        early = (Play.entry_id.in_(ids), Play.time_ms >= first * QUARTER, Play.time_ms < session.start_ms)
        before = db.session.scalar(select(func.count()).select_from(Play).where(*early)) or 0
        found[0] = found[0]._replace(plays=found[0].plays - before)
    return found


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
