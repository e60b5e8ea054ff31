"""Periods of whole days: what addresses ask for, cut in the reader's zone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask_babel import force_locale
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.analytics import period as periods
from lti_tool.analytics.period import Period, asked_period
from lti_tool.models.facts import QUARTER

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 5, 12, 22, 30, tzinfo=UTC)  # already the 13th in Berlin
TODAY = date(2026, 5, 13)


@pytest.fixture
def asked(app: Flask, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setattr(periods, "now_ms", lambda: round(NOW.timestamp() * 1000))
    monkeypatch.setattr(periods.formats, "zone", lambda: BERLIN)

    def ask(**arguments: str) -> Period:
        return asked_period(arguments)

    with app.test_request_context(), force_locale("en"):
        yield ask


def test_days_back_from_today(asked) -> None:  # type: ignore[no-untyped-def]
    for days in (7, 30, 120, 365):
        found = asked(range=str(days))
        assert (found.last, found.days, found.preset, found.misread) == (TODAY, days, days, False)
        assert asked(**found.arguments) == found
    assert asked().preset == 30


def test_from_and_to_are_both_included(asked) -> None:  # type: ignore[no-untyped-def]
    found = asked(**{"from": "2026-05-04", "to": "2026-05-04"})
    assert found.days == 1
    assert found.start_ms == datetime(2026, 5, 4, tzinfo=BERLIN).timestamp() * 1000
    assert found.end_ms == datetime(2026, 5, 5, tzinfo=BERLIN).timestamp() * 1000
    assert found.arguments == {"from": "2026-05-04", "to": "2026-05-04"}
    assert asked(**{"from": "2026-05-04"}).last == TODAY


@pytest.mark.parametrize(
    "arguments",
    [
        {"from": "2026-05-05", "to": "2026-05-04"},
        {"from": "yesterday"},
        {"to": "2026-05-04"},
        {"from": "1826-05-04", "to": "2026-05-04"},
        {"from": "2026-02-30"},
        {"range": "31"},
        {"range": "٧"},
    ],
)
def test_what_is_no_period_is_the_usual_one_and_says_so(asked, arguments: dict[str, str]) -> None:  # type: ignore[no-untyped-def]
    found = asked(**arguments)
    assert (found.preset, found.last, found.misread) == (30, TODAY, True)


def test_days_that_clocks_make_longer(asked) -> None:  # type: ignore[no-untyped-def]
    spring, autumn = (asked(**{"from": day, "to": day}) for day in ("2026-03-29", "2025-10-26"))
    assert spring.end_ms - spring.start_ms == 23 * 3_600_000
    assert autumn.end_ms - autumn.start_ms == 25 * 3_600_000


@given(
    st.dates(date(1995, 1, 1), date(2100, 1, 1)),
    st.integers(1, 400),
    st.sampled_from(["Asia/Kathmandu", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia", "Europe/Berlin"]),
)
def test_a_period_and_the_one_before_meet(last: date, days: int, zone: str) -> None:
    found = Period(date.fromordinal(last.toordinal() - days + 1), last, ZoneInfo(zone))
    assert found.previous.end_ms == found.start_ms
    assert found.previous.days == found.days
    assert [at * QUARTER for at in found.quarters] == [found.start_ms, found.end_ms]
