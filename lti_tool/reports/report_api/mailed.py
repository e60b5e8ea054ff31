"""The files of ``exportToCsv``: one as it is, several in an archive; and the subject of their mail."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from flask import current_app

from lti_tool.analytics.engagement import Cell, Column
from lti_tool.models import Export, db
from lti_tool.reports.exports import Sign
from lti_tool.reports.report_api import mailing, texts
from lti_tool.reports.report_api.mailing import GRAPH, TOTAL, Item
from lti_tool.reports.report_api.questions import MOST_CSV_ROWS
from lti_tool.reports.report_api.reports.report import Pieces

_DATE = Column("date_id", "Date")


def subject(export: Export) -> str:
    """As the API's clients know it; the time is that of the zone that was asked for."""
    minutes = re.fullmatch(r"[+-]?[0-9]{1,4}", export.question["timeZoneOffset"].strip())
    asked = datetime.fromtimestamp(export.created_at / 1000, UTC)
    asked -= timedelta(minutes=int(minutes[0]) if minutes else 0)
    return f"Your {export.about} Export from {asked:%m-%d-%y %H:%M} is ready to download"


def content(export: Export, sign: Sign) -> Iterator[bytes]:
    """The file, piece by piece."""
    items = mailing.items(export.account_id, export.question)
    signed = _Signed(sign, len(items))
    files = (signed.file(item) for item in items)
    return next(files) if len(items) == 1 else _zipped(export, items, files)


class _Signed:
    """Says how far the files are. ``rows``: of all of them, so far."""

    def __init__(self, sign: Sign, files: int) -> None:
        self.sign = sign
        self.files = files
        self.begun = 0
        self.rows = 0

    def file(self, item: Item) -> Iterator[bytes]:
        """One file, piece by piece."""
        pieces, found = _rows(item)
        db.session.rollback()
        self.begun += 1
        expected = (self.rows + min(found, MOST_CSV_ROWS)) * self.files // self.begun
        yield _head(item, found)
        for piece in pieces:
            yield texts.exported_rows(piece)
            self.rows += len(piece)
            self.sign(self.rows, expected)
        yield texts.EXPORTED_END


def _head(item: Item, found: int) -> bytes:
    cut = [f"Only the first {MOST_CSV_ROWS} of {found} rows"] if found > MOST_CSV_ROWS else []
    above = [f"Report: {item.title}", *cut, texts.dates(item.of.asked), *texts.filtered(item.of.asked)]
    if item.descriptive:
        above.append(f"How the numbers are computed: {current_app.config['PUBLIC_URL']}/definitions")
    names = (column.header if item.descriptive else column.name for column in _columns(item))
    return texts.exported_head(above, names)


def _columns(item: Item) -> Iterable[Column]:
    report = item.of.report
    if item.action == GRAPH:
        return (_DATE, *report.total_columns)
    return report.total_columns if item.action == TOTAL else report.columns


def _rows(item: Item) -> Pieces:
    report, asked = item.of.report, item.of.asked
    if item.action == GRAPH:
        buckets = asked.buckets()
        points = ([[date, *report.total(replace(asked, selection=part))]] for date, part in buckets)
        return points, len(buckets)
    if item.action == TOTAL:
        total: list[Cell] = report.total(asked)
        return iter([[total]]), 1
    return report.pieces(asked, item.order, MOST_CSV_ROWS)


def _zipped(export: Export, items: list[Item], files: Iterable[Iterator[bytes]]) -> Iterator[bytes]:
    """An archive of the files, written as they are made."""
    moment = datetime.fromtimestamp(export.created_at / 1000, UTC).timetuple()[:6]
    out, called = _Out(), set[str]()
    with zipfile.ZipFile(out, "w") as archive:
        for item, pieces in zip(items, files, strict=True):
            about = zipfile.ZipInfo(_unused(mailing.file_name(item.title, "csv"), called), moment)
            about.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(about, "w") as file:
                for piece in pieces:
                    file.write(piece)
                    if out.held:
                        yield out.taken()
    yield out.taken()


def _unused(name: str, called: set[str]) -> str:
    """The name, with a number if it is another file's already; some systems take large and small letters for one."""
    stem, _dot, ending = name.rpartition(".")
    number, made = 1, name
    while made.casefold() in called:
        number += 1
        made = f"{stem} ({number}).{ending}"
    called.add(made.casefold())
    return made


class _Out:
    """Where an archive is written to, for whoever takes it from there."""

    def __init__(self) -> None:
        self.held = bytearray()

    def write(self, data: bytes, /) -> int:
        self.held += data
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """There is nothing to close."""

    def taken(self) -> bytes:
        """What has been written since the last time."""
        data = bytes(self.held)
        self.held.clear()
        return data
