"""From a launch in a real browser to each section of the room dashboard: its numbers are those of the raw events."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from lti_tool.demo.term import DATA_ROOM
from tests.browser.demo import Demo, launch, open_page, table, values
from tests.properties import plain
from tests.properties.test_completion import plain_percentiles

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
MINUTE = 60_000
QUARTER = 15 * MINUTE
Event = dict[str, Any]


class Session:
    """The session that the page shows, straight from the events. The demo names the session of every live event."""

    def __init__(self, demo: Demo, session: str) -> None:
        found = demo.rows(f"SELECT start_ms, end_ms FROM room_session WHERE external_id = '{session}'")
        self.start, self.end = found[0]
        lengths = demo.rows(
            "SELECT e.external_id, e.duration_ms FROM entry e JOIN entry_recording r ON r.recording_id = e.external_id "
            f"AND r.account_id = e.account_id WHERE r.room_id = '{DATA_ROOM}'"
        )
        self.lengths = dict(lengths)
        self.events = [e for e in demo.events(DATA_ROOM) if e["sessionId"] == session]
        self.played = demo.events(*self.lengths)
        self.numbers = plain.session_numbers(self.events, self.end)
        self.since = [e for e in self.played if e["time"] >= self.start // QUARTER * QUARTER]
        watched = [e for e in self.since if e["name"] == "view" and e["toPosition"] > e["fromPosition"]]
        self.recording_viewers = {e["userId"] for e in watched}
        self.recording_seconds = sum(self.seconds(e) for e in watched)
        self.plays = [e for e in self.played if e["name"] == "play" and e["time"] >= self.start]

    @staticmethod
    def seconds(event: Event) -> float:
        return float(event.get("seconds", event["toPosition"] - event["fromPosition"]))

    def context(self, field: str) -> dict[str, str]:
        """Live viewer -> the first country or device that their events say."""
        found: dict[str, str] = {}
        for event in sorted(self.events, key=lambda e: (e["time"], e["id"])):
            if event.get(field):
                found.setdefault(event["userId"], event[field])
        return {user: found.get(user, "") for user in self.numbers.viewers}


@pytest.fixture
def page(demo: Demo, browser: Browser) -> Page:
    """The dashboard, reached as a teacher reaches it."""
    page = open_page(browser, 1280, "light")
    launch(page, demo.lms, "brightspace-media")
    page.locator(".under-player summary").click()
    page.locator('[data-action="analytics"]').click()
    page.locator("#session").wait_for()
    return page


@pytest.fixture
def session(demo: Demo, page: Page) -> Session:
    return Session(demo, page.locator("#session").input_value())


def share(part: float, whole: float) -> float:
    return pytest.approx(part / whole)


def test_overview(page: Page, session: Session) -> None:
    n, shown = session.numbers, {k: float(v) for k, v in values(page, '[aria-labelledby="overview"]').items()}
    live, recorded = n.viewers, session.recording_viewers
    watched = sum(len(person.watched) for person in n.people.values())
    assert len(live) > 10 and len(recorded) > 2 and shown["count_plays"] == len(session.plays) > 2
    assert shown["unique_combined_live_viewers"] == len(live)
    assert shown["unique_vod_viewers"] == len(recorded)
    assert shown["unique_vod_live_viewers"] == len(live | recorded)
    assert shown["unique_live_and_vod_viewers"] == len(live & recorded)
    assert shown["combined_live_avg_play_time"] == share(watched / 60, len(live))
    assert shown["vod_avg_play_time"] == share(session.recording_seconds / 60, len(recorded))
    everything = (watched + session.recording_seconds) / 60
    assert shown["vod_live_avg_view_time"] == share(everything, len(live | recorded))
    engaged = sum(len(person.engaged) for person in n.people.values())
    assert shown["combined_live_engaged_users_play_time_ratio"] == share(engaged, watched)
    assert shown["reaction_clicked_user_ratio"] == share(n.doers("reactions"), len(live))
    assert shown["download_attachment_user_ratio"] == share(n.doers("downloads"), len(live))
    for metric, doers, count in (
        ("group_message_participation", "chat_messages", "count_group_chat_messages_sent"),
        ("poll_participation", "votes", "count_poll_answered"),
        ("q_and_a_thread_participation", "threads", "q_and_a_threads_count"),
    ):
        assert shown[metric] == share(n.doers(doers), n.denominator)
        made = sum(len(p.votes) if doers == "votes" else getattr(p, doers) for p in n.people.values())
        assert shown[count] == made > 0


def test_timeline(page: Page, session: Session) -> None:
    shown, expected = table(page, "timeline"), session.numbers.minutes()
    assert len(shown) >= (session.end - session.start) // MINUTE
    for minute, (viewers, watched, engaged) in expected.items():
        row = shown[str(minute * MINUTE)]
        assert int(row["combined_live_view_period_count"]) == viewers
        assert float(row["combined_live_engaged_users_ratio"]) == share(engaged, watched)
    reactions: defaultdict[int, int] = defaultdict(int)
    for (minute, _kind), count in session.numbers.reaction_minutes.items():
        reactions[minute] += count
    assert {int(at) // MINUTE: int(row["count_reaction_clicked"]) for at, row in shown.items()} == {
        int(at) // MINUTE: reactions[int(at) // MINUTE] for at in shown
    }


def test_attendees_and_their_minutes(page: Page, session: Session) -> None:
    people, seen = session.numbers.people, 0
    while True:
        shown = table(page, "attendees")
        assert float(shown.pop("total")["live_view_time"]) == share(
            sum(len(one.watched) for one in people.values()), 60
        )
        for name, row in shown.items():
            person = people[name]
            assert float(row["live_view_time"]) == share(len(person.watched), 60)
            assert float(row["combined_live_engaged_users_play_time_ratio"]) == share(
                len(person.engaged), len(person.watched)
            )
            counts = ("reactions", "chat_messages", "raised_hands")
            assert [int(row[m]) for m in (
                "count_reaction_clicked", "count_group_chat_messages_sent", "count_raise_hand_clicked"
            )] == [getattr(person, c) for c in counts]  # fmt: skip
            assert int(row["count_poll_answered"]) == len(person.votes)
        for map_ in page.locator("[data-heatmap]").all():
            person, first = people[map_.get_attribute("data-heatmap") or ""], int(map_.get_attribute("data-start") or 0)
            letters = ""
            for place in range(len(map_.get_attribute("data-states") or "")):
                seconds = set(range(first // 1000 + place * 60, first // 1000 + place * 60 + 60))
                letters += "E" if seconds & person.engaged else "N" if seconds & person.watched else "O"
            assert map_.get_attribute("data-states") == letters
        seen += len(shown)
        following = page.locator('section[aria-labelledby="attendees"] a[rel="next"]')
        if not following.count():
            break
        following.click()
        page.wait_for_load_state()
    assert seen == len(people)


STAGE = {"stage_time": ("stageJoined", "stageLeft"), "talk_time": ("talkStarted", "talkStopped")}
STAGE |= {"mic_time": ("micOn", "micOff"), "screen_time": ("screenShareStarted", "screenShareStopped")}


def on_stage(session: Session, user: str, on: str, off: str) -> float:
    """Minutes from each time of switching on to the next of switching off, or to the session's end."""
    mine = [e for e in session.events if e["userId"] == user and e["name"] in (on, off)]
    until, total = 0, 0
    for event in sorted((e for e in mine if e["name"] == on), key=lambda e: e["time"]):
        end = min((e["time"] for e in mine if e["name"] == off and e["time"] > event["time"]), default=session.end)
        total += max(0, end - max(until, event["time"]))
        until = max(until, end)
    return total / MINUTE


def test_stage_and_presented_media(page: Page, session: Session) -> None:
    shown = table(page, "stage")
    assert len(shown) > 2
    for user in set(shown) - {"total"}:
        for metric, (on, off) in STAGE.items():
            assert float(shown[user][metric]) == pytest.approx(on_stage(session, user, on, off))
    rows = page.locator('[data-table="presented"] tbody tr').all()
    expected = plain.presented(session.events, session.numbers, session.end)
    assert len(rows) == min(10, len(expected)) > 1
    for row, (media, start, end, viewers, watched, engaged, first, last) in zip(rows, expected, strict=False):
        found = dict(
            row.locator("[data-metric]").evaluate_all("all => all.map(one => [one.dataset.metric, one.dataset.value])")
        )
        assert row.get_attribute("data-row") == media
        assert float(found["presented_time"]) == pytest.approx((end - start) / MINUTE)
        assert int(found["unique_combined_live_viewers"]) == viewers
        assert float(found["combined_live_engaged_users_play_time_ratio"]) == share(engaged, watched)
        assert int(found["viewers_change"]) == last - first


def test_interactions_and_their_answers(page: Page, session: Session) -> None:
    launched = {e["pollId"]: e for e in session.events if e["name"] == "pollLaunched"}
    last = {
        (e["pollId"], e["userId"]): e
        for e in sorted(session.events, key=lambda e: (e["time"], e["id"]))
        if e["name"] == "pollAnswered"
    }
    assert int(values(page, '[aria-labelledby="interactions"]')["count_poll_launched"]) == len(launched)
    shown = table(page, "interactions")
    address = page.url
    assert len(shown) == min(10, len(launched)) > 2
    for poll, row in shown.items():
        answers = [event for (id, _user), event in last.items() if id == poll]
        assert int(row["poll_participants"]) == len(answers)
        if launched[poll]["type"] == "open":
            continue
        page.locator(f'[data-table="interactions"] tr[data-row="{poll}"] a').first.click()
        page.wait_for_url("**/interactions**")
        options = table(page, "answers")
        assert set(options) == {str(option["id"]) for option in launched[poll]["options"]}
        for option, found in options.items():
            chosen = sum(option in map(str, event["optionIds"]) for event in answers)
            assert int(found["poll_option_participants"]) == chosen
            assert float(found["poll_rate"]) == share(chosen, len(answers))
        page.goto(address)


def test_recordings(page: Page, session: Session) -> None:
    page.locator('section[aria-labelledby="recordings"] a', has_text="View details").click()
    page.wait_for_url("**/analytics/recordings?**")
    shown = table(page, "recordings")
    shown.pop("all")
    for recording, row in shown.items():
        mine = [e for e in session.since if e["entryId"] == recording]
        plays = {e["playId"] for e in session.plays if e["entryId"] == recording}
        assert int(row["count_loads"]) == sum(e["name"] == "playerImpression" for e in mine)
        assert int(row["count_plays"]) == len(plays)
        seconds = sum(session.seconds(e) for e in mine if e["name"] == "view")
        assert float(row["sum_vod_view_period"]) == pytest.approx(seconds / 60)
        views: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
        for e in session.played:
            if e["entryId"] == recording and e["name"] == "view" and e["playId"] in plays:
                views[e["playId"]].append((e["fromPosition"], e["toPosition"]))
        length = session.lengths[recording] / 1000
        watched = [len(plain_percentiles(views[play], length)) for play in plays]
        assert row["avg_completion_rate"] == "" if not plays else float(
            row["avg_completion_rate"]
        ) == share(sum(watched), len(plays))  # fmt: skip
    by_person = table(page, "people")
    by_person.pop("all")
    for person, row in by_person.items():
        assert int(row["count_plays"]) == sum(e["userId"] == person for e in session.plays)


def test_countries_and_devices(page: Page, session: Session) -> None:
    for name, field in (("countries", "country"), ("devices", "device")):
        where = session.context(field)
        shown = table(page, name)
        assert int(shown.pop("all")["unique_combined_live_viewers"]) == len(where)
        assert len(shown) > 1
        for key, row in shown.items():
            assert int(row["unique_combined_live_viewers"]) == sum(value == key for value in where.values())
