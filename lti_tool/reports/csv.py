"""CSV files (RFC 4180, UTF-8 with a byte-order mark), written as they are sent."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from io import StringIO

BOM = b"\xef\xbb\xbf"
# What a spreadsheet takes for the start of a formula; a number with a sign is none.
_RUN = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")


def line(cells: Iterable[str]) -> bytes:
    """One line; no cell of it runs as a formula."""
    buffer = StringIO()
    csv.writer(buffer).writerow([harmless(cell) for cell in cells])
    return buffer.getvalue().encode()


def harmless(cell: str) -> str:
    """The cell with an apostrophe in front if a spreadsheet would run it."""
    return f"'{cell}" if cell.startswith(_RUN) and not _NUMBER.fullmatch(cell) else cell
