"""CSV files (RFC 4180, UTF-8 with a byte-order mark), written as they are sent."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from flask_babel import gettext as _

from lti_tool.analytics.metrics import data_value
from lti_tool.analytics.numbers import Numbers
from lti_tool.analytics.tables import Layout

BOM = b"\xef\xbb\xbf"
# What a spreadsheet takes for the start of a formula; a number with a sign is none.
_RUN = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
# Where one begins within a cell, for a program that takes semicolons or tabs for the ends of cells, as many do. What
# begins like one but calls nothing stays as it is: ;-) and @Ada on a line of her own.
_INSIDE = re.compile(
    r"""[;\t\r\n]"*(?==(?![>)=]) | [+\-@][^;\t\r\n]*[\w'\]](?:[(|] | !['$\w]))""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Key:
    """A column of what a row is about: its name for machines and for people."""

    name: str
    label: Any


@dataclass(frozen=True)
class Sheet:
    """A file: the columns of a page's table after those of what its rows are about. Rows: (keys, numbers).

    ``before``: row by row the numbers of the period before, if they are asked for; nothing where it has none.
    """

    name: str
    keys: tuple[Key, ...]
    layout: Layout
    rows: Iterable[tuple[Sequence[str], Numbers]]
    before: Sequence[Numbers | None] | None = None


def lines(sheet: Sheet, *, descriptive: bool) -> Iterator[bytes]:
    """The file, line by line. ``descriptive``: headings for people instead of names for machines."""
    columns = [(column.metric.name, str(column.metric.label)) for column in sheet.layout.columns]
    if sheet.before is not None:
        columns += [(f"before_{name}", f"{_('The period before')}: {label}") for name, label in columns]
    columns = [*((key.name, str(key.label)) for key in sheet.keys), *columns]
    yield BOM + line([label if descriptive else name for name, label in columns])
    before = None if sheet.before is None else iter(sheet.before)
    for keys, numbers in sheet.rows:
        more = [] if before is None else _values(sheet.layout, next(before))
        yield line([*keys, *_values(sheet.layout, numbers), *more])


def _values(layout: Layout, numbers: Numbers | None) -> list[str]:
    if numbers is None:
        return [""] * len(layout.columns)
    return [data_value(reading.value) for reading in layout.readings(numbers)]


def line(cells: Iterable[str]) -> bytes:
    """One line; no cell of it runs as a formula."""
    buffer = StringIO()
    csv.writer(buffer).writerow([harmless(cell) for cell in cells])
    return buffer.getvalue().encode()


def harmless(cell: str) -> str:
    """The cell with an apostrophe in front of whatever a spreadsheet would run."""
    if _INSIDE.search(cell):
        cell = _INSIDE.sub(r"\g<0>'", cell)
    return f"'{cell}" if cell.startswith(_RUN) and not _NUMBER.fullmatch(cell) else cell
