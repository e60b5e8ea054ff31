"""The reports of the API as files, for the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import chain

from lti_tool.errors import ToolError
from lti_tool.reports.report_api import filters, texts
from lti_tool.reports.report_api.errors import ApiError
from lti_tool.reports.report_api.reports import REPORTS

# (account, filters by name, descriptive headers) -> the file, piece by piece. Raises ``ToolError``.
Make = Callable[[int, Mapping[str, str], bool], Iterator[bytes]]


def report(name: str) -> Make:
    """The report with this number, one of ``names``."""
    return _by_number(int(name))


def names() -> list[str]:
    """All there are."""
    return [str(number) for number in sorted(REPORTS)]


def _by_number(number: int) -> Make:
    def make(account_id: int, given: Mapping[str, str], descriptive: bool) -> Iterator[bytes]:
        try:
            asked = filters.asked(account_id, filters.spelled(given))
            pieces, _found = REPORTS[number].pieces(asked, "", None)
        except ApiError as error:
            raise ToolError(error.code, error.message) from None
        rows = chain.from_iterable(pieces)
        yield from texts.plain(REPORTS[number].columns, rows, descriptive=descriptive)

    return make
