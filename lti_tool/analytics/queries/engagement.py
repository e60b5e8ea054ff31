"""Viewer engagement: what each person did in some sessions and played of some media, added up by person."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Float,
    Select,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased, load_only

from lti_tool.access.scope import Scope
from lti_tool.models import (
    Attendance,
    Entry,
    Person,
    Play,
    Playback,
    PlaybackViewer,
    RoomSession,
    SessionFacts,
    db,
)
from lti_tool.models.facts import QUARTER

# Columns of ``Attendance`` that are added up.
DONE = ("reactions", "chat_messages", "polls_answered", "threads", "downloads", "raised_hands")
LIVE = ("watched_seconds", "rated_seconds", "engaged_seconds", *DONE)
PLAYED = ("impressions", "watched_ms", "plays", "measured_plays", "percentiles")
PLAYS = {
    "plays": func.count(),
    "measured_plays": func.count(Play.percentiles),
    "percentiles": func.coalesce(func.sum(Play.percentiles), 0),
}
# Who has nothing of these did nothing that the table tells of.
_ACTIVE = ("watched_seconds", *DONE, "watched_ms", "plays")
_PERSON = (
    "id",
    "external_id",
    "first_name",
    "last_name",
    "display_name",
    "email",
    "title",
    "company",
    "industry",
    "country",
    "role",
)
CHUNK = 1000


@dataclass(frozen=True)
class Counted:
    """What counts: the sessions and the media, as selections of their keys (of media several), and when playing a
    medium counts (from ``start_ms`` up to ``end_ms``, without a bound where there is nothing). ``person``: the key of
    the only one asked about; ``people``: a selection of their keys. ``contexts``: only who was in one of these
    countries or used one of these devices, by column of ``Attendance``, in small letters. ``attended``: where only a
    part of a session counts, what each did in it, by their keys.
    """

    sessions: Select[Any]
    media: tuple[Any, ...]
    start_ms: int | None = None
    end_ms: int | None = None
    person: int | None = None
    people: Select[Any] | None = None
    contexts: Mapping[str, Collection[str]] = field(default_factory=dict)
    attended: Mapping[int, Any] | None = None


def sessions(scope: Scope, where: ColumnElement[bool], *times: ColumnElement[bool]) -> Select[Any]:
    """Keys of the sessions of the rooms that ``where`` (on ``Entry``) leaves. Legacy rooms are in no report."""
    query = select(RoomSession.id).join(Entry, Entry.id == RoomSession.entry_id)
    return query.where(scope.entries(), Entry.type != "legacyMeeting", where, *times).correlate(None)


def session(scope: Scope, where: ColumnElement[bool], session_id: str) -> tuple[RoomSession, Entry] | None:
    """The session of this id in the rooms that ``where`` leaves, with its room; of several rooms' the newest."""
    known = (RoomSession.id.in_(sessions(scope, where)), RoomSession.external_id == session_id)
    query = select(RoomSession, Entry).join(Entry, Entry.id == RoomSession.entry_id).where(*known)
    row = db.session.execute(query.order_by(RoomSession.start_ms.desc(), RoomSession.id).limit(1)).first()
    return None if row is None else (row[0], row[1])


def facts(counted: Counted) -> Sequence[SessionFacts]:
    """Of the sessions (of one person: those that the person came to), only what their sources report."""
    query = select(SessionFacts).options(load_only(SessionFacts.reported, SessionFacts.has_heartbeats))
    query = query.where(SessionFacts.session_id.in_(counted.sessions))
    if counted.person is not None:
        came = select(Attendance.session_id).where(Attendance.person_id == counted.person)
        query = query.where(SessionFacts.session_id.in_(came))
    return db.session.scalars(query).all()


@dataclass(frozen=True, kw_only=True)
class Who:
    """The people who did anything of what ``active`` names, by ``sort``: a column of ``Person``, one of the sums,
    ``seconds`` (live and played), ``average`` (played by one person), ``rate`` or ``completion``; whoever has none of
    these comes last, whichever way round. Without ``sort``: most live minutes first.
    """

    active: Sequence[str] = _ACTIVE
    sort: str = ""
    descending: bool = True


EVERYBODY, BY_NAME = Who(), Who(sort="name_key", descending=False)


def count(scope: Scope, counted: Counted, who: Who = EVERYBODY) -> int:
    """How many people there are in ``people``."""
    return db.session.scalar(select(func.count()).select_from(_people(scope, counted, who.active).subquery())) or 0


@contextmanager
def people(
    scope: Scope, counted: Counted, who: Who = EVERYBODY, *, most: int | None = None
) -> Iterator[Iterator[Sequence[Any]]]:
    """(person, their ``LIVE`` and ``PLAYED`` sums), at most so many, in chunks; nobody, unless the scope shows people.

    One statement, whose rows are fetched as they are asked for: all are of one moment, and few of them are in memory.
    It has a connection of its own, so that whoever reads may commit meanwhile.
    """
    order = who if counted.attended is None else BY_NAME
    query = _in_order(_people(scope, counted, who.active), counted, order).limit(most)
    with db.engine.connect() as connection:
        rows = connection.execution_options(yield_per=CHUNK).execute(query).mappings()
        with closing(rows):  # whoever reads may not read to the end
            parts = rows.partitions() if counted.attended is None else _of_part(counted.attended, rows)
            yield (_in_context(connection, counted, part) for part in parts)


def _of_part(attended: Mapping[int, Any], rows: Iterable[Any]) -> Iterator[Sequence[Any]]:
    """The same of a part of a session. Who did anything in it did so in the session: ``rows``, by name, has them."""

    def done(row: Any, name: str) -> Any:
        return getattr(attended.get(row["id"]), name, 0) if name in LIVE else row[name]

    found = [row for row in rows if any(done(row, name) > 0 for name in _ACTIVE)]
    found.sort(key=lambda row: done(row, "watched_seconds"), reverse=True)  # equal ones stay by name
    for start in range(0, len(found), CHUNK):
        yield [{**row, **{name: done(row, name) for name in LIVE}} for row in found[start : start + CHUNK]]


def page(
    scope: Scope, counted: Counted, who: Who, *, limit: int | None, start: int
) -> tuple[list[dict[str, Any]], int]:
    """Some of the people, as in ``people``, and how many they are in all."""
    query = _in_order(_people(scope, counted, who.active), counted, who)
    rows = db.session.execute(query.limit(limit).offset(start)).mappings().all()
    return _in_context(db.session.connection(), counted, rows), count(scope, counted, who)


def _in_order(query: Select[Any], counted: Counted, who: Who) -> Select[Any]:
    done = query.selected_columns
    if not who.sort:
        return query.order_by(done["watched_seconds"].desc(), Person.name_key, Person.id)
    keys: dict[str, Any] = {
        "seconds": done["watched_seconds"] * 1000 + done["watched_ms"],
        "average": func.nullif(done["watched_ms"], 0),
        "rate": case((done["rated_seconds"] > 0, cast(done["engaged_seconds"], Float) / done["rated_seconds"])),
        "completion": case((done["measured_plays"] > 0, cast(done["percentiles"], Float) / done["measured_plays"])),
        "first_name": func.coalesce(
            _told(Person.first_name), case((_told(Person.last_name).is_(None), Person.name_key))
        ),
        **{name: _in_context_by(counted, name) for name in ("country", "role")},
        **{name: done[name] for name in (*LIVE, *PLAYED)},
    }
    key = keys[who.sort] if who.sort in keys else _told(getattr(Person, who.sort))
    every = (key, Person.name_key, Person.id)
    return query.order_by(*((one.desc() if who.descending else one.asc()).nulls_last() for one in every))


def _told(text: Any) -> ColumnElement[Any]:
    """Nothing where it is empty."""
    return func.nullif(text, "")


def _in_context_by(counted: Counted, name: str) -> ColumnElement[Any]:
    """What ``_in_context`` has for a person's country or role, to sort by."""
    a, v = aliased(Attendance), aliased(PlaybackViewer)
    live = select(getattr(a, name)).join(RoomSession, RoomSession.id == a.session_id)
    live = live.where(a.session_id.in_(counted.sessions)).order_by(RoomSession.start_ms.desc(), RoomSession.id.desc())
    played = select(getattr(v, name)).where(in_media(counted, v)).order_by(v.entry_id.desc())
    ways = (
        query.where(table.person_id == Person.id, getattr(table, name) != "").correlate(Person).limit(1)
        for query, table in ((live, a), (played, v))
    )
    return func.coalesce(_told(getattr(Person, name)), *(way.scalar_subquery() for way in ways))


def narrowed(table: Any, counted: Counted) -> list[ColumnElement[bool]]:
    """The conditions on a table with people: only those who are asked about."""
    where = [] if counted.person is None else [table.person_id == counted.person]
    if counted.people is not None:
        where.append(table.person_id.in_(counted.people))
    if counted.contexts and table is not Attendance:
        v = aliased(PlaybackViewer)  # the statement around may have it too
        same = (v.entry_id == table.entry_id, v.person_id == table.person_id)
        where.append(exists().where(*same, *_there(v, counted)))
    elif counted.contexts:
        where += _there(table, counted)
    return where


def _there(table: Any, counted: Counted) -> list[ColumnElement[bool]]:
    return [func.lower(getattr(table, name)).in_(of) for name, of in counted.contexts.items()]


def _people(scope: Scope, counted: Counted, active: Sequence[str] = _ACTIVE) -> Select[Any]:
    done = _by_person(counted).subquery().c
    columns = [getattr(Person, name) for name in _PERSON]
    query = select(*columns, *(done[name] for name in (*LIVE, *PLAYED))).join(Person, Person.id == done.person_id)
    query = query.where(Person.account_id == scope.account_id, or_(*(done[name] > 0 for name in active)))
    return query if scope.people else query.where(false())


def _by_person(counted: Counted) -> Select[Any]:
    """Sums of each person over sessions, playing and plays: who is in one of the three need not be in the others."""
    live = {name: func.sum(getattr(Attendance, name)) for name in LIVE}
    every = union_all(
        _sums(counted, Attendance, live, Attendance.session_id.in_(counted.sessions)),
        _sums(
            counted,
            Playback,
            {name: func.sum(getattr(Playback, name)) for name in ("impressions", "watched_ms")},
            *watched(counted),
        ),
        _sums(counted, Play, PLAYS, *started(counted)),
    ).subquery()
    sums = (func.sum(every.c[name]).label(name) for name in (*LIVE, *PLAYED))
    return select(every.c.person_id, *sums).group_by(every.c.person_id)


def _sums(counted: Counted, table: Any, sums: dict[str, Any], *where: ColumnElement[bool]) -> Select[Any]:
    columns = (sums.get(name, literal(0)).label(name) for name in (*LIVE, *PLAYED))
    return select(table.person_id, *columns).where(*where, *narrowed(table, counted)).group_by(table.person_id)


def watched(counted: Counted) -> list[ColumnElement[bool]]:
    """The rows of ``Playback`` that count."""
    return [in_media(counted, Playback), *between(Playback.quarter, *quarters(counted))]


def started(counted: Counted) -> list[ColumnElement[bool]]:
    """The plays that count."""
    times = between(Play.time_ms, counted.start_ms, counted.end_ms)
    return [in_media(counted, Play), Play.time_ms.is_not(None), *times]


def quarters(counted: Counted) -> tuple[int | None, int | None]:
    """The first quarter of an hour in which playing counts, and the first in which it does no longer."""
    first = None if counted.start_ms is None else counted.start_ms // QUARTER
    return first, None if counted.end_ms is None else -(-counted.end_ms // QUARTER)


def in_media(counted: Counted, table: Any) -> ColumnElement[bool]:
    """The rows that are of the media that count."""
    return or_(false(), *(table.entry_id.in_(keys) for keys in counted.media))


def between(column: Any, first: int | None, last: int | None) -> list[ColumnElement[bool]]:
    """The rows from one value up to another."""
    return [*([] if first is None else [column >= first]), *([] if last is None else [column < last])]


def _in_context(connection: Connection, counted: Counted, rows: Sequence[Any]) -> list[dict[str, Any]]:
    """The rows, where the catalogue says neither country nor role with what the events say."""
    found = [dict(row) for row in rows]
    missing = {row["id"]: row for row in found if not (row["country"] and row["role"])}
    for key, country, role in _contexts(connection, counted, missing) if missing else ():
        row = missing[key]
        row["country"], row["role"] = row["country"] or country, row["role"] or role
    return found


def _contexts(connection: Connection, counted: Counted, ids: Collection[int]) -> Iterator[Any]:
    """(person, country, role) of sessions, the newest first, then of media."""
    a, v = Attendance, PlaybackViewer
    live = select(a.person_id, a.country, a.role).join(RoomSession, RoomSession.id == a.session_id)
    live = live.where(a.session_id.in_(counted.sessions), a.person_id.in_(ids))
    yield from connection.execute(live.order_by(RoomSession.start_ms.desc(), RoomSession.id.desc()))
    played = select(v.person_id, v.country, v.role).where(in_media(counted, v), v.person_id.in_(ids))
    yield from connection.execute(played.order_by(v.entry_id.desc()))
