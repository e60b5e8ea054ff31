"""A period of whole days in the reader's zone: what a page over a range of dates is asked about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from lti_tool import formats
from lti_tool.models import now_ms
from lti_tool.models.facts import QUARTER

# Days back from today, today included.
PRESETS = (7, 30, 120, 365)
USUAL = 30
# As far back and ahead as events may lie, and as long as a page answers for.
EARLIEST, LATEST = date(1990, 1, 1), date(2200, 1, 1)
LONGEST = 3 * 366


@dataclass(frozen=True)
class Period:
    """From the start of ``first`` to the end of ``last``, both included, in ``zone``. ``preset``: the days of it, if it
    was chosen so. ``misread``: an address asked for something else that is no period.
    """

    first: date
    last: date
    zone: ZoneInfo
    preset: int | None = None
    misread: bool = False

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def start_ms(self) -> int:
        """Epoch milliseconds of its first instant."""
        return self._midnight(self.first)

    @property
    def end_ms(self) -> int:
        """Epoch milliseconds of the first instant after it."""
        return self._midnight(self.last + timedelta(days=1))

    @property
    def quarters(self) -> tuple[int, int]:
        """The same half-open, in quarters of an hour since the epoch: every zone of today is cut at whole ones."""
        return -(-self.start_ms // QUARTER), -(-self.end_ms // QUARTER)

    @property
    def previous(self) -> Period:
        """As many days, just before."""
        length = timedelta(days=self.days)
        return Period(max(self.first - length, EARLIEST), self.first - timedelta(days=1), self.zone)

    @property
    def arguments(self) -> dict[str, str]:
        """What an address says to ask for it."""
        if self.preset:
            return {"range": str(self.preset)}
        return {"from": self.first.isoformat(), "to": self.last.isoformat()}

    def _midnight(self, day: date) -> int:
        return round(datetime(day.year, day.month, day.day, tzinfo=self.zone).timestamp() * 1000)


def asked_period(arguments: Mapping[str, str]) -> Period:
    """The period that an address asks for: ``from`` and ``to`` (the last day), or ``range`` in days; else 30 days.

    What cannot be read, ends before it begins or is longer than three years is the usual period, and says so.
    """
    zone = formats.zone()
    today = datetime.fromtimestamp(now_ms() / 1000, zone).date()
    if "from" in arguments or "to" in arguments:
        first, last = _day(arguments.get("from", "")), _day(arguments.get("to", "")) or today
        if first and first <= last and (last - first).days < LONGEST:
            return Period(first, last, zone)
        return _latest(today, USUAL, zone, misread=True)
    asked = arguments.get("range", "")
    if asked in map(str, PRESETS):
        return _latest(today, int(asked), zone)
    return _latest(today, USUAL, zone, misread=bool(asked))


def _latest(today: date, days: int, zone: ZoneInfo, *, misread: bool = False) -> Period:
    return Period(today - timedelta(days=days - 1), today, zone, days, misread)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if EARLIEST <= day < LATEST else None
