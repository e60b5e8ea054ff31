"""Charts of a room's recordings: plays over time, and how many plays watched each part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from lti_tool import formats
from lti_tool.analytics.charts import SHAPES, THEMES, canvas, key_of, svg_of
from lti_tool.analytics.recordings import PlaysOverTime, Retention

HEIGHT = {"wide": 2.6, "narrow": 2.6}


@dataclass(frozen=True)
class PlaybackChart:
    """All that goes into one of these pictures. ``values`` run from left to right; ``share``: they are fractions."""

    theme: str
    shape: str
    language: str
    values: tuple[float, ...]
    ticks: tuple[tuple[float, str], ...]
    share: bool
    label: str

    @property
    def key(self) -> str:
        return key_of(self)

    @property
    def size(self) -> tuple[int, int]:
        """In the pixels that the page gives it."""
        return round(SHAPES[self.shape].size[0] * 100), round(HEIGHT[self.shape] * 100)

    def draw(self) -> bytes:
        """Bars for plays, a filled line for shares."""
        from matplotlib.ticker import MaxNLocator

        colours, shape = THEMES[self.theme], SHAPES[self.shape]
        with canvas((shape.size[0], HEIGHT[self.shape]), colours["ground"]) as figure:
            axes = figure.subplots()
            place = [at + 0.5 for at in range(len(self.values))]
            if self.share:
                axes.fill_between(place, self.values, color=colours["recorded"], alpha=0.16, linewidth=0)
                axes.plot(place, self.values, color=colours["recorded"], linewidth=1.8)
                axes.set_ylim(0, 1.05)
            else:
                axes.bar(place, self.values, width=0.8, color=colours["recorded"])
                axes.set_ylim(0, max([*self.values, 1]) * 1.12)
                axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
            write = formats.percent if self.share else formats.count
            axes.yaxis.set_major_formatter(lambda value, _place: write(value, self.language))
            axes.set_xlim(0, len(self.values))
            dress(axes, self.ticks, colours)
            left, right = (0.06, 0.96) if self.shape == "wide" else (0.12, 0.92)
            figure.subplots_adjust(left=left, right=right, bottom=0.13, top=0.96)
            return svg_of(figure)


def dress(axes: Any, ticks: tuple[tuple[float, str], ...], colours: dict[str, str]) -> None:
    """Grid, colours and ticks of one of these pictures."""
    axes.set_xticks([place for place, _text in ticks], [text for _place, text in ticks])
    axes.grid(axis="y", color=colours["grid"], linewidth=0.8)
    axes.set_axisbelow(True)
    axes.set_facecolor(colours["ground"])
    axes.tick_params(length=0, colors=colours["ink"])
    axes.tick_params(axis="x", pad=8)
    for spine in axes.spines.values():
        spine.set_visible(False)


Charts = dict[tuple[str, str], PlaybackChart]


def plays_charts(plays: PlaysOverTime) -> Charts:
    """Every drawing of plays over time that a page may need, by shape and theme."""
    return {(shape, theme): plays_chart(plays, theme, shape) for shape in SHAPES for theme in THEMES}


def plays_chart(plays: PlaysOverTime, theme: str, shape: str) -> PlaybackChart:
    """The chart of plays in the reader's zone; times are in figures, which every language can read from the left."""
    shape = shape if shape in SHAPES else "wide"
    most = 10 if shape == "wide" else 4
    every = -(-len(plays.buckets) // most)
    write = formats.figures_and_clock if plays.unit == "hour" else formats.figures
    ticks = tuple(
        (place + 0.5, write(bucket.at_ms)) for place, bucket in enumerate(plays.buckets) if place % every == 0
    )
    values = tuple(float(bucket.plays) for bucket in plays.buckets)
    return _chart(theme, shape, values, ticks, False, _("Recording plays"))


def retention_charts(retention: Retention) -> Charts:
    """Every drawing of a recording's retention that a page may need, by shape and theme."""
    return {(shape, theme): retention_chart(retention, theme, shape) for shape in SHAPES for theme in THEMES}


def retention_chart(retention: Retention, theme: str, shape: str) -> PlaybackChart:
    """The share of plays that watched each percentile, over the recording's length."""
    shape = shape if shape in SHAPES else "wide"
    step = 10 if shape == "wide" else 25
    ticks = tuple(
        (float(place), formats.duration(round(retention.seconds * place / 100))) for place in range(0, 101, step)
    )
    values = tuple(float(share.value) for *_stretch, share in retention.rows if isinstance(share.value, float))
    return _chart(theme, shape, values, ticks, True, _("Plays that watched this part"))


def _chart(theme: str, shape: str, *content: Any) -> PlaybackChart:
    return PlaybackChart(theme if theme in THEMES else "light", shape, formats.language(), *content)
