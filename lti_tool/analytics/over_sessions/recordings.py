"""What was played of the rooms' recordings in a range of dates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from lti_tool.access.scope import Scope
from lti_tool.analytics import completion
from lti_tool.analytics.numbers import Numbers
from lti_tool.analytics.period import Period
from lti_tool.analytics.queries import over_sessions as queries
from lti_tool.analytics.recordings import RECORDINGS, Bucket, PlaysOverTime
from lti_tool.analytics.tables import Row, Table, pick, table
from lti_tool.models import Entry
from lti_tool.models.facts import QUARTER
from lti_tool.models.names import name_key

DAYS = 100  # a longer range is shown by the week


def plays_by_day(scope: Scope, where: queries.Where, period: Period) -> PlaysOverTime | None:
    """When plays were started, by day or week from the first to the last with any; nothing if there were none."""
    counts: defaultdict[date, int] = defaultdict(int)
    step = 7 if period.days > DAYS else 1
    for quarter, plays in queries.played_by_quarter(scope, where, period):
        if plays:
            day = datetime.fromtimestamp(quarter * QUARTER / 1000, period.zone).date()
            counts[day - timedelta(days=day.weekday() if step > 1 else 0)] += int(plays)
    if not counts:
        return None
    first, last = min(counts), max(counts)
    days = [first + timedelta(days=at) for at in range(0, (last - first).days + 1, step)]
    buckets = tuple(Bucket(Period(day, day, period.zone).start_ms, counts.get(day, 0)) for day in days)
    return PlaysOverTime("week" if step > 1 else "day", buckets)


def played(
    scope: Scope, where: queries.Where, period: Period, recordings: Sequence[Entry]
) -> tuple[dict[int, Numbers], Numbers]:
    """Recording's key -> what was played of it in the period; and of all of them together."""
    sums = queries.played_by_recording(scope, where, period) if recordings else {}
    percentiles = _percentiles(queries.positions(scope, where, period), recordings) if sums else {}
    found = {key: _numbers(*of_recording, *percentiles.get(key, (0, 0))) for key, of_recording in sums.items()}
    names = ("impressions", "recording_seconds", "plays", "measured_plays", "percentiles")
    return found, Numbers(**{name: sum(getattr(one, name) for one in found.values()) for name in names})


def recordings_table(
    recordings: Sequence[Entry], of_recording: Mapping[int, Numbers], total: Numbers, arguments: Mapping[str, str]
) -> Table:
    """The table by recording."""
    order, nothing = RECORDINGS.asked(arguments), Numbers()
    picked = pick(
        RECORDINGS,
        order,
        recordings,
        numbers=lambda one: of_recording.get(one.id, nothing),
        name=lambda one: name_key(one.name),
    )
    rows = [Row(one.external_id, one, RECORDINGS.readings(of_recording.get(one.id, nothing))) for one in picked.items]
    return table(RECORDINGS, order, picked, rows, total)


def _percentiles(positions: Iterable[Any], recordings: Sequence[Entry]) -> dict[int, tuple[int, int]]:
    """Recording's key -> (plays, percentiles that they watched, summed), where its length is known."""
    plays: defaultdict[int, list[bytes]] = defaultdict(list)
    for key, watched in positions:
        plays[key].append(watched)
    return {
        one.id: (len(plays[one.id]), int(completion.watched(plays[one.id], one.duration_ms / 1000).sum()))
        for one in recordings
        if one.duration_ms and one.id in plays
    }


def _numbers(impressions: int, watched_ms: int, plays: int, measured_plays: int, percentiles: int) -> Numbers:
    return Numbers(
        impressions=impressions,
        recording_seconds=watched_ms / 1000,
        plays=plays,
        measured_plays=measured_plays,
        percentiles=percentiles,
    )
