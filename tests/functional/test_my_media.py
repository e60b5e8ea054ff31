"""My Media: what is a person's, searched, filtered, sorted and counted, beside a plain count."""

from __future__ import annotations

import json
import re
from io import BytesIO
from typing import Any

import pytest
from flask import Flask

from lti_tool.access.flags import ANALYTICS, set_flag
from lti_tool.collect import tasks
from lti_tool.collect.registry import SOURCES
from lti_tool.collect.sources.events import read_lines
from lti_tool.models import begin_write, db, now_ms
from tests.actors import make_account, visitor

BASE = "https://tool.example"
PAST = 1_778_600_000_000


def entry(id: str, name: str, type: str = "video", **more: Any) -> dict[str, Any]:
    return {"id": id, "name": name, "type": type, "ownerId": "teacher"} | more


ENTRIES = [
    entry("1_room", "Statistics lecture", "room", channelIds=["101"], recordingEntryIds=["1_rec"], createdAt=PAST),
    entry("1_rec", "Recording: Statistics", channelIds=["101"], createdAt=PAST + 2),
    entry("1_soon", "Seminar, 100 %", "room", createdAt=PAST + 1),
    entry("1_old", "Old room", "legacyMeeting"),
    entry("1_link", "Unlisted clip", privacy="unlisted"),
    entry("1_guest", "Guest lecture", "room", ownerId="dean", channelIds=["101"]),
    entry("1_dean", "Not mine", ownerId="dean", channelIds=["101"]),
    *(entry(f"1_v{n:02}", f"Video {n:02}") for n in range(9)),
]
MINE = {each["id"] for each in ENTRIES if each["ownerId"] == "teacher"} | {"1_guest"}
SESSIONS = [
    {"id": "a", "entryId": "1_room", "startTime": PAST, "endTime": PAST + 60_000},
    {"id": "b", "entryId": "1_soon", "startTime": now_ms() + 86_400_000},
    {"id": "c", "entryId": "1_guest", "startTime": PAST, "endTime": PAST + 60_000, "hostId": "teacher"},
    {"id": "d", "entryId": "1_dean", "startTime": PAST, "endTime": PAST + 60_000, "hostId": "dean"},
]
PLAYS = {"1_rec": 3, "1_v04": 1}


@pytest.fixture
def account(app: Flask) -> Any:
    made = make_account(app)
    catalog = {"channels": [{"id": "101", "name": "C", "contextId": "c"}], "entries": ENTRIES, "sessions": SESSIONS}
    with app.app_context():
        tasks.store(made.partner_id, SOURCES["catalog"].read(BytesIO(json.dumps(catalog).encode()), None), "catalog")
        events = [
            {"id": f"{id}{n}", "name": "play", "time": PAST, "entryId": id, "userId": f"s{n}"}
            for id, count in PLAYS.items()
            for n in range(count)
        ]
        tasks.store(made.partner_id, read_lines(json.dumps(each).encode() for each in events), "events")
        tasks.fold_account(made.partner_id)
        db.session.remove()
    return made


def shown(app: Flask, account: Any, query: str = "") -> tuple[list[str], int, str]:
    """Ids of the rows, the count of results, and the page."""
    somebody = visitor(app, account.partner_id, person="teacher", channel="c")
    response = somebody.client.get(f"/my-media{query}", base_url=BASE)
    assert response.status_code == 200
    rows = re.findall(r'<tr data-row="([^"]+)"', response.text)
    count = re.search(r'data-metric="count_results" data-value="(\d+)"', response.text)
    assert count
    return rows, int(count[1]), response.text


def everything(app: Flask, account: Any, query: str) -> set[str]:
    rows, count, _page = shown(app, account, query)
    found = set(rows)
    for page in range(2, -(-count // 10) + 1):
        found |= set(shown(app, account, f"{query}&page={page}")[0])
    assert len(found) == count
    return found


def test_all_that_is_mine_newest_first_in_pages(app: Flask, account: Any) -> None:
    assert everything(app, account, "?sort=created") == MINE
    rows, _count, html = shown(app, account)
    assert rows[:3] == ["1_rec", "1_soon", "1_room"]
    assert "Page 1 of 2" in html and "Not mine" not in html


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("kind=room", {"1_room", "1_soon", "1_old", "1_guest"}),
        ("kind=video&search=video", {f"1_v{n:02}" for n in range(9)}),
        ("status=published", {"1_room", "1_rec", "1_guest"}),
        ("status=unlisted", {"1_link"}),
        ("status=private", MINE - {"1_room", "1_rec", "1_guest", "1_link"}),
        ("schedule=upcoming", {"1_soon"}),
        ("schedule=past", {"1_room", "1_guest"}),
        ("schedule=none", MINE - {"1_soon", "1_room", "1_guest"}),
        ("owner=host", {"1_guest"}),
        ("owner=owner", MINE - {"1_guest"}),
        ("search=STAT", {"1_room", "1_rec"}),
        ("search=100+%25", {"1_soon"}),
        ("search=nothing+of+it", set()),
        ("kind=nonsense&status=x&sort=y", MINE),
    ],
)
def test_filters_and_search(app: Flask, account: Any, query: str, expected: set[str]) -> None:
    assert everything(app, account, f"?{query}") == expected


def test_plays_of_a_room_are_those_of_its_recordings(app: Flask, account: Any) -> None:
    rows, _count, html = shown(app, account, "?sort=plays&order=desc")
    assert set(rows[:2]) == {"1_rec", "1_room"}
    assert rows[2] == "1_v04"
    assert re.findall(r'data-metric="count_plays" data-value="(\d+)"', html)[:4] == ["3", "3", "1", "0"]
    rows, _count, _html = shown(app, account, "?sort=title&order=asc")
    assert rows[:3] == ["1_guest", "1_old", "1_rec"]


def test_analytics_only_where_the_gates_allow(app: Flask, account: Any) -> None:
    _rows, _count, html = shown(app, account, "?kind=room")
    assert sorted(re.findall(r'data-action="analytics" href="/media/(\w+)/', html)) == ["1_guest", "1_room", "1_soon"]
    with app.app_context():
        begin_write()
        set_flag(account.partner_id, ANALYTICS, False, actor="test")
        db.session.commit()
    assert 'data-action="analytics"' not in shown(app, account, "?kind=room")[2]


@pytest.mark.parametrize("page", ["-1", "0", "99999", "9" * 40, "x", ""])
def test_a_page_that_is_not_there_is_one_that_is(app: Flask, account: Any, page: str) -> None:
    assert shown(app, account, f"?page={page}")[0]
