"""Charts: matplotlib figures as SVG. One drawing serves the page and the PDF.

Drawn once for each version of what they show: the key is a digest of all that goes in, and the address names it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from io import BytesIO
from threading import Lock
from typing import Any, TypedDict, TypeVar

from sqlalchemy import select

from lti_tool import formats
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
    minutes by it), how many times of day fit under it, and how high a lane of the timeline is.
    """

    size: tuple[float, float]
    axes: tuple[float, float]
    ticks: int
    lane: float = 0.36


LOW = 2.6  # the height of charts of one line
SHAPES = {
    "wide": Shape((10, 3.4), (0.055, 0.945), 13),
    "narrow": Shape((4.2, 3.0), (0.12, 0.875), 5),
    "paper": Shape((8.5, 1.7), (0.065, 0.935), 13, 0.32),  # its letters can be read on a page of a document
}
OF_PAGES = ("wide", "narrow")
# matplotlib's settings, which hold a drawing's style, are the whole process's: one thread draws at a time.
_DRAWING = Lock()
DRAWN_BY = 8  # raised when the drawing itself changes: old pictures are not shown again


@dataclass(frozen=True)
class Chart:
    """All that goes into a picture, words included: two equal ones are the same picture."""

    theme: str
    shape: str
    language: str

    @property
    def key(self) -> str:
        """The digest of all its fields."""
        content = json.dumps([DRAWN_BY, type(self).__name__, asdict(self)], ensure_ascii=False)
        return hashlib.sha256(content.encode()).hexdigest()[:40]

    @property
    def colours(self) -> dict[str, str]:
        return THEMES[self.theme]

    @property
    def inches(self) -> tuple[float, float]:
        """Width and height of the drawing."""
        return SHAPES[self.shape].size

    @property
    def pixels(self) -> tuple[int, int]:
        """Width and height, for the page to keep the place."""
        width, height = self.inches
        return round(width * 100), round(height * 100)

    def draw(self) -> bytes:
        """The SVG."""
        raise NotImplementedError


class Look(TypedDict):
    """How a picture is drawn, whatever it shows."""

    theme: str
    shape: str
    language: str


Shown = TypeVar("Shown")


def look(theme: str, shape: str) -> Look:
    """In the reader's language; a theme or shape that we do not have is the usual one."""
    return {
        "theme": theme if theme in THEMES else "light",
        "shape": shape if shape in SHAPES else "wide",
        "language": formats.language(),
    }


def every(make: Callable[[Shown, Look], Chart], shown: Shown) -> dict[tuple[str, str], Chart]:
    """Every drawing of something that a page may need, by shape and theme."""
    return {(shape, theme): make(shown, look(theme, shape)) for shape in OF_PAGES for theme in THEMES}


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


def dress(axes: Any, ticks: Sequence[tuple[float, str]], colours: dict[str, str]) -> None:
    """Grid, colours and ticks below of the axes on the left."""
    axes.set_xticks([place for place, _text in ticks], [text for _place, text in ticks])
    axes.tick_params(axis="x", pad=7)
    axes.grid(axis="y", color=colours["grid"], linewidth=0.8)
    axes.set_axisbelow(True)
    axes.set_facecolor(colours["ground"])
    bare(axes, colours)


def two_scales(
    left: Any, right: Any, chart: Chart, ticks: Sequence[tuple[float, str]], most: int, *, rated: bool
) -> None:
    """Viewers on the left, up to ``most``, and the rate on the right, each in its colour. ``rated``: there is one."""
    from matplotlib.ticker import MaxNLocator

    colours = chart.colours
    left.set_ylim(0, max(most, 1) * 1.12)
    left.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    right.set_ylim(0, 1.12)
    right.set_yticks([0, 0.25, 0.5, 0.75, 1] if rated else [])
    left.yaxis.set_major_formatter(lambda value, _place: formats.count(value, chart.language))
    right.yaxis.set_major_formatter(lambda value, _place: formats.percent(value, chart.language))
    dress(left, ticks, colours)
    bare(right, colours)
    left.tick_params(axis="y", colors=colours["viewers"])
    right.tick_params(axis="y", colors=colours["rate"])


def bare(axes: Any, colours: dict[str, str]) -> None:
    """Axes without lines of their own."""
    axes.tick_params(length=0, colors=colours["ink"])
    for spine in axes.spines.values():
        spine.set_visible(False)
