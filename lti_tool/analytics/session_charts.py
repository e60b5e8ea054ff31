"""The chart of a range: a point for each session, its live viewers and its live engagement rate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from lti_tool import formats
from lti_tool.analytics.charts import SHAPES, Chart, Look, canvas, svg_of, two_scales
from lti_tool.analytics.over_sessions import Held

DAY = 24 * 3_600_000
MARGIN = 0.03  # of the axis before the first session and after the last


@dataclass(frozen=True)
class SessionsChart(Chart):
    """All that goes into the picture. ``lines``: of each room, (place from 0 to 1, viewers, rate) by start."""

    lines: tuple[tuple[tuple[float, int, float | None], ...], ...]
    ticks: tuple[tuple[float, str], ...]
    viewers_label: str
    rate_label: str
    rated: bool

    def draw(self) -> bytes:
        """Viewers as round points on the left axis, the rate as square ones on the right, joined room by room."""
        colours, shape = self.colours, SHAPES[self.shape]
        points = [point for line in self.lines for point in line]
        style = {"linewidth": 1.2, "markersize": 5 if len(points) <= 60 else 2.5}
        with canvas(self.inches, colours["ground"]) as figure:
            left = figure.subplots()
            right = left.twinx()
            for line in self.lines:
                rates = [(place, rate) for place, _viewers, rate in line if rate is not None]
                watched = [count for _place, count, _rate in line]
                left.plot([place for place, *_ in line], watched, color=colours["viewers"], marker="o", **style)
                share, dashes = [rate for _place, rate in rates], (0, (5, 1.5))
                of_rate = {"color": colours["rate"], "marker": "s", "linestyle": dashes, **style}
                right.plot([place for place, _rate in rates], share, **of_rate)
            left.set_xlim(-MARGIN, 1 + MARGIN)
            most = max((count for _place, count, _rate in points), default=1)
            two_scales(left, right, self, self.ticks, most, rated=self.rated)
            begin, end = shape.axes
            figure.subplots_adjust(left=begin, right=end, bottom=0.11, top=0.97)
            return svg_of(figure)


def sessions_chart(held: Sequence[Held], look: Look) -> SessionsChart:
    """The chart of sessions, given the newest first, on an axis from the first to the last."""
    ordered = held[::-1]
    first, last = (ordered[0].session.start_ms, ordered[-1].session.start_ms) if ordered else (0, 0)
    length = last - first
    places = [(one.session.start_ms - first) / length if length else 0.5 for one in ordered]
    lines: defaultdict[int, list[tuple[float, int, float | None]]] = defaultdict(list)
    for place, one in zip(places, ordered, strict=True):
        lines[one.room.id].append((place, one.numbers.live_viewers, one.rate))
    rated = any(one.rate is not None for one in held)
    return SessionsChart(
        **look,
        lines=tuple(map(tuple, lines.values())),
        ticks=_ticks(places, [one.session.start_ms for one in ordered], look["shape"], short=length < 2 * DAY),
        viewers_label=_("Live unique viewers"),
        rate_label=_("Live engagement rate") if rated else _("Live engagement rate: not reported"),
        rated=rated,
    )


def _ticks(places: list[float], starts: list[int], shape: str, *, short: bool) -> tuple[tuple[float, str], ...]:
    """The starts of sessions as far apart as they can be read; in figures, which every language reads from the left."""
    most = (8 if short else 12) if shape != "narrow" else 4
    write = formats.figures_and_clock if short else formats.figures
    ticks: list[tuple[float, str]] = []
    for place, start in zip(places, starts, strict=True):
        if not ticks or place - ticks[-1][0] >= 1 / most:
            ticks.append((place, write(start)))
    return tuple(ticks)
