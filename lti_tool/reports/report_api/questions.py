"""What a call asks of a report: which report, what about, and which page of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lti_tool.reports.report_api import errors, filters, wire
from lti_tool.reports.report_api.filters import Asked
from lti_tool.reports.report_api.reports import REPORTS, Page, Report

MOST_ROWS, MOST_CSV_ROWS = 12_000, 60_000
USUAL_PAGE = 30


@dataclass(frozen=True)
class Question:
    """The parameters that the actions about a report share."""

    report: Report
    asked: Asked
    delimiter: str


def question(
    account_id: int, given: Mapping[str, Any], filter_: str = "reportInputFilter", place: str = ""
) -> Question:
    """What these parameters ask. ``filter_``: what the filter is called; ``place``: what errors name in front of a
    name. Raises ``ApiError``.
    """
    report = report_of(wire.text(given, "reportType"), f"{place}reportType")
    filtered = wire.inner(given, filter_)
    if filtered is None:
        raise errors.missing(f"{place}{filter_}")
    options = wire.inner(given, "responseOptions") or {}
    mark = wire.text(options, "delimiter")
    if len(mark) > 1 or mark in ("\r", "\n", ";"):
        allowed = "one character, no ; and no line break"
        raise errors.not_allowed(mark, f"{place}responseOptions:delimiter", allowed)
    asked = filters.asked(account_id, filtered, mark)
    if (ids := wire.text(given, "objectIds")).strip():
        if not report.objects:
            having = ", ".join(str(one.id) for one in REPORTS.values() if one.objects)
            raise errors.not_allowed(ids, f"{place}objectIds", f"only reports {having} take any")
        asked = filters.only(asked, report.objects, ids, mark)
    return Question(report, asked, mark or ",")


def report_of(number: str, name: str) -> Report:
    """The report of this number. Raises ``ApiError``."""
    if not number:
        raise errors.missing(name)
    found = REPORTS.get(int(number)) if number.isascii() and number.isdigit() and len(number) < 10 else None
    if found is None:
        raise errors.no_report(number, name, ", ".join(map(str, sorted(REPORTS))))
    return found


def page_of_table(given: Mapping[str, Any]) -> Page:
    """The page that ``getTable`` answers with. Raises ``ApiError``."""
    pager = wire.inner(given, "pager")
    if pager is None:
        raise errors.missing("pager")
    return _page(pager, MOST_ROWS)


def page_of_file(given: Mapping[str, Any]) -> Page:
    """The page of a file: all rows that one may have, unless asked otherwise. Raises ``ApiError``."""
    pager = wire.inner(given, "pager")
    return Page(MOST_CSV_ROWS) if pager is None else _page(pager, MOST_CSV_ROWS)


def _page(pager: Mapping[str, Any], most: int) -> Page:
    size = wire.whole(pager, "pageSize", USUAL_PAGE, least=1, most=10**9)
    index = wire.whole(pager, "pageIndex", 1, least=0, most=10**9)
    start = (max(index, 1) - 1) * size
    if start + size > most:
        raise errors.too_general(f"pageIndex x pageSize may be at most {most}; ask for fewer dates or entries")
    return Page(size, start)
