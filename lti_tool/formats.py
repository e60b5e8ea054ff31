"""How numbers, times and durations are written, in the language and zone of whoever reads."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit
from flask_babel import get_locale, get_timezone


def _locale() -> Locale:
    return get_locale() or Locale("en")


def zone() -> ZoneInfo:
    """The zone of whoever reads."""
    return ZoneInfo(str(get_timezone()))


def zone_name() -> str:
    """The reader's zone, as its name in the zone database."""
    return str(get_timezone())


def moment(time_ms: int) -> datetime:
    """A time in the reader's zone."""
    return datetime.fromtimestamp(time_ms / 1000, UTC).astimezone(zone())


def language() -> str:
    """The reader's language, for what is written later."""
    return str(_locale())


def count(value: float, language: str | None = None) -> str:
    """1,234"""
    return format_decimal(value, format="#,##0", locale=language or _locale())


def change(value: float) -> str:
    """+3, 0, -3: how much more or less it became."""
    return _whole(format_decimal(value, format="+#,##0;-#,##0" if value else "0", locale=_locale()))


def decimal(value: float) -> str:
    """12.3: one decimal."""
    return format_decimal(value, format="#,##0.0", locale=_locale())


def exact(value: float, language: str | None = None) -> str:
    """1,234.5678: every digit that there is."""
    return format_decimal(value, locale=language or _locale(), decimal_quantization=False)


def percent(value: float, language: str | None = None) -> str:
    """A fraction as a percentage with at most one decimal: 0.4567 -> 45.7%, or 45,7 % where it is written so."""
    locale = Locale.parse(language) if language else _locale()
    pattern = locale.percent_formats[None].pattern.replace("#0", "#0.#")
    return _whole(format_percent(value, format=pattern, locale=locale), locale)


def _whole(number: str, locale: Locale | None = None) -> str:
    """A number with its sign; where one reads from the right, marks keep the sign on its side."""
    return f"\u200e{number}\u200e" if (locale or _locale()).text_direction == "rtl" else number


def clock(time_ms: int) -> str:
    """18:10"""
    return format_datetime(moment(time_ms), "HH:mm", locale=_locale())


def clock24(time_ms: int) -> str:
    """18:10, as time fields of forms take it."""
    return moment(time_ms).strftime("%H:%M")


def day(time_ms: int) -> str:
    """May 12, 2026"""
    return date_in_words(moment(time_ms).date())


def date_in_words(one: date) -> str:
    """May 12, 2026"""
    return format_date(one, "long", locale=_locale())


def figures(time_ms: int) -> str:
    """5/12: month and day in figures, in the order of the reader's language."""
    written = format_skeleton("Md", moment(time_ms), locale=_locale())
    return "".join(character for character in written if character not in "\u200e\u200f")


def figures_and_clock(time_ms: int) -> str:
    """5/12 18:10"""
    return f"{figures(time_ms)} {clock(time_ms)}"


def date_and_time(time_ms: int) -> str:
    """May 12, 2026 18:10"""
    return f"{day(time_ms)} {clock(time_ms)}"


def duration(seconds: int) -> str:
    """00:35, 45:00, 01:30:00: minutes and seconds, hours from one hour on."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def country(code: str) -> str:
    """The name of a country from its ISO 3166 code; the code itself if the language has none."""
    return str(_locale().territories.get(code.upper(), code))


def size(length: int) -> str:
    """12 kB: of so many bytes."""
    for unit, least in (("gigabyte", 10**9), ("megabyte", 10**6), ("kilobyte", 10**3)):
        if length >= least:
            return str(format_unit(length / least, f"digital-{unit}", "short", format="#,##0.#", locale=_locale()))
    worded = _locale().language not in ("ar", "he")  # these have no long word for it
    return str(format_unit(length, "digital-byte", "long" if worded else "short", locale=_locale()))


FILTERS = {
    f.__name__: f
    for f in (change, count, country, decimal, exact, percent, clock, clock24, day, date_and_time, duration, size)
}
