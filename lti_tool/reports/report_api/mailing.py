"""Reports by mail: what ``exportToCsv`` was asked for. This is the one place where it meets the exports by mail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lti_tool.reports.report_api import texts
from lti_tool.reports.report_api.errors import action_forbidden
from lti_tool.reports.report_api.filters import Asked
from lti_tool.reports.report_api.reports import REPORTS, Page

MOST_ROWS = 60_000


@dataclass(frozen=True)
class Item:
    """One file: a report, what it is asked about (also as it was sent), and how it is written."""

    report_id: int
    title: str
    asked: Asked
    given: dict[str, object]
    order: str
    descriptive: bool

    @property
    def content(self) -> Iterator[bytes]:
        """The file."""
        report = REPORTS[self.report_id]
        found = report.table(self.asked, self.order, Page(MOST_ROWS))
        return texts.exported(report, self.asked, found.cells, title=self.title, descriptive=self.descriptive)


def ask(account_id: int, *, user: str, recipient: str, group: str, items: list[Item]) -> tuple[str, str]:
    """Take in a request; returns the number of the job, and the address that the mail goes to. The caller commits.

    ``recipient``: the address that was asked for, or nothing: then that of the person ``user``.
    """
    raise action_forbidden("exportToCsv", "reports by mail are not set up here")
