"""The chart of one metric over time, with the period before if that was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

from lti_tool import formats
from lti_tool.analytics.charts import LOW, Chart, Look, canvas, dress, svg_of
from lti_tool.analytics.metrics import Reading, Unit
from lti_tool.analytics.videos import OverTime

Values = tuple[float | None, ...]
DOTS = 31  # so many points can be told apart


@dataclass(frozen=True)
class OverTimeChart(Chart):
    """All that goes into the picture. ``percent``: values are from 0 to 100; ``whole``: they count something."""

    values: Values
    before: Values
    ticks: tuple[tuple[float, str], ...]
    percent: bool
    whole: bool

    @property
    def inches(self) -> tuple[float, float]:
        return super().inches[0], LOW

    def draw(self) -> bytes:
        """A line over a light ground; the period before is a thin dashed one."""
        from matplotlib.ticker import MaxNLocator

        colours = self.colours
        with canvas(self.inches, colours["ground"]) as figure:
            axes = figure.subplots()
            place = range(len(self.values))
            values, before = ([nan if one is None else one for one in row] for row in (self.values, self.before))
            axes.plot(range(len(before)), before, color=colours["ink"], linewidth=1.2, linestyle=(0, (4, 2)))
            axes.fill_between(place, values, color=colours["recorded"], alpha=0.16, linewidth=0)
            marks = {"marker": "o", "markersize": 3.5} if len(values) <= DOTS or None in self.values else {}
            axes.plot(place, values, color=colours["recorded"], linewidth=1.8, **marks)
            if self.percent:
                axes.set_ylim(0, 105)
            else:
                axes.set_ylim(0, max([one for one in (*self.values, *self.before) if one] + [1]) * 1.12)
                axes.yaxis.set_major_locator(MaxNLocator(5, integer=self.whole))
            axes.yaxis.set_major_formatter(lambda value, _place: self._written(value))
            axes.set_xlim(-0.5, len(self.values) - 0.5)
            dress(axes, self.ticks, colours)
            left, right = (0.06, 0.96) if self.shape == "wide" else (0.12, 0.94)
            figure.subplots_adjust(left=left, right=right, bottom=0.13, top=0.96)
            return svg_of(figure)

    def _written(self, value: float) -> str:
        """As the page writes such a number."""
        if self.percent:
            return formats.percent(value / 100, self.language)
        return formats.exact(round(value, 6), self.language)


def over_time_chart(made: OverTime, look: Look) -> OverTimeChart:
    """The chart in the reader's zone; dates are in figures, which every language can read from the left."""
    every = -(-len(made.stretches) // (10 if look["shape"] == "wide" else 4))
    ticks = tuple(
        (float(place), formats.figures(stretch.start_ms))
        for place, stretch in enumerate(made.stretches)
        if place % every == 0
    )
    unit = made.column.metric.unit
    return OverTimeChart(
        **look,
        values=_values(made.readings),
        before=_values(made.before or ()),
        ticks=ticks,
        percent=unit == Unit.PERCENT,
        whole=unit in (Unit.COUNT, Unit.PEOPLE),
    )


def _values(readings: tuple[Reading, ...]) -> Values:
    return tuple(float(one.value) if isinstance(one.value, int | float) else None for one in readings)
