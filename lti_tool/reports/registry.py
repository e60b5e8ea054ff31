"""The reports of the API as files, for the command line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from lti_tool.errors import ToolError
from lti_tool.reports.report_api import filters, texts
from lti_tool.reports.report_api.errors import ApiError
from lti_tool.reports.report_api.reports import REPORTS


def names() -> list[str]:
    """The numbers of all there are."""
    return [str(number) for number in sorted(REPORTS)]


def lines(name: str, account_id: int, given: Mapping[str, str], *, descriptive: bool) -> Iterator[bytes]:
    """The file of one of ``names`` with these filters, piece by piece. Raises ``ToolError`` before the first."""
    report = REPORTS[int(name)]
    try:
        asked = filters.asked(account_id, filters.spelled(given))
        pieces, _found = report.pieces(asked, "", None)
    except ApiError as error:
        raise ToolError(error.code, error.message) from None
    yield from texts.plain(report.columns, chain.from_iterable(pieces), descriptive=descriptive)
