"""Tables of rows, which are drawn straight onto the page: xhtml2pdf takes a hundred seconds for 5,000 rows.

The ``thead`` of a table is drawn again on every page; a ``<small>`` in a cell stands on lines of its own.
"""

from __future__ import annotations

import html
import re
from copy import copy
from dataclasses import dataclass
from functools import cached_property

from reportlab.platypus import Flowable

from lti_tool.reports.pdf_process.lines import BODY, GREY, HEAD, LEADING, LINE, QUIET, TOTAL, Drawn, Piece, Style, lines
from lti_tool.reports.pdf_process.progress import PROGRESS

_ROW = re.compile(r"<tr((?:\s[^>]*)?)>(.*?)</tr>", re.DOTALL)
_CELL = re.compile(r"<t[hd]((?:\s[^>]*)?)>(.*?)</t[hd]>", re.DOTALL)
_WIDTH = re.compile(r'width="(\d+)%"')
_PIECE = re.compile(r"(<small>.*?</small>)", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
ABOVE, BESIDE = 3.0, 4.0
HIGH = 400.0  # a row that is no higher goes to the next page as a whole

Cells = list[list[Piece]]  # of a row


@dataclass(frozen=True)
class Row:
    """A row as it is drawn."""

    cells: list[list[Drawn]]

    @cached_property
    def height(self) -> float:
        return max(sum(line.height for line in cell) for cell in self.cells) + 2 * ABOVE


class Rows(Flowable):  # type: ignore[misc]
    """Rows under a head that comes again on every page. It draws text only, so that there may be thousands."""

    def __init__(
        self, head: list[Cells], body: list[Cells], shares: list[float], fonts: list[str], *, rtl: bool
    ) -> None:
        super().__init__()
        self.head, self.body, self.shares, self.fonts, self.rtl = head, body, shares, fonts, rtl
        self.rows: list[Row] | None = None

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        if self.rows is None:
            self.width, self.widths = width, [width * share for share in self.shares]
            self.top, self.rows = [*map(self._laid_out, self.head)], [*map(self._laid_out, self.body)]
            self.height = sum(row.height for row in (*self.top, *self.rows))
        return width, self.height

    def split(self, width: float, height: float) -> list[Flowable]:
        """What fits, and the rest. A row that is higher than a page goes on with its further lines."""
        self.wrap(width, height)
        rows, left, fit = self.rows or [], height - sum(row.height for row in self.top), 0
        while fit < len(rows) and rows[fit].height <= left:
            left -= rows[fit].height
            fit += 1
        if fit:
            return [self._part(rows[:fit]), self._part(rows[fit:])]
        lines = int((left - 2 * ABOVE) / (BODY.size * LEADING))
        if lines < 2 or rows[0].height <= HIGH:
            return []
        cells = rows[0].cells
        first, rest = Row([cell[:lines] for cell in cells]), Row([cell[lines:] for cell in cells])
        return [self._part([first]), self._part([rest, *rows[1:]])]

    def draw(self) -> None:
        y = self.height
        for at, row in enumerate((*self.top, *(self.rows or ()))):
            self._draw_row(row, y)
            y -= row.height
            self.canv.setStrokeColor(GREY if at == len(self.top) - 1 else LINE)
            self.canv.setLineWidth(0.5)
            self.canv.line(0, y, self.width, y)

    def _part(self, rows: list[Row]) -> Rows:
        part = copy(self)
        part.__dict__.pop("_postponed", None)  # how a document notes that it has been moved to the next page already
        part.rows, part.height = rows, sum(row.height for row in (*self.top, *rows))
        return part

    def _draw_row(self, row: Row, y: float) -> None:
        PROGRESS.step()
        left = 0.0
        for cell, width in zip(row.cells, self.widths, strict=True):
            at = y - ABOVE
            for line in cell:
                at -= line.height
                x = self.width - left - BESIDE - line.width if self.rtl else left + BESIDE
                self._draw_line(line, x, at + line.height - line.style.size)
            left += width

    def _draw_line(self, line: Drawn, x: float, y: float) -> None:
        text = self.canv.beginText(x, y)
        text.setFillColor(line.style.colour)
        for run, font in line.runs:
            text.setFont(font, line.style.size)
            text.textOut(run)
        self.canv.drawText(text)

    def _laid_out(self, row: Cells) -> Row:
        PROGRESS.step()
        room = [width - 2 * BESIDE for width in self.widths]
        return Row(
            [
                [line for piece in cell for line in lines(piece, width, self.fonts, rtl=self.rtl)]
                for cell, width in zip(row, room, strict=True)
            ]
        )


def read(table: str, fonts: list[str], *, rtl: bool) -> Rows:
    """What is written between ``<table>`` and ``</table>``."""
    head, body = table.split("</thead>")
    columns = _CELL.findall(head)
    widths = [int(found[1]) if (found := _WIDTH.search(attributes)) else 0 for attributes, _text in columns]
    return Rows(_cells(head, HEAD), _cells(body, BODY), [width / sum(widths) for width in widths], fonts, rtl=rtl)


def _cells(part: str, style: Style) -> list[Cells]:
    return [
        [_pieces(text, TOTAL if "total" in attributes else style) for _attributes, text in _CELL.findall(row)]
        for attributes, row in _ROW.findall(part)
    ]


def _pieces(cell: str, style: Style) -> list[Piece]:
    found: list[Piece] = []
    for part in _PIECE.split(cell):
        text = " ".join(html.unescape(_TAG.sub("", part)).split())
        if text or not found:
            found.append(Piece(text, QUIET if part.startswith("<small>") else style))
    return found
