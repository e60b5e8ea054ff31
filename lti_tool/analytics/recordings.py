"""The recordings of a room since one of its sessions began: by recording, by person, over time and over its length."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from lti_tool import formats
from lti_tool.access.scope import Scope
from lti_tool.analytics import completion
from lti_tool.analytics.metrics import METRICS, Reading
from lti_tool.analytics.numbers import Numbers
from lti_tool.analytics.queries import recordings as queries
from lti_tool.analytics.queries import rooms
from lti_tool.analytics.queries.recordings import Quarter
from lti_tool.analytics.tables import Layout, Order, Row, Table, pick, table
from lti_tool.models import Entry, RoomSession
from lti_tool.models.facts import QUARTER
from lti_tool.models.names import name_key

HOUR = 3_600_000
DAY = 24 * HOUR
PLAYS = METRICS["count_plays"]
RETENTION = METRICS["percentile_retention"]
_METRICS = {
    "loads": "count_loads",
    "plays": "count_plays",
    "minutes": "sum_vod_view_period",
    "completion": "avg_completion_rate",
}
RECORDINGS = Layout.of("recordings", "minutes", **_METRICS)
PEOPLE = Layout.of("people", "minutes", **_METRICS)


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
    def rows(self) -> list[tuple[int, int, int, Reading]]:
        """(percentile, from second, to second, share) of each."""
        step = self.seconds / 100
        numbers = (Numbers(measured_plays=self.plays, percentile_plays=plays) for plays in self.percentiles)
        return [
            (place + 1, int(place * step), int((place + 1) * step), RETENTION.reading(one))
            for place, one in enumerate(numbers)
        ]


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


@dataclass(slots=True)
class _Sum:
    """Of one recording or one person: under the names that formulas take, for there may be many."""

    impressions: int = 0
    watched_ms: int = 0
    plays: int = 0
    measured_plays: int = 0
    percentiles: int = 0

    @property
    def recording_seconds(self) -> float:
        return self.watched_ms / 1000

    def numbers(self) -> Numbers:
        return Numbers(
            impressions=self.impressions,
            recording_seconds=self.recording_seconds,
            plays=self.plays,
            measured_plays=self.measured_plays,
            percentiles=self.percentiles,
        )


@dataclass
class _Plays:
    """The plays of a recording: whose they are, and what each watched."""

    people: list[int] = field(default_factory=list)
    positions: list[bytes] = field(default_factory=list)


@dataclass
class _Sums:
    recordings: defaultdict[int, _Sum] = field(default_factory=lambda: defaultdict(_Sum))
    people: defaultdict[int, _Sum] = field(default_factory=lambda: defaultdict(_Sum))

    def total(self) -> Numbers:
        rows = self.recordings.values()
        names = ("impressions", "watched_ms", "plays", "measured_plays", "percentiles")
        return _Sum(**{name: sum(getattr(row, name) for row in rows) for name in names}).numbers()


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
    plays = _plays(scope, every, session)
    sums = _sums(scope, every, session, plays)
    chosen = _chosen(every, sums, arguments.get("recording"))
    if chosen is None and every:
        return None
    total = sums.total()
    return RecordingsPage(
        entry=entry,
        session=session,
        recordings=_recordings(every, RECORDINGS.asked(arguments), sums, total),
        people=_people(scope, PEOPLE.asked(arguments), sums, total) if scope.people else None,
        retention=_retention(chosen, plays[chosen.id].positions) if chosen else None,
        every=every,
        total=total,
    )


def recording_retention(scope: Scope, entry: Entry, session: RoomSession, recording_id: str) -> Retention | None:
    """How much of a recording its plays watched; nothing if it is not the room's."""
    chosen = next((one for one in rooms.recordings(scope, entry) if one.external_id == recording_id), None)
    if chosen is None:
        return None
    return _retention(chosen, _plays(scope, [chosen], session)[chosen.id].positions)


def _chosen(every: Sequence[Entry], sums: _Sums, asked: str | None) -> Entry | None:
    """The recording asked for, else the one with most plays, the earliest of several."""
    if asked:
        return next((one for one in every if one.external_id == asked), None)
    return max(every, key=lambda one: sums.recordings[one.id].plays, default=None)


def _plays(scope: Scope, every: Sequence[Entry], session: RoomSession) -> defaultdict[int, _Plays]:
    """The plays of each recording, by its key."""
    found: defaultdict[int, _Plays] = defaultdict(_Plays)
    for recording, person, positions in queries.plays(scope, every, session):
        plays = found[recording]
        plays.people.append(person)
        plays.positions.append(positions)
    return found


def _sums(scope: Scope, every: Sequence[Entry], session: RoomSession, plays: defaultdict[int, _Plays]) -> _Sums:
    """What was played, added up by recording and by person."""
    sums = _Sums()
    for key, impressions, watched_ms in queries.sums_by_recording(scope, every, session):
        sums.recordings[key] = _Sum(int(impressions), int(watched_ms))
    for person, impressions, watched_ms in queries.sums_by_person(scope, every, session):
        sums.people[person] = _Sum(int(impressions), int(watched_ms))
    for recording in every:
        mine, measured = plays[recording.id], bool(recording.duration_ms)
        counts = completion.watched(mine.positions, (recording.duration_ms or 0) / 1000).tolist()
        for person, count in zip(mine.people, counts, strict=True):
            for one in (sums.recordings[recording.id], sums.people[person]):
                one.plays += 1
                if measured:
                    one.measured_plays += 1
                    one.percentiles += count
    return sums


def _recordings(every: Sequence[Entry], order: Order, sums: _Sums, total: Numbers) -> Table:
    picked = pick(
        RECORDINGS,
        order,
        every,
        numbers=lambda one: sums.recordings[one.id],
        name=lambda one: name_key(one.name),
    )
    rows = [Row(one.external_id, one, RECORDINGS.readings(sums.recordings[one.id].numbers())) for one in picked.items]
    return table(RECORDINGS, order, picked, rows, total)


def _people(scope: Scope, order: Order, sums: _Sums, total: Numbers) -> Table:
    """The table by person. People are read for the page only, unless it is sorted by their names."""
    everybody = list(sums.people)
    known = queries.people(scope, everybody) if order.sort == "name" else {}
    keys = {key: name_key(person.name) for key, person in known.items()}
    picked = pick(
        PEOPLE, order, everybody, numbers=lambda key: sums.people[key], name=lambda key: (keys.get(key, ""), key)
    )
    known = known or queries.people(scope, picked.items)
    rows = [
        Row(known[key].external_id, known[key], PEOPLE.readings(sums.people[key].numbers())) for key in picked.items
    ]
    return table(PEOPLE, order, picked, rows, total)


def _retention(recording: Entry, positions: Sequence[bytes]) -> Retention:
    if not recording.duration_ms or not positions:
        return Retention(recording, len(positions))
    counts = completion.retention(positions, recording.duration_ms / 1000)
    return Retention(recording, len(positions), tuple(counts.tolist()))
