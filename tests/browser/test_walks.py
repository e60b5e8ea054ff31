"""Walks from a launch through channels, events and people, with the numbers of the raw events on the way."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from lti_tool.demo.open_day import EVENT
from lti_tool.demo.term import HISTORY_ROOM
from tests.browser.demo import Demo, check, launch, open_page, table, values
from tests.properties import plain

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


def person_over_sessions(events: list[dict[str, Any]], user: str) -> dict[str, float]:
    """Minutes, sessions and reactions of a person, session by session."""
    by_session: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in events:
        by_session[event["sessionId"]].append(event)
    watched = engaged = sessions = reactions = 0
    for here in by_session.values():
        if person := plain.session_numbers(here, None).people.get(user):
            watched, engaged = watched + len(person.watched), engaged + len(person.engaged)
            sessions, reactions = sessions + bool(person.watched), reactions + person.reactions
    return {
        "live_view_time": watched / 60,
        "combined_live_engaged_users_play_time_ratio": engaged / watched,
        "sessions_viewed": sessions,
        "count_reaction_clicked": reactions,
    }


def same(page: Page, expected: dict[str, float]) -> None:
    shown = values(page, '[aria-labelledby="overview"]')
    assert {name: float(shown[name]) for name in expected} == pytest.approx(expected)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_an_event_from_its_agenda_to_a_person_and_back(demo: Demo, browser: Browser, width: int, scheme: str) -> None:
    rooms = [room for (room,) in demo.rows(f"SELECT external_id FROM entry WHERE virtual_event_id = {EVENT}")]
    events = demo.events(*rooms)
    page = open_page(browser, width, scheme)
    launch(page, demo.lms, "event")
    check(page)
    sessions = page.locator('.agenda [data-row] [data-action="analytics"]')
    assert sessions.count() == len({event["sessionId"] for event in events}) == 3
    sessions.first.click()
    page.wait_for_url("**/analytics?**session=**")
    name = page.locator('[data-table="attendees"] tbody tr[data-row] a.person').nth(1)
    user = next(row for row in list(table(page, "attendees"))[2:])
    name.click()
    page.wait_for_url("**/people/**")
    check(page)
    same(page, person_over_sessions(events, user))
    page.locator('[data-action="back"]').click()
    page.wait_for_url("**/analytics?**")
    page.locator('[data-action="back"]', has_text="agenda").click()
    page.wait_for_url("**/agenda?**")
    page.get_by_role("link", name="People").click()
    page.wait_for_url("**/people?**")
    check(page)
    page.locator('input[name="search"]').fill(family_name(demo, user))
    page.locator(".filters button").click()
    page.wait_for_url("**search=**")
    page.locator(f'[data-table="people"] tr[data-row="{user}"] summary').click()
    page.locator(f'[data-table="people"] tr[data-row="{user}"] [data-action="analytics"]').click()
    page.wait_for_url("**/people/**event=**")
    same(page, person_over_sessions(events, user))
    page.locator(".inline-more summary").first.click()
    check(page)
    page.locator('[data-action="back"]').click()
    page.wait_for_url(f"**/events/{EVENT}/people**")


def family_name(demo: Demo, user: str) -> str:
    """The family name in the catalogue."""
    return str(demo.rows(f"SELECT last_name FROM person WHERE external_id = '{user}'")[0][0])


def test_a_channel_from_canvas_to_a_person_and_back(demo: Demo, browser: Browser) -> None:
    videos = [id for (id,) in demo.rows(
        "SELECT e.external_id FROM entry e JOIN entry_channel c ON c.account_id = e.account_id "
        "AND c.entry_id = e.external_id WHERE c.channel_id = '102' AND e.type = 'video'"
    )]  # fmt: skip
    played, events = demo.events(*videos), demo.events(HISTORY_ROOM)
    page = open_page(browser, 1280, "light")
    launch(page, demo.lms, "canvas-channel")
    check(page)
    page.locator(".head-row .menu summary").click()
    page.locator('.head-row [data-action="analytics"]').click()
    page.wait_for_url("**/channels/102/analytics/videos?**")
    page.goto(page.url + "&range=365")
    check(page)
    shown = values(page, '[aria-labelledby="highlights"]')
    watched = [e for e in played if e["name"] == "view"]
    assert int(shown["count_loads"]) == sum(e["name"] == "playerImpression" for e in played)
    assert int(shown["count_plays"]) == len({(e["userId"], e["playId"]) for e in played if e["name"] == "play"}) > 10
    assert int(shown["unique_vod_viewers"]) == len({e["userId"] for e in watched})
    seconds = sum(e.get("seconds", e["toPosition"] - e["fromPosition"]) for e in watched)
    assert float(shown["sum_vod_view_period"]) == pytest.approx(seconds / 60)
    page.get_by_role("link", name="Room Analytics").click()
    page.wait_for_url("**/channels/102/analytics/rooms?**")
    page.locator("#show").select_option("range:120")
    page.locator(".chooser button").click()
    page.wait_for_url("**range=120**")
    check(page)
    by_session = {id: [e for e in events if e["sessionId"] == id] for id in {e["sessionId"] for e in events}}
    numbers = {id: plain.session_numbers(here, None) for id, here in by_session.items()}
    overview = values(page, '[aria-labelledby="overview"]')
    assert int(overview["unique_combined_live_viewers"]) == len(set().union(*(n.viewers for n in numbers.values())))
    live = [person for n in numbers.values() for person in n.people.values()]
    rate = sum(len(person.engaged) for person in live) / sum(len(person.watched) for person in live)
    assert float(overview["combined_live_engaged_users_play_time_ratio"]) == pytest.approx(rate)
    sessions = table(page, "sessions")
    assert {id: int(row["unique_combined_live_viewers"]) for id, row in sessions.items()} == {
        id: len(n.viewers) for id, n in numbers.items()
    }
    page.locator('[data-table="sessions"] tbody a').first.click()
    page.wait_for_url("**session=**")
    check(page)
    attendees = table(page, "attendees")
    user = list(attendees)[2]
    page.locator(f'[data-table="attendees"] tr[data-row="{user}"] a.person').click()
    page.wait_for_url("**/people/**")
    check(page)
    same(page, person_over_sessions(events, user))
    page.locator('[data-action="back"]').click()
    page.wait_for_url("**/channels/102/analytics/rooms?**session=**")
    page.locator('[data-action="back"]', has_text="Channel").click()
    page.wait_for_url("**/channels/102?**")


@pytest.mark.parametrize(
    ("width", "scheme", "script"), [(1280, "dark", True), (320, "light", True), (320, "light", False)]
)
def test_a_custom_report_of_a_room_and_of_a_channel(
    lms: str, browser: Browser, width: int, scheme: str, script: bool
) -> None:
    for link, path, report in (
        ("brightspace-media", "/media/1_dsroom01/analytics/custom", "attendees-data"),
        ("canvas-channel", "/channels/102/analytics/custom", "group-chat-transcripts"),
    ):
        page = open_page(browser, width, scheme)
        launch(page, lms, link)
        address = urlsplit(page.url)._replace(path=path).geturl()
        if not script:
            known = page.context.storage_state()
            page = browser.new_context(java_script_enabled=False, storage_state=known).new_page()
            page.set_viewport_size({"width": width, "height": 900})
        page.goto(address)
        if script:
            check(page)
        page.locator(f'input[name="report"][value="{report}"]').check()
        if script:
            page.locator('input[name="from"]').fill("2026-05-01")
            assert page.locator('input[name="range"][value="dates"]').is_checked()
        page.locator('input[name="range"][value="365"]').check()
        assert page.locator('input[name="from"]').input_value() == ""
        page.locator('input[name="descriptive"]').check()
        with page.expect_download() as started:
            page.locator('button[data-action="custom-report"]').click()
        assert started.value.suggested_filename.startswith(f"{report}_")
        rows = Path(started.value.path()).read_bytes().decode("utf-8-sig").splitlines()
        assert "Email Address" in rows[0] and len(rows) > 10
