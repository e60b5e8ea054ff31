"""Charts: matplotlib figures as SVG. One drawing serves the page, and later the PDF and the mail.

Drawn once for each version of what they show: the key is a digest of all that goes in, and the address names it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from io import BytesIO
from threading import Lock
from typing import Any, Protocol

from flask_babel import gettext as _
from sqlalchemy import select

from lti_tool import formats
from lti_tool.analytics.lanes import Lane
from lti_tool.analytics.timeline import Timeline
from lti_tool.models import Drawing, begin_write, db, now_ms
from lti_tool.models.database import dialect_insert

# Blue for viewers on the left axis, green for the rate on the right, as in the original; 4.5:1 on their ground.
THEMES = {
    "light": {
        "ground": "#ffffff",
        "ink": "#3b4354",
        "grid": "#dfe3ea",
        "viewers": "#1f5fbf",
        "rate": "#14803c",
        "recorded": "#b4590a",
    },
    "dark": {
        "ground": "#161b24",
        "ink": "#c3cad8",
        "grid": "#2d3544",
        "viewers": "#6ea8ff",
        "rate": "#4cc47a",
        "recorded": "#f0a35c",
    },
}


@dataclass(frozen=True)
class Shape:
    """A picture's size in inches, where its axes begin and end as shares of its width (the page's script points at
    minutes by it), and how many times of day fit under it.
    """

    size: tuple[float, float]
    axes: tuple[float, float]
    ticks: int


SHAPES = {"wide": Shape((10, 3.4), (0.055, 0.945), 13), "narrow": Shape((4.2, 3.0), (0.12, 0.875), 5)}
TICKS = (1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 720)  # minutes between times of day under a chart
LANE = 0.36  # height of a lane in inches
# matplotlib's settings, which hold a drawing's style, are the whole process's: one thread draws at a time.
_DRAWING = Lock()
DRAWN_BY = 6  # raised when the drawing itself changes: old pictures are not shown again


class Chart(Protocol):
    """All that goes into a picture, words included. ``key``: the digest of it."""

    @property
    def key(self) -> str: ...

    def draw(self) -> bytes: ...


def key_of(chart: Any) -> str:
    """The digest of a chart's fields: two equal ones are the same picture."""
    content = json.dumps([DRAWN_BY, type(chart).__name__, asdict(chart)], ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()[:40]


@dataclass(frozen=True)
class TimelineChart:
    """All that goes into the picture of a timeline, words included; two equal ones are the same picture."""

    theme: str
    shape: str
    language: str
    minutes: int
    ticks: tuple[tuple[int, str], ...]
    viewers: tuple[int, ...]
    rates: tuple[float | None, ...]
    rated: bool
    lanes: tuple[Lane, ...]
    viewers_label: str
    rate_label: str

    @property
    def pixels(self) -> tuple[int, int]:
        """Width and height, for the page to keep the place."""
        width, height = _size(self)
        return round(width * 100), round(height * 100)

    @property
    def key(self) -> str:
        return key_of(self)

    def draw(self) -> bytes:
        return draw(self)


def timeline_chart(timeline: Timeline, theme: str, shape: str) -> TimelineChart:
    """The chart of a session's minutes in the reader's language and zone."""
    shape = shape if shape in SHAPES else "wide"
    return TimelineChart(
        theme=theme if theme in THEMES else "light",
        shape=shape,
        language=formats.language(),
        minutes=len(timeline.minutes),
        ticks=_ticks(timeline, SHAPES[shape].ticks),
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


def timeline_charts(timeline: Timeline) -> dict[tuple[str, str], TimelineChart]:
    """Every drawing of a timeline that a page may need, by shape and theme."""
    return {(shape, theme): timeline_chart(timeline, theme, shape) for shape in SHAPES for theme in THEMES}


def _ticks(timeline: Timeline, most: int) -> tuple[tuple[int, str], ...]:
    """Round times of day on the axis, at most so many: their places and how they are written."""
    minutes = timeline.minutes
    every = next((step for step in TICKS if len(minutes) <= step * most), TICKS[-1])
    moments = [formats.moment(minute.at_ms) for minute in minutes]
    places = [place for place, at in enumerate(moments) if (at.hour * 60 + at.minute) % every == 0]
    return tuple((place, formats.clock(minutes[place].at_ms)) for place in places or range(min(1, len(minutes))))


def kept(chart: Chart) -> bytes | None:
    """The SVG of a chart, if it is among the drawings kept."""
    return db.session.scalar(select(Drawing.svg).where(Drawing.key == chart.key))


def picture(chart: Chart) -> bytes:
    """The SVG of a chart, from the drawings kept, else drawn now. Writes; the caller commits."""
    if (known := kept(chart)) is not None:
        return known
    db.session.rollback()
    svg = chart.draw()
    begin_write()
    row = {"key": chart.key, "svg": svg, "drawn_at": now_ms()}
    db.session.execute(dialect_insert(Drawing.__table__).on_conflict_do_nothing(), [row])
    return svg


@contextmanager
def canvas(size: tuple[float, float], ground: str) -> Iterator[Any]:
    """A figure to draw on, alone: by one thread at a time, in the style of all our charts."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with _DRAWING, rc_context({"svg.hashsalt": "lti-tool", "font.size": 9, "font.family": "DejaVu Sans"}):
        yield Figure(figsize=size, facecolor=ground)


def svg_of(figure: Any) -> bytes:
    """A finished figure as SVG, the same bytes at every drawing."""
    buffer = BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()


def draw(chart: TimelineChart) -> bytes:
    """Draw: viewers as a filled line, the rate as a line over it, reactions as marks along the foot."""
    from matplotlib.ticker import MaxNLocator

    colours = THEMES[chart.theme]
    shape = SHAPES[chart.shape]
    width, height = _size(chart)
    with canvas((width, height), colours["ground"]) as figure:
        heights = [shape.size[1], *[LANE] * len(chart.lanes)]
        rows = figure.subplots(len(heights), sharex=True, height_ratios=heights, squeeze=False)
        left, *lanes = rows[:, 0]
        right = left.twinx()
        place = range(chart.minutes)
        left.fill_between(place, chart.viewers, color=colours["viewers"], alpha=0.16, linewidth=0)
        left.plot(place, chart.viewers, color=colours["viewers"], linewidth=1.8)
        rates = [float("nan") if rate is None else rate for rate in chart.rates]
        right.plot(place, rates, color=colours["rate"], linewidth=1.6, linestyle=(0, (5, 1.5)))
        left.set_ylim(0, max([*chart.viewers, 1]) * 1.12)
        left.yaxis.set_major_locator(MaxNLocator(5, integer=True))
        right.set_ylim(0, 1.12)
        right.set_yticks([0, 0.25, 0.5, 0.75, 1] if chart.rated else [])
        left.yaxis.set_major_formatter(lambda value, _place: formats.count(value, chart.language))
        right.yaxis.set_major_formatter(lambda value, _place: formats.percent(value, chart.language))
        _dress(left, right, chart, colours)
        for axes, lane in zip(lanes, chart.lanes, strict=True):
            _lane(axes, lane, chart, colours)
        if lanes:  # the times of day stand under the last lane
            left.tick_params(axis="x", labelbottom=False)
            lanes[-1].tick_params(axis="x", pad=4, length=0, colors=colours["ink"], labelbottom=True)
        foot, head = 0.32 / height, 0.1 / height
        figure.subplots_adjust(left=shape.axes[0], right=shape.axes[1], bottom=foot, top=1 - head, hspace=0)
        return svg_of(figure)


def _size(chart: TimelineChart) -> tuple[float, float]:
    width, height = SHAPES[chart.shape].size
    return width, height + LANE * len(chart.lanes)


def _lane(axes: Any, lane: Lane, chart: TimelineChart, colours: dict[str, str]) -> None:
    """Moments as dots, larger with more weight; what lasts as bars, darker with more weight. Its name above."""
    axes.set_ylim(0, 1)
    axes.set_yticks([])
    axes.set_facecolor(colours["ground"])
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(axis="x", length=0, labelbottom=False)
    axes.axhline(1, color=colours["grid"], linewidth=0.8)
    colour = colours["rate"] if lane.key == "poll" else colours["viewers"] if lane.key == "stage" else colours["ink"]
    lasting = [mark for mark in lane.marks if mark.length]
    if lasting:
        spans = [(mark.start - 0.5, mark.length) for mark in lasting]
        shades = [(colour, 0.25 + 0.5 * mark.weight) for mark in lasting]
        axes.broken_barh(spans, (0.1, 0.42), facecolors=shades, edgecolor=colours["ground"], linewidth=0.8)
    moments = [mark for mark in lane.marks if not mark.length]
    if moments:
        sizes = [10 + 40 * mark.weight for mark in moments]
        places = [mark.start - 0.5 for mark in moments]
        shape = "D" if lane.key == "poll" else "o"
        axes.scatter(places, [0.31] * len(moments), s=sizes, marker=shape, color=colour, alpha=0.75, linewidths=0)
    axes.text(0, 0.94, lane.label, transform=axes.transAxes, va="top", fontsize=7.5, color=colours["ink"])


def _dress(left: Any, right: Any, chart: TimelineChart, colours: dict[str, str]) -> None:
    """Axes, grid and colours."""
    left.set_xticks([place for place, _clock in chart.ticks], [clock for _place, clock in chart.ticks])
    left.tick_params(axis="x", pad=7)
    left.set_xlim(-0.5, max(chart.minutes - 0.5, 0.5))
    left.grid(axis="y", color=colours["grid"], linewidth=0.8)
    left.set_axisbelow(True)
    left.set_facecolor(colours["ground"])
    for axes in (left, right):
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.tick_params(length=0, colors=colours["ink"])
    left.tick_params(axis="y", colors=colours["viewers"])
    right.tick_params(axis="y", colors=colours["rate"])
