"""What was played of a room's recordings since one of its sessions began.

Impressions and watching are those of the whole quarter of an hour in which the session began; plays only those since
then, without those that nobody said were started. Everything is added up by the quarter at folding, but for the few
plays of that quarter that were started before the session.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, false, func, select

from lti_tool.access.scope import Scope
from lti_tool.analytics.queries.rooms import in_scope, page_of_people
from lti_tool.models import Entry, Play, PlaybackQuarter, PlaybackRetention, RoomSession, SessionViewer, db
from lti_tool.models.facts import QUARTER


class Quarter(NamedTuple):
    """``quarter`` counts from the epoch."""

    quarter: int
    impressions: int
    watched_ms: int
    plays: int


class Sums(NamedTuple):
    """What was played of a recording."""

    impressions: int = 0
    watched_ms: int = 0
    plays: int = 0
    measured_plays: int = 0
    percentiles: int = 0

    def __sub__(self, other: Sums) -> Sums:
        return Sums(*(mine - its for mine, its in zip(self, other, strict=True)))


def sums(scope: Scope, recordings: Sequence[Entry], session: RoomSession) -> dict[int, Sums]:
    """What was played of each recording, by its key; of those that were not played nothing."""
    q = PlaybackQuarter
    columns = (q.impressions, q.watched_ms, q.plays, q.measured_plays, q.percentiles)
    query = select(q.entry_id, *(func.sum(column) for column in columns))
    rows = db.session.execute(query.where(*_since(q, scope, recordings, session)).group_by(q.entry_id))
    found = {key: Sums(*(int(value) for value in values)) for key, *values in rows}
    counts: tuple[Any, ...] = (func.count(), func.count(Play.percentiles))
    counts += (func.coalesce(func.sum(Play.percentiles), 0),)
    early = select(Play.entry_id, *counts).where(*_early(recordings, session)).group_by(Play.entry_id)
    for key, *values in db.session.execute(early):
        if key in found:
            found[key] -= Sums(0, 0, *(int(value) for value in values))
    return found


def curves(scope: Scope, recording: Entry, session: RoomSession) -> tuple[Sequence[bytes], Sequence[bytes]]:
    """How many plays watched each percentile, by the quarter of an hour; and the positions of the plays before the
    session that are among them.
    """
    stored = select(PlaybackRetention.plays).where(*_since(PlaybackRetention, scope, [recording], session))
    early = select(Play.positions).where(*_early([recording], session), Play.percentiles.is_not(None))
    found = db.session.scalars(stored).all()
    return found, db.session.scalars(early).all() if found else ()


def quarters(scope: Scope, recordings: Sequence[Entry], session: RoomSession) -> Sequence[Quarter]:
    """What everybody played since a session began, by quarter of an hour, in order."""
    if not recordings:
        return ()
    q = PlaybackQuarter
    added = (func.sum(q.impressions), func.sum(q.watched_ms), func.sum(q.plays))
    query = select(q.quarter, *added).where(*_since(q, scope, recordings, session))
    rows = db.session.execute(query.group_by(q.quarter).order_by(q.quarter))
    found = [Quarter(*(int(value) for value in row)) for row in rows]
    if found and found[0].quarter == session.start_ms // QUARTER:
        early = select(func.count()).select_from(Play).where(*_early(recordings, session))
        found[0] = found[0]._replace(plays=found[0].plays - (db.session.scalar(early) or 0))
    return found


def _since(table: Any, scope: Scope, recordings: Sequence[Entry], session: RoomSession) -> tuple[Any, ...]:
    """Since the quarter of an hour in which the session began."""
    ids, first = [entry.id for entry in recordings], session.start_ms // QUARTER
    return (table.entry_id.in_(ids), table.quarter >= first, in_scope(scope, session))


def _early(recordings: Sequence[Entry], session: RoomSession) -> tuple[Any, ...]:
    """The plays that were started in that quarter, but before the session."""
    ids, first = [entry.id for entry in recordings], session.start_ms // QUARTER
    return (Play.entry_id.in_(ids), Play.time_ms >= first * QUARTER, Play.time_ms < session.start_ms)


def count_viewers(scope: Scope, session: RoomSession) -> int:
    """How many people loaded, started or watched any recording."""
    return db.session.scalar(select(func.count()).select_from(SessionViewer).where(*_viewers(scope, session))) or 0


def viewers(
    scope: Scope, session: RoomSession, column: str, *, descending: bool, limit: int, offset: int, found: int
) -> Sequence[Any]:
    """(viewer, person) of a page of the ``found`` viewers, by a column that there is an index of."""
    mine = select(SessionViewer.person_id).where(*_viewers(scope, session))
    return page_of_people(
        SessionViewer, mine, session, column, descending=descending, limit=limit, offset=offset, found=found
    )


def _viewers(scope: Scope, session: RoomSession) -> tuple[ColumnElement[bool], ...]:
    """Nobody, unless the scope shows people."""
    mine = (SessionViewer.session_id == session.id, in_scope(scope, session))
    return mine if scope.people else (*mine, false())
