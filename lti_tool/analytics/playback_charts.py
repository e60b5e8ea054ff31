"""Charts of a room's recordings: plays over time, and how many plays watched each part."""

from __future__ import annotations

from dataclasses import dataclass

from lti_tool import formats
from lti_tool.analytics.charts import LOW, Chart, Look, canvas, dress, svg_of
from lti_tool.analytics.recordings import PlaysOverTime, Retention


@dataclass(frozen=True)
class PlaybackChart(Chart):
    """All that goes into one of these pictures. ``values`` run from left to right; ``share``: they are fractions."""

    values: tuple[float, ...]
    ticks: tuple[tuple[float, str], ...]
    share: bool

    @property
    def inches(self) -> tuple[float, float]:
        return super().inches[0], LOW

    def draw(self) -> bytes:
        """Bars for plays, a filled line for shares."""
        from matplotlib.ticker import MaxNLocator

        colours = self.colours
        with canvas(self.inches, colours["ground"]) as figure:
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
            left, right = (0.06, 0.96) if self.shape != "narrow" else (0.12, 0.92)
            figure.subplots_adjust(left=left, right=right, bottom=0.13, top=0.96)
            return svg_of(figure)


def plays_chart(plays: PlaysOverTime, look: Look) -> PlaybackChart:
    """The chart of plays in the reader's zone; times are in figures, which every language can read from the left."""
    most = 10 if look["shape"] != "narrow" else 4
    every = -(-len(plays.buckets) // most)
    write = formats.figures_and_clock if plays.unit == "hour" else formats.figures
    ticks = tuple(
        (place + 0.5, write(bucket.at_ms)) for place, bucket in enumerate(plays.buckets) if place % every == 0
    )
    values = tuple(float(bucket.plays) for bucket in plays.buckets)
    return PlaybackChart(**look, values=values, ticks=ticks, share=False)


def retention_chart(retention: Retention, look: Look) -> PlaybackChart:
    """The share of plays that watched each percentile, over the recording's length."""
    step = 10 if look["shape"] == "wide" else 25
    ticks = tuple(
        (float(place), formats.duration(round(retention.seconds * place / 100))) for place in range(0, 101, step)
    )
    values = tuple(float(share.value) for *_stretch, share in retention.rows if isinstance(share.value, float))
    return PlaybackChart(**look, values=values, ticks=ticks, share=True)
