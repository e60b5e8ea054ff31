"""The room dashboard over HTTP: its numbers, its gates, its attendees, its chart, on events sent over HTTP."""

from __future__ import annotations

import gzip
import json
import re
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from flask import Flask

from lti_tool.access.roles import ACCOUNT_ANALYTICS, ADMINISTER, COURSE_ANALYTICS, PEOPLE
from lti_tool.analytics.metrics import METRICS
from lti_tool.collect import tasks
from lti_tool.collect.registry import SOURCES
from lti_tool.collect.sources.events import read_lines
from lti_tool.models import db
from tests.actors import make_account, visitor

BASE = "https://tool.example"
START = 1_778_600_000_000
CATALOG = {
    "channels": [
        {"id": "101", "name": "Training", "contextId": "course-7"},
        {"id": "102", "name": "Another course", "contextId": "course-8"},
    ],
    "people": [
        {"id": "ada", "firstName": "Ada", "lastName": "Byron", "company": "Example U", "country": "GB"},
        {"id": "bo", "firstName": "Bo", "lastName": "<script>alert(1)</script>"},
    ],
    "entries": [
        {"id": "1_room", "name": "My new room", "type": "room", "channelIds": ["101"], "recordingEntryIds": ["1_rec"]},
        {"id": "1_rec", "name": "Recording", "type": "video", "durationSeconds": 600},
        {"id": "1_old", "name": "Old room", "type": "legacyMeeting", "channelIds": ["101"]},
        {"id": "1_other", "name": "Not in the course", "type": "room"},
        {"id": "1_empty", "name": "Empty", "type": "room", "channelIds": ["101"]},
    ],
    "sessions": [{"id": "cp1", "entryId": "1_room", "startTime": START, "endTime": START + 35_000}],
}


def event(number: int, name: str, user: str, second: int, **more: Any) -> bytes:
    body = {"id": f"e{number}", "name": name, "time": START + second * 1000, "entryId": "1_room", "userId": user}
    return json.dumps(body | more).encode()


EVENTS = [
    event(1, "view", "ada", 10, tabFocused=True),
    event(2, "view", "ada", 20, tabFocused=False, role="host"),
    event(3, "view", "ada", 20, tabFocused=False),
    event(4, "view", "bo", 30, seconds=20, cameraOn=True),
    event(5, "reactionClicked", "ada", 12, reaction="Clap"),
    event(6, "loggedIn", "ada", 1),
    event(7, "groupMessageSent", "ada", 13, text="Hello"),
    event(8, "play", "cy", 90_000, entryId="1_rec"),
    event(9, "view", "cy", 90_060, entryId="1_rec", playbackType="vod", seconds=60),
    event(10, "somethingNew", "ada", 5),
]


@pytest.fixture
def account(app: Flask) -> Any:
    made = make_account(app)
    with app.app_context():
        source = SOURCES["catalog"]
        receipt = tasks.store(made.partner_id, source.read(BytesIO(json.dumps(CATALOG).encode()), None), "catalog")
        assert (receipt.stored, receipt.rejected) == (10, 0)
    sent = app.test_client().post(
        "/collect/events",
        data=b"\n".join([*EVENTS, b"{broken", event(11, "view", "ada", 1, seconds="ten")]),
        headers={"Authorization": f"Bearer {made.collect_token}"},
        base_url=BASE,
    )
    assert sent.status_code == 202
    assert (sent.json["stored"], sent.json["rejected"]) == (10, 2)
    assert [reason["line"] for reason in sent.json["reasons"]] == [11, 12]
    with app.app_context():
        tasks.fold_account(made.partner_id)
        db.session.remove()
    return made


def values(html: str) -> dict[str, str]:
    """The first value of each metric on a page."""
    found: dict[str, str] = {}
    for name, value in re.findall(r'data-metric="(\w+)" data-value="([^"]*)"', html):
        found.setdefault(name, value)
    return found


def get(app: Flask, account: Any, path: str, **who: Any) -> Any:
    somebody = visitor(app, account.partner_id, **{"channel": "course-7", **who})
    return somebody.client.get(path, base_url=BASE)


def test_the_numbers_are_those_of_the_events(app: Flask, account: Any) -> None:
    page = get(app, account, "/media/1_room/analytics?session=cp1")
    assert page.status_code == 200
    found = values(page.text)
    # ada: 20 watched seconds, 10 engaged; bo: 20 and 20; cy: one minute of the recording.
    assert found["unique_vod_live_viewers"] == "3"
    assert found["unique_combined_live_viewers"] == "2"
    assert found["unique_vod_viewers"] == "1"
    assert float(found["vod_live_avg_view_time"]) == pytest.approx((40 + 60) / 60 / 3)
    assert float(found["combined_live_engaged_users_play_time_ratio"]) == pytest.approx(30 / 40)
    assert float(found["reaction_clicked_user_ratio"]) == 0.5
    assert float(found["group_message_participation"]) == 1.0  # one logged in, and she wrote
    assert found["count_plays"] == "1"
    assert "somethingNew" in page.text
    assert "May 12, 2026 15:33 - 15:33 (00:35)" in page.text
    assert "<script>alert" not in page.text


def test_attendees_sort_search_and_total(app: Flask, account: Any) -> None:
    page = get(app, account, "/media/1_room/analytics?sort=name&order=asc").text
    assert re.findall(r'data-row="(ada|bo|total)"', page) == ["total", "ada", "bo"]
    found = get(app, account, "/media/1_room/analytics?search=byr").text
    assert re.findall(r'data-row="(ada|bo)"', found) == ["ada"]
    assert "Role:</span> <bdi>Host</bdi>" in found
    assert '<span class="role">Host</span>' in found
    assert "at least three letters of a name" in get(app, account, "/media/1_room/analytics?search=by").text
    assert get(app, account, "/media/1_room/analytics?page=99999&sort=nonsense").status_code == 200


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("byron ada", ["ada"]),
        ("ada byron", ["ada"]),
        ("aby", []),
        ("佐", ["ren"]),
        ("佐藤蓮", ["ren"]),
        ("佐藤 蓮", ["ren"]),
        ("蓮佐藤", ["ren"]),
        ("蓮佐", ["ren"]),
        ("佐木", []),
        ("김민준", ["minjun"]),
    ],
)
def test_a_name_is_found_in_either_order(app: Flask, account: Any, search: str, found: list[str]) -> None:
    people = [
        {"id": "ren", "firstName": "蓮", "lastName": "佐藤"},
        {"id": "minjun", "firstName": "민준", "lastName": "김"},
    ]
    with app.app_context():
        catalog = SOURCES["catalog"].read(BytesIO(json.dumps({"people": people}).encode()), None)
        tasks.store(account.partner_id, catalog, "catalog")
        views = [event(200, "view", "ren", 10), event(201, "view", "minjun", 10)]
        tasks.store(account.partner_id, read_lines(views), "events")
        tasks.fold_account(account.partner_id)
        db.session.remove()
    page = get(app, account, f"/media/1_room/analytics?search={search}").text
    assert re.findall(r'data-row="(ada|bo|ren|minjun)"', page) == found


@pytest.mark.parametrize(
    ("path", "who", "refusal"),
    [
        ("/media/1_room/analytics", {"permissions": ()}, "role"),
        ("/media/1_room/analytics", {"lifetime_ms": -1}, "launch"),
        ("/media/1_other/analytics", {}, "scope"),
        ("/media/1_nothing/analytics", {}, "scope"),
        ("/media/1_old/analytics", {}, "legacy"),
        ("/media/1_rec/analytics", {}, "scope"),
        ("/media/1_rec/analytics/explained", {"permissions": (ACCOUNT_ANALYTICS,)}, "scope"),
        ("/media/1_rec/analytics/timeline.svg?session=cp1", {"permissions": (ACCOUNT_ANALYTICS,)}, "scope"),
        ("/channels/102", {}, "scope"),
        ("/channels/nothing", {"permissions": (ACCOUNT_ANALYTICS,)}, "scope"),
        ("/admin", {}, "role"),
        ("/media/1_room/analytics?launch=another", {}, "launch"),
    ],
)
def test_the_gates_are_closed(app: Flask, account: Any, path: str, who: dict[str, Any], refusal: str) -> None:
    page = get(app, account, path, **who)
    assert page.status_code in (401, 403)
    assert f'data-refusal="{refusal}"' in page.text


@pytest.mark.parametrize("path", ["/no/such/page", "/media/1_room/analytics?session=nothing"])
def test_what_is_not_found_is_no_refusal(app: Flask, account: Any, path: str) -> None:
    page = get(app, account, path)
    assert (page.status_code, "data-refusal" in page.text) == (404, False)


def test_an_unknown_session_leads_to_the_newest(app: Flask, account: Any) -> None:
    for page in ("analytics", "analytics/explained"):
        answer = get(app, account, f"/media/1_room/{page}?session=nothing")
        assert (answer.status_code, "no such session" in answer.text) == (404, True)
        assert re.search(r'class="button" href="/media/1_room/analytics\?launch=\w+"', answer.text)


@pytest.mark.parametrize(
    ("path", "advice"), [("/lti/launch", "Open the tool from your course."), ("/admin/switches", "Open the page again")]
)
def test_what_is_only_posted_to_says_where_to_begin(app: Flask, account: Any, path: str, advice: str) -> None:
    answer = get(app, account, path)
    assert (answer.status_code, advice in answer.text) == (405, True)


def test_another_accounts_room_looks_like_none(app: Flask, account: Any) -> None:
    stranger = make_account(app, "Another")
    everything = (ACCOUNT_ANALYTICS, PEOPLE, ADMINISTER)
    page = get(app, stranger, "/media/1_room/analytics", permissions=everything, channel=None)
    assert (page.status_code, 'data-refusal="scope"' in page.text) == (403, True)


def test_an_administrator_switches_analytics_off(app: Flask, account: Any) -> None:
    admin = visitor(app, account.partner_id, person="root", permissions=(ACCOUNT_ANALYTICS, PEOPLE, ADMINISTER))
    page = admin.client.get("/admin", base_url=BASE).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    form = {"name": "theming.analytics", "value": "no"}
    unsigned = admin.client.post("/admin/switches", data=form, base_url=BASE)
    assert unsigned.status_code == 400
    headers = {"Referer": BASE}
    done = admin.client.post("/admin/switches", data=form | {"csrf_token": token[1]}, base_url=BASE, headers=headers)
    assert done.status_code == 303
    refused = get(app, account, "/media/1_room/analytics")
    assert (refused.status_code, 'data-refusal="feature"' in refused.text) == (403, True)
    off = get(app, account, "/media/1_room").text
    assert 'data-row="cp1"' in off
    assert "/analytics" not in off


def test_menus_hold_analytics_only_where_the_gates_allow(app: Flask, account: Any) -> None:
    assert 'data-action="analytics"' in get(app, account, "/media/1_room").text
    assert 'data-action="analytics"' not in get(app, account, "/media/1_old").text
    assert 'href="/media/1_room/analytics?session=cp1&amp;' in get(app, account, "/media/1_room").text
    channel = get(app, account, "/channels/101").text
    assert channel.count('data-action="analytics"') == 3  # the channel's own menu, and those of two rooms


def test_a_page_has_no_menu_item_that_leads_to_itself(app: Flask, account: Any) -> None:
    assert ">Open<" not in get(app, account, "/media/1_room").text
    assert 'class="menu"' not in get(app, account, "/media/1_old").text


def test_a_recording_leads_to_its_room(app: Flask, account: Any) -> None:
    page = get(app, account, "/media/1_rec", permissions=(ACCOUNT_ANALYTICS,), channel=None).text
    assert re.search(r'Recorded in: <a href="/media/1_room\?', page)
    assert "Recorded in:" not in get(app, account, "/media/1_room").text


def test_a_recording_is_a_link_only_for_who_may_open_it(app: Flask, account: Any) -> None:
    everything = {"permissions": (ACCOUNT_ANALYTICS,), "channel": None}
    for who, links in (({}, False), (everything, True)):
        page = get(app, account, "/media/1_room", **who).text
        assert 'data-row="1_rec"' in page
        assert ('href="/media/1_rec?' in page) == links


def test_totals_without_names_for_who_may_not_see_people(app: Flask, account: Any) -> None:
    page = get(app, account, "/media/1_room/analytics?search=byron", permissions=(COURSE_ANALYTICS,)).text
    assert values(page)["unique_combined_live_viewers"] == "2"
    assert "Byron" not in page
    assert 'data-row="ada"' not in page
    assert 'data-row="total"' in page
    assert "sort=" not in page  # one row needs no order
    assert "Only the LMS administrator" in page


def test_the_chart_has_an_immutable_address(app: Flask, account: Any) -> None:
    somebody = visitor(app, account.partner_id, channel="course-7")
    page = somebody.client.get("/media/1_room/analytics", base_url=BASE).text
    address = re.search(r'src="(/media/1_room/analytics/timeline.svg[^"]+)"', page)
    assert address
    picture = somebody.client.get(address[1].replace("&amp;", "&"), base_url=BASE)
    assert (picture.status_code, picture.mimetype) == (200, "image/svg+xml")
    assert "immutable" in picture.headers["Cache-Control"]
    stale = somebody.client.get("/media/1_room/analytics/timeline.svg?session=cp1&v=other", base_url=BASE)
    assert stale.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/media/1_empty/analytics", "/definitions", "/my-media", "/channels/101"])
def test_other_pages_answer(app: Flask, account: Any, path: str) -> None:
    assert get(app, account, path).status_code == 200


def test_the_minutes_have_their_numbers_from_the_catalogue(app: Flask, account: Any) -> None:
    page = get(app, account, "/media/1_room/analytics?session=cp1").text
    table = page[page.index('data-table="timeline"') :].partition("</table>")[0]
    assert re.findall(r'data-metric="(\w+)" data-value="([^"]*)"', table) == [
        ("combined_live_view_period_count", "2"),
        ("combined_live_engaged_users_ratio", "0.75"),
        ("count_reaction_clicked", "1"),
    ]
    assert "Clap 1" in table
    for name in ("combined_live_view_period_count", "combined_live_engaged_users_ratio"):
        assert f'title="{METRICS[name].definition}">{METRICS[name].label}</th>' in table


def test_the_definitions_name_every_metric_and_the_other_rule_where_there_are_two(app: Flask, account: Any) -> None:
    page = unescape(get(app, account, "/definitions").text)
    for metric in METRICS.values():
        part = page[page.index(f'<div id="{metric.name}">') :].partition("</div>")[0]
        assert str(metric.definition) in part
        assert (str(metric.note) in part) if metric.note else ("Kaltura's code" not in part)
    for name, who in (
        ("unique_viewers", "people who started a play"),
        ("unique_vod_viewers", "People who watched any"),
    ):
        assert who in page[page.index(f'<div id="{name}">') :].partition("</div>")[0]


def test_attendees_come_in_pages_and_a_page_too_far_is_the_last(app: Flask, account: Any) -> None:
    more = [event(100 + n, "view", f"p{n:02}", 10) for n in range(20)]
    with app.app_context():
        tasks.store(account.partner_id, read_lines(more), "events")
        tasks.fold_account(account.partner_id)
        db.session.remove()
    for asked, shown, people in ((1, 1, 10), (3, 3, 2), (99_999, 3, 2), (-1, 1, 10)):
        page = get(app, account, f"/media/1_room/analytics?page={asked}").text
        assert f"Page {shown} of 3" in page
        assert len(re.findall(r'data-row="(?:ada|bo|p\d\d)"', page)) == people


def test_every_number_is_explained(app: Flask, account: Any) -> None:
    page = get(app, account, "/media/1_room/analytics/explained?session=cp1").text
    for name in ("unique_vod_live_viewers", "combined_live_engaged_users_play_time_ratio", "count_plays"):
        assert f'id="{name}"' in page
    assert "in the minute" not in page  # asked of a minute, not of the session


def explanation(page: str, metric: str) -> str:
    return page[page.index(f'<div id="{metric}">') :].partition("</div>")[0]


def test_an_explanation_shows_the_number_as_on_the_page_and_every_digit(app: Flask, account: Any) -> None:
    page = get(app, account, "/media/1_room/analytics/explained?session=cp1").text
    average = explanation(page, "vod_live_avg_view_time")
    assert ">0.6</span>" in average
    assert f"unrounded: {values(page)['vod_live_avg_view_time']}<" in average
    assert "unrounded" not in explanation(page, "unique_vod_live_viewers")


def test_an_explanation_says_by_whom_it_is_divided(app: Flask, account: Any) -> None:
    chatted = "group_message_participation"
    path = "/media/1_room/analytics/explained?session=cp1"
    by_chat = explanation(get(app, account, path).text, chatted)
    assert "people logged in to the chat</th><td>1<" in by_chat
    with app.app_context():
        tasks.store(account.partner_id, read_lines([event(300, "view", "bo", 90_000)]), "events")
        tasks.fold_account(account.partner_id)
        db.session.remove()
    by_viewers = explanation(get(app, account, "/media/1_room/analytics/explained").text, chatted)
    assert "people with any watched second</th><td>1<" in by_viewers
    assert "divided by its live unique viewers" in by_viewers


@pytest.mark.parametrize("token", ["", "Bearer wrong", "Basic x"])
def test_collecting_needs_the_accounts_token(app: Flask, token: str) -> None:
    answer = app.test_client().post(
        "/collect/events", data=EVENTS[0], headers={"Authorization": token} if token else {}, base_url=BASE
    )
    assert (answer.status_code, answer.json["code"]) == (401, "collect_token")


def test_the_real_class(app: Flask, shared_data: Any) -> None:
    """Minutes, messages and answers of a real class, counted by hand from its file."""
    account = make_account(app)
    path = shared_data / "bbb-events" / "sample-events.pseudonymised.xml"
    with app.app_context():
        tasks.import_file(
            account.partner_id, path, SOURCES["bbb-events"], room="1_realclass", progress=lambda _read: None
        )
        tasks.fold_account(account.partner_id)
        db.session.remove()
    page = get(app, account, "/media/1_realclass/analytics", permissions=(ACCOUNT_ANALYTICS, PEOPLE), channel=None)
    found = values(page.text)
    assert found["unique_combined_live_viewers"] == "11"
    assert found["count_group_chat_messages_sent"] == "38"
    assert found["count_poll_answered"] == "33"
    assert found["combined_live_engaged_users_play_time_ratio"] == "not-reported"
    teacher = re.search(
        r'data-row="gl-pmfhtsgaicpy".*?data-metric="live_view_time" data-value="([^"]*)"', page.text, re.S
    )
    assert teacher
    assert float(teacher[1]) == pytest.approx(3171 / 60)


def test_a_compressed_delivery_is_refused_by_name(app: Flask, account: Any) -> None:
    headers = {"Authorization": f"Bearer {account.collect_token}", "Content-Encoding": "gzip"}
    response = app.test_client().post("/collect/events", data=gzip.compress(b"{}"), headers=headers, base_url=BASE)
    assert (response.status_code, response.get_json()["code"]) == (415, "encoding")
