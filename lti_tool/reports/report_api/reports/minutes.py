"""Reports by minute."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lti_tool.analytics import selected
from lti_tool.analytics.engagement import Cell
from lti_tool.analytics.numbers import Numbers
from lti_tool.reports.report_api.errors import too_general
from lti_tool.reports.report_api.filters import Asked
from lti_tool.reports.report_api.reports.report import Row

MOST_MINUTES = 60_000


def timeline(asked: Asked) -> Iterable[Row]:
    """Who was there in each minute, how engaged, and the reactions."""
    found = {minute.at: minute for minute in selected.minutes(asked.selection)}
    for at in _axis(asked, found):
        minute = found.get(at) or selected.Minute(at, Numbers(), {})
        yield _minute_keys(at, minute.reactions), minute.numbers


def timeline_total(asked: Asked) -> Row:
    """All minutes together."""
    sums: dict[str, int] = {}
    for minute in selected.minutes(asked.selection):
        for kind, count in minute.reactions.items():
            sums[kind] = sums.get(kind, 0) + count
    return _minute_keys(0, sums), selected.total(asked.selection)


def _minute_keys(at: int, reactions: Mapping[str, int]) -> dict[str, Cell]:
    sent = {f"reaction_{kind.lower()}_clicked": reactions.get(kind, 0) for kind in selected.REACTIONS}
    return {"position": at * 60, **sent}


def _axis(asked: Asked, found: Iterable[int]) -> range:
    """The minutes from the filter's first to its last; without these, those in which anything happened."""
    start, end = asked.selection.start_ms, asked.selection.end_ms
    seen = sorted(found)
    if not seen and (start is None or end is None):
        return range(0)
    first = seen[0] if start is None else start // 60_000
    last = seen[-1] + 1 if end is None else -(-end // 60_000)
    if last - first > MOST_MINUTES:
        raise too_general(f"a report by minute takes at most {MOST_MINUTES} minutes between fromDate and toDate")
    return range(first, last)


def check(asked: Asked) -> None:
    """Raises ``ApiError``, unless all minutes between two times can be had, whatever happens in them."""
    if asked.selection.start_ms is None or asked.selection.end_ms is None:
        raise too_general("a file by minute needs fromDate and toDate")
    _axis(asked, ())


def levels(asked: Asked) -> Iterable[Row]:
    """By minute, how many people were engaged and how many only there."""
    found, none = selected.levels(asked.selection), Numbers()
    for at in _axis(asked, found):
        engaged, present = found.get(at, (0, 0))
        kinds = {"Engaged": engaged, "Not Engaged": present} if engaged or present else {"Offline": 0}
        for kind, count in kinds.items():
            if count or kind == "Offline":
                yield {"position": at * 60, "user_engagement": kind, "count_viewers": count}, none


def levels_total(asked: Asked) -> Row:
    """All minutes together."""
    numbers = selected.total(asked.selection)
    return {"count_viewers": numbers.live_viewers}, numbers


def moments(asked: Asked) -> Iterable[Row]:
    """Each minute of each entry."""
    for entry, minute in selected.minutes_by_entry(asked.selection):
        yield {"entry_id": entry.external_id, "entry_name": entry.name, "position": minute.at * 60}, minute.numbers
