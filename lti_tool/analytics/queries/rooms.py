"""The questions, in SQL. Every one takes the scope of whoever asks, so that it cannot be forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, exists, false, func, select

from lti_tool.access.scope import Scope
from lti_tool.analytics.search import finds
from lti_tool.models import (
    Attendance,
    Channel,
    Entry,
    EntryRecording,
    NotUnderstood,
    Person,
    Poll,
    RoomSession,
    SessionFacts,
    SessionPlayback,
    db,
)
from lti_tool.models.facts import NO_RATE


def sessions(scope: Scope, entry: Entry) -> Sequence[RoomSession]:
    """The sessions of an entry, newest first."""
    query = select(RoomSession).join(Entry).where(scope.entries(), Entry.id == entry.id)
    return db.session.scalars(query.order_by(RoomSession.start_ms.desc(), RoomSession.id.desc())).all()


def session_facts(scope: Scope, session: RoomSession) -> SessionFacts | None:
    """What was folded of a session; nothing if no event has arrived."""
    return db.session.scalar(
        select(SessionFacts).where(SessionFacts.session_id == session.id, in_scope(scope, session))
    )


def recordings(scope: Scope, entry: Entry) -> Sequence[Entry]:
    """The recordings of a room, in the order in which they were made."""
    named = select(EntryRecording.recording_id).where(
        EntryRecording.account_id == scope.account_id, EntryRecording.room_id == entry.external_id
    )
    roomin_scope = exists().where(Entry.id == entry.id, scope.entries()).correlate(None)
    query = select(Entry).where(Entry.account_id == scope.account_id, Entry.external_id.in_(named), roomin_scope)
    return db.session.scalars(query.order_by(Entry.created_at, Entry.id)).all()


def openable(scope: Scope, entries: Sequence[Entry]) -> set[int]:
    """Keys of the entries that lie in the scope: a room's recording may be another course's, or nobody's."""
    return set(db.session.scalars(select(Entry.id).where(scope.entries(), Entry.id.in_([one.id for one in entries]))))


def session_playback(scope: Scope, session: RoomSession) -> SessionPlayback | None:
    """Who watched the room's recordings since a session began; nothing if nobody did."""
    return db.session.scalar(
        select(SessionPlayback).where(SessionPlayback.session_id == session.id, in_scope(scope, session))
    )


def attendees(
    scope: Scope, session: RoomSession, *, sort: str, descending: bool, search: str, limit: int, offset: int, found: int
) -> list[tuple[Attendance, Person]]:
    """One page of the ``found`` attendees. Nobody, unless the scope shows people. ``sort`` is ``name`` or a column.

    Who has no rate comes last, whichever way round it is sorted by rate.
    """
    column = Attendance.name_key if sort == "name" else getattr(Attendance, sort)
    everybody = of_session(select(Attendance.person_id), scope, session, search)
    if sort != "rate" or descending:
        return _attendees(session, everybody, column, descending, limit, offset, found)
    # Upwards these would be the first: the others are one range of the index, and they are another.
    rated, unrated = everybody.where(Attendance.rate > NO_RATE), everybody.where(Attendance.rate == NO_RATE)
    count = db.session.scalar(select(func.count()).select_from(rated.subquery())) or 0
    rows = _attendees(session, rated, column, False, limit, offset, count)
    more, offset = limit - len(rows), max(offset - count, 0)
    return [*rows, *_attendees(session, unrated, column, False, more, offset, found - count)]


def _attendees(  # noqa: PLR0917
    session: RoomSession, people: Any, column: Any, descending: bool, limit: int, offset: int, found: int
) -> list[tuple[Attendance, Person]]:
    """One page of the ``found`` people of a query.

    The page's people are picked in an index, and only these are read. A page of the second half is counted from the
    end, so that the last costs what the first does.
    """
    if limit <= 0 or offset >= found:
        return []
    order = [key.desc() if descending else key.asc() for key in (column, Attendance.person_id)]
    near = order
    if offset > found // 2:
        limit, offset = min(limit, found - offset), max(found - offset - limit, 0)
        near = [key.asc() if descending else key.desc() for key in (column, Attendance.person_id)]
    picked = people.order_by(*near).limit(limit).offset(offset).subquery()
    query = (
        select(Attendance, Person)
        .join(picked, picked.c.person_id == Attendance.person_id)
        .join(Person, Person.id == Attendance.person_id)
        .where(Attendance.session_id == session.id)
    )
    return [(attendance, person) for attendance, person in db.session.execute(query.order_by(*order))]


def count_attendees(scope: Scope, session: RoomSession, *, search: str) -> int:
    """How many attendees a search finds."""
    query = of_session(select(func.count()).select_from(Attendance), scope, session, search)
    return db.session.scalar(query) or 0


def of_session(query: Any, scope: Scope, session: RoomSession, search: str) -> Any:
    query = query.where(Attendance.session_id == session.id, in_scope(scope, session))
    if not scope.people:
        query = query.where(false())
    if search:
        query = query.where(finds(Attendance.name_key, search))
    return query


def in_scope(scope: Scope, session: RoomSession) -> ColumnElement[bool]:
    """Whether a session lies in the scope: asked once for the whole statement, not row by row."""
    return (
        exists().where(RoomSession.id == session.id, Entry.id == RoomSession.entry_id, scope.entries()).correlate(None)
    )


def not_understood(scope: Scope, entry: Entry) -> Sequence[NotUnderstood]:
    """Event names of an entry that we do not know, most frequent first."""
    query = select(NotUnderstood).join(Entry, Entry.id == NotUnderstood.entry_id)
    query = query.where(scope.entries(), Entry.id == entry.id)
    return db.session.scalars(query.order_by(NotUnderstood.events.desc(), NotUnderstood.name)).all()


def channel(scope: Scope, channel_id: str) -> Channel | None:
    """A channel that somebody with this scope may open: the launch's own, or any of the account."""
    if not scope.whole_account and channel_id != scope.channel_id:
        return None
    return db.session.scalar(
        select(Channel).where(Channel.account_id == scope.account_id, Channel.external_id == channel_id)
    )


def poll_launches(scope: Scope, session: RoomSession) -> Sequence[Any]:
    """(time, question) of the polls of a session, by time."""
    query = select(Poll.time_ms, Poll.question).where(Poll.session_id == session.id, in_scope(scope, session))
    return db.session.execute(query.order_by(Poll.time_ms, Poll.poll_id)).all()
