"""Every address and every role: who is let in, and why others are not. A new route is in it by itself."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader

from lti_tool.access.flags import ANALYTICS, set_flag
from lti_tool.access.gate import Gate
from lti_tool.access.roles import ACCOUNT_ANALYTICS, ADMINISTER, COURSE_ANALYTICS, PEOPLE
from lti_tool.models import begin_write, db
from tests.actors import INSTRUCTOR, account_with, visitor

BASE = "https://tool.example"
START = 1_778_600_000_000
HOUR = 3_600_000
NAME = "Quirina Zabłocka"
CATALOG: dict[str, Any] = {
    "channels": [
        {"id": "101", "name": "Statistics", "contextId": "c-101"},
        {"id": "102", "name": "History", "contextId": "c-102"},
    ],
    "people": [{"id": "q", "firstName": "Quirina", "lastName": "Zabłocka", "email": "q@example.edu"}],
    "entries": [
        {"id": "r1", "name": "Lecture", "type": "room", "channelIds": ["101"], "recordingEntryIds": ["rec"]}
        | {"virtualEventId": 77},
        {"id": "old", "name": "Old", "type": "legacyMeeting", "channelIds": ["101"]},
        {"id": "rec", "name": "Recording", "type": "video", "channelIds": ["101"], "durationSeconds": 60},
    ],
    "sessions": [{"id": "s1", "entryId": "r1", "startTime": START, "endTime": START + HOUR}],
    "virtualEvents": [{"id": 77, "name": "Open day"}],
    "registrations": [{"virtualEventId": 77, "personId": "q", "status": "registered", "createdAt": START}],
}
LIVE = {"entryId": "r1", "sessionId": "s1", "userId": "q"}
EVENTS = [
    {"id": "e1", "name": "view", "time": START + 60_000, "seconds": 60, "tabFocused": True, "country": "PL", **LIVE},
    {"id": "e2", "name": "stageJoined", "time": START + 60_000, **LIVE},
    {
        "id": "e3",
        "name": "pollLaunched",
        "time": START + 60_000,
        "pollId": "p1",
        "question": "?",
        "type": "open",
        **LIVE,
    },
    {"id": "e4", "name": "pollAnswered", "time": START + 70_000, "pollId": "p1", "text": "Yes", **LIVE},
    {"id": "e5", "name": "play", "time": START + HOUR, "entryId": "rec", "userId": "q", "playId": "x"},
    {"id": "e6", "name": "view", "playbackType": "vod", "time": START + HOUR, "entryId": "rec", "userId": "q"}
    | {"playId": "x", "fromPosition": 0, "toPosition": 30},
]
IDS = {"entry_id": "r1", "channel_id": "101", "event_id": "77", "user_id": "q", "poll_id": "p1", "table": "countries"}
# Addresses that are about people by name.
NAMES = {"/events/<event_id>/people", "/people/<path:user_id>/analytics", "/people/<path:user_id>/analytics/export"}
NAMES |= {"/people/<path:user_id>/analytics/summary.pdf"}
NAMES |= {"/media/<entry_id>/analytics/video.csv", "/channels/<channel_id>/analytics/videos.csv"}
# Addresses that ask for files about people by name.
FILES = {
    "/media/<entry_id>/analytics/export",
    "/channels/<channel_id>/analytics/export",
    "/events/<event_id>/analytics/export",
    "/media/<entry_id>/analytics/custom",
    "/media/<entry_id>/analytics/custom.csv",
    "/channels/<channel_id>/analytics/custom",
    "/channels/<channel_id>/analytics/custom.csv",
    "/events/<event_id>/analytics/custom",
    "/events/<event_id>/analytics/custom.csv",
}
# Addresses that show whoever comes what is their own, and nothing of a course.
OWN = {"/my-media", "/definitions", "/exports"}
# Roles: (permissions, the course they came from)
ROLES: dict[str, tuple[tuple[str, ...], str | None]] = {
    "learner": ((), "c-101"),
    "designer": ((COURSE_ANALYTICS,), "c-101"),
    "instructor": (INSTRUCTOR, "c-101"),
    "instructor elsewhere": (INSTRUCTOR, "c-102"),
    "administrator": ((ACCOUNT_ANALYTICS, PEOPLE, ADMINISTER), None),
}


@pytest.fixture
def account(app: Flask) -> int:
    return account_with(app, CATALOG, EVENTS).partner_id


def gated(app: Flask) -> dict[str, Gate]:
    found = {}
    for rule in app.url_map.iter_rules():
        mark = getattr(app.view_functions[rule.endpoint], "access", None)
        if isinstance(mark, Gate) and "GET" in (rule.methods or ()):
            found[rule.rule] = mark
    return found


def address(rule: str, **ids: str) -> str:
    ids = {"entry_id": "rec"} | ids if "/analytics/video" in rule else ids
    filled = re.sub(r"<(?:[^:<>]+:)?(\w+)>", lambda found: (IDS | ids)[found[1]], rule)
    of_session = rule.endswith(("/export", ".pdf"))  # where from and to are times of day
    dates = "" if of_session else "&from=2026-05-01&to=2026-06-01"
    return f"{filled}?session=s1&poll=p1&theme=light&shape=wide&recording=rec{dates}&table=viewers"


def expected(role: str, rule: str, gate: Gate) -> str:
    """``in``, or the reason of the refusal."""
    permissions, course = ROLES[role]
    if not set(permissions) & set(gate.permissions):
        return "role"
    if rule in OWN or rule.startswith("/admin"):
        return "in"
    if course == "c-102":
        return "scope"
    return "role" if rule in NAMES | FILES and PEOPLE not in permissions else "in"


def words(response: Any) -> str:
    if response.mimetype == "application/pdf":
        return "\n".join(page.extract_text() for page in PdfReader(BytesIO(response.data)).pages)
    return str(response.text) if response.mimetype.startswith(("text/", "image/svg")) else ""


def outcome(response: Any) -> str:
    if found := re.search(r'data-refusal="([^"]+)"', words(response)):
        return found[1]
    assert response.status_code == 200, (response.request.path, response.status_code)
    return "in"


@pytest.mark.parametrize("role", ROLES)
def test_every_address_lets_in_whom_it_should(app: Flask, account: int, role: str) -> None:
    permissions, course = ROLES[role]
    somebody = visitor(app, account, permissions=permissions, channel=course)
    found = {rule: outcome(somebody.client.get(address(rule), base_url=BASE)) for rule in gated(app)}
    assert found == {rule: expected(role, rule, gate) for rule, gate in gated(app).items()}
    assert (len(found) > 15 and "in" in found.values()) or role == "learner"


def test_without_a_launch_there_is_nothing(app: Flask, account: int) -> None:
    for rule in gated(app):
        assert app.test_client().get(address(rule), base_url=BASE).status_code == 401, rule


def test_another_account_sees_nothing_of_it(app: Flask, account: int) -> None:
    other = account_with(app, {}, []).partner_id
    somebody = visitor(app, other, permissions=ROLES["administrator"][0])
    for rule in set(gated(app)) - OWN:
        if not rule.startswith("/admin"):
            assert outcome(somebody.client.get(address(rule), base_url=BASE)) == "scope", rule


def test_names_are_only_for_who_may_see_them(app: Flask, account: int) -> None:
    permissions, course = ROLES["designer"]
    somebody = visitor(app, account, permissions=permissions, channel=course)
    teacher = visitor(app, account, permissions=INSTRUCTOR, channel=course, person="other")
    named = set()
    for rule in gated(app):
        text = words(somebody.client.get(address(rule), base_url=BASE))
        assert "Zabłocka" not in text and "q@example.edu" not in text, rule
        if "Zabłocka" in words(teacher.client.get(address(rule), base_url=BASE)):
            named.add(rule)
    assert named >= NAMES | {"/media/<entry_id>/analytics"}


def test_a_switch_that_is_off_closes_all_that_it_names(app: Flask, account: int) -> None:
    with app.app_context():
        begin_write()
        set_flag(account, ANALYTICS, False, actor="test")
        db.session.commit()
    somebody = visitor(app, account, permissions=INSTRUCTOR, channel="c-101")
    for rule, gate in gated(app).items():
        if COURSE_ANALYTICS in gate.permissions:
            answer = outcome(somebody.client.get(address(rule), base_url=BASE))
            assert answer == ("feature" if gate.feature else "in"), rule
            assert bool(gate.feature) == ("analytics" in rule), rule


def test_a_legacy_room_is_on_no_page_of_numbers(app: Flask, account: int) -> None:
    somebody = visitor(app, account, permissions=INSTRUCTOR, channel="c-101")
    for rule, gate in gated(app).items():
        if gate.entry and gate.feature:
            assert outcome(somebody.client.get(address(rule, entry_id="old"), base_url=BASE)) == "legacy", rule
