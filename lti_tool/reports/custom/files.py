"""The file of a custom report, written as it is sent: its head at once, then some rows at a time."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO

from lti_tool.reports.csv import BOM, harmless, line
from lti_tool.reports.custom.asked import Asked
from lti_tool.reports.custom.columns import Report, cell

ROWS = 500


def lines(report: Report, asked: Asked, *, descriptive: bool) -> Iterator[bytes]:
    """The bytes of the file. ``descriptive``: headings for people instead of names for machines."""
    yield BOM + line([column.label if descriptive else column.name for column in report.columns])
    values = [column.value for column in report.columns]
    buffer = StringIO()
    writer = csv.writer(buffer)
    for written, row in enumerate(report.rows(asked), start=1):
        writer.writerow([harmless(cell(value(row))) for value in values])
        if written % ROWS == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    if rest := buffer.getvalue():
        yield rest.encode()
