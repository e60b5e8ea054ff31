"""A person's page in a course launch: of the course by default, of all that the visitor may see on request."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from flask import Flask

from tests.actors import INSTRUCTOR, account_with, visitor
from tests.functional.test_events import ADMIN, START
from tests.functional.test_exports import app, exported

__all__ = ["app"]  # a fixture

HOUR = 3_600_000
MINUTE = 60_000
CATALOG: dict[str, Any] = {
    "channels": [{"id": "101", "name": "Statistics & more", "contextId": "c-101"}, {"id": "102", "contextId": "c-102"}],
    "people": [
        {"id": id, "firstName": id, "lastName": "Byron", "email": f"{id}@example.edu"}
        for id in ("ada", "bob", "cid", "teacher")
    ],
    "entries": [
        {"id": "lecture", "name": "Lecture", "type": "room", "channelIds": ["101"], "recordingEntryIds": ["rec"]},
        {"id": "group", "name": "Group", "type": "breakout", "parentEntryId": "lecture", "ownerId": "teacher"},
        {"id": "private", "name": "Private", "type": "room", "ownerId": "teacher"},
        {"id": "clip", "name": "Clip", "type": "video", "channelIds": ["101"], "durationSeconds": 60},
        {"id": "own", "name": "Own", "type": "video", "ownerId": "teacher", "durationSeconds": 60},
        {"id": "rec", "name": "Recording", "type": "video", "durationSeconds": 60},
        {"id": "foreign", "name": "Foreign", "type": "room", "channelIds": ["102"]},
        {"id": "old", "name": "Legacy", "type": "legacyMeeting", "channelIds": ["101"]},
    ],
    "sessions": [
        {"id": f"s-{room}", "entryId": room, "startTime": START, "endTime": START + HOUR}
        for room in ("lecture", "group", "private", "foreign", "old")
    ],
}
# Minutes there, seconds played.
LIVE = {
    "ada": {"lecture": 3, "group": 4, "private": 5, "foreign": 6, "old": 7},
    "bob": {"private": 2, "foreign": 1, "old": 1},
    "cid": {"foreign": 1},
}
PLAYED = {"ada": {"clip": 30, "own": 15, "rec": 60}}


def events() -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for user, rooms in LIVE.items():
        for room, minutes in rooms.items():
            of = {"name": "view", "entryId": room, "sessionId": f"s-{room}", "userId": user, "seconds": 60}
            made += [of | {"time": START + minute * MINUTE} for minute in range(minutes)]
    for user, videos in PLAYED.items():
        for video, seconds in videos.items():
            of = {"entryId": video, "userId": user, "playId": video, "time": START + 3 * HOUR, "playbackType": "vod"}
            made.append(of | {"name": "view", "fromPosition": 0, "toPosition": seconds})
    return [{"id": f"e{number}", **event} for number, event in enumerate(made)]


def minutes(user: str, entries: set[str]) -> tuple[float, float]:
    """Live, and of all kinds."""
    live = float(sum(of for room, of in LIVE[user].items() if room in entries))
    return live, live + sum(of for name, of in PLAYED.get(user, {}).items() if name in entries) / 60


COURSE = {"lecture", "group", "clip", "rec"}
MINE = COURSE | {"private", "own"}  # legacy rooms are in no report


@pytest.fixture
def account(app: Flask) -> int:
    return account_with(app, CATALOG, events()).partner_id


def page(app: Flask, account: int, address: str, channel: str | None = "c-101", who: Any = INSTRUCTOR) -> str:
    somebody = visitor(app, account, channel=channel, permissions=who)
    response = somebody.client.get(address, base_url="https://tool.example")
    assert response.status_code == 200
    return str(response.text)


def found(html: str) -> tuple[str, tuple[float, float]]:
    """What the page is of, and its minutes."""
    of = re.search(r'data-of="(\w+)"', html)
    shown = [
        re.search(rf'data-metric="{name}" data-value="([^"]+)"', html) for name in ("live_view_time", "total_view_time")
    ]
    assert of and shown[0] and shown[1]
    return of[1], (float(shown[0][1]), float(shown[1][1]))


def test_a_course_launch_shows_the_course_and_on_request_all(app: Flask, account: int) -> None:
    course = page(app, account, "/people/ada/analytics?sessions_page=2&sessions_sort=minutes")
    assert found(course) == ("course", minutes("ada", COURSE))
    assert "of the course Statistics &amp; more." in course and "since the beginning" in course
    link = unescape(re.search(r'href="([^"]+)">Show all your rooms and videos<', course)[1])  # type: ignore[index]
    assert "sessions_sort=minutes" in link and "sessions_page" not in link
    every = page(app, account, re.sub(r"launch=\w+&?", "", link))
    assert found(every) == ("all", minutes("ada", MINE))
    assert "and in your own." in every
    link = unescape(re.search(r'href="([^"]+)">Show this course only<', every)[1])  # type: ignore[index]
    assert found(page(app, account, re.sub(r"launch=\w+&?", "", link))) == ("course", minutes("ada", COURSE))


def test_who_took_part_in_nothing_of_the_course_is_shown_with_all(app: Flask, account: int) -> None:
    html = page(app, account, "/people/bob/analytics")
    assert found(html) == ("all", minutes("bob", MINE))
    assert "took part in nothing of this course" in html and "Show this course only" not in html


def test_without_a_course_all_is_shown_and_an_administrator_in_a_course_has_the_account(
    app: Flask, account: int
) -> None:
    html = page(app, account, "/people/ada/analytics", None, ADMIN)
    assert found(html) == ("all", minutes("ada", MINE | {"foreign"}))
    assert "of this course" not in html and "course only" not in html
    html = page(app, account, "/people/ada/analytics", "c-101", ADMIN)
    assert found(html) == ("course", minutes("ada", COURSE))
    assert "Show all rooms and videos of the account" in html


@pytest.mark.parametrize(
    ("user", "asked", "who", "of"),
    [
        ("ada", "", INSTRUCTOR, "course"),
        ("ada", "?of=all", INSTRUCTOR, "all"),
        ("bob", "", INSTRUCTOR, "all"),
        ("ada", "", ADMIN, "course"),
        ("ada", "?of=all", ADMIN, "all"),
    ],
)
def test_the_export_is_of_what_the_page_shows(
    app: Flask, account: int, user: str, asked: str, who: Any, of: str
) -> None:
    html = page(app, account, f"/people/{user}/analytics{asked}", who=who)
    shown, (live, every) = found(html)
    link = unescape(re.search(r'data-action="export" href="([^"]+)"', html)[1])  # type: ignore[index]
    somebody = visitor(app, account, channel="c-101", permissions=who)
    address = re.sub(r"launch=\w+&?", "", link)
    dialog = somebody.client.get(address, base_url="https://tool.example").text
    assert (shown, "Statistics &amp; more" in dialog.partition("<main")[2]) == (of, of == "course")
    header, row = exported(app, somebody, address)
    cells = dict(zip(header, row, strict=True))
    assert (float(cells["live_view_time"]), float(cells["total_view_time"])) == (live, every)
