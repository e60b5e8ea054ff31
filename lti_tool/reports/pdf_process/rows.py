"""Tables of rows, which are drawn straight onto the page: xhtml2pdf takes a hundred seconds for 5,000 rows.

The ``thead`` of a table is drawn again on every page, but for one without words, which tells widths only. A column
whose heading is of the class ``number`` stands at its end. A ``<small>`` in a cell stands on lines of its own. A row of
the class ``group`` has one cell: it is the heading of the rows below it, and drawn again where these go on.
"""

from __future__ import annotations

import html
import re
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from reportlab.platypus import Flowable

from lti_tool.reports.pdf_process.lines import (
    BODY,
    GREY,
    HEAD,
    LEADING,
    LINE,
    QUIET,
    TOTAL,
    Drawn,
    Piece,
    Style,
    lines,
    longest_word,
)
from lti_tool.reports.pdf_process.progress import PROGRESS

_ROW = re.compile(r"<tr((?:\s[^>]*)?)>(.*?)</tr>", re.DOTALL)
_CELL = re.compile(r"<t[hd]((?:\s[^>]*)?)>(.*?)</t[hd]>", re.DOTALL)
_CLASS = re.compile(r'class="(\w+)"')
_WIDTH = re.compile(r'width="(\d+)%"')
_PIECE = re.compile(r"(<small>.*?</small>)", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
ABOVE, BESIDE = 3.0, 4.0
HIGH = 400.0  # a row that is no higher goes to the next page as a whole
USUAL = 0.25  # of the table's width: a word that is longer may break
# Sizes of a row of headings, and how much of its width a column of texts keeps at least: the first at which no word of
# the headings breaks.
FITS = ((HEAD.size, 0.9), (7.0, 0.9), (6.5, 0.9), (6.0, 0.8), (5.5, 0.7), (5.0, 0.5))

Cells = list[list[Piece]]  # of a row


@dataclass(frozen=True)
class Column:
    """``share``: of the table's width; ``number``: it stands at its end, so that digits stand below one another."""

    share: float
    number: bool


@dataclass(frozen=True)
class Written:
    """A row as it was written. ``kind``: its class."""

    kind: str
    cells: Cells


@dataclass(frozen=True)
class Row:
    """A row as it is drawn."""

    cells: list[list[Drawn]]
    group: bool = False

    @cached_property
    def height(self) -> float:
        return max(sum(line.height for line in cell) for cell in self.cells) + 2 * ABOVE


class Rows(Flowable):  # type: ignore[misc]
    """Rows under a head that comes again on every page. It draws text only, so that there may be thousands."""

    def __init__(
        self, head: list[Written], body: list[Written], columns: list[Column], fonts: list[str], *, rtl: bool
    ) -> None:
        super().__init__()
        self.head, self.body, self.columns, self.fonts, self.rtl = head, body, columns, fonts, rtl
        self.rows: list[Row] | None = None

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        if self.rows is None:
            self.width = width
            size, self.widths = self._fitted()
            self.top = [self._laid_out(_of_size(row, size)) for row in self.head]
            self.rows = [*map(self._laid_out, self.body)]
            self.widest = [self._widest(at) for at in range(len(self.columns))]
            self.height = sum(row.height for row in (*self.top, *self.rows))
        return width, self.height

    def split(self, width: float, height: float) -> list[Flowable]:
        """What fits, and the rest. A row that is higher than a page goes on with its further lines."""
        self.wrap(width, height)
        rows, left, fit = self.rows or [], height - sum(row.height for row in self.top), 0
        while fit < len(rows) and rows[fit].height <= left:
            left -= rows[fit].height
            fit += 1
        if fit and rows[fit - 1].group:  # not without a row below it
            if fit == 1 and rows[1].height > HIGH:
                return [self._part(rows[:1]), self._part(rows[1:])]
            fit -= 1
        if fit:
            return [self._part(rows[:fit]), self._part([*_group_of(rows, fit), *rows[fit:]])]
        room = int((left - 2 * ABOVE) / (BODY.size * LEADING))
        if room < 2 or rows[0].height <= HIGH:
            return []
        cells = rows[0].cells
        first, rest = Row([cell[:room] for cell in cells]), Row([cell[room:] for cell in cells])
        return [self._part([first]), self._part([rest, *rows[1:]])]

    def draw(self) -> None:
        if _counting_pages(self.canv):
            return
        y = self.height
        for at, row in enumerate((*self.top, *(self.rows or ()))):
            self._draw_row(row, y, head=at < len(self.top))
            y -= row.height
            self.canv.setStrokeColor(GREY if at == len(self.top) - 1 else LINE)
            self.canv.setLineWidth(0.5)
            self.canv.line(0, y, self.width, y)

    def _fitted(self) -> tuple[float, list[float]]:
        """The size of the headings and the widths of the columns, so that no usual word and no number breaks."""
        wanted = [self.width * column.share for column in self.columns]
        longest = [self._longest(self.body, at) for at in range(len(self.columns))]
        words = [room if room <= USUAL * self.width else 0.0 for room in longest]
        for size, kept in FITS:
            head = [_of_size(row, size) for row in self.head]
            least = [
                max(self._longest(head, at), words[at], 0.0 if column.number else kept * wanted[at])
                for at, column in enumerate(self.columns)
            ]
            if sum(least) <= self.width:
                break
        else:
            return size, wanted
        short = sum(max(0.0, low - width) for low, width in zip(least, wanted, strict=True))
        spare = sum(max(0.0, width - low) for low, width in zip(least, wanted, strict=True))
        given = short / spare if spare else 0.0
        return size, [max(low, width - given * (width - low)) for low, width in zip(least, wanted, strict=True)]

    def _longest(self, rows: list[Written], at: int) -> float:
        """The room that a column's longest word takes."""
        pieces = (piece for row in rows if row.kind != "group" for piece in row.cells[at])
        return max((longest_word(piece, self.fonts) for piece in pieces), default=0.0) + 2 * BESIDE

    def _widest(self, at: int) -> float:
        """The widest line of a column."""
        cells = (row.cells[at] for row in self.rows or () if not row.group)
        return max((line.width for cell in cells for line in cell), default=0.0)

    def _indent(self, line: Drawn, at: int, width: float, *, head: bool) -> float:
        """Where in its column a line begins.

        Numbers stand at the column's end, and digit below digit, which in Arabic and Hebrew too run from the left.
        """
        if self.columns[at].number and self.rtl:
            return BESIDE + (0.0 if head else max(0.0, self.widest[at] - line.width))
        if self.columns[at].number or self.rtl:
            return width - BESIDE - line.width
        return BESIDE

    def _part(self, rows: list[Row]) -> Rows:
        part = copy(self)
        part.__dict__.pop("_postponed", None)  # how a document notes that it has been moved to the next page already
        part.rows, part.height = rows, sum(row.height for row in (*self.top, *rows))
        return part

    def _draw_row(self, row: Row, y: float, *, head: bool) -> None:
        PROGRESS.step()
        before = 0.0
        for at, cell in enumerate(row.cells):
            width, foot = self.width if row.group else self.widths[at], y - ABOVE
            left = self.width - before - width if self.rtl else before
            for line in cell:
                foot -= line.height
                x = left + self._indent(line, at, width, head=head)
                self._draw_line(line, x, foot + line.height - line.style.size)
            before += width

    def _draw_line(self, line: Drawn, x: float, y: float) -> None:
        text = self.canv.beginText(x, y)
        text.setFillColor(line.style.colour)
        for run, font in line.runs:
            text.setFont(font, line.style.size)
            text.textOut(run)
        self.canv.drawText(text)

    def _laid_out(self, row: Written) -> Row:
        PROGRESS.step()
        group = row.kind == "group"
        room = [width - 2 * BESIDE for width in ([self.width] if group else self.widths)]
        cells = [
            [line for piece in cell for line in lines(piece, width, self.fonts, rtl=self.rtl)]
            for cell, width in zip(row.cells, room, strict=True)
        ]
        return Row(cells, group)


def _counting_pages(canvas: Any) -> bool:
    """Whether this is the first pass of a document that says how many pages it has: nothing of it stays."""
    document = getattr(canvas, "_doctemplate", None)
    several = getattr(document, "_multiBuildEdits", None) is not None
    return several and getattr(document, "layoutPass", 0) == 1


def read(table: str, fonts: list[str], *, rtl: bool) -> Rows:
    """What is written between ``<table>`` and ``</table>``."""
    head, body = table.split("</thead>")
    columns = [
        (int(found[1]) if (found := _WIDTH.search(attributes)) else 0, _class(attributes) == "number")
        for attributes, _text in _CELL.findall(head)
    ]
    width = sum(width for width, _number in columns)
    named = _written(head) if _TAG.sub("", head).strip() else []
    return Rows(named, _written(body), [Column(one / width, number) for one, number in columns], fonts, rtl=rtl)


def _written(part: str) -> list[Written]:
    found: list[Written] = []
    for attributes, row in _ROW.findall(part):
        kind, cells = _class(attributes), _CELL.findall(row)
        style = TOTAL if kind in ("total", "group") else BODY
        found.append(Written(kind, [_pieces(text, style) for _attributes, text in cells]))
    return found


def _class(attributes: str) -> str:
    found = _CLASS.search(attributes)
    return found[1] if found else ""


def _of_size(row: Written, size: float) -> Written:
    """A row of headings."""
    style = replace(HEAD, size=size)
    return replace(row, cells=[[replace(piece, style=style) for piece in cell] for cell in row.cells])


def _group_of(rows: list[Row], at: int) -> list[Row]:
    """The heading under which a row stands, to be drawn once more above it."""
    if rows[at].group:
        return []
    return next(([row] for row in reversed(rows[:at]) if row.group), [])


def _pieces(cell: str, style: Style) -> list[Piece]:
    found: list[Piece] = []
    for part in _PIECE.split(cell):
        text = " ".join(html.unescape(_TAG.sub("", part)).split())
        if text or not found:
            found.append(Piece(text, QUIET if part.startswith("<small>") else style))
    return found
