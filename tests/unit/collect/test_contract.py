"""What an event line may hold: its bounds, and what stored lines of older versions become."""

import json
from typing import Any

import pytest

from lti_tool.collect import contract
from lti_tool.collect.contract import EventError, NotUnderstoodEvent

GOOD: dict[str, Any] = {"id": "e1", "name": "view", "time": 1_778_600_000_000, "entryId": "room", "userId": "ada"}


def line(**changes: Any) -> bytes:
    return json.dumps(GOOD | changes).encode()


def test_times_may_be_milliseconds_or_iso_8601() -> None:
    assert contract.parse(line()).time == 1_778_600_000_000
    assert contract.parse(line(time="2026-05-12T17:33:20+02:00")).time == 1_778_600_000_000


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"time": 5_000}, "outside 1970 to 2100"),  # its heartbeat would reach back before the epoch
        ({"time": -1}, "outside 1970 to 2100"),
        ({"time": 10**30}, "time"),
        ({"time": 1_778_600_000_000_000}, "outside 1970 to 2100"),  # microseconds
        ({"time": "1969-12-31T00:00:00Z"}, "outside 1970 to 2100"),
        ({"time": "2026-05-12T17:33:20"}, "no zone"),
        ({"time": True}, "time"),
        ({"country": "DE\n"}, "country"),
        ({"country": "Germany"}, "country"),
        ({"seconds": -1}, "seconds"),
        ({"seconds": 86_401}, "seconds"),
        ({"userId": ""}, "userId"),
        ({"device": "x" * 65}, "device"),
    ],
)
def test_what_is_out_of_bounds_is_refused_by_name(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(EventError, match=reason):
        contract.parse(line(**changes))


@pytest.mark.parametrize("text", [b'{"id": "\\ud800"', b"NaN", b"[]", b"{}", b"\xff", b'{"a":' * 100_000])
def test_what_is_no_event_is_refused(text: bytes) -> None:
    with pytest.raises(EventError):
        contract.parse(text)


def test_a_stored_line_that_is_refused_by_now_is_not_understood() -> None:
    body = line(country="DE\n").decode()
    assert isinstance(contract.stored(body), NotUnderstoodEvent)
    assert not isinstance(contract.stored(line().decode()), NotUnderstoodEvent)
