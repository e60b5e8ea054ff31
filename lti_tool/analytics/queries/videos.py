"""What was played of videos in a period: of a channel's, or of one.

``where`` is a condition on ``Entry``: which media are meant, of those in the scope; rooms are never among them. A
period is a whole number of quarters of an hour, and so is every stretch of it, so that what was added up by the quarter
at folding is enough: what was loaded and watched by when that was, plays by when they were started.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Float, Select, case, cast, false, func, literal, select, union_all

from lti_tool.access.scope import Scope
from lti_tool.analytics.period import Period
from lti_tool.analytics.queries.recordings import Sums
from lti_tool.models import (
    Channel,
    Entry,
    EntryChannel,
    Person,
    Play,
    Playback,
    PlaybackQuarter,
    PlaybackRetention,
    PlaybackViewer,
    db,
)
from lti_tool.models.facts import NO_RATE, QUARTER

Where = ColumnElement[bool]
VIDEOS = ("video", "live")


class Video(NamedTuple):
    """As much of an entry as a list of many shows."""

    id: int
    external_id: str
    name: str
    type: str
    owner_id: str | None


class Viewer(NamedTuple):
    """What a person played."""

    person: Person
    sums: Sums


def of_channel(channel: Channel) -> Where:
    """What is published in a channel."""
    published = select(EntryChannel.entry_id).where(
        EntryChannel.account_id == channel.account_id, EntryChannel.channel_id == channel.external_id
    )
    return Entry.external_id.in_(published)


def of_entry(entry: Entry) -> Where:
    """One video."""
    return Entry.id == entry.id


def videos(scope: Scope, where: Where) -> list[Video]:
    """All the videos that are meant, whether anybody played them or not."""
    columns = (Entry.id, Entry.external_id, Entry.name, Entry.type, Entry.owner_id)
    rows = db.session.execute(select(*columns).where(scope.entries(), where, Entry.type.in_(VIDEOS)))
    return [Video(*row) for row in rows]


def sums(scope: Scope, where: Where, period: Period) -> dict[int, Sums]:
    """What was played of each video, by its key; of those that were not played nothing."""
    q = PlaybackQuarter
    query = select(q.entry_id, *_sums(q)).where(*_lies(q, scope, where, period)).group_by(q.entry_id)
    return {key: Sums(*map(int, values)) for key, *values in db.session.execute(query)}


def sums_over_time(scope: Scope, where: Where, period: Period) -> dict[int, Sums]:
    """What was played of all of them, by the place of the stretch of the period."""
    q = PlaybackQuarter
    rows = select(_place(q.quarter, period.cuts).label("place"), *_columns(q)).where(*_lies(q, scope, where, period))
    cut = rows.subquery()
    query = select(cut.c.place, *_sums(cut.c)).group_by(cut.c.place)
    return {place: Sums(*map(int, values)) for place, *values in db.session.execute(query)}


def count_viewers(scope: Scope, where: Where, period: Period) -> int:
    """How many people watched any of them."""
    query = select(func.count(Playback.person_id.distinct())).where(*_watched(scope, where, period))
    return db.session.scalar(query) or 0


def viewers_of_each(scope: Scope, where: Where, period: Period) -> dict[int, int]:
    """How many people watched each video, by its key."""
    seen = select(Playback.entry_id, Playback.person_id).where(*_watched(scope, where, period)).distinct().subquery()
    query = select(seen.c.entry_id, func.count()).group_by(seen.c.entry_id)
    return {int(key): int(people) for key, people in db.session.execute(query)}


def viewers_over_time(scope: Scope, where: Where, period: Period) -> dict[int, int]:
    """How many people watched any of them, by the place of the stretch of the period."""
    place = _place(Playback.quarter, period.cuts).label("place")
    cut = select(place, Playback.person_id).where(*_watched(scope, where, period)).subquery()
    query = select(cut.c.place, func.count(cut.c.person_id.distinct())).group_by(cut.c.place)
    return {int(key): int(people) for key, people in db.session.execute(query)}


def audience(scope: Scope, where: Where, period: Period) -> dict[tuple[str, str], int]:
    """How many people watched any of them, by (field, value): ``country`` and ``device``, empty where it is not known;
    and everybody, by two empty texts. Somebody may be in several: where and on what is known by video.
    """
    watched = select(Playback.entry_id, Playback.person_id).where(*_watched(scope, where, period)).distinct().subquery()
    v, none = PlaybackViewer, ""
    same = (v.entry_id == watched.c.entry_id) & (v.person_id == watched.c.person_id)
    fields = {field: func.coalesce(getattr(v, field), none).label(field) for field in ("country", "device")}
    seen = select(*fields.values(), watched.c.person_id).select_from(watched).join(v, same, isouter=True)
    people = seen.distinct().cte("people")
    counted = func.count(people.c.person_id.distinct())
    parts = [
        select(literal(field), people.c[field], counted).group_by(people.c[field])
        for field in fields
    ]  # fmt: skip
    every = union_all(select(literal(none), literal(none), counted), *parts)
    return {(field, value): count for field, value, count in db.session.execute(every)}


def viewers(
    scope: Scope, where: Where, period: Period, column: str, *, descending: bool, limit: int, offset: int
) -> tuple[list[Viewer], int]:
    """A page of the people who watched or played any of them, and how many they are in all (0 where the page is past
    the last). ``column``: ``name``, or one of ``plays``, ``minutes``, ``completion``. Nobody, unless the scope shows
    people.
    """
    made = _people(scope, where, period).subquery()
    order = _viewers_order(made, column, descending=descending)
    picked = select(made, func.count().over().label("found"))
    if column == "name":
        picked = picked.join(Person, Person.id == made.c.person_id)
    page = picked.order_by(*order).limit(limit).offset(offset)
    rows = db.session.execute(page).all()
    named = _persons([row.person_id for row in rows])
    found = int(rows[0].found) if rows else 0
    return [Viewer(named[row.person_id], Sums(*(int(row[place]) for place in range(1, 6)))) for row in rows], found


def every_viewer(scope: Scope, where: Where, period: Period, column: str, *, descending: bool) -> Iterator[Viewer]:
    """All of them, in the same order, read as they are asked for."""
    made = _people(scope, where, period).subquery()
    order = _viewers_order(made, column, descending=descending)
    query = select(made, Person).join(Person, Person.id == made.c.person_id).order_by(*order)
    for _key, *values, person in db.session.execute(query.execution_options(yield_per=1000)):
        yield Viewer(person, Sums(*map(int, values)))


def _viewers_order(made: Any, column: str, *, descending: bool) -> list[Any]:
    keys = {
        "name": Person.name_key,
        "plays": made.c.plays,
        "minutes": made.c.watched_ms,
        "completion": case(
            (made.c.measured_plays > 0, cast(made.c.percentiles, Float) / made.c.measured_plays), else_=NO_RATE
        ),
    }
    return [key.desc() if descending else key.asc() for key in (keys[column], made.c.person_id)]


def curves(scope: Scope, where: Where, period: Period) -> Sequence[bytes]:
    """How many plays watched each percentile, by the quarter of an hour in which they were started."""
    r = PlaybackRetention
    return db.session.scalars(select(r.plays).where(*_lies(r, scope, where, period))).all()


def _columns(table: Any) -> tuple[Any, ...]:
    """In the order of ``Sums``."""
    return tuple(getattr(table, name) for name in Sums._fields)


def _sums(table: Any) -> tuple[Any, ...]:
    return tuple(func.sum(column) for column in _columns(table))


def _entries(scope: Scope, where: Where) -> Select[Any]:
    return select(Entry.id).where(scope.entries(), where, Entry.type.in_(VIDEOS))


def _lies(table: Any, scope: Scope, where: Where, period: Period) -> tuple[ColumnElement[bool], ...]:
    """Conditions on a table by the quarter of an hour: of these videos, in the period."""
    first, end = period.quarters
    return (table.entry_id.in_(_entries(scope, where)), table.quarter >= first, table.quarter < end)


def _watched(scope: Scope, where: Where, period: Period) -> tuple[ColumnElement[bool], ...]:
    return (*_lies(Playback, scope, where, period), Playback.watched_ms > 0)


def _place(quarter: Any, cuts: Sequence[int]) -> ColumnElement[int]:
    """In which stretch a quarter lies, counted from 0. Stretches of one length, one after the other, are one division:
    only where clocks are changed another begins.
    """
    runs: list[tuple[int, int, int]] = []  # where it begins, how many stretches before, how long each is
    for place, (start, end) in enumerate(pairwise(cuts)):
        if end > start and (not runs or runs[-1][2] != end - start):
            runs.append((start, place, end - start))
    if not runs:
        return literal(0)
    places = [place + (quarter - start) // length for start, place, length in runs]
    before = [quarter < start for start, _place, _length in runs[1:]]
    return case(*zip(before, places, strict=False), else_=places[-1]) if before else places[0]


def _people(scope: Scope, where: Where, period: Period) -> Select[Any]:
    """(person's key, columns of ``Sums``) of who watched or played; nobody, unless the scope shows people."""
    first, end = period.quarters
    none = literal(0)
    if not scope.people:
        where = where & false()
    watched = select(
        Playback.person_id, func.sum(Playback.impressions), func.sum(Playback.watched_ms), none, none, none
    )
    watched = watched.where(*_lies(Playback, scope, where, period)).group_by(Playback.person_id)
    counts = (func.count(), func.count(Play.percentiles), func.sum(func.coalesce(Play.percentiles, 0)))
    started = select(Play.person_id, none, none, *counts).where(
        Play.entry_id.in_(_entries(scope, where)), Play.time_ms >= first * QUARTER, Play.time_ms < end * QUARTER
    )
    names = ("person_id", *Sums._fields)
    labelled = (
        query.with_only_columns(
            *(column.label(name) for column, name in zip(query.selected_columns, names, strict=True))
        )
        for query in (watched, started.group_by(Play.person_id))
    )
    every = union_all(*labelled).subquery()
    made = [func.sum(every.c[name]).label(name) for name in Sums._fields]
    query = select(every.c.person_id, *made).group_by(every.c.person_id)
    return query.having((func.sum(every.c.watched_ms) > 0) | (func.sum(every.c.plays) > 0))


def _persons(keys: Sequence[int]) -> dict[int, Person]:
    return {person.id: person for person in db.session.scalars(select(Person).where(Person.id.in_(keys)))}
