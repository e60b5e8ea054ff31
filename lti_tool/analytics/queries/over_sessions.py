"""Several sessions of several rooms at once: in a period, taken whole; people counted once.

``where`` is a condition on ``Entry``: which rooms are meant, of those in the scope. Legacy rooms are never among them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Float, Select, and_, case, cast, func, select

from lti_tool.access.scope import Scope
from lti_tool.analytics.period import Period
from lti_tool.analytics.queries import rooms
from lti_tool.analytics.queries.engagement import LIVE
from lti_tool.analytics.queries.recordings import Sums
from lti_tool.analytics.search import finds
from lti_tool.models import (
    Attendance,
    Channel,
    Entry,
    EntryRecording,
    Person,
    Playback,
    PlaybackQuarter,
    PlaybackViewer,
    Poll,
    RoomSession,
    SessionFacts,
    StageEdge,
    db,
)
from lti_tool.models.catalog import ROOMS
from lti_tool.models.facts import NO_RATE

Where = ColumnElement[bool]
SUMS = LIVE  # of a person
# What is shown of a session beside others; its minutes and lists stay where they are.
FACTS = ("reported", "has_heartbeats", "viewers", "logged_in", "polls", *SUMS)


def of_channel(channel: Channel) -> Where:
    """The rooms of a channel: published in it, or a breakout room of one that is."""
    return rooms.of_channel(channel.account_id, channel.external_id)


def count_rooms(scope: Scope, where: Where) -> int:
    """How many rooms there are."""
    return db.session.scalar(select(func.count()).select_from(Entry).where(*_rooms(scope, where))) or 0


def every_session(scope: Scope, where: Where) -> Sequence[Any]:
    """(session, room) of all sessions, newest first."""
    query = select(RoomSession, Entry).join(Entry).where(*_rooms(scope, where))
    return db.session.execute(query.order_by(*_NEWEST)).all()


def sessions(scope: Scope, where: Where, period: Period) -> Sequence[Any]:
    """(session, room, key of its facts or nothing, then its ``FACTS``), newest first."""
    facts = [getattr(SessionFacts, name) for name in ("session_id", *FACTS)]
    query = select(RoomSession, Entry, *facts).join(Entry).join(SessionFacts, isouter=True)
    return db.session.execute(query.where(*_in(scope, where, period)).order_by(*_NEWEST)).all()


def people(scope: Scope, where: Where, period: Period) -> dict[str, int]:
    """How many people did what in any of the sessions, each counted once; who watched a recording in the period, and
    who of the attendees did too (``both``). ``chat_audience``: session by session those logged in to the chat where
    there are any, else its live viewers.
    """
    one = _by_person(scope, where, period).subquery().c
    recorded = select(_played(scope, where, period, Playback.person_id).distinct().subquery()).correlate(None)
    counts = {
        "people": func.count(),
        "live_viewers": func.count().filter(one.watched_seconds > 0),
        "both": func.count().filter(and_(one.watched_seconds > 0, one.person_id.in_(recorded))),
        "logged_in": func.count().filter(one.logged_in > 0),
        "chat_audience": func.count().filter(one.chat_audience > 0),
        "reaction_people": func.count().filter(one.reactions > 0),
        "chat_people": func.count().filter(one.chat_messages > 0),
        "poll_people": func.count().filter(one.polls_answered > 0),
        "thread_people": func.count().filter(one.threads > 0),
        "download_people": func.count().filter(one.downloads > 0),
    }
    row = db.session.execute(select(*(count.label(name) for name, count in counts.items()))).one()
    viewers = db.session.scalar(_played(scope, where, period, func.count(Playback.person_id.distinct()))) or 0
    return {**row._mapping, "recording_viewers": viewers}


def attendees(  # noqa: PLR0917
    scope: Scope, where: Where, period: Period, search: str, sort: str, descending: bool, limit: int, offset: int
) -> Sequence[Any]:
    """A page of people with their sums over the sessions: (person, ``SUMS``, sessions). ``sort``: a column of these,
    ``name_key`` or ``rate``. Ask only for a scope that shows people.
    """
    one = _by_person(scope, where, period, search).subquery().c
    rate = case((one.rated_seconds > 0, cast(one.engaged_seconds, Float) / one.rated_seconds), else_=NO_RATE)
    column = rate if sort == "rate" else one[sort]
    order = [key.desc() if descending else key.asc() for key in (column, one.person_id)]
    names = ("person_id", *SUMS, "sessions")
    return db.session.execute(select(*(one[name] for name in names)).order_by(*order).limit(limit).offset(offset)).all()


def count_found(scope: Scope, where: Where, period: Period, search: str = "") -> int:
    """How many of the attendees a search finds; without one, how many there are."""
    query = select(func.count(Attendance.person_id.distinct())).where(_attended(scope, where, period))
    if search:
        query = query.where(finds(Attendance.name_key, search))
    return db.session.scalar(query) or 0


def attended(scope: Scope, where: Where, period: Period, ids: Collection[int]) -> Sequence[Any]:
    """(person, session's key, role, country, watched, rated and engaged seconds) of these people, newest first."""
    a = Attendance
    query = select(
        a.person_id, a.session_id, a.role, a.country, a.watched_seconds, a.rated_seconds, a.engaged_seconds
    ).join(RoomSession, RoomSession.id == a.session_id)
    query = query.where(_attended(scope, where, period), a.person_id.in_(ids))
    return db.session.execute(query.order_by(*_NEWEST)).all()


def live_by(scope: Scope, where: Where, period: Period, field: str) -> dict[str, int]:
    """Live viewers by country or device, once in each, over all sessions; an empty text: not known."""
    key = func.coalesce(getattr(Attendance, field), "")
    query = select(key, func.count(Attendance.person_id.distinct())).where(
        _attended(scope, where, period), Attendance.watched_seconds > 0
    )
    return dict(db.session.execute(query.group_by(key)).all())


def recorded_by(scope: Scope, where: Where, period: Period, field: str) -> dict[str, int]:
    """Viewers of the recordings in the period by country or device, once in each."""
    key = func.coalesce(getattr(PlaybackViewer, field), "")
    watched = _played(scope, where, period, Playback.entry_id, Playback.person_id).distinct().subquery()
    same = and_(PlaybackViewer.entry_id == watched.c.entry_id, PlaybackViewer.person_id == watched.c.person_id)
    query = select(key, func.count(watched.c.person_id.distinct())).select_from(watched).outerjoin(PlaybackViewer, same)
    return dict(db.session.execute(query.group_by(key)).all())


def polls(
    scope: Scope, where: Where, period: Period, *, sort: str, descending: bool, limit: int, offset: int
) -> Sequence[Poll]:
    """A page of the polls launched in the sessions. ``sort`` is a column of ``Poll``."""
    column = func.lower(Poll.question) if sort == "question" else getattr(Poll, sort)
    order = [key.desc() if descending else key.asc() for key in (column, Poll.time_ms, Poll.session_id, Poll.poll_id)]
    query = select(Poll).where(Poll.session_id.in_(_keys(scope, where, period))).order_by(*order)
    return db.session.scalars(query.limit(limit).offset(offset)).all()


def stage_edges(scope: Scope, where: Where, period: Period) -> Sequence[Any]:
    """(session's key, person, kind, time, on) of all sessions, session by session."""
    e = StageEdge
    query = select(e.session_id, e.person_id, e.kind, e.time_ms, e.on).where(
        e.session_id.in_(_keys(scope, where, period))
    )
    return db.session.execute(query.order_by(e.session_id)).all()


def hosts(scope: Scope, where: Where, period: Period) -> set[tuple[int, int]]:
    """(session's key, person) of those who were host."""
    role = func.coalesce(Attendance.role, Person.role)
    query = select(Attendance.session_id, Attendance.person_id).join(Person, Person.id == Attendance.person_id)
    rows = db.session.execute(query.where(_attended(scope, where, period), role == "host"))
    return {(session, person) for session, person in rows}


def presented(scope: Scope, where: Where, period: Period) -> dict[int, int]:
    """Session's key -> how many items were presented in it, where there were any."""
    count = func.json_array_length(SessionFacts.presented)
    query = select(SessionFacts.session_id, count).where(
        SessionFacts.session_id.in_(_keys(scope, where, period)), count > 0
    )
    return dict(db.session.execute(query).all())


def presented_in(scope: Scope, where: Where, period: Period, keys: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    """What was presented in these of the sessions, as it is kept there."""
    query = select(SessionFacts.session_id, SessionFacts.presented).where(
        SessionFacts.session_id.in_(_keys(scope, where, period)), SessionFacts.session_id.in_(keys)
    )
    return dict(db.session.execute(query).all())


def recordings(scope: Scope, where: Where) -> Sequence[Entry]:
    """The recordings of the rooms, in the order in which they were made."""
    return db.session.scalars(_recordings(scope, where, Entry).order_by(Entry.created_at, Entry.id)).all()


def played_by_quarter(scope: Scope, where: Where, period: Period) -> Sequence[Any]:
    """(quarter of an hour since the epoch, plays) of the recordings in the period, in order."""
    q = PlaybackQuarter
    query = select(q.quarter, func.sum(q.plays)).where(*_quarters(q, scope, where, period))
    return db.session.execute(query.group_by(q.quarter).order_by(q.quarter)).all()


def played_by_recording(scope: Scope, where: Where, period: Period) -> dict[int, Sums]:
    """Recording's key -> what was played of it in the period."""
    q = PlaybackQuarter
    query = select(q.entry_id, *(func.sum(getattr(q, name)) for name in Sums._fields))
    rows = db.session.execute(query.where(*_quarters(q, scope, where, period)).group_by(q.entry_id))
    return {key: Sums(*(int(value) for value in values)) for key, *values in rows}


_NEWEST = (RoomSession.start_ms.desc(), RoomSession.id.desc())


def _rooms(scope: Scope, where: Where) -> tuple[Where, ...]:
    return (scope.entries(), Entry.type.in_(ROOMS), where)


def _in(scope: Scope, where: Where, period: Period) -> tuple[Where, ...]:
    """The sessions that start in the period."""
    return (*_rooms(scope, where), RoomSession.start_ms >= period.start_ms, RoomSession.start_ms < period.end_ms)


def _keys(scope: Scope, where: Where, period: Period) -> Select[Any]:
    return select(RoomSession.id).join(Entry).where(*_in(scope, where, period)).correlate(None)


def _attended(scope: Scope, where: Where, period: Period) -> Where:
    return Attendance.session_id.in_(_keys(scope, where, period))


def _by_person(scope: Scope, where: Where, period: Period, search: str = "") -> Select[Any]:
    """A row for each person who was in any of the sessions, with their sums."""
    a, told = Attendance, SessionFacts.logged_in > 0
    could_chat = case((and_(told, a.logged_in), 1), (and_(~told, a.watched_seconds > 0), 1), else_=0)
    query = (
        select(
            a.person_id,
            func.max(a.name_key).label("name_key"),
            *(func.sum(getattr(a, name)).label(name) for name in SUMS),
            func.count().filter(a.watched_seconds > 0).label("sessions"),
            func.max(case((a.logged_in, 1), else_=0)).label("logged_in"),
            func.max(could_chat).label("chat_audience"),
        )
        .join(SessionFacts, SessionFacts.session_id == a.session_id)
        .where(_attended(scope, where, period))
        .group_by(a.person_id)
    )
    return query.where(finds(a.name_key, search)) if search else query


def _recordings(scope: Scope, where: Where, what: Any) -> Select[Any]:
    rooms = select(Entry.external_id).where(*_rooms(scope, where)).correlate(None)
    made = select(EntryRecording.recording_id).where(
        EntryRecording.account_id == scope.account_id, EntryRecording.room_id.in_(rooms)
    )
    return select(what).where(Entry.account_id == scope.account_id, Entry.external_id.in_(made))


def _quarters(table: Any, scope: Scope, where: Where, period: Period) -> tuple[Where, ...]:
    """The rows of the recordings in the period, which begins and ends with a quarter of an hour in every zone."""
    first, last = period.quarters
    keys = _recordings(scope, where, Entry.id).correlate(None)
    return (table.entry_id.in_(keys), table.quarter >= first, table.quarter < last)


def _played(scope: Scope, where: Where, period: Period, *columns: Any) -> Select[Any]:
    """Who watched any of a recording in the period."""
    return select(*columns).where(*_quarters(Playback, scope, where, period), Playback.watched_ms > 0)
