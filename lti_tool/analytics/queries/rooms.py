"""The questions, in SQL. Every one takes the scope of whoever asks, so that it cannot be forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, exists, false, func, or_, select

from lti_tool.access.scope import Scope
from lti_tool.analytics.search import finds
from lti_tool.models import (
    Attendance,
    Channel,
    Entry,
    EntryChannel,
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


def recorded_in(scope: Scope, entry: Entry) -> Sequence[Entry]:
    """The rooms that an entry is a recording of, as far as they lie in the scope."""
    named = select(EntryRecording.room_id).where(
        EntryRecording.account_id == scope.account_id, EntryRecording.recording_id == entry.external_id
    )
    query = select(Entry).where(scope.entries(), Entry.external_id.in_(named))
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
    asked: dict[str, Any] = {"column": "name_key" if sort == "name" else sort, "descending": descending}
    mine = of_session(select(Attendance.person_id), scope, session, search)
    if sort != "rate" or descending:
        rows = page_of_people(Attendance, mine, session, **asked, limit=limit, offset=offset, found=found)
        return [(attendance, person) for attendance, person in rows]
    # Upwards these would be the first: the others are one range of the index, and they are another.
    rated, unrated = mine.where(Attendance.rate > NO_RATE), mine.where(Attendance.rate == NO_RATE)
    count = db.session.scalar(select(func.count()).select_from(rated.subquery())) or 0
    first = page_of_people(Attendance, rated, session, **asked, limit=limit, offset=offset, found=count)
    more, offset = limit - len(first), max(offset - count, 0)
    rest = page_of_people(Attendance, unrated, session, **asked, limit=more, offset=offset, found=found - count)
    return [(attendance, person) for attendance, person in (*first, *rest)]


def page_of_people(
    table: Any,
    mine: Any,
    session: RoomSession,
    column: str,
    *,
    descending: bool,
    limit: int,
    offset: int,
    found: int,
) -> Sequence[Any]:
    """(row, person) of a page of a table of people in sessions, of which ``mine`` selects ``found`` people.

    They are picked in an index by session, column and person, and only these are read. A page of the second half is
    counted from the end, so that the last costs what the first does.
    """
    if limit <= 0 or offset >= found:
        return []
    keys = (getattr(table, column), table.person_id)
    order = near = [key.desc() if descending else key.asc() for key in keys]
    if offset > found // 2:
        limit, offset = min(limit, found - offset), max(found - offset - limit, 0)
        near = [key.asc() if descending else key.desc() for key in keys]
    picked = mine.order_by(*near).limit(limit).offset(offset).subquery()
    query = (
        select(table, Person)
        .join(picked, picked.c.person_id == table.person_id)
        .join(Person, Person.id == table.person_id)
        .where(table.session_id == session.id)
    )
    return db.session.execute(query.order_by(*order)).all()


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


def of_channel(account_id: int, channel_id: str) -> ColumnElement[bool]:
    """The condition on ``Entry``: published in the channel, or a breakout room of a room that is."""
    published = select(EntryChannel.entry_id).where(
        EntryChannel.account_id == account_id, EntryChannel.channel_id == channel_id
    )
    return or_(Entry.external_id.in_(published), Entry.parent_id.in_(published))
