"""Text in lines as they are drawn: shaped, broken, in the order in which it is seen, in fonts that have its letters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.fonts import tt2ps
from reportlab.pdfbase.pdfmetrics import stringWidth
from xhtml2pdf.bidi import CONTROL_CHARS, display_order, mirrored, reorder
from xhtml2pdf.util import shape_frag_text, split_by_coverage

# As the style sheet has its tables.
INK, GREY, LINE = HexColor("#1b2330"), HexColor("#556070"), HexColor("#d9dee7")
LEADING = 1.35
CLOSE = 0.01  # sums of widths differ by as much


@dataclass(frozen=True)
class Style:
    """``weight``: 1 is bold."""

    size: float
    weight: int
    colour: Any


HEAD, TOTAL, BODY, QUIET = Style(7.5, 1, GREY), Style(9.5, 1, INK), Style(9.5, 0, INK), Style(8, 0, GREY)


@dataclass(frozen=True)
class Piece:
    """Text of a cell in one style."""

    text: str
    style: Style


@dataclass(frozen=True)
class Drawn:
    """A line of a cell as it is drawn: from the left, in runs of one font."""

    runs: tuple[tuple[str, str], ...]
    style: Style
    width: float

    @property
    def height(self) -> float:
        return self.style.size * LEADING


def lines(piece: Piece, room: float, families: list[str], *, rtl: bool) -> Iterator[Drawn]:
    """The text in lines no wider than ``room``, broken between words, else between letters."""
    style, (text, fonts) = piece.style, _shaped(piece, families)
    _order, levels = display_order(text, "R" if rtl else "L")
    for start, after in _broken(text, fonts, style.size, room):
        end = start + len(text[start:after].rstrip(" "))  # what would stand on the wrong side of another direction
        places = [start + place for place in reorder(levels[start:end])]
        seen = "".join(mirrored(text[at], levels[at]) for at in places if text[at] not in CONTROL_CHARS)
        runs = tuple(split_by_coverage(seen, fonts))
        width = sum(stringWidth(run, font, style.size) for run, font in runs)
        yield Drawn(runs, style, width)


def longest_word(piece: Piece, families: list[str]) -> float:
    """How much room a text takes whose words do not break."""
    text, fonts = _shaped(piece, families)
    words = text.replace("-", "- ").split()
    return piece.style.size * max((sum(_advance(letter, fonts) for letter in word) for word in words), default=0.0)


def _shaped(piece: Piece, families: list[str]) -> tuple[str, tuple[str, ...]]:
    """The text with its letters joined, and the fonts that it is drawn in."""
    fonts = tuple(tt2ps(family, piece.style.weight, 0) for family in families)
    return shape_frag_text(piece.text, fonts[0]) or piece.text, fonts


def _broken(text: str, fonts: tuple[str, ...], size: float, room: float) -> Iterator[tuple[int, int]]:
    """(start, end) of lines."""
    start, width, after_space = 0, 0.0, 0
    for at, letter in enumerate(text):
        width += _advance(letter, fonts) * size
        if width > room + CLOSE and at > start and letter != " ":
            end = after_space if after_space > start else at
            yield start, end
            start, width = end, sum(_advance(one, fonts) * size for one in text[end : at + 1])
        if letter in " -":
            after_space = at + 1
    yield start, len(text)


@cache
def _advance(letter: str, fonts: tuple[str, ...]) -> float:
    """A letter's width in a font of size 1."""
    if letter in CONTROL_CHARS:
        return 0.0
    return float(sum(stringWidth(run, font, 1) for run, font in split_by_coverage(letter, fonts)))
