"""When the rooms' recordings were played in a range of dates."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta

from lti_tool.access.scope import Scope
from lti_tool.analytics.period import Period
from lti_tool.analytics.queries import over_sessions as queries
from lti_tool.analytics.recordings import Bucket, PlaysOverTime
from lti_tool.models.facts import QUARTER

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
