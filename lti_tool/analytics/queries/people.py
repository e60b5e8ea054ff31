"""What single people did in a session: for the rows that a page shows, never for all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import false, func, literal, select

from lti_tool.access.scope import Scope
from lti_tool.analytics.queries.rooms import in_scope, of_session
from lti_tool.models import (
    Attachment,
    Attendance,
    Moment,
    Person,
    PlaybackViewer,
    Poll,
    PresenceEdge,
    Reaction,
    RoomSession,
    Vote,
    db,
)
from lti_tool.models.facts import QUARTER

AT_ONCE = 10_000  # ids in a statement: databases take some ten thousand


def span_sets(scope: Scope, session: RoomSession, people: Collection[int]) -> Sequence[Any]:
    """(person, watched, engaged, presence, rated seconds) of these people; the spans as they are stored."""
    query = select(
        Attendance.person_id, Attendance.watched, Attendance.engaged, Attendance.presence, Attendance.rated_seconds
    )
    return db.session.execute(_of(query, Attendance, scope, session, people)).all()


def moments(scope: Scope, session: RoomSession, people: Collection[int]) -> Sequence[Any]:
    """(person, time, kind, about, attachment's name) of these people, by time."""
    same = (Attachment.account_id == scope.account_id) & (Attachment.external_id == Moment.about)
    query = (
        select(Moment.person_id, Moment.time_ms, Moment.kind, Moment.about, Attachment.name)
        .join(Attachment, same & (Moment.kind == "download"), isouter=True)
        .order_by(Moment.time_ms, Moment.event_pk)
    )
    return db.session.execute(_of(query, Moment, scope, session, people)).all()


def edges(scope: Scope, session: RoomSession, people: Collection[int]) -> Sequence[Any]:
    """(person, time, joined) of these people, by time."""
    query = select(PresenceEdge.person_id, PresenceEdge.time_ms, PresenceEdge.joined)
    query = query.order_by(PresenceEdge.time_ms, PresenceEdge.event_pk)
    return db.session.execute(_of(query, PresenceEdge, scope, session, people)).all()


_COUNTER = {
    "message": "chat_messages",
    "thread": "threads",
    "download": "downloads",
    "raised_hand": "raised_hands",
}


def everybody(scope: Scope, session: RoomSession) -> Sequence[Any]:
    """(person, name key, role, country, device, operating system, browser, watched, engaged, presence, rated seconds)
    of all attendees.
    """
    a = Attendance
    where = (a.country, a.device, a.operating_system, a.browser)
    query = select(a.person_id, a.name_key, a.role, *where, a.watched, a.engaged, a.presence, a.rated_seconds)
    return db.session.execute(query.where(a.session_id == session.id, in_scope(scope, session))).all()


def counts(scope: Scope, session: RoomSession, start_ms: int, end_ms: int) -> Counter[tuple[int, str]]:
    """(person, counter of ``Attendance``) -> how often, in a part of the session."""
    found: Counter[tuple[int, str]] = Counter()
    reacted = select(Reaction.person_id, literal("reactions"), func.count()).group_by(Reaction.person_id)
    voted = select(Vote.person_id, literal("polls_answered"), func.count()).group_by(Vote.person_id)
    done = select(Moment.person_id, Moment.kind, func.count()).group_by(Moment.person_id, Moment.kind)
    for query, table in ((reacted, Reaction), (voted, Vote), (done, Moment)):
        when = (table.time_ms >= start_ms, table.time_ms < end_ms)
        rows = db.session.execute(query.where(table.session_id == session.id, *when, in_scope(scope, session)))
        for person, name, count in rows:
            found[person, _COUNTER.get(name, name)] = count
    return found


def polls_launched(scope: Scope, session: RoomSession, start_ms: int, end_ms: int) -> int:
    """How many polls were launched in a part of the session."""
    when = (Poll.time_ms >= start_ms, Poll.time_ms < end_ms)
    query = select(func.count()).where(Poll.session_id == session.id, *when, in_scope(scope, session))
    return db.session.scalar(query) or 0


def watched_recordings(scope: Scope, session: RoomSession, recordings: Collection[int]) -> set[int]:
    """The people who watched any of these recordings since the quarter of an hour in which the session began."""
    query = select(PlaybackViewer.person_id).where(
        PlaybackViewer.entry_id.in_(recordings),
        PlaybackViewer.last_watched_quarter >= session.start_ms // QUARTER,
        in_scope(scope, session),
    )
    return set(db.session.scalars(query.distinct()))


def found(scope: Scope, session: RoomSession, search: str) -> set[int]:
    """The attendees whose names a search finds; nobody, unless the scope shows people."""
    return set(db.session.scalars(of_session(select(Attendance.person_id), scope, session, search)))


def persons(scope: Scope, ids: Collection[int]) -> dict[int, Person]:
    """These people; nobody, unless the scope shows people."""
    if not scope.people:
        return {}
    mine, every = select(Person).where(Person.account_id == scope.account_id), list(ids)
    parts = (every[start : start + AT_ONCE] for start in range(0, len(every), AT_ONCE))
    return {one.id: one for part in parts for one in db.session.scalars(mine.where(Person.id.in_(part)))}


def _of(query: Any, table: Any, scope: Scope, session: RoomSession, people: Collection[int]) -> Any:
    query = query.where(table.session_id == session.id, table.person_id.in_(people), in_scope(scope, session))
    return query if scope.people else query.where(false())
