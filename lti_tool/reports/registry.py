"""Every report that has an id or a name, for whoever wants its file: the command line, and jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from lti_tool.errors import ToolError
from lti_tool.reports.report_api import filters, texts
from lti_tool.reports.report_api.errors import ApiError
from lti_tool.reports.report_api.reports import REPORTS

# (account, filters by name, descriptive headers) -> the file, piece by piece. Raises ``ToolError``.
Make = Callable[[int, Mapping[str, str], bool], Iterator[bytes]]


def report(name: str) -> Make | None:
    """The report with this number. Reports with names have their place here too."""
    return _by_number(int(name)) if name.isascii() and name.isdigit() and int(name) in REPORTS else None


def names() -> list[str]:
    """All there are."""
    return [str(number) for number in sorted(REPORTS)]


def _by_number(number: int) -> Make:
    def make(account_id: int, given: Mapping[str, str], descriptive: bool) -> Iterator[bytes]:
        try:
            asked = filters.asked(account_id, filters.spelled(given))
            found = REPORTS[number].table(asked)
        except ApiError as error:
            raise ToolError(error.code, error.message) from None
        yield from texts.plain(REPORTS[number].columns, found.cells, descriptive=descriptive)

    return make
