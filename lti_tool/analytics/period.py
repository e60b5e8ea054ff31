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
MOST_DAYS = 100  # that a chart shows one by one


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
    def unit(self) -> int:
        """Into stretches of how many days a chart cuts it: single days, or weeks if there are many."""
        return 1 if self.days <= MOST_DAYS else 7

    @property
    def stretches(self) -> list[tuple[date, date]]:
        """Its first and last days, cut by ``unit``, in order. Weeks end with the period, so only the first is short."""
        ends = range(self.days, 0, -self.unit)
        spans = [(max(end - self.unit, 0), end - 1) for end in reversed(ends)]
        return [(self.first + timedelta(days=first), self.first + timedelta(days=last)) for first, last in spans]

    @property
    def cuts(self) -> list[int]:
        """Where its stretches begin, and where the last ends, in quarters as in ``quarters``."""
        days = [first for first, _last in self.stretches] + [self.last + timedelta(days=1)]
        return [-(-self._midnight(day) // QUARTER) for day in days]

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
    """The period that an address asks for: ``range`` in days, or ``from`` and ``to`` (the last day); else 30 days.

    What cannot be read, ends before it begins or is longer than three years is the usual period, and says so.
    """
    zone = formats.zone()
    today = datetime.fromtimestamp(now_ms() / 1000, zone).date()
    asked = arguments.get("range", "")
    if asked in map(str, PRESETS):
        return _latest(today, int(asked), zone)
    if "from" in arguments or "to" in arguments:
        first, last = _day(arguments.get("from", "")), _day(arguments.get("to", "")) or today
        if first and first <= last and (last - first).days < LONGEST:
            return Period(first, last, zone)
        return _latest(today, USUAL, zone, misread=True)
    return _latest(today, USUAL, zone, misread=bool(asked))


def _latest(today: date, days: int, zone: ZoneInfo, *, misread: bool = False) -> Period:
    return Period(today - timedelta(days=days - 1), today, zone, days, misread)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if EARLIEST <= day < LATEST else None
