"""Numbers, times and durations as they are written, in the language and zone of whoever reads."""

from zoneinfo import ZoneInfo

import pytest
from babel import Locale

from lti_tool import formats
from lti_tool.pages import LANGUAGES

TIME = 1_778_607_000_000  # 2026-05-12 17:30 UTC


@pytest.fixture(params=[("en", "UTC")], autouse=True)
def reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    language, zone = request.param
    monkeypatch.setattr(formats, "get_locale", lambda: Locale.parse(language))
    monkeypatch.setattr(formats, "get_timezone", lambda: ZoneInfo(zone))


@pytest.mark.parametrize(
    ("filter_name", "value", "written"),
    [
        ("count", 0, "0"),
        ("count", 1234567, "1,234,567"),
        ("size", 0, "0 bytes"),
        ("size", 999, "999 bytes"),
        ("size", 1000, "1 kB"),
        ("size", 2_345_678, "2.3 MB"),
        ("size", 3_000_000_000, "3 GB"),
        ("decimal", 0, "0.0"),
        ("decimal", 1234.56, "1,234.6"),
        ("exact", 9126, "9,126"),
        ("exact", 16285.0, "16,285"),
        ("exact", 1469.8333333333333, "1,469.8333333333333"),
        ("percent", 0, "0%"),
        ("percent", 0.4567, "45.7%"),
        ("percent", 0.5, "50%"),
        ("percent", 1, "100%"),
        ("change", 1234, "+1,234"),
        ("change", 0, "0"),
        ("change", -2, "-2"),
        ("duration", 0, "00:00"),
        ("duration", 35, "00:35"),
        ("duration", 45 * 60, "45:00"),
        ("duration", 3599.9, "59:59"),
        ("duration", 5400, "01:30:00"),
        ("duration", 100 * 3600, "100:00:00"),
        ("duration", -5, "00:00"),
        ("country", "de", "Germany"),
        ("country", "XQ", "XQ"),
        ("clock", TIME, "17:30"),
        ("day", TIME, "May 12, 2026"),
        ("date_and_time", TIME, "May 12, 2026 17:30"),
    ],
)
def test_in_english_and_utc(filter_name: str, value: float, written: str) -> None:
    assert formats.FILTERS[filter_name](value) == written


@pytest.mark.parametrize("reader", [("de", "Asia/Tokyo")], indirect=True)
def test_in_german_and_in_tokyo_where_it_is_the_next_day() -> None:
    assert (formats.count(1234567), formats.decimal(1234.56)) == ("1.234.567", "1.234,6")
    assert (formats.country("DE"), formats.zone_name()) == ("Deutschland", "Asia/Tokyo")
    assert formats.date_and_time(TIME) == "13. Mai 2026 02:30"


@pytest.mark.parametrize(
    ("reader", "written"),
    [
        (("de", "UTC"), ("1.234", "45,7\u00a0%", "-2")),
        (("fr", "UTC"), ("1\u202f234", "45,7\u00a0%", "-2")),
        (("ar", "UTC"), ("1,234", "\u200e45.7%\u200e", "\u200e-2\u200e")),
        (("he", "UTC"), ("1,234", "\u200e45.7%\u200e", "\u200e-2\u200e")),
    ],
    indirect=["reader"],
)
def test_spaces_and_signs_stand_where_the_language_has_them(written: tuple[str, ...]) -> None:
    assert (formats.count(1234), formats.percent(0.4567), formats.change(-2)) == written


@pytest.mark.parametrize("reader", [("en", "Europe/Paris")], indirect=True)
def test_the_clock_follows_daylight_saving() -> None:
    assert (formats.clock(TIME), formats.clock(TIME - 180 * 86_400_000)) == ("19:30", "18:30")


@pytest.mark.parametrize("reader", [(language, "UTC") for language in LANGUAGES], indirect=True)
@pytest.mark.parametrize("length", [0, 1, 2, 439, 12_000, 3_400_000, 5 * 10**9])
def test_sizes_have_a_word_in_every_language(length: int) -> None:
    assert "digital" not in formats.size(length)
