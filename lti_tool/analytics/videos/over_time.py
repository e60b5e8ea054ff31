"""Performance over time: a number of each day or week of a period, beside the same of the period before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lti_tool.access.scope import Scope
from lti_tool.analytics.metrics import Reading
from lti_tool.analytics.numbers import Numbers
from lti_tool.analytics.period import Period
from lti_tool.analytics.queries import videos as queries
from lti_tool.analytics.queries.recordings import Sums
from lti_tool.analytics.queries.videos import Where
from lti_tool.analytics.tables import Column, Layout
from lti_tool.analytics.videos.totals import COMPLETION, LOADS, MINUTES, PLAYS, VIEWERS, numbers_of
from lti_tool.models.facts import QUARTER

DAYS = Layout(
    "days",
    (
        Column("plays", PLAYS),
        Column("loads", LOADS),
        Column("minutes", MINUTES),
        Column("viewers", VIEWERS),
        Column("completion", COMPLETION),
    ),
    "plays",
)


@dataclass(frozen=True)
class Stretch:
    """A day or a week, from its first to its last millisecond, in the reader's zone; ``key``: its first day."""

    key: str
    start_ms: int
    last_ms: int
    numbers: Numbers


@dataclass(frozen=True)
class OverTime:
    """One metric over the stretches of a period. ``before``: its values in the period before, place by place."""

    column: Column
    period: Period
    stretches: tuple[Stretch, ...]
    before: tuple[Reading, ...] | None

    @property
    def readings(self) -> tuple[Reading, ...]:
        return tuple(self.column.metric.reading(stretch.numbers) for stretch in self.stretches)

    @property
    def peak(self) -> tuple[Stretch, Reading] | None:
        """Where it is highest, the first of several; nothing where it has no value or is 0 throughout."""
        pairs = zip(self.stretches, self.readings, strict=True)
        known = [(stretch, one) for stretch, one in pairs if isinstance(one.value, int | float) and one.value]
        return max(known, key=lambda pair: float(str(pair[1].value)), default=None)


def over_time(scope: Scope, where: Where, period: Period, arguments: Mapping[str, str], *, compare: bool) -> OverTime:
    """The metric that an address asks for; plays, if it asks for none that there is."""
    asked = arguments.get("metric", "")
    column = next((column for column in DAYS.columns if column.sort == asked), DAYS.columns[0])
    made = stretches(scope, where, period, [column])
    before = None
    if compare:
        before = tuple(column.metric.reading(one) for one in _numbers(scope, where, period.previous, [column]))
    return OverTime(column, period, made, before)


def stretches(scope: Scope, where: Where, period: Period, columns: Sequence[Column]) -> tuple[Stretch, ...]:
    """The days or weeks of a period with what these columns need."""
    spans = zip(period.stretches, pairwise(period.cuts), _numbers(scope, where, period, columns), strict=True)
    return tuple(
        Stretch(first.isoformat(), start * QUARTER, end * QUARTER - 1, numbers)
        for (first, _last), (start, end), numbers in spans
    )


def _numbers(scope: Scope, where: Where, period: Period, columns: Sequence[Column]) -> list[Numbers]:
    """Of each stretch. People are counted in each anew, and that is a question of its own."""
    metrics = [column.metric for column in columns]
    sums = queries.sums_over_time(scope, where, period) if any(metric is not VIEWERS for metric in metrics) else {}
    viewers = queries.viewers_over_time(scope, where, period) if any(metric is VIEWERS for metric in metrics) else {}
    return [
        numbers_of(sums.get(place, Sums()), recording_viewers=viewers.get(place, 0))
        for place in range(len(period.stretches))
    ]
