"""Which session a page is about: held, planned, under way, or none."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from lti_tool.models import now_ms
from tests.actors import account_with, visitor
from tests.functional.test_sections import BASE, get, rows

MINUTE = 60_000
DAY = 24 * 60 * MINUTE


def session(id: str, start: int, end: int) -> dict[str, Any]:
    return {"id": id, "entryId": "1_room", "startTime": start, "endTime": end}


def catalog(*sessions: dict[str, Any]) -> dict[str, Any]:
    return {
        "channels": [{"id": "101", "name": "Course", "contextId": "course-7"}],
        "entries": [{"id": "1_room", "name": "Room", "type": "room", "channelIds": ["101"]}],
        "sessions": list(sessions),
    }


def view(user: str, session_id: str, time: int, **more: Any) -> dict[str, Any]:
    named = {"id": f"{user}-{session_id}-{time}", "name": "view", "entryId": "1_room", "sessionId": session_id}
    return named | {"userId": user, "time": time, "tabFocused": True} | more


@pytest.mark.parametrize(
    ("planned", "seen", "first"),
    [
        ({"old": -9, "held": -5, "empty": -1, "next": 2, "later": 9}, ("old", "held"), "held"),
        ({"old": -9, "empty": -1, "next": 2, "later": 9}, (), "empty"),
        ({"next": 2, "later": 9}, (), "next"),
        ({"held": -5, "next": 2}, ("held", "next"), "held"),  # somebody came to the next one days too early
    ],
)
def test_the_session_to_begin_with_has_something_to_see(
    app: Flask, planned: dict[str, int], seen: tuple[str, ...], first: str
) -> None:
    now = now_ms()
    starts = {id: now + days * DAY for id, days in planned.items()}
    views = [view("ada", id, min(starts[id], now) + MINUTE) for id in seen]
    account = account_with(app, catalog(*(session(id, at, at + 60 * MINUTE) for id, at in starts.items())), views)
    page = get(app, account, "/media/1_room/analytics")
    options = re.findall(r'<option value="(\w+)"( selected)?>', page)
    assert [id for id, _selected in options] == list(reversed(planned))  # newest first
    assert [id for id, selected in options if selected] == [first]
    for path in ("countries", "devices", "recordings", "explained"):
        about = get(app, account, f"/media/1_room/analytics/{path}")
        assert f"?session={first}&amp;" in about, path


def test_a_session_under_way_ends_with_its_last_event_so_far(app: Flask) -> None:
    start = (now_ms() // MINUTE - 20) * MINUTE
    # Four people are there from the first to the twentieth minute, of which only the beginning has arrived.
    views = [view(f"u{n}", "now", start + beat * 10_000) for n in range(4) for beat in range(1, 116)]
    views.append(view("u0", "now", start, name="stageJoined", id="stage"))
    account = account_with(app, catalog(session("now", start, start + 60 * MINUTE)), views)
    page = get(app, account, "/media/1_room/analytics")
    assert re.search(r"<option [^>]*selected>[^<]* - running</option>", page)
    assert "This session is still running" in page
    assert len(rows(page, "timeline")) == 20
    assert 'data-row="drop-' not in page
    (_total, of_all), *_people = rows(page, "stage")
    assert float(of_all["stage_time"]) == pytest.approx(115 / 6)


SUB_PAGES = (
    "explained",
    "recordings",
    "countries",
    "devices",
    "interactions?poll=p",
    "interactions.pdf",
    "summary.pdf",
    "export",
)


def answer(app: Flask, account: Any, path: str) -> Any:
    return visitor(app, account.partner_id, channel="course-7").client.get(path, base_url=BASE)


def test_every_page_of_an_unknown_session_or_of_a_room_without_any_says_so_and_leads_back(app: Flask) -> None:
    start = now_ms() - DAY
    made = catalog(session("held", start, start + 60 * MINUTE))
    made["entries"].append({"id": "1_new", "name": "New", "type": "room", "channelIds": ["101"]})
    account = account_with(app, made, [view("ada", "held", start + MINUTE, device="Computer")])
    for path in SUB_PAGES:
        between = "&" if "?" in path else "?"
        unknown = answer(app, account, f"/media/1_room/analytics/{path}{between}session=nothing")
        assert (unknown.status_code, "This room has no such session" in unknown.text) == (404, True), path
        assert 'class="button" href="/media/1_room/analytics?' in unknown.text
        for query in ("", f"{between}session=nothing"):
            empty = answer(app, account, f"/media/1_new/analytics/{path}{query}")
            assert (empty.status_code, "No session has taken place" in empty.text) == (404, True), path
            assert 'class="button" href="/media/1_new/analytics?' in empty.text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("device=zz", 404),
        ("device=", 404),
        ("device=Computer", 200),
        ("device=Computer&operating_system=", 200),
        ("device=Computer&operating_system=zz", 404),
    ],
)
def test_a_device_that_nobody_used_has_no_page(app: Flask, query: str, status: int) -> None:
    start = now_ms() - DAY
    made = catalog(session("held", start, start + 60 * MINUTE))
    account = account_with(app, made, [view("ada", "held", start + MINUTE, device="Computer")])
    page = answer(app, account, f"/media/1_room/analytics/devices?session=held&{query}")
    assert (page.status_code, "Nobody used such a device" in page.text) == (status, status == 404)
    if status == 404:
        assert 'class="button" href="/media/1_room/analytics/devices?session=held&amp;' in page.text
