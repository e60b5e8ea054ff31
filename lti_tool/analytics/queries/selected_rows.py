"""What the report API lists, or adds up by itself, row by row: sessions, minutes, downloads, people in sessions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session, defer

from lti_tool.access.scope import Scope
from lti_tool.analytics.queries.engagement import (
    CHUNK,
    Counted,
    between,
    in_media,
    narrowed,
    quarters,
    started,
)
from lti_tool.analytics.queries.selected import Selection, entries
from lti_tool.models import (
    Attachment,
    Attendance,
    Entry,
    Moment,
    Person,
    Play,
    PlaybackRetention,
    RawEvent,
    Reaction,
    RoomSession,
    SessionFacts,
    db,
)
from lti_tool.models.facts import NO_RATE

# What each person in each session can be sorted by, as the report API calls it.
_ATTENDED_BY: dict[str, Any] = {
    "entry_id": Entry.external_id,
    "cue_point_id": RoomSession.external_id,
    "user_id": Person.external_id,
    "user_name": Person.name_key,
    "user_email": func.nullif(Person.email, ""),
    "user_type": func.coalesce(func.nullif(Attendance.role, ""), func.nullif(Person.role, "")),
    "meeting_view_time": Attendance.watched_seconds,
    "meeting_engaged_play_time_ratio": func.nullif(Attendance.rate, NO_RATE),
}
NEAR_MS = 15 * 60_000  # as far from a session an event without one may lie


def sessions(of: Counted) -> Sequence[Any]:
    """(session, its entry, its facts or nothing, without minutes and lists), in the order of their starts."""
    facts = [getattr(SessionFacts, name) for name in ("session_id", "reported", "has_heartbeats")]
    query = select(RoomSession, Entry, *facts).join(Entry, Entry.id == RoomSession.entry_id)
    query = query.outerjoin(SessionFacts, SessionFacts.session_id == RoomSession.id)
    query = query.where(RoomSession.id.in_(of.sessions))
    return db.session.execute(query.order_by(RoomSession.start_ms, RoomSession.id)).all()


def minutes(of: Counted) -> Sequence[Any]:
    """(session's key, its entry's, its curve, its reactions by minute), in the order of their starts."""
    f = SessionFacts
    query = select(f.session_id, RoomSession.entry_id, f.curve, f.reaction_minutes)
    query = query.join(RoomSession, RoomSession.id == f.session_id).where(f.session_id.in_(of.sessions))
    return db.session.execute(query.order_by(RoomSession.start_ms, RoomSession.id)).all()


def spans(of: Counted, keys: Sequence[int] | None = None) -> Sequence[Any]:
    """(session's key, person's, watched, engaged, presence, rated seconds) of everybody, or of some sessions."""
    a = Attendance
    query = select(a.session_id, a.person_id, a.watched, a.engaged, a.presence, a.rated_seconds)
    query = query.where(a.session_id.in_(of.sessions), a.watched_seconds > 0, *narrowed(a, of))
    return db.session.execute(query if keys is None else query.where(a.session_id.in_(keys))).all()


def reactions(of: Counted) -> Sequence[Any]:
    """(time, reaction) of the people who are asked about, for as long as that is not everybody."""
    r, a = Reaction, Attendance
    same = and_(a.session_id == r.session_id, a.person_id == r.person_id)
    query = select(r.time_ms, r.reaction).join(a, same).where(r.session_id.in_(of.sessions), *narrowed(a, of))
    return db.session.execute(query).all()


def downloads(of: Counted) -> Sequence[Any]:
    """(time, entry's outside id, its name, attachment's outside id, its name) of each, newest first."""
    same = and_(Attachment.account_id == Entry.account_id, Attachment.external_id == Moment.about)
    who = and_(Attendance.session_id == Moment.session_id, Attendance.person_id == Moment.person_id)
    about = func.coalesce(Moment.about, "")
    query = (
        select(Moment.time_ms, Entry.external_id, Entry.name, about, Attachment.name)
        .select_from(Moment)
        .join(RoomSession, RoomSession.id == Moment.session_id)
        .join(Entry, Entry.id == RoomSession.entry_id)
        .join(Attendance, who)
        .outerjoin(Attachment, same)
        .where(Moment.kind == "download", Moment.session_id.in_(of.sessions), *narrowed(Attendance, of))
    )
    return db.session.execute(query.order_by(Moment.time_ms.desc(), Entry.external_id, about)).all()


def attended(of: Counted, sort: tuple[str, bool] | None, *, limit: int | None, start: int) -> tuple[Sequence[Any], int]:
    """(attendance without its spans, person, session, entry, what its facts report, has heartbeats): everybody who did
    anything, session by session or by ``sort`` (a column, whether downwards); and how many there are.
    """
    return db.session.execute(_attended(of, sort).limit(limit).offset(start)).all(), count_attended(of)


def count_attended(of: Counted) -> int:
    """How many there are."""
    return db.session.scalar(select(func.count()).select_from(Attendance).where(*_came(of))) or 0


@contextmanager
def attended_in_chunks(
    of: Counted, sort: tuple[str, bool] | None, *, most: int | None
) -> Iterator[Iterator[Sequence[Any]]]:
    """The same, at most so many, fetched as they are asked for, on a connection of their own."""
    with Session(db.engine) as session:
        yield session.execute(_attended(of, sort).limit(most), execution_options={"yield_per": CHUNK}).partitions()


def _attended(of: Counted, sort: tuple[str, bool] | None) -> Select[*tuple[Any, ...]]:
    a = Attendance
    query = (
        select(a, Person, RoomSession, Entry, SessionFacts.reported, SessionFacts.has_heartbeats)
        .join(Person, Person.id == a.person_id)
        .join(RoomSession, RoomSession.id == a.session_id)
        .join(Entry, Entry.id == RoomSession.entry_id)
        .join(SessionFacts, SessionFacts.session_id == a.session_id)
        .where(*_came(of))
        .options(*map(defer, (a.watched, a.engaged, a.presence)))
    )
    if sort:
        name, descending = sort
        key = _ATTENDED_BY[name]
        query = query.order_by((key.desc() if descending else key.asc()).nulls_last())
    return query.order_by(RoomSession.start_ms, RoomSession.id, Person.name_key, Person.id)


def _came(of: Counted) -> tuple[ColumnElement[bool], ...]:
    return Attendance.session_id.in_(of.sessions), *narrowed(Attendance, of)


def retention(of: Counted) -> Sequence[Any]:
    """(entry's key, curve) of the quarters of an hour in which plays that count were started, entry by entry."""
    r = PlaybackRetention
    where = in_media(of, r), *between(r.quarter, *quarters(of))
    return db.session.execute(select(r.entry_id, r.plays).where(*where).order_by(r.entry_id)).all()


def positions(of: Counted) -> Iterator[Sequence[Any]]:
    """(entry's key, its length, what a play watched) of the plays that count, entry by entry, in chunks."""
    query = select(Play.entry_id, Entry.duration_ms, Play.positions).join(Entry, Entry.id == Play.entry_id)
    query = query.where(*started(of), *narrowed(Play, of), Play.percentiles.is_not(None), Entry.duration_ms > 0)
    return db.session.execute(query.order_by(Play.entry_id), execution_options={"yield_per": CHUNK}).partitions()


def media(asked: Selection, keys: Sequence[int]) -> dict[int, Entry]:
    """These entries, as far as they are asked about."""
    every: list[Entry] = []
    for place in range(0, len(keys), 1000):
        every += db.session.scalars(select(Entry).where(entries(asked), Entry.id.in_(keys[place : place + 1000]))).all()
    return {entry.id: entry for entry in every}


def names(scope: Scope, ids: Sequence[str]) -> dict[str, Person]:
    """People by their outside ids."""
    query = select(Person).where(Person.account_id == scope.account_id, Person.external_id.in_(set(ids)))
    return {person.external_id: person for person in db.session.scalars(query)}


def parents(scope: Scope, ids: Sequence[str]) -> dict[str, Entry]:
    """Entries by their outside ids."""
    query = select(Entry).where(scope.entries(), Entry.external_id.in_(set(ids)))
    return {entry.external_id: entry for entry in db.session.scalars(query)}


def private_people(asked: Selection, of: Counted) -> int:
    """How many people sent a private message. No facts are kept of these, so that the raw events are asked."""
    held = {session.id: session for session, *_more in sessions(of)}
    if not held:
        return 0
    rooms = _every_session(of)
    first, last = min(one.start_ms for one in held.values()), max(one.until_ms for one in held.values())
    query = select(RawEvent.entry_id, RawEvent.time_ms, RawEvent.body).where(
        RawEvent.account_id == asked.scope.account_id,
        RawEvent.entry_id.in_(rooms),
        RawEvent.time_ms.between(first - NEAR_MS, last + NEAR_MS),
        RawEvent.body.contains("privateMessageSent", autoescape=True),
    )
    found = set()
    for room, time_ms, body in db.session.execute(query):
        event = json.loads(body)
        if event.get("name") != "privateMessageSent":
            continue
        session = _session_of(rooms[room], event.get("sessionId"), time_ms)
        if session is not None and session.id in held:
            found.add(str(event["userId"]))
    if asked.narrow and found:
        known = select(Person.external_id).join(Attendance, Attendance.person_id == Person.id)
        known = known.where(Attendance.session_id.in_(of.sessions), *narrowed(Attendance, of))
        found &= set(db.session.scalars(known))
    return len(found)


def _every_session(of: Counted) -> dict[str, list[RoomSession]]:
    """By room, all its sessions, of those rooms that any of the sessions is of: the one that started last first."""
    mine = select(RoomSession.entry_id).where(RoomSession.id.in_(of.sessions))
    query = select(Entry.external_id, RoomSession).join(Entry, Entry.id == RoomSession.entry_id)
    query = query.where(RoomSession.entry_id.in_(mine.correlate(None)))
    found: dict[str, list[RoomSession]] = {}
    for room, session in db.session.execute(
        query.order_by(RoomSession.start_ms.desc(), RoomSession.external_id.desc())
    ):
        found.setdefault(room, []).append(session)
    return found


def _session_of(sessions: Sequence[RoomSession], name: str | None, time_ms: int) -> RoomSession | None:
    """The session that folding places an event in: the one that it names, else the nearest of those near enough;
    one that events without any opened only where there is no other.
    """

    def distance(one: RoomSession) -> int:
        return max(one.start_ms - time_ms, 0 if one.end_ms is None else time_ms - one.end_ms, 0)

    named = [one for one in sessions if one.external_id == name]
    near = [one for one in sessions if distance(one) <= NEAR_MS]
    return next(iter(named or sorted(near, key=lambda one: (one.origin == "opened", distance(one)))), None)
