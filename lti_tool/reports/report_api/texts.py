"""Rows as text: the tables of answers, and the three kinds of CSV file that the API knows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from lti_tool.analytics.engagement import Cell, Column
from lti_tool.analytics.metrics import data_value
from lti_tool.reports import csv as files
from lti_tool.reports.report_api.filters import MOST_BUCKETS, Asked
from lti_tool.reports.report_api.reports import Report

RULE = "# ------------------------------------"
_BREAKS = re.compile(r"[\r\n\x00\x85\u2028\u2029]+")
_RUN = ("=", "+", "-", "@", ",")


def header(columns: Iterable[Column], delimiter: str) -> str:
    """The names of the columns."""
    return delimiter.join(column.name for column in columns)


def line(cells: Iterable[Cell], delimiter: str) -> str:
    """Cells one after the other, unrounded; what would end a cell or a row within them is a space."""
    return delimiter.join(
        _BREAKS.sub(" ", data_value(cell)).replace(delimiter, " ").replace(";", " ") for cell in cells
    )


def table(rows: Iterable[Sequence[Cell]], delimiter: str) -> str:
    """Rows, each of which ends with ``;``, also the last."""
    return "".join(f"{line(row, delimiter)};" for row in rows)


def unquoted(columns: Sequence[Column], rows: Iterable[Sequence[Cell]], hidden: frozenset[str]) -> Iterator[bytes]:
    """The file of ``getCsv``: no quotes, and a space for each comma and break within a value."""
    shown = [place for place, column in enumerate(columns) if column.name not in hidden]
    yield files.BOM + (",".join(columns[place].name for place in shown) + "\n").encode()
    for row in rows:
        cells = (_BREAKS.sub(" ", _harmless(row[place])).replace(",", " ") for place in shown)
        yield (",".join(cells) + "\n").encode()


def _harmless(cell: Cell) -> str:
    """A text that a spreadsheet would run gets an apostrophe; numbers stay as they are."""
    return files.harmless(cell) if isinstance(cell, str) else data_value(cell)


def plain(columns: Sequence[Column], rows: Iterable[Sequence[Cell]], *, descriptive: bool = False) -> Iterator[bytes]:
    """A file by RFC 4180, as the command line writes it."""
    yield files.BOM + files.line(column.header if descriptive else column.name for column in columns)
    for row in rows:
        yield files.line(map(data_value, row))


def whole_report(
    report: Report,
    asked: Asked,
    *,
    title: str,
    text: str,
    headers: str,
    rows: tuple[Sequence[Sequence[Cell]], int],
) -> Iterator[bytes]:
    """The file of ``getUrlForReportAsCsv``: title, dates and text, then graphs, the total and the table.

    ``headers``: other names for the columns of the total and of the table, with ``;`` between the two lists.
    """
    of_total, _semicolon, of_table = headers.partition(";")
    yield files.BOM + files.line([title])
    yield files.line([dates(asked)])
    yield files.line([text])
    if asked.selection.start_ms is not None and asked.selection.end_ms is not None:
        yield from _graphs(report, asked)
    yield files.line([RULE])
    yield files.line(["# Total"])
    yield files.line(_named([column.name for column in report.total_columns], of_total))
    yield files.line(map(data_value, report.total(asked)))
    yield files.line([RULE])
    yield files.line(["# Table", "", "Total Count", str(rows[1])])
    yield files.line(_named([column.name for column in report.columns], of_table))
    for row in rows[0]:
        yield files.line(map(data_value, row))


def _graphs(report: Report, asked: Asked) -> Iterator[bytes]:
    drawn = asked.coarse()
    if drawn != asked:
        which = f"Graphs are by {drawn.interval}" if drawn else "There are no graphs"
        yield files.line([f"{which}: by {asked.interval} they would have more than {MOST_BUCKETS} points"])
    for name, points in (graphs(report, drawn) if drawn else {}).items():
        yield files.line([RULE])
        yield files.line(["# Graph", name])
        for date, value in points:
            yield files.line([date, data_value(value)])


def _named(names: list[str], others: str) -> list[str]:
    given = [name.strip() for name in others.split(",")] if others.strip() else []
    return [*given, *names[len(given) :]][: len(names)]


def graphs(report: Report, asked: Asked) -> dict[str, list[tuple[str, Cell]]]:
    """Of each metric its value in each interval, as the report over that interval alone has it."""
    points: dict[str, list[tuple[str, Cell]]] = {column.name: [] for column in report.total_columns}
    for date, selection in asked.buckets():
        for column, value in zip(report.total_columns, report.total(replace(asked, selection=selection)), strict=True):
            points[column.name].append((date, value))
    return points


def dates(asked: Asked) -> str:
    """From when until when, in words of the exported files."""
    if asked.days:
        first_day, last_day = asked.days
        zone = str(asked.zone.tzname(None)).replace("UTC", "GMT")
        return f"Filtered dates: {first_day} 00:00:00 - {last_day} 23:59:59 ({zone})"
    start, end = asked.selection.start_ms, asked.selection.end_ms
    first = "the beginning" if start is None else _moment(start)
    return f"Filtered dates: {first} - {'now' if end is None else _moment(end)} (GMT)"


def _moment(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def filtered(asked: Asked) -> list[str]:
    """Which entries, channels or people it is of, in words of the exported files."""
    kinds = {
        "entries": asked.selection.entries,
        "categories": asked.selection.channels,
        "users": asked.selection.people,
    }
    return [f"Filtered {kind}: {_BREAKS.sub(' ', ', '.join(ids))}" for kind, ids in kinds.items() if ids]


def exported_head(above: Iterable[str], columns: Iterable[str]) -> bytes:
    """How a file of ``exportToCsv`` begins: every line, also of the part above the table, quoted where it holds a
    space.
    """
    lines = ([text] for text in (RULE, *above, RULE))
    return files.BOM + b"".join(map(_quoted, lines)) + _quoted(columns)


def exported_rows(rows: Iterable[Sequence[Cell]]) -> bytes:
    """Rows of such a file."""
    return b"".join(_quoted([_guarded(cell) for cell in row]) for row in rows)


EXPORTED_END = b"\n"


def _guarded(cell: Cell) -> str:
    """Kaltura's guard against formulas: it takes quotes away, and marks negative numbers too."""
    shown = _BREAKS.sub(" ", data_value(cell))
    bare = shown.replace('"', "").replace("'", "").strip()
    return f"'{bare}" if bare.startswith(_RUN) else files.harmless(shown)


def _quoted(cells: Iterable[str]) -> bytes:
    """A line as PHP writes it: in quotes what holds a space, a quote, a comma, a tab or a break."""
    shown = (f'"{cell.replace(chr(34), chr(34) * 2)}"' if re.search(r'[ \t\r\n",\\]', cell) else cell for cell in cells)
    return (",".join(shown) + "\n").encode()
