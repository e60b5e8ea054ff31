"""The chart of a session's minutes: viewers, their engagement, and lanes of what happened under them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _

from lti_tool import formats
from lti_tool.analytics.charts import SHAPES, Chart, Look, bare, canvas, svg_of, two_scales
from lti_tool.analytics.lanes import Lane
from lti_tool.analytics.timeline import Timeline

TICKS = (1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 720)  # minutes between times of day under a chart


@dataclass(frozen=True)
class TimelineChart(Chart):
    """What is drawn of a timeline."""

    minutes: int
    ticks: tuple[tuple[int, str], ...]
    viewers: tuple[int, ...]
    rates: tuple[float | None, ...]
    rated: bool
    lanes: tuple[Lane, ...]
    viewers_label: str
    rate_label: str

    @property
    def inches(self) -> tuple[float, float]:
        width, height = super().inches
        return width, height + SHAPES[self.shape].lane * len(self.lanes)

    def draw(self) -> bytes:
        """Viewers as a filled line, the rate as a dashed one over it, and each lane under them."""
        colours, shape = self.colours, SHAPES[self.shape]
        width, height = self.inches
        with canvas((width, height), colours["ground"]) as figure:
            heights = [shape.size[1], *[shape.lane] * len(self.lanes)]
            rows = figure.subplots(len(heights), sharex=True, height_ratios=heights, squeeze=False)
            left, *lanes = rows[:, 0]
            right = left.twinx()
            place = range(self.minutes)
            left.fill_between(place, self.viewers, color=colours["viewers"], alpha=0.16, linewidth=0)
            left.plot(place, self.viewers, color=colours["viewers"], linewidth=1.8)
            rates = [float("nan") if rate is None else rate for rate in self.rates]
            right.plot(place, rates, color=colours["rate"], linewidth=1.6, linestyle=(0, (5, 1.5)))
            left.set_xlim(-0.5, max(self.minutes - 0.5, 0.5))
            two_scales(left, right, self, self.ticks, max(self.viewers, default=1), rated=self.rated)
            for axes, lane in zip(lanes, self.lanes, strict=True):
                _lane(axes, lane, self)
            if lanes:  # the times of day stand under the last lane
                left.tick_params(axis="x", labelbottom=False)
                lanes[-1].tick_params(axis="x", pad=4, labelbottom=True)
            foot, head = 0.32 / height, 0.1 / height
            figure.subplots_adjust(left=shape.axes[0], right=shape.axes[1], bottom=foot, top=1 - head, hspace=0)
            return svg_of(figure)


def timeline_chart(timeline: Timeline, look: Look) -> TimelineChart:
    """The chart of a session's minutes in the reader's language and zone."""
    return TimelineChart(
        **look,
        minutes=len(timeline.minutes),
        ticks=_ticks(timeline, SHAPES[look["shape"]].ticks),
        viewers=tuple(minute.viewers for minute in timeline.minutes),
        rates=tuple(minute.rate for minute in timeline.minutes),
        rated=timeline.rated,
        lanes=tuple(map(_drawn, timeline.lanes)),
        viewers_label=_("Live unique viewers"),
        rate_label=_("Live engagement rate") if timeline.rated else _("Live engagement rate: not reported"),
    )


def _drawn(lane: Lane) -> Lane:
    """Without the texts of its marks: they are read out, not drawn, and name people."""
    return replace(lane, marks=tuple(replace(mark, text="") for mark in lane.marks))


def _ticks(timeline: Timeline, most: int) -> tuple[tuple[int, str], ...]:
    """Round times of day on the axis, at most so many: their places and how they are written."""
    minutes = timeline.minutes
    every = next((step for step in TICKS if len(minutes) <= step * most), TICKS[-1])
    moments = [formats.moment(minute.at_ms) for minute in minutes]
    places = [place for place, at in enumerate(moments) if (at.hour * 60 + at.minute) % every == 0]
    return tuple((place, formats.clock(minutes[place].at_ms)) for place in places or range(min(1, len(minutes))))


def _lane(axes: Any, lane: Lane, chart: TimelineChart) -> None:
    """Moments as dots, larger with more weight; what lasts as bars, darker with more weight. Its name above."""
    colours = chart.colours
    axes.set_ylim(0, 1)
    axes.set_yticks([])
    axes.set_facecolor(colours["ground"])
    bare(axes, colours)
    axes.tick_params(axis="x", labelbottom=False)
    axes.axhline(1, color=colours["grid"], linewidth=0.8)
    colour = colours["rate"] if lane.key == "poll" else colours["viewers"] if lane.key == "stage" else colours["ink"]
    lasting = [mark for mark in lane.marks if mark.length]
    if lasting:
        spans = [(mark.start - 0.5, mark.length) for mark in lasting]
        shades = [(colour, 0.25 + 0.5 * mark.weight) for mark in lasting]
        axes.broken_barh(spans, (0.08, 0.4), facecolors=shades, edgecolor=colours["ground"], linewidth=0.8)
    moments = [mark for mark in lane.marks if not mark.length]
    if moments:
        sizes = [10 + 40 * mark.weight for mark in moments]
        places = [mark.start - 0.5 for mark in moments]
        shape = "D" if lane.key == "poll" else "o"
        axes.scatter(places, [0.28] * len(moments), s=sizes, marker=shape, color=colour, alpha=0.75, linewidths=0)
    axes.text(0, 0.86, lane.label, transform=axes.transAxes, va="top", fontsize=8.5, color=colours["ink"])
