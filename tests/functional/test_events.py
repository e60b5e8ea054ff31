"""Events and people: the agenda, the registered people, a person's dashboard, and who may see which of them."""

from __future__ import annotations

import re
from collections.abc import Collection
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask

from lti_tool.access.flags import ANALYTICS, set_flag
from lti_tool.access.roles import ACCOUNT_ANALYTICS, COURSE_ANALYTICS, PEOPLE
from lti_tool.models import begin_write, db
from tests.actors import INSTRUCTOR, account_with, make_account, visitor

BASE = "https://tool.example"
START = 1_778_600_000_000
HOUR = 3_600_000
ADMIN = (ACCOUNT_ANALYTICS, PEOPLE)
STRANGE = "https://idp.example/users/7?a=b"  # ids are opaque

PEOPLE_OF_IT = [
    {"id": f"g{n:02}", "firstName": first, "lastName": f"Guest {n:02}", "email": f"g{n:02}@example.edu"}
    for n, first in enumerate(["Ada", "Élise", "Noor", "佐藤"] * 6)
]
CATALOG: dict[str, Any] = {
    "channels": [
        {"id": "101", "name": "Statistics", "contextId": "c-101"},
        {"id": "102", "name": "History", "contextId": "c-102"},
        {"id": "103", "name": "Elsewhere", "contextId": "c-103"},
    ],
    "people": [*PEOPLE_OF_IT, {"id": STRANGE, "firstName": "Strange", "lastName": "Id", "company": "Kite Ltd"}],
    "entries": [
        {"id": "e1", "name": "Keynote", "type": "room", "channelIds": ["101"], "virtualEventId": 77},
        {"id": "e2", "name": "Panel", "type": "room", "channelIds": ["102"], "virtualEventId": 77},
        {"id": "e3", "name": "Not held", "type": "room", "channelIds": ["102"], "virtualEventId": 77},
        {"id": "r1", "name": "Lecture", "type": "room", "channelIds": ["101"], "recordingEntryIds": ["rec"]},
        {"id": "rec", "name": "Recording", "type": "video", "durationSeconds": 60},
        {"id": "vid", "name": "Clip", "type": "video", "channelIds": ["101"], "durationSeconds": 60},
    ],
    "sessions": [
        {"id": "late", "entryId": "e2", "name": "Panel", "startTime": START + 2 * HOUR, "endTime": START + 3 * HOUR},
        {"id": "early", "entryId": "e1", "name": "Opening", "startTime": START, "endTime": START + HOUR},
        {"id": "class", "entryId": "r1", "startTime": START + 30 * HOUR, "endTime": START + 31 * HOUR},
    ],
    "attachments": [{"id": "a1", "name": "Plan <1>.pdf", "entryId": "e1"}],
    "virtualEvents": [{"id": 77, "name": "Open day", "startTime": START, "endTime": START + 3 * HOUR}],
    "registrations": [
        *(
            {"virtualEventId": 77, "personId": p["id"], "status": "confirmed", "role": "viewer", "createdAt": START}
            for p in PEOPLE_OF_IT
        ),
        {"virtualEventId": 77, "personId": STRANGE, "entryId": "e1", "status": "registered", "role": "speaker"},
        {"virtualEventId": 77, "personId": STRANGE, "entryId": "e2", "status": "registered"},
    ],
}


def beat(session: str, entry: str, user: str, minute: int, **more: Any) -> dict[str, Any]:
    at = next(s["startTime"] for s in CATALOG["sessions"] if s["id"] == session) + minute * 60_000
    return {"name": "view", "time": at, "seconds": 60, "entryId": entry, "sessionId": session, "userId": user} | more


EVENTS = [
    {"id": f"x{n}", **event}
    for n, event in enumerate(
        [
            beat("early", "e1", "g00", 1, tabFocused=True),
            beat("early", "e1", "g00", 2, tabFocused=True),
            beat("early", "e1", "g00", 4),
            beat("late", "e2", "g00", 1, tabFocused=True),
            beat("late", "e2", "g01", 1),
            beat("class", "r1", "g00", 1),
            beat("class", "r1", STRANGE, 1),
            *({**beat("early", "e1", "g00", n), "name": "reactionClicked", "reaction": "Clap"} for n in range(3)),
            {**beat("early", "e1", "g00", 3), "name": "downloadAttachmentClicked", "attachmentId": "a1"},
            {**beat("early", "e1", "g00", 5), "name": "downloadAttachmentClicked", "attachmentId": "a1"},
            *(
                {"name": "view", "playbackType": "vod", "time": START + 40 * HOUR, "entryId": entry, "userId": "g00"}
                | {"playId": entry, "fromPosition": 0, "toPosition": 30}
                for entry in ("rec", "vid")
            ),
            {"name": "play", "time": START + 40 * HOUR, "entryId": "vid", "userId": "g00", "playId": "vid"},
        ]
    )
]


@pytest.fixture
def account(app: Flask) -> int:
    return account_with(app, CATALOG, EVENTS).partner_id


def get(
    app: Flask, account: int, address: str, permissions: Collection[str] = ADMIN, channel: str | None = None
) -> Any:
    somebody = visitor(app, account, permissions=permissions, channel=channel)
    return somebody.client.get(address, base_url=BASE, follow_redirects=True)


def rows(text: str) -> list[str]:
    return [unescape(key) for key in re.findall(r'data-row="([^"]+)"', text)]


def value(text: str, metric: str) -> str:
    found = re.search(rf'data-metric="{metric}" data-value="([^"]*)"', text)
    assert found, metric
    return found[1]


def refusal(response: Any) -> str | None:
    found = re.search(r'data-refusal="([^"]+)"', response.text)
    return found[1] if found else None


def test_the_agenda_is_in_the_order_of_the_day_with_analytics_for_each_session(app: Flask, account: int) -> None:
    page = get(app, account, "/events/77").text
    assert rows(page) == ["early", "late", "e3"]
    links = re.findall(r'data-action="analytics" href="([^"]+)"', page)
    assert [link.split("?")[0] for link in links[:2]] == ["/media/e1/analytics", "/media/e2/analytics"]
    assert "session=early" in links[0]
    with app.app_context():
        begin_write()
        set_flag(account, ANALYTICS, False, actor="test")
        db.session.commit()
    assert 'data-action="analytics"' not in get(app, account, "/events/77/agenda").text
    assert 'data-action="analytics"' not in get(app, account, "/events/77/people").text
    assert refusal(get(app, account, "/people/g00/analytics?event=77")) == "feature"


def test_everybody_who_is_registered_searched_filtered_and_in_pages(app: Flask, account: int) -> None:
    seen: list[str] = []
    for page in range(1, 4):
        seen += rows(get(app, account, f"/events/77/people?page={page}").text)
    ada, elise = sorted(seen)[:2]
    assert sorted(seen) == sorted([*(p["id"] for p in PEOPLE_OF_IT), STRANGE])
    assert seen[0] == ada == "g00" and seen.index(elise) > seen.index("g20")  # by name, accents aside
    assert rows(get(app, account, "/events/77/people?order=desc&page=3").text) == seen[:5][::-1]
    assert value(get(app, account, "/events/77/people").text, "count_results") == "25"
    assert rows(get(app, account, "/events/77/people?role=speaker").text) == [STRANGE]
    assert set(rows(get(app, account, "/events/77/people?search=elise").text)) == {
        p["id"] for p in PEOPLE_OF_IT if p["firstName"] == "Élise"
    }
    assert rows(get(app, account, "/events/77/people?search=g07@example.edu").text) == ["g07"]
    assert rows(get(app, account, "/events/77/people?search=100%25").text) == []
    strange = get(app, account, "/events/77/people?role=speaker").text
    assert "2 sessions" in strange and "Keynote" in strange and "Panel" in strange


def test_a_row_shows_the_registration_that_was_asked_for_and_all_others(app: Flask) -> None:
    registrations = [
        {"virtualEventId": 77, "personId": "g00", "status": "confirmed", "role": "viewer"},
        {"virtualEventId": 77, "personId": "g00", "entryId": "e1", "status": "registered", "role": "speaker"},
        {"virtualEventId": 77, "personId": "g00", "entryId": "e2", "status": "invited"},
    ]
    made = account_with(app, {**CATALOG, "registrations": registrations}, []).partner_id
    for asked, role, status, others in (
        ("", "Viewer", "Confirmed", ["Keynote · Speaker · Registered", "Panel · Invited"]),
        ("?role=viewer", "Viewer", "Confirmed", ["Keynote · Speaker · Registered", "Panel · Invited"]),
        ("?role=speaker", "Speaker", "Registered", ["Whole event · Viewer · Confirmed", "Panel · Invited"]),
    ):
        row = get(app, made, f"/events/77/people{asked}").text.split('data-row="g00"')[1].partition("</tr>")[0]
        cells = [re.findall(r">([^<]*[^<\s][^<]*)<", cell) for cell in re.sub(r"</?bdi>", "", row).split("<td")[1:]]
        assert (cells[1], cells[3]) == ([role], [status]) and cells[2][-2:] == others
        assert ("Keynote" in cells[2]) == (role == "Speaker")


def test_apostrophes_are_alike_in_a_search(app: Flask) -> None:
    names = ("O'Hara", "O\u2019Hara", "O\u02bcHara", "Ohara")
    people = [{"id": f"h{n}", "lastName": name} for n, name in enumerate(names)]
    registrations = [{"virtualEventId": 77, "personId": one["id"], "status": "confirmed"} for one in people]
    made = account_with(app, {**CATALOG, "people": people, "registrations": registrations}, []).partner_id
    for typed in ("o'h", "o\u2019h", "O%60H"):
        assert set(rows(get(app, made, f"/events/77/people?search={typed}").text)) == {"h0", "h1", "h2"}


def test_an_instructor_sees_the_part_of_an_event_that_is_theirs(app: Flask, account: int) -> None:
    page = get(app, account, "/events/77/agenda", INSTRUCTOR, "c-101").text
    assert rows(page) == ["early"]
    people = get(app, account, "/events/77/people", INSTRUCTOR, "c-101").text
    assert rows(people) == ["g00", STRANGE]  # who is registered for the whole event and came; who is for a room
    assert "or came to them" in people
    assert refusal(get(app, account, "/events/77/agenda", INSTRUCTOR, "c-103")) == "scope"
    assert refusal(get(app, account, "/events/78/agenda")) == "scope"
    assert refusal(get(app, account, "/events/7" + "7" * 30 + "/agenda")) == "scope"


def test_a_part_of_an_event_to_which_nobody_came_says_so(app: Flask) -> None:
    rooms = [entry | {"virtualEventId": 77} for entry in CATALOG["entries"] if entry["id"] in ("r1", "e2")]
    registered = [one for one in CATALOG["registrations"] if "entryId" not in one]
    part = {**CATALOG, "entries": rooms, "registrations": registered}
    made = account_with(app, part, [{"id": "1", **beat("late", "e2", "g00", 1)}]).partner_id
    page = get(app, made, "/events/77/people", INSTRUCTOR, "c-101").text
    assert rows(page) == [] and "No registered person took part in your part of this event" in page
    assert rows(get(app, made, "/events/77/people", INSTRUCTOR, "c-102").text) == ["g00"]
    everybody = get(app, made, "/events/77/people").text
    assert value(everybody, "count_results") == "24" and "your part of this event" not in everybody


@pytest.mark.parametrize("address", ["/events/77/people", "/people/g00/analytics", "/people/g00/analytics?event=77"])
def test_who_may_not_see_names_sees_no_people(app: Flask, account: int, address: str) -> None:
    assert refusal(get(app, account, address, (COURSE_ANALYTICS,), "c-101")) == "role"
    assert refusal(get(app, account, address, (), "c-101")) == "role"
    assert app.test_client().get(address, base_url=BASE).status_code == 401


def test_another_account_sees_neither_event_nor_person(app: Flask, account: int) -> None:
    other = make_account(app, "Other").partner_id
    assert refusal(get(app, other, "/events/77/agenda")) == "scope"
    assert refusal(get(app, other, "/people/g00/analytics")) == "scope"


def test_a_person_over_the_whole_account(app: Flask, account: int) -> None:
    page = get(app, account, "/people/g00/analytics").text
    wanted = {
        "total_view_time": (3 + 1 + 1) + 0.5 + 0.5,
        "live_view_time": 5.0,
        "recording_view_time": 0.5,
        "on_demand_view_time": 0.5,
        "sessions_viewed": 3,
        "combined_live_engaged_users_play_time_ratio": 3 / 5,
        "unique_videos": 2,
        "count_reaction_clicked": 3,
        "unique_attachments_downloaded": 1,
    }
    assert {name: float(value(page, name)) for name in wanted} == wanted
    assert rows(page) == ["all", "class", "late", "early", "all", "rec", "all", "vid", "a1"]
    recording = page.split('data-row="rec"')[1]
    assert (value(recording, "recording_view_time"), value(recording, "total_completion_rate")) == ("0.5", "")
    assert 'href="/media/rec' in page
    course = get(app, account, "/people/g00/analytics", INSTRUCTOR, "c-101").text
    assert 'data-row="rec"' in course and 'href="/media/rec' not in course  # it is in no channel of theirs
    assert value(page.split('data-table="videos"')[1].split("<tbody>")[1], "total_completion_rate") == "50"
    assert "Plan &lt;1&gt;.pdf" in page


def test_a_person_in_an_event_and_in_a_course(app: Flask, account: int) -> None:
    of_event = get(app, account, "/people/g00/analytics?event=77").text
    assert (value(of_event, "total_view_time"), value(of_event, "sessions_viewed")) == ("4.0", "2")
    of_course = get(app, account, "/people/g00/analytics", INSTRUCTOR, "c-101").text
    assert (value(of_course, "live_view_time"), value(of_course, "sessions_viewed")) == ("4.0", "2")
    assert value(of_course, "on_demand_view_time") == "0.5"
    both = get(app, account, "/people/g00/analytics?event=77", INSTRUCTOR, "c-101").text
    assert (value(both, "total_view_time"), value(both, "sessions_viewed")) == ("3.0", "1")
    assert refusal(get(app, account, "/people/g01/analytics", INSTRUCTOR, "c-101")) == "scope"
    assert refusal(get(app, account, "/people/g00/analytics?event=77", INSTRUCTOR, "c-103")) == "scope"
    assert refusal(get(app, account, "/people/nobody/analytics")) == "scope"


def test_ids_of_people_may_hold_anything(app: Flask, account: int) -> None:
    page = get(app, account, f"/people/{quote(STRANGE, safe='')}/analytics")
    assert page.status_code == 200 and "Strange Id" in page.text and "Kite Ltd" in page.text
    room = get(app, account, "/media/r1/analytics?session=class").text
    link = unescape(re.search(r'href="(/people/[^"]*idp[^"]*)"', room)[1])  # type: ignore[index]
    assert value(get(app, account, re.sub(r"launch=\w+&?", "", link)).text, "live_view_time") == "1.0"


@pytest.mark.parametrize("query", ["endpoint=x", "self=1", "_scheme=javascript&_external=1", "_anchor=x", "user_id=z"])
def test_what_an_address_holds_never_reaches_the_making_of_another(app: Flask, account: int, query: str) -> None:
    page = get(app, account, f"/people/g00/analytics?{query}")
    assert page.status_code == 200 and "javascript:" not in page.text
    assert not re.search(r'class="sort" href="(?!/people/g00/analytics\?)', page.text)
    assert get(app, account, f"/media/r1/analytics/recordings?{query}").status_code == 200


def test_what_has_an_empty_name_is_called_by_its_id(app: Flask) -> None:
    entries = [
        {"id": id, "name": name, "type": "video", "channelIds": ["101"]} for id, name in (("v1", ""), ("v2", " "))
    ]
    session = {"id": "s1", "entryId": "e1", "name": " ", "startTime": START, "endTime": START + HOUR}
    catalog = {**CATALOG, "entries": [*CATALOG["entries"], *entries], "sessions": [session]}
    made = account_with(app, catalog, []).partner_id
    page = get(app, made, "/channels/101").text
    assert all(f"<bdi>{id}</bdi></a>" in page for id in ("v1", "v2"))
    assert "<h1><bdi>v1</bdi></h1>" in get(app, made, "/media/v1").text
    assert "<strong><bdi>Keynote</bdi></strong>" in get(app, made, "/events/77").text


def test_what_narrow_screens_hide_is_below_the_name(app: Flask, account: int) -> None:
    people = get(app, account, "/events/77/people").text
    row = people.split('data-row="g00"')[1].partition("</tr>")[0]
    assert re.search(r'class="role narrow">.*· May 12, 2026</span>', row)
    entry = {"id": "v1", "name": "Video", "type": "video", "channelIds": ["101"], "createdAt": START}
    made = account_with(app, {"channels": CATALOG["channels"], "entries": [entry]}, []).partner_id
    assert 'class="role narrow">Video · May 12, 2026</span>' in get(app, made, "/channels/101").text


def test_a_channel_in_pages(app: Flask) -> None:
    entries = [
        {"id": f"v{n:02}", "name": f"Video {n:02}", "type": "video", "channelIds": ["101"], "createdAt": START + n}
        for n in range(23)
    ]
    plays = [
        {"id": f"p{n}", "name": "play", "time": START, "entryId": "v07", "userId": f"u{n}", "playId": f"{n}"}
        for n in range(3)
    ]
    made = account_with(app, {"channels": CATALOG["channels"], "entries": entries}, plays).partner_id
    seen = [key for page in (1, 2, 3) for key in rows(get(app, made, f"/channels/101?page={page}").text)]
    assert seen == [entry["id"] for entry in entries]
    assert rows(get(app, made, "/channels/101?sort=plays").text)[0] == "v07"
    assert rows(get(app, made, "/channels/101?sort=created").text)[0] == "v22"
    assert rows(get(app, made, "/channels/101?search=video+2").text) == ["v20", "v21", "v22"]
    assert refusal(get(app, made, "/channels/101", INSTRUCTOR, "c-102")) == "scope"
