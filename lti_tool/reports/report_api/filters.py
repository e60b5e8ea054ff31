"""What a filter asks about. Errors name the parameter and what it takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import cache
from itertools import islice
from typing import Any

from babel import Locale

from lti_tool.access.scope import Scope
from lti_tool.analytics.queries.selected import Selection
from lti_tool.models.names import name_key
from lti_tool.reports.report_api import wire
from lti_tool.reports.report_api.errors import missing, not_allowed, not_supported, too_general

LATEST = 221_845_391_999  # the last second of the year 8999: whatever the zone and the step, there is a next one
MOST_IDS = 10_000
MOST_BUCKETS = 400
_FURTHEST = 24 * 60 - 1  # minutes
_LISTS = {
    "entryIdIn": "entries",
    "contextIdIn": "entries",
    "virtualEventIdIn": "events",
    "categoriesIdsIn": "channels",
    "playbackContextIdsIn": "channels",
    "ownerIdsIn": "owners",
    "parentEntryIds": "parents",
    "cuePointIdIn": "sessions",
    "eventSessionContextIdIn": "sessions",
    "userIds": "people",
}
_CONTEXTS = {
    "countryIn": "country",
    "deviceIn": "device",
    "operatingSystemIn": "operating_system",
    "browserIn": "browser",
}
_TIMES = ("fromDate", "toDate", "fromDay", "toDay", "timeZoneOffset", "interval")
NAMES = (*_LISTS, *_CONTEXTS, *_TIMES)
# What clients send without meaning anything by it.
_IDLE = frozenset({"objectType", "relatedObjects", "searchInTags", "searchInAdminTags", "partnerId", "clientTag"})
# The spellings of ``getCsv`` and of the command line: written small and without underscores.
_ALSO = {
    "entryids": "entryIdIn",
    "virtualeventids": "virtualEventIdIn",
    "virtualeventid": "virtualEventIdIn",
    "userids": "userIds",
    "cuepointids": "cuePointIdIn",
    "fromdateid": "fromDay",
    "todateid": "toDay",
}
_SPELLINGS = {name.lower(): name for name in (*NAMES, *_IDLE)} | _ALSO
INTERVALS = {"years": "%Y", "months": "%Y%m", "days": "%Y%m%d", "hours": "%Y%m%d%H"}
_DAY = re.compile(r"[0-9]{8}")
_CODE = re.compile(r"[A-Za-z]{2}")


@dataclass(frozen=True)
class Asked:
    """What a report is asked about: the selection, the zone in which days are cut, the step of a graph. ``days``: the
    first and the last, if it was asked by days.
    """

    selection: Selection
    zone: tzinfo
    interval: str
    days: tuple[date, date] | None = None

    def buckets(self) -> list[tuple[str, Selection]]:
        """The selection cut at the ends of intervals, each with its date as graphs have it."""
        made = list(islice(self._cut(), MOST_BUCKETS + 1))
        if len(made) > MOST_BUCKETS:
            raise too_general(f"a graph has at most {MOST_BUCKETS} points; interval takes {', '.join(INTERVALS)}")
        return made

    def coarse(self) -> Asked | None:
        """The same by the next interval that does not have too many of these; nothing, if even years have."""
        intervals = list(INTERVALS)
        for interval in intervals[intervals.index(self.interval) :: -1]:
            made = replace(self, interval=interval)
            if sum(1 for _ in islice(made._cut(), MOST_BUCKETS + 1)) <= MOST_BUCKETS:
                return made
        return None

    def _cut(self) -> Iterator[tuple[str, Selection]]:
        start, end = self.selection.start_ms, self.selection.end_ms
        if start is None or end is None:
            raise too_general("points in time need both fromDate and toDate")
        at = start
        while at < end:
            moment = datetime.fromtimestamp(at / 1000, UTC).astimezone(self.zone)
            after = min(_milliseconds(_next(moment, self.interval)), end)
            yield moment.strftime(INTERVALS[self.interval]), replace(self.selection, start_ms=at, end_ms=after)
            at = after


def asked(account_id: int, given: Mapping[str, Any], delimiter: str = "") -> Asked:
    """What a filter asks. ``delimiter``: what several ids are told apart by; without one, a comma or a bar."""
    offset = wire.whole(given, "timeZoneOffset", 0, least=-_FURTHEST, most=_FURTHEST)
    zone = timezone(timedelta(minutes=-offset))
    start_ms, end_ms = _times(given, zone)
    selection = Selection(
        scope=Scope(account_id, whole_account=True, people=True), start_ms=start_ms, end_ms=end_ms
    )  # fmt: skip
    contexts: dict[str, tuple[str, ...]] = {}
    for name in given:
        if name in _TIMES or name in _IDLE or not (value := wire.text(given, name)).strip():
            continue
        if name not in _LISTS and name not in _CONTEXTS:
            raise not_supported(name, ", ".join(NAMES))
        ids = _ids(name, value, delimiter)
        if name in _CONTEXTS:
            contexts[_CONTEXTS[name]] = tuple(_code(one) if name == "countryIn" else one.lower() for one in ids)
        else:
            selection = _and(selection, _LISTS[name], _numbers(name, ids) if name == "virtualEventIdIn" else ids)
    return Asked(replace(selection, contexts=contexts), zone, _interval(given), _days(given))


def spelled(parameters: Mapping[str, str]) -> dict[str, str]:
    """Parameters of ``getCsv`` and of the command line, with the names that filters have."""
    found = {}
    for name, value in parameters.items():
        known = _SPELLINGS.get(name.replace("_", "").lower())
        if known is None:
            raise not_supported(name, ", ".join(NAMES))
        found[known] = value
    return found


def only(asked: Asked, field: str, ids: str, delimiter: str) -> Asked:
    """The same, of these objects only."""
    return replace(asked, selection=_and(asked.selection, field, _ids("objectIds", ids, delimiter)))


def _and(selection: Selection, field: str, ids: tuple[Any, ...]) -> Selection:
    """Both what was asked for and what is; an id that nobody has, if that is nothing."""
    before = getattr(selection, field)
    both = tuple(one for one in ids if one in before) or ("",) if before else ids
    changed: dict[str, Any] = {field: both}
    return replace(selection, **changed)


def _ids(name: str, value: str, delimiter: str) -> tuple[str, ...]:
    parts = value.split(delimiter) if delimiter else re.split(r"[|,]", value)
    ids = tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))
    if len(ids) > MOST_IDS:
        raise too_general(f"{name} takes at most {MOST_IDS} ids")
    if "\0" in value:  # which no database can hold
        raise not_allowed(value, name, "ids")
    return ids or ("",)


def _numbers(name: str, ids: tuple[str, ...]) -> tuple[int, ...]:
    if not all(re.fullmatch(r"[0-9]{1,18}", one) for one in ids):
        raise not_allowed(",".join(ids), name, "numbers of events")
    return tuple(int(one) for one in ids)


def _code(country: str) -> str:
    """Of a country, from its code or its English name."""
    if not (code := country if _CODE.fullmatch(country) else _codes().get(name_key(country))):
        allowed = "codes of two letters or English names of countries, as report 60007 has them"
        raise not_allowed(country, "countryIn", allowed)
    return code.lower()


@cache
def _codes() -> Mapping[str, str]:
    return {name_key(name): code for code, name in Locale("en").territories.items() if _CODE.fullmatch(code)}


def _interval(given: Mapping[str, Any]) -> str:
    value = wire.text(given, "interval") or "days"
    if value not in INTERVALS:
        raise not_allowed(value, "interval", f"one of {', '.join(INTERVALS)}")
    return value


def _times(given: Mapping[str, Any], zone: tzinfo) -> tuple[int | None, int | None]:
    """From when until when, in epoch milliseconds, without the end."""
    if days := _days(given):
        first, last = days
        return _midnight(first, zone), _midnight(last, zone) + 86_400_000
    start, end = (wire.whole(given, name, -1, least=0, most=LATEST) for name in ("fromDate", "toDate"))
    if -1 < end < start:
        raise not_allowed(str(end), "toDate", "a time that is not before fromDate")
    return (None if start < 0 else start * 1000), (None if end < 0 else end * 1000)


def _days(given: Mapping[str, Any]) -> tuple[date, date] | None:
    first, last = _day(given, "fromDay"), _day(given, "toDay")
    if not (first or last):
        return None
    if not (first and last):
        raise missing("toDay" if first else "fromDay")
    if last < first:
        raise not_allowed(wire.text(given, "toDay"), "toDay", "a day that is not before fromDay")
    return first, last


def _day(given: Mapping[str, Any], name: str) -> date | None:
    value = wire.text(given, name).strip()
    if not value:
        return None
    digits = value.replace("-", "")
    try:
        if not _DAY.fullmatch(digits):
            raise ValueError
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        if _midnight(day, UTC) > LATEST * 1000:
            raise ValueError
    except ValueError:
        raise not_allowed(value, name, "a day as YYYYMMDD, before the year 9000") from None
    return day


def _midnight(day: date, zone: tzinfo) -> int:
    if day.year < 1970:
        return 0
    return _milliseconds(datetime.combine(day, time(), zone))


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _next(moment: datetime, interval: str) -> datetime:
    """The beginning of the next hour, day, month or year."""
    if interval == "hours":
        return moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if interval == "days":
        return day + timedelta(days=1)
    if interval == "months":
        return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return day.replace(year=day.year + 1, month=1, day=1)
