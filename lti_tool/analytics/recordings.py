"""The recordings of a room since one of its sessions began: by recording, by person, over time and over its length."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lti_tool import formats
from lti_tool.access.scope import Scope
from lti_tool.analytics.metrics import METRICS, Reading
from lti_tool.analytics.numbers import Numbers
from lti_tool.analytics.paging import PAGE_SIZE
from lti_tool.analytics.queries import recordings as queries
from lti_tool.analytics.queries import rooms
from lti_tool.analytics.queries.recordings import Quarter, Sums
from lti_tool.analytics.tables import Column, Layout, Order, Picked, Row, Table, pick, table
from lti_tool.models import Entry, RoomSession, SessionViewer, percentiles
from lti_tool.models.facts import QUARTER
from lti_tool.models.names import name_key

HOUR = 3_600_000
DAY = 24 * HOUR
PLAYS = METRICS["count_plays"]
RETENTION = METRICS["percentile_retention"]
PARTS = Layout("retention", (Column("share", RETENTION),), "share")
_METRICS = {
    "loads": "count_loads",
    "plays": "count_plays",
    "minutes": "sum_vod_view_period",
    "completion": "avg_completion_rate",
}
RECORDINGS = Layout.of("recordings", "minutes", **_METRICS)
PEOPLE = Layout.of("people", "minutes", **_METRICS)
# The columns of ``SessionViewer`` that the table of people is sorted by.
_SORTED_BY = {
    "name": "name_key",
    "loads": "impressions",
    "plays": "plays",
    "minutes": "watched_ms",
    "completion": "completion",
}


@dataclass(frozen=True)
class Bucket:
    """An hour, a day or a week, in the reader's zone. ``at_ms``: its start."""

    at_ms: int
    plays: int

    @property
    def reading(self) -> Reading:
        return PLAYS.reading(Numbers(plays=self.plays))


@dataclass(frozen=True)
class PlaysOverTime:
    """From the session's start to the last play, without gaps. ``unit``: ``hour``, ``day`` or ``week``."""

    unit: str
    buckets: tuple[Bucket, ...]

    @property
    def peak(self) -> Bucket:
        """The bucket with most plays, the first of several."""
        return max(self.buckets, key=lambda bucket: bucket.plays)


@dataclass(frozen=True)
class Retention:
    """How many of a recording's plays watched each of its percentiles. Without percentiles if nobody can tell."""

    recording: Entry
    plays: int
    percentiles: tuple[int, ...] = ()

    @property
    def seconds(self) -> float:
        return (self.recording.duration_ms or 0) / 1000

    @property
    def parts(self) -> list[tuple[int, float, float, Numbers]]:
        """(percentile, from second, to second, its numbers) of each."""
        numbers = (Numbers(measured_plays=self.plays, percentile_plays=plays) for plays in self.percentiles)
        length = self.recording.duration_ms or 0
        return [
            (place, length * (place - 1) / 100_000, length * place / 100_000, one)
            for place, one in enumerate(numbers, start=1)
        ]

    @property
    def rows(self) -> list[tuple[int, int, int, Reading]]:
        """(percentile, from second, to second, share) of each, in whole seconds."""
        return [(place, int(start), int(end), RETENTION.reading(one)) for place, start, end, one in self.parts]


@dataclass(frozen=True)
class RecordingsPage:
    """Everything that the page of a room's recordings shows. ``people`` is empty for who may not see names."""

    entry: Entry
    session: RoomSession
    recordings: Table
    people: Table | None
    retention: Retention | None
    every: Sequence[Entry]
    total: Numbers


def plays_over_time(scope: Scope, recordings: Sequence[Entry], session: RoomSession) -> PlaysOverTime | None:
    """When plays were started, in the reader's zone; nothing if there were none."""
    return over_time(session, queries.quarters(scope, recordings, session))


def over_time(session: RoomSession, played: Sequence[Quarter]) -> PlaysOverTime | None:
    """The same from what was played since the session began, by quarter of an hour."""
    quarters = [(row.quarter * QUARTER, row.plays) for row in played if row.plays]
    if not quarters:
        return None
    length = quarters[-1][0] - session.start_ms
    unit = "hour" if length <= 2 * DAY else "day" if length <= 100 * DAY else "week"
    counts: defaultdict[int, int] = defaultdict(int)
    start = end = 0
    for at_ms, plays in quarters:
        if at_ms >= end:
            start = _start(max(at_ms, session.start_ms), unit)
            end = _after(start, unit)
        counts[start] += plays
    starts, last = [_start(session.start_ms, unit)], max(counts)
    while starts[-1] < last:
        starts.append(_after(starts[-1], unit))
    # Where clocks are put forward by half an hour, the hours after that are others than those counted from the start.
    return PlaysOverTime(unit, tuple(Bucket(at_ms, counts[at_ms]) for at_ms in sorted({*starts, *counts})))


def _start(at_ms: int, unit: str) -> int:
    """The start of the hour, day or week (from Monday) that holds a time."""
    at = formats.moment(at_ms)
    if unit == "hour":
        return at_ms - at_ms % 60_000 - at.minute * 60_000
    day = at.date()
    return _midnight(day - timedelta(days=day.weekday() if unit == "week" else 0), at)


def _after(start_ms: int, unit: str) -> int:
    """The start of the next one: a day may have 23 or 25 hours."""
    if unit == "hour":
        return start_ms + HOUR
    at = formats.moment(start_ms)
    return _midnight(at.date() + timedelta(days=7 if unit == "week" else 1), at)


def _midnight(day: date, like: datetime) -> int:
    return round(datetime(day.year, day.month, day.day, tzinfo=like.tzinfo).timestamp() * 1000)


def recordings_page(
    scope: Scope, entry: Entry, session: RoomSession, arguments: Mapping[str, str]
) -> RecordingsPage | None:
    """The page of a room's recordings; nothing if it asks for a recording that is not the room's."""
    every = rooms.recordings(scope, entry)
    sums = defaultdict(Sums, queries.sums(scope, every, session))
    chosen = _chosen(every, sums, arguments.get("recording"))
    if chosen is None and every:
        return None
    total = total_of(sums)
    return RecordingsPage(
        entry=entry,
        session=session,
        recordings=recordings_table(every, RECORDINGS.asked(arguments), sums, total),
        people=_people(scope, session, PEOPLE.asked(arguments), total) if scope.people else None,
        retention=_retention(scope, chosen, session, sums[chosen.id]) if chosen else None,
        every=every,
        total=total,
    )


def recording_retention(scope: Scope, entry: Entry, session: RoomSession, recording_id: str) -> Retention | None:
    """How much of a recording its plays watched; nothing if it is not the room's."""
    chosen = next((one for one in rooms.recordings(scope, entry) if one.external_id == recording_id), None)
    if chosen is None:
        return None
    return _retention(scope, chosen, session, queries.sums(scope, [chosen], session).get(chosen.id, Sums()))


def _chosen(every: Sequence[Entry], sums: defaultdict[int, Sums], asked: str | None) -> Entry | None:
    """The recording asked for, else the one with most plays, the earliest of several."""
    if asked:
        return next((one for one in every if one.external_id == asked), None)
    return max(every, key=lambda one: sums[one.id].plays, default=None)


def numbers_of(sums: Sums | SessionViewer) -> Numbers:
    """What the formulas take."""
    return Numbers(
        impressions=sums.impressions,
        recording_seconds=sums.watched_ms / 1000,
        plays=sums.plays,
        measured_plays=sums.measured_plays,
        percentiles=sums.percentiles,
    )


def total_of(sums: Mapping[int, Sums]) -> Numbers:
    """The same of all recordings together."""
    return numbers_of(Sums(*(sum(column) for column in zip(Sums(), *sums.values(), strict=True))))


def recordings_table(every: Sequence[Entry], order: Order, sums: defaultdict[int, Sums], total: Numbers) -> Table:
    """The table by recording."""
    picked = pick(
        RECORDINGS,
        order,
        every,
        numbers=lambda one: numbers_of(sums[one.id]),
        name=lambda one: name_key(one.name),
    )
    rows = [Row(one.external_id, one, RECORDINGS.readings(numbers_of(sums[one.id]))) for one in picked.items]
    return table(RECORDINGS, order, picked, rows, total)


def _people(scope: Scope, session: RoomSession, order: Order, total: Numbers) -> Table:
    """The table by person: sorted in the database, by columns that agree with the formulas."""
    found = queries.count_viewers(scope, session)
    page, pages, start = order.slice(found)
    viewers = queries.viewers(
        scope,
        session,
        _SORTED_BY[order.sort],
        descending=order.descending,
        limit=PAGE_SIZE,
        offset=start,
        found=found,
    )
    rows = [Row(person.external_id, person, PEOPLE.readings(numbers_of(viewer))) for viewer, person in viewers]
    return table(PEOPLE, order, Picked(tuple(viewers), found, page, pages), rows, total)


def _retention(scope: Scope, recording: Entry, session: RoomSession, sums: Sums) -> Retention:
    """Of a recording and what was played of it."""
    if not recording.duration_ms or not sums.measured_plays:
        return Retention(recording, sums.measured_plays)
    stored, early = queries.curves(scope, recording, session)
    counts = percentiles.total(stored) - percentiles.watched(early, recording.duration_ms / 1000).sum(axis=0)
    return Retention(recording, sums.measured_plays, tuple(counts.tolist()))
