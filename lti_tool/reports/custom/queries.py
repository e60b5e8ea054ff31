"""The questions of custom reports, in SQL. Long answers are read as they are needed, a thousand rows at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import aliased

from lti_tool.models import (
    Attendance,
    Entry,
    Person,
    Poll,
    RawEvent,
    RoomSession,
    SessionFacts,
    Vote,
    db,
)
from lti_tool.models.names import full_name
from lti_tool.reports.custom.asked import Asked, numbers

CHUNK = 1000
Query = Select[*tuple[Any, ...]]


def stream(query: Query) -> Iterator[Any]:
    """Rows of a query that may have a million; none is kept."""
    return iter(db.session.execute(query, execution_options={"yield_per": CHUNK}))


def chunks(query: Query) -> Iterator[Any]:
    """The same, a thousand rows at a time."""
    return db.session.execute(query, execution_options={"yield_per": CHUNK}).partitions()


def sessions(asked: Asked) -> Query:
    """(session, room, then what its formulas take or nothing before its first event), the earliest first."""
    f = SessionFacts
    facts = (f.reported, f.has_heartbeats, f.viewers, f.rated_seconds, f.engaged_seconds)
    query = select(RoomSession, Entry, *facts).join(Entry, Entry.id == RoomSession.entry_id)
    query = query.outerjoin(f, f.session_id == RoomSession.id).where(asked.entries(rooms_only=True), asked.sessions())
    return query.order_by(RoomSession.start_ms, RoomSession.id)


def breakouts(asked: Asked) -> Query:
    """The same of breakout rooms, and behind it their room; those of a room of an event are of the event too."""
    parent = aliased(Entry)
    same = (parent.account_id == Entry.account_id) & (parent.external_id == Entry.parent_id)
    events = asked.filters.get("virtual_event_ids")
    others = {name: ids for name, ids in asked.filters.items() if name != "virtual_event_ids"}
    query = sessions(replace(asked, filters=others)).where(or_(Entry.type == "breakout", Entry.parent_id.is_not(None)))
    if events is not None:
        ids = numbers(events)
        query = query.where(or_(Entry.virtual_event_id.in_(ids), parent.virtual_event_id.in_(ids)))
    return query.outerjoin(parent, same).add_columns(parent)


class Attended(NamedTuple):
    """A person in a session."""

    user_id: str
    first_name: str | None
    last_name: str | None
    display_name: str | None
    user_email: str | None
    usual_role: str | None
    role: str | None
    watched_seconds: int
    rated_seconds: int
    engaged_seconds: int

    @property
    def user_name(self) -> str:
        return full_name(self.first_name, self.last_name, self.display_name, self.user_id)


def attendees(asked: Asked, session: int) -> Iterator[Attended]:
    """Who was in a session, by name, in the order of an index: nothing is sorted."""
    a, p = Attendance, Person
    columns = (p.external_id, p.first_name, p.last_name, p.display_name, p.email, p.role, a.role)
    seconds = (a.watched_seconds, a.rated_seconds, a.engaged_seconds)
    query = select(*columns, *seconds).join(p, p.id == a.person_id).where(a.session_id == session)
    if (ids := asked.filters.get("user_ids")) is not None:
        query = query.where(p.external_id.in_(ids))
    return (Attended(*row) for row in stream(query.order_by(a.name_key, a.person_id)))


def sessions_with_votes(asked: Asked) -> Query:
    """(session's key, entry's id) of those in which somebody answered a poll, the earliest first."""
    voted = exists().where(Vote.session_id == RoomSession.id)
    query = select(RoomSession.id, Entry.external_id).join(Entry, Entry.id == RoomSession.entry_id)
    query = query.where(asked.entries(), asked.sessions(), voted)
    return query.order_by(RoomSession.start_ms, RoomSession.id)


def polls(asked: Asked, session: int) -> dict[str, tuple[Poll, str | None]]:
    """The polls of a session with the event that launched each, by id."""
    launch = (RawEvent.account_id == asked.scope.account_id) & (RawEvent.event_id == Poll.event_id)
    query = select(Poll, RawEvent.body).outerjoin(RawEvent, launch).where(Poll.session_id == session)
    return {poll.poll_id: (poll, body) for poll, body in db.session.execute(query)}


def votes(asked: Asked, session: int) -> Query:
    """(poll, options, text, time, person) of a session, poll by poll, as they came."""
    query = select(Vote.poll_id, Vote.option_ids, Vote.text, Vote.time_ms, Person)
    query = query.join(Person, Person.id == Vote.person_id).where(Vote.session_id == session)
    if (ids := asked.filters.get("user_ids")) is not None:
        query = query.where(Person.external_id.in_(ids))
    return query.order_by(Vote.poll_id, Vote.time_ms, Vote.event_id)


def entries(asked: Asked) -> Query:
    """The entries that are asked about."""
    return select(Entry).where(asked.entries()).order_by(Entry.name, Entry.id)


def sessions_of(entry: Entry) -> list[RoomSession]:
    """All sessions of an entry."""
    return list(db.session.scalars(select(RoomSession).where(RoomSession.entry_id == entry.id)))


def raw_events(entry: Entry, names: Collection[str]) -> Query:
    """(key, source, body) of the entry's events of these names, as they happened; and perhaps a few others."""
    named = or_(*(RawEvent.body.contains(f'"{name}"') for name in names))
    query = select(RawEvent.id, RawEvent.source, RawEvent.body).where(
        RawEvent.account_id == entry.account_id, RawEvent.entry_id == entry.external_id, named
    )
    return query.order_by(RawEvent.time_ms, RawEvent.event_id)


def people(account_id: int, ids: Collection[str]) -> dict[str, Person]:
    """Everybody of these ids; whom nobody has told of yet has an id only."""
    found: dict[str, Person] = {}
    wanted = sorted(ids)
    for start in range(0, len(wanted), CHUNK):
        some = wanted[start : start + CHUNK]
        query = select(Person).where(Person.account_id == account_id, Person.external_id.in_(some))
        found |= {person.external_id: person for person in db.session.scalars(query)}
    return {id: found.get(id) or Person(account_id=account_id, external_id=id) for id in wanted}


def roles(sessions: Collection[int], people: Collection[int]) -> dict[tuple[int, int], str]:
    """(session's key, person's key) -> the role of that person there, where one is known."""
    query = select(Attendance.session_id, Attendance.person_id, Attendance.role).where(
        Attendance.session_id.in_(sessions), Attendance.person_id.in_(people), Attendance.role.is_not(None)
    )
    return {(session, person): role for session, person, role in db.session.execute(query) if role}
