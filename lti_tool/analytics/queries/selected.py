"""What the report API asks about: sessions and media by any filter, added up by whatever its rows are of.

People are counted once in each row. Live numbers come from whole sessions, those of media from what was played between
two times; by the quarter of an hour, but for plays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased

from lti_tool.access.scope import Scope
from lti_tool.analytics.queries import engagement
from lti_tool.analytics.queries.engagement import LIVE, PLAYED, PLAYS, Counted, narrowed, started, watched
from lti_tool.models import (
    Attendance,
    Entry,
    EntryChannel,
    EntryRecording,
    Person,
    Play,
    Playback,
    PlaybackViewer,
    RoomSession,
    SessionFacts,
    db,
)
from lti_tool.models.facts import QUARTER

_COUNTED = ("reactions", "chat_messages", "polls_answered", "threads", "downloads")


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What is asked about, by outside ids; an empty tuple asks for all. ``parents``: breakout rooms of these rooms;
    ``types``: of entries.

    With ``sessions`` nothing that was played counts. ``contexts``: as in ``Counted``.
    """

    scope: Scope
    types: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()
    events: tuple[int, ...] = ()
    channels: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    contexts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    start_ms: int | None = None
    end_ms: int | None = None

    @property
    def narrow(self) -> bool:
        """Only some people are asked about: what is kept of whole sessions does not do."""
        return bool(self.people or self.contexts)


def entries(asked: Selection) -> ColumnElement[bool]:
    """The condition on ``Entry``. Legacy rooms are in no report."""
    where = [asked.scope.entries(), Entry.type != "legacyMeeting"]
    account = asked.scope.account_id
    if asked.channels:
        ways = [Entry.external_id.in_(made := _published(account, asked.channels)), Entry.parent_id.in_(made)]
        where.append(or_(*ways))
    columns = (
        (Entry.type, asked.types),
        (Entry.external_id, asked.entries),
        (Entry.virtual_event_id, asked.events),
        (Entry.owner_id, asked.owners),
        (Entry.parent_id, asked.parents),
    )
    where += [column.in_(ids) for column, ids in columns if ids]
    return and_(*where)


def _published(account: int, channels: Sequence[str]) -> Select[Any]:
    return select(EntryChannel.entry_id).where(
        EntryChannel.account_id == account, EntryChannel.channel_id.in_(channels)
    )


def counted(asked: Selection, *, live: bool = True, played: bool = True) -> Counted:
    """The same as selections of keys; without what is live, or what was played, if that is not asked for."""
    where = entries(asked)
    times = [] if asked.start_ms is None else [RoomSession.start_ms >= asked.start_ms]
    times += [] if asked.end_ms is None else [RoomSession.start_ms < asked.end_ms]
    times += [RoomSession.external_id.in_(asked.sessions)] if asked.sessions else []
    times += [] if live else [false()]
    people = None
    if asked.people:
        mine = (Person.account_id == asked.scope.account_id, Person.external_id.in_(asked.people))
        people = select(Person.id).where(*mine).correlate(None)
    media = (select(Entry.id).where(where).correlate(None),) if played and not asked.sessions else ()
    return Counted(
        engagement.sessions(asked.scope, where, *times),
        media,
        start_ms=asked.start_ms,
        end_ms=asked.end_ms,
        people=people,
        contexts=asked.contexts,
    )


def live(of: Counted, by: str = "") -> dict[Any, dict[str, int]]:
    """Sums and people of the sessions, by a column of ``Attendance`` (nothing: of all together).

    ``could_chat``: session by session those logged in to the chat where there are any, else its live viewers.
    """
    a, told = Attendance, SessionFacts.logged_in > 0
    could = case((and_(told, a.logged_in), 1), (and_(~told, a.watched_seconds > 0), 1), else_=0)
    key = _key(getattr(a, by)) if by else literal("")
    query = select(
        key.label("key"),
        *(func.sum(getattr(a, name)).label(name) for name in LIVE),
        func.max(could).label("could_chat"),
    )
    query = query.join(SessionFacts, SessionFacts.session_id == a.session_id)
    query = query.where(a.session_id.in_(of.sessions), *narrowed(a, of))
    one = query.group_by(*([key] if by else []), a.person_id).subquery().c
    people = {"live_viewers": one.watched_seconds, "could_chat": one.could_chat}
    people |= {_people_of(name): one[name] for name in _COUNTED}
    counts = [func.count().filter(column > 0).label(name) for name, column in people.items()]
    sums = [func.sum(one[name]).label(name) for name in LIVE]
    rows = db.session.execute(select(one.key, *sums, *counts).group_by(one.key))
    return {row.key: {name: int(row._mapping[name] or 0) for name in (*LIVE, *people)} for row in rows}


def _people_of(name: str) -> str:
    """Of the doers of something, what ``Numbers`` calls them."""
    kinds = {"chat_messages": "chat", "polls_answered": "poll"}
    return f"{kinds.get(name, name.removesuffix('s'))}_people"


def played(of: Counted, by: str = "") -> dict[Any, dict[str, int]]:
    """Sums and people of what was played, by ``entry_id`` or by a column of ``PlaybackViewer`` (nothing: of all)."""
    if not of.media:
        return {}
    parts = [
        _played(of, table, by, sums, where)
        for table, sums, where in (
            (Playback, {name: func.sum(getattr(Playback, name)) for name in ("impressions", "watched_ms")}, watched),
            (Play, PLAYS, started),
        )
    ]
    every = union_all(*parts).subquery().c
    return _added(every)


def _added(every: Any) -> dict[Any, dict[str, int]]:
    """Rows of (key, sums of one person) added up; whoever watched is in one of the tables, whoever started in the
    other, so that nobody is counted twice.
    """
    people = {"recording_viewers": every.watched_ms, "play_people": every.plays}
    counts = [func.count().filter(column > 0).label(name) for name, column in people.items()]
    sums = [func.sum(every[name]).label(name) for name in PLAYED]
    rows = db.session.execute(select(every.key, *sums, *counts).group_by(every.key))
    return {row.key: {name: int(row._mapping[name] or 0) for name in (*PLAYED, *people)} for row in rows}


def _played(of: Counted, table: Any, by: str, sums: Mapping[str, Any], where: Any) -> Select[Any]:
    query = select(*(sums.get(name, literal(0)).label(name) for name in PLAYED)).select_from(table)
    if by == "entry_id":
        key: Any = table.entry_id
    elif by:
        v = PlaybackViewer
        query = query.outerjoin(v, and_(v.entry_id == table.entry_id, v.person_id == table.person_id))
        key = _key(getattr(v, by))
    else:
        key = literal("")
    query = query.add_columns(key.label("key")).where(*where(of), *narrowed(table, of))
    return query.group_by(*([key] if by else []), table.person_id)


def _key(column: Any) -> ColumnElement[Any]:
    """What is not known is an empty text."""
    return func.coalesce(column, "") if column.type.python_type is str else column


def both(of: Counted) -> int:
    """How many people watched live and something that was played."""
    if not of.media:
        return 0
    there = select(Attendance.person_id).where(
        Attendance.session_id.in_(of.sessions), Attendance.watched_seconds > 0, *narrowed(Attendance, of)
    )
    recorded = select(Playback.person_id).where(*watched(of), *narrowed(Playback, of), Playback.watched_ms > 0)
    same = there.where(Attendance.person_id.in_(recorded)).distinct().subquery()
    return db.session.scalar(select(func.count()).select_from(same)) or 0


def played_since(asked: Selection, of: Counted) -> dict[int, dict[str, int]]:
    """What was played of the recordings of each session's room since it began, by the session's key."""
    if not of.media:
        return {}
    room, made = aliased(Entry), aliased(Entry)
    quarter = RoomSession.start_ms // QUARTER
    linked = (
        select(
            RoomSession.id.label("session_id"),
            RoomSession.start_ms,
            quarter.label("quarter"),
            made.id.label("entry_id"),
        )
        .join(room, room.id == RoomSession.entry_id)
        .join(EntryRecording, _recorded(room.account_id, room.external_id))
        .join(made, and_(made.account_id == room.account_id, made.external_id == EntryRecording.recording_id))
        .where(RoomSession.id.in_(of.sessions), or_(*(made.id.in_(keys) for keys in of.media)))
        .distinct()
        .subquery()
    )
    loaded = {name: func.sum(getattr(Playback, name)) for name in ("impressions", "watched_ms")}
    parts = []
    tables: tuple[tuple[Any, ...], ...] = (
        (Playback, loaded, watched(of), Playback.quarter >= linked.c.quarter),
        (Play, PLAYS, started(of), Play.time_ms >= linked.c.start_ms),
    )
    for table, sums, where, since in tables:
        columns = [sums.get(name, literal(0)).label(name) for name in PLAYED]
        query = select(linked.c.session_id.label("key"), *columns).select_from(table)
        query = query.join(linked, linked.c.entry_id == table.entry_id).where(since, *where, *narrowed(table, of))
        parts.append(query.group_by(linked.c.session_id, table.person_id))
    return _added(union_all(*parts).subquery().c)


def _recorded(account: Any, external_id: Any) -> ColumnElement[bool]:
    return and_(EntryRecording.account_id == account, EntryRecording.room_id == external_id)
