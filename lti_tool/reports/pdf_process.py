"""The process that turns HTML into a PDF: ``pdf.make`` starts it. It imports nothing of the tool.

A table of the class ``rows`` holds text and nothing else. It is drawn here, straight onto the page: xhtml2pdf takes a
hundred seconds for 5,000 rows. Its ``thead`` is drawn again on every page; a ``<small>`` stands on lines of its own.
"""

from __future__ import annotations

import html
import logging
import os
import re
import sys
import time
import traceback
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from reportlab.lib.colors import HexColor
from reportlab.lib.fonts import tt2ps
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import CondPageBreak, Flowable
from xhtml2pdf import parser, pisa
from xhtml2pdf.bidi import CONTROL_CHARS, display_order, mirrored, reorder
from xhtml2pdf.config.resources import ResourceAccessPolicy
from xhtml2pdf.default import DEFAULT_CSS, INT, MUST, TAGS
from xhtml2pdf.reportlab_paragraph import Paragraph
from xhtml2pdf.tags import pisaTag
from xhtml2pdf.util import shape_frag_text, split_by_coverage

# What XML has no place for, and what would leave a gap: marks that the fonts have no letter of.
_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2066-\u2069\ufeff\ufffe\uffff]")
_CJK = re.compile(
    r"[\u1100-\u11ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]"
)
_ROWS = re.compile(r'<table class="rows">(.*?)</table>', re.DOTALL)
_ROW = re.compile(r"<tr((?:\s[^>]*)?)>(.*?)</tr>", re.DOTALL)
_CELL = re.compile(r"<t[hd]((?:\s[^>]*)?)>(.*?)</t[hd]>", re.DOTALL)
_WIDTH = re.compile(r'width="(\d+)%"')
_MARK = re.compile("[\u202a-\u202e]")
_PIECE = re.compile(r"(<small>.*?</small>)", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
# As the style sheet has its tables.
INK, GREY, LINE = HexColor("#1b2330"), HexColor("#556070"), HexColor("#d9dee7")
LEADING = 1.35
ABOVE, BESIDE = 3.0, 4.0
CLOSE = 0.01  # sums of widths differ by as much
ROOM = 120.0  # a heading and the first rows below it; less is left for the next page
TELL_EVERY = 0.5
HIGH = 400.0  # a row that is no higher goes to the next page as a whole


class _Progress:
    """Tells whoever started this process which share of the rows is laid out and drawn, and ends with them."""

    def __init__(self) -> None:
        self.parent, self.of, self.done, self.told = os.getppid(), 0, 0, time.monotonic()

    def step(self) -> None:
        self.done += 1
        if time.monotonic() - self.told < TELL_EVERY:
            return
        if os.getppid() != self.parent:
            os._exit(1)
        self.told = time.monotonic()
        sys.stderr.write(f"{min(self.done / self.of, 1.0):.3f}\n")
        sys.stderr.flush()


_PROGRESS = _Progress()


class NoPdf(RuntimeError):
    """The PDF could not be made."""


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


Cells = list[list[Piece]]  # of a row


@dataclass(frozen=True)
class Drawn:
    """A line of a cell as it is drawn: from the left, in runs of one font."""

    runs: tuple[tuple[str, str], ...]
    style: Style
    width: float

    @property
    def height(self) -> float:
        return self.style.size * LEADING


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
        _PROGRESS.step()
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
        _PROGRESS.step()
        room = [width - 2 * BESIDE for width in self.widths]
        return Row(
            [
                [line for piece in cell for line in self._lines(piece, width)]
                for cell, width in zip(row, room, strict=True)
            ]
        )

    def _lines(self, piece: Piece, room: float) -> Iterator[Drawn]:
        """The text in lines no wider than ``room``, broken between words, else between letters."""
        style = piece.style
        fonts = tuple(tt2ps(family, style.weight, 0) for family in self.fonts)
        text = shape_frag_text(piece.text, fonts[0]) or piece.text
        if style is HEAD:  # a narrow column's heading gets smaller before a word of it breaks
            longest = max(sum(_advance(letter, fonts) for letter in word) for word in text.split() or [" "])
            style = replace(style, size=max(5.0, min(style.size, room / longest)))
        _order, levels = display_order(text, "R" if self.rtl else "L")
        for start, after in _broken(text, fonts, style.size, room):
            end = start + len(text[start:after].rstrip(" "))  # what would stand on the wrong side of another direction
            places = [start + place for place in reorder(levels[start:end])]
            seen = "".join(mirrored(text[at], levels[at]) for at in places if text[at] not in CONTROL_CHARS)
            runs = tuple(split_by_coverage(seen, fonts))
            width = sum(stringWidth(run, font, style.size) for run, font in runs)
            yield Drawn(runs, style, width)


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


class _RowsTag(pisaTag):  # type: ignore[misc]
    """``<pdf:rows at="0">``: where the first table of rows stood."""

    tables: list[str]

    def start(self, context: Any) -> None:
        head, body = self.tables[self.attr.at].split("</thead>")
        first = _CELL.findall(head)
        widths = [int(found[1]) if (found := _WIDTH.search(attributes)) else 0 for attributes, _text in first]
        fonts = context.getFontNames(["Text", "Cjk"])
        rtl = "rtl" in (self.node.parentNode.getAttribute("class") or "")
        shares = [width / sum(widths) for width in widths]
        context.addPara()
        _keep_together(context.story)
        context.addStory(Rows(_read(head, HEAD), _read(body, BODY), shares, fonts, rtl=rtl))


def _keep_together(story: list[Any]) -> None:
    """The headings at the end of the story stay with the first rows of the table that follows, not with all of it."""
    at = len(story)
    while at and getattr(story[at - 1], "getKeepWithNext", bool)():
        at -= 1
        story[at].keepWithNext = 0
    story.insert(at, CondPageBreak(ROOM))


def _display_lines(paragraph: Any) -> Any:
    """As xhtml2pdf, which puts each line in order by itself: so what is open where a line ends is opened anew in the
    next one. Else a sign at the end of a long text would stand on the wrong side.
    """
    lines, still_open = paragraph.blPara.lines, ""
    if not hasattr(paragraph.blPara, "carried"):
        for at, line in enumerate(lines):
            before = still_open
            for word in line[1] if paragraph.blPara.kind == 0 else line.words:
                for mark in _MARK.findall(_text(word)):
                    still_open = still_open[:-1] if mark == "\u202c" else still_open + mark
            lines[at] = _opened(line, before) if before else line
        paragraph.blPara.carried = True
    return _in_order(paragraph)


def _text(word: Any) -> str:
    """What is written of a word, which may be one of several styles."""
    found = word if isinstance(word, str | bytes) else getattr(word, "text", None) or ""
    return found.decode() if isinstance(found, bytes) else found


def _opened(line: Any, marks: str) -> Any:
    """The line with these marks in front."""
    if isinstance(line, tuple):
        return line[0], [marks + _text(line[1][0]), *line[1][1:]]
    words = list(line.words)
    for at, word in enumerate(words):
        if not hasattr(word, "cbDefn"):  # no picture
            words[at] = word.clone(text=marks + _text(word))
            break
    return line.clone(words=words)


_in_order = Paragraph.displayLines
Paragraph.displayLines = _display_lines


def _read(part: str, style: Style) -> list[Cells]:
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


def _package(name: str) -> Path:
    """The folder of an installed package, without importing it."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise NoPdf(f"{name} is not installed")
    return Path(spec.origin).parent


def _cjk_font(text: str, folder: Path) -> Path:
    """Noto Sans CJK with only the letters of a text: the whole has 65,000."""
    font = TTFont(_package("noto_cjk_sans_jp_regular") / "NotoSansCJKjp-Regular.otf", lazy=True)
    subsetter = Subsetter(Options(layout_features=[], hinting=False, notdef_outline=True))
    subsetter.populate(text=text)
    subsetter.subset(font)
    path = folder / "cjk.otf"
    font.save(path)
    return path


def _faces(document: str, folder: Path) -> str:
    """The style sheet's fonts."""
    dejavu = _package("matplotlib") / "mpl-data" / "fonts" / "ttf"
    faces = [("Text", "normal", dejavu / "DejaVuSans.ttf"), ("Text", "bold", dejavu / "DejaVuSans-Bold.ttf")]
    text = html.unescape(document)
    if _CJK.search(text):
        # all of it: what stands between may be drawn by it too
        faces.append(("Cjk", "normal", _cjk_font(text, folder)))
    face = '@font-face {{ font-family: {}; font-weight: {}; src: url("{}"); }}\n'
    return "".join(face.format(family, weight, _beside(path, folder)) for family, weight, path in faces)


def _beside(path: Path, folder: Path) -> Path:
    """The font in the folder, which is the only place that the document may read from."""
    inside = folder / path.name
    if not inside.exists():
        inside.write_bytes(path.read_bytes())
    return inside


def _with_rows(document: str) -> str:
    """The document with a tag in the place of each table of rows."""
    _RowsTag.tables = _ROWS.findall(document)
    _PROGRESS.of = 3 * sum(table.count("<tr") for table in _RowsTag.tables)  # drawn once more, to count pages
    TAGS["pdfrows"] = (0, {"at": (INT, MUST)})
    parser.pisaTagPDFROWS = _RowsTag  # where it looks for what a tag does
    places = iter(range(len(_RowsTag.tables)))
    return _ROWS.sub(lambda _table: f'<pdf:rows at="{next(places)}"></pdf:rows>', document)


def _render(document: str, css: str) -> bytes:
    document = _INVISIBLE.sub("", document)
    made = BytesIO()
    with TemporaryDirectory() as name:
        folder = Path(name)
        policy = ResourceAccessPolicy(allow_remote=False, base_dir=folder)
        sheet = DEFAULT_CSS + _faces(document, folder) + css
        status = pisa.CreatePDF(_with_rows(document), dest=made, default_css=sheet, resource_policy=policy)
    if status.err:
        raise NoPdf(f"{status.err} errors")
    return made.getvalue()


if __name__ == "__main__":
    # What the libraries say quotes the document, and that has names in it.
    logging.disable()
    try:
        sys.stdout.buffer.write(_render(sys.stdin.buffer.read().decode(), Path(sys.argv[1]).read_text("utf-8")))
    except Exception as error:
        known = str(error) if isinstance(error, NoPdf) else ""
        sys.stderr.write("".join(traceback.format_tb(error.__traceback__)) + f"{type(error).__name__} {known}")
        sys.exit(1)
