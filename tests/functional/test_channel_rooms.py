"""Room Analytics of a channel over HTTP: its numbers beside plain counts of the same events, its gates, its form."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask

from lti_tool.access.flags import ANALYTICS, set_flag
from lti_tool.access.roles import ACCOUNT_ANALYTICS, COURSE_ANALYTICS
from lti_tool.models import begin_write, db
from tests.actors import account_with, visitor
from tests.properties import plain

BASE = "https://tool.example"
HOUR = 3_600_000
MINUTE = 60_000
DAY = 24 * HOUR
START = 1_778_572_800_000  # May 12, 2026 08:00 UTC
ROOMS = "/channels/101/analytics/rooms"
RANGE = f"{ROOMS}?from=2026-05-12&to=2026-05-31"
# Id, room, days after the first.
HELD = (("cp1", "1_room", 0), ("cp2", "1_room", 7), ("g1", "1_group", 7), ("q1", "1_quiet", 9), ("cp3", "1_room", 21))
IN_RANGE = ("q1", "g1", "cp2", "cp1")  # the newest first
CATALOG = {
    "channels": [
        {"id": "101", "name": "Training & more", "contextId": "course-7"},
        {"id": "102", "name": "Another", "contextId": "course-8"},
        {"id": "103", "name": "No rooms", "contextId": "course-9"},
    ],
    "people": [{"id": "u00", "firstName": "Zoë", "lastName": "Äärelä"}],
    "entries": [
        {"id": "1_room", "name": "My room", "type": "room", "channelIds": ["101"], "recordingEntryIds": ["1_rec"]},
        {"id": "1_group", "name": "Group", "type": "breakout", "parentEntryId": "1_room", "ownerId": "teacher"},
        {"id": "1_quiet", "name": "Reports little", "type": "room", "channelIds": ["101"]},
        {"id": "1_old", "name": "Old", "type": "legacyMeeting", "channelIds": ["101", "103"]},
        {"id": "1_else", "name": "Else", "type": "room", "channelIds": ["102"]},
        {"id": "1_rec", "name": "Recording", "type": "video", "durationSeconds": 100},
    ],
    "sessions": [
        *({"id": id, "entryId": room, "startTime": START + days * DAY, "endTime": START + days * DAY + HOUR}
          for id, room, days in HELD),
        {"id": "o1", "entryId": "1_old", "startTime": START, "endTime": START + HOUR},
        {"id": "e1", "entryId": "1_else", "startTime": START, "endTime": START + HOUR},
    ],
}  # fmt: skip


def made_up() -> list[dict[str, Any]]:
    rng = random.Random(11)
    events: list[dict[str, Any]] = []

    def say(name: str, user: str, time: float, **more: Any) -> None:
        events.append({"id": f"e{len(events)}", "name": name, "userId": user, "time": int(time)} | more)

    for id, room, days in HELD:
        start, of = START + days * DAY, {"entryId": room, "sessionId": id}
        everybody = [f"u{number:02}" for number in range(16) if rng.random() < 0.7]
        for user in everybody:
            first, last, country = rng.randrange(10), rng.randrange(20, 60), rng.choice(("DE", "FR", "US"))
            about = of | {"country": country, "device": rng.choice(("Computer", "Mobile"))}
            say("joinSession", user, start + first * MINUTE, **about, role="host" if user == "u01" else "viewer")
            for minute in range(first, last) if room != "1_quiet" else ():
                say("view", user, start + minute * MINUTE, seconds=60, tabFocused=rng.random() < 0.6, **about)
            say("leaveSession", user, start + last * MINUTE, **about)
            if id == "cp1" and rng.random() < 0.6:
                say("loggedIn", user, start, **about)
            for name, likely, more in (
                ("reactionClicked", 0.5, {"reaction": "Clap"}),
                ("groupMessageSent", 0.4, {"text": "Hello"}),
                ("pollAnswered", 0.5, {"pollId": f"poll-{id}", "optionIds": ["1"]}),
                ("downloadAttachmentClicked", 0.3, {"attachmentId": "a1"}),
            ):
                if rng.random() < likely:
                    say(name, user, start + 15 * MINUTE, **about, **more)
        options = [{"id": "1", "text": "Yes"}, {"id": "2", "text": "No"}]
        launch = {"pollId": f"poll-{id}", "question": f"Why {id}?", "type": "single", "options": options}
        say("pollLaunched", "u01", start + 14 * MINUTE, **of, **launch)
        for user, minutes in (("u01", 20), ("u02", 10)):
            for on, off in (("stageJoined", "stageLeft"), ("talkStarted", "talkStopped")):
                say(on, user, start + 5 * MINUTE, **of)
                say(off, user, start + (5 + minutes) * MINUTE, **of)
        say("mediaPresented", "u01", start + 5 * MINUTE, **of, mediaId=f"m-{id}", title=f"Slides {id}", kind="slides")
    for number in range(30):
        user, at = f"u{rng.randrange(8, 20):02}", START + rng.randrange(-5, 30) * DAY + rng.randrange(DAY)
        about = {"entryId": "1_rec", "playId": f"{number}", "country": "BR"}
        say("playerImpression", user, at, **about)
        say("play", user, at, **about)
        say("view", user, at, **about, playbackType="vod", fromPosition=10, toPosition=rng.randrange(11, 100))
    return events


EVENTS = made_up()
FIRST, AFTER = START - 8 * HOUR, START - 8 * HOUR + 20 * DAY  # the range's first instant, and the one after it


def sessions() -> dict[str, plain.SessionNumbers]:
    """The sessions of the range, each from its events."""
    ends = {id: START + days * DAY + HOUR for id, _room, days in HELD}
    return {id: plain.session_numbers([e for e in EVENTS if e.get("sessionId") == id], ends[id]) for id in IN_RANGE}


SESSIONS = sessions()
LIVE = {name for numbers in SESSIONS.values() for name in numbers.viewers}
PLAYED = [event for event in EVENTS if event["entryId"] == "1_rec" and FIRST <= event["time"] < AFTER]


@pytest.fixture
def account(app: Flask) -> Any:
    return account_with(app, CATALOG, EVENTS)


def get(app: Flask, account: Any, path: str, **who: Any) -> Any:
    somebody = visitor(app, account.partner_id, **{"channel": "course-7", **who})
    return somebody.client.get(path, base_url=BASE)


def values(html: str) -> dict[str, str]:
    """The first value of each metric."""
    found: dict[str, str] = {}
    for name, value in re.findall(r'data-metric="(\w+)" data-value="([^"]*)"', html):
        found.setdefault(name, value)
    return found


def rows(html: str, name: str) -> dict[str, dict[str, str]]:
    """Row -> the values of its metrics, of a table."""
    table = html[html.index(f'data-table="{name}"') :]
    table = re.split(r"</table>\s*</div>", table)[0]
    parts = re.split(r'<tr[^>]* data-row="([^"]*)"', table)[1:]
    return {key: values(body) for key, body in zip(parts[::2], parts[1::2], strict=True)}


def people(field: str) -> set[str]:
    return {who for s in SESSIONS.values() for who, person in s.people.items() if getattr(person, field)}


def total(field: str) -> int:
    return sum(s.total(field) for s in SESSIONS.values())


def test_the_cards_are_those_of_all_sessions_together(app: Flask, account: Any) -> None:
    page = get(app, account, RANGE)
    assert page.status_code == 200, page.text
    found = values(page.text)
    recorded = {event["userId"] for event in PLAYED}
    watched = sum(len(p.watched) for s in SESSIONS.values() for p in s.people.values())
    heart = [s for s in SESSIONS.values() if s.has_heartbeats]
    engaged = sum(len(p.engaged) for s in heart for p in s.people.values())
    rated = sum(len(p.watched) for s in heart for p in s.people.values())
    seconds = sum(e["toPosition"] - e["fromPosition"] for e in PLAYED if e["name"] == "view")
    logged_in = {who for who, person in SESSIONS["cp1"].people.items() if person.logged_in}
    could_chat = logged_in.union(*(SESSIONS[id].viewers for id in ("cp2", "g1", "q1")))
    assert 0 < len(logged_in) < len(SESSIONS["cp1"].viewers)
    assert len(heart) == 3
    assert {name: int(found[name]) for name in ("count_sessions", "unique_vod_live_viewers", "count_plays")} == {
        "count_sessions": 4,
        "unique_vod_live_viewers": len(LIVE | recorded),
        "count_plays": sum(event["name"] == "play" for event in PLAYED),
    }
    assert int(found["unique_combined_live_viewers"]) == len(LIVE)
    assert int(found["unique_vod_viewers"]) == len(recorded)
    assert int(found["unique_live_and_vod_viewers"]) == len(LIVE & recorded)
    wanted = {
        "vod_live_avg_view_time": (watched + seconds) / 60 / len(LIVE | recorded),
        "combined_live_avg_play_time": watched / 60 / len(LIVE),
        "combined_live_engaged_users_play_time_ratio": engaged / rated,
        "reaction_clicked_user_ratio": len(people("reactions")) / len(LIVE),
        "group_message_participation": len(people("chat_messages")) / len(could_chat),
        "poll_participation": len(people("votes")) / len(could_chat),
        "download_attachment_user_ratio": len(people("downloads")) / len(LIVE),
        "count_reaction_clicked": total("reactions"),
        "count_group_chat_messages_sent": total("chat_messages"),
    }
    assert {name: float(found[name]) for name in wanted} == pytest.approx(wanted)


def test_the_sessions_and_their_chart(app: Flask, account: Any) -> None:
    somebody = visitor(app, account.partner_id, channel="course-7")
    page = somebody.client.get(RANGE, base_url=BASE).text
    table = rows(page, "sessions")
    assert list(table) == list(IN_RANGE)
    for id, numbers in SESSIONS.items():
        assert int(table[id]["unique_combined_live_viewers"]) == len(numbers.viewers)
        watched = sum(len(person.watched) for person in numbers.people.values())
        assert float(table[id]["live_view_time"]) == pytest.approx(watched / 60)
        assert int(table[id]["count_reaction_clicked"]) == numbers.total("reactions")
    assert table["q1"]["combined_live_engaged_users_play_time_ratio"] == "not-reported"
    assert 'data-signal="engagement"' in page
    assert "reported by 3 of 4 sessions" in page
    assert 'href="/channels/101/analytics/rooms?' in page
    for name in ("sessions", "plays"):
        address = re.search(rf'src="(/channels/101/analytics/rooms/{name}.svg[^"]+)"', page)
        assert address
        picture = somebody.client.get(unescape(address[1]), base_url=BASE)
        assert (picture.status_code, picture.mimetype) == (200, "image/svg+xml")
        assert "immutable" in picture.headers["Cache-Control"]


def test_the_attendees_are_added_up(app: Flask, account: Any) -> None:
    everybody = {name for s in SESSIONS.values() for name in s.people}
    found: dict[str, dict[str, str]] = {}
    for number in (1, 2):
        page = get(app, account, f"{RANGE}&page={number}").text
        assert f"Page {number} of {-(-len(everybody) // 10)}" in page
        found |= rows(page, "attendees")
    assert set(found) - {"total"} - set(IN_RANGE) == everybody
    for name in everybody:
        mine = [s.people[name] for s in SESSIONS.values() if name in s.people]
        assert int(found[name]["count_sessions"]) == sum(bool(person.watched) for person in mine)
        assert float(found[name]["live_view_time"]) == pytest.approx(sum(len(p.watched) for p in mine) / 60)
        assert int(found[name]["count_poll_answered"]) == sum(len(p.votes) for p in mine)
    assert found["total"]["count_sessions"] == "4"
    by_name = rows(get(app, account, f"{RANGE}&sort=name&order=desc").text, "attendees")
    assert next(key for key in by_name if key.startswith("u")) == "u00"  # Zoë; the others are named by their ids
    search = rows(get(app, account, f"{RANGE}&search=aarela").text, "attendees")
    assert set(search) - {"total"} - set(IN_RANGE) == {"u00"}
    attended = {id for id, s in SESSIONS.items() if "u00" in s.people and s.people["u00"].watched}
    assert set(search) & set(IN_RANGE) == attended


@pytest.mark.parametrize(
    ("sort", "metric"),
    [
        ("sessions", "count_sessions"),
        ("watched_seconds", "live_view_time"),
        ("rate", "combined_live_engaged_users_play_time_ratio"),
        ("reactions", "count_reaction_clicked"),
    ],
)
def test_the_attendees_are_sorted_over_all_pages(app: Flask, account: Any, sort: str, metric: str) -> None:
    shown: list[float] = []
    for number in (1, 2):
        table = rows(get(app, account, f"{RANGE}&sort={sort}&order=asc&page={number}").text, "attendees")
        shown += [float(values[metric] or -1) for key, values in table.items() if key.startswith("u")]
    assert shown == sorted(shown)
    assert len(shown) > 10


def test_many_sessions_come_in_pages_of_ten(app: Flask) -> None:
    held = [
        {"id": f"s{n:02}", "entryId": "1_room", "name": f"Lesson {n}", "startTime": START + n * HOUR,
         "endTime": START + (n + 1) * HOUR} for n in range(23)
    ]  # fmt: skip
    made = account_with(app, {**CATALOG, "sessions": held}, [])
    seen = []
    for number, count in ((1, 10), (2, 10), (3, 3)):
        html = get(app, made, f"{RANGE}&sessions_page={number}").text
        assert "23 sessions" in html[html.index('id="timeline"') : html.index('data-table="sessions"')]
        page = list(rows(html, "sessions"))
        assert len(page) == count
        seen += page
        assert re.findall(r'rel="next" href="[^"]*sessions_page=(\d)', html) == (
            [str(number + 1)] if number < 3 else []
        )
    assert seen == [session["id"] for session in held][::-1]
    assert "<bdi>Lesson 0</bdi>" in html and "<bdi>My room</bdi>" in html  # a session is called by its name too


def test_polls_stage_media_and_recordings(app: Flask, account: Any) -> None:
    page = get(app, account, RANGE).text
    polls = rows(page, "interactions")
    assert set(polls) == {f"poll-{id}" for id in IN_RANGE}
    for id, numbers in SESSIONS.items():
        assert int(polls[f"poll-{id}"]["poll_participants"]) == numbers.doers("votes")
    assert 'href="/media/1_group/analytics/interactions/poll-g1?session=g1' in page
    hosting = sum(numbers.people["u01"].role == "host" for numbers in SESSIONS.values())
    assert 0 < hosting < 4  # whoever talks as a guest of one session is no host of it
    stage = rows(page, "stage")
    assert {key: float(row["stage_time"]) for key, row in stage.items()} == {"all": 120, "u01": 80, "u02": 40}
    assert float(values(page)["host_talk_ratio"]) == pytest.approx(20 * hosting / 120)
    assert list(rows(page, "presented")) == [f"m-{id}" for id in IN_RANGE]
    first, *same_moment, last = polls  # the newest first, too
    assert (first, set(same_moment), last) == ("poll-q1", {"poll-cp2", "poll-g1"}, "poll-cp1")
    oldest = rows(get(app, account, f"{RANGE}&poll_sort=time_ms&poll_order=asc").text, "interactions")
    assert list(oldest) == list(polls)[::-1]
    assert 'href="/media/1_rec/' not in page  # it is in no channel of theirs
    whole = get(app, account, RANGE, permissions=(ACCOUNT_ANALYTICS,)).text
    assert 'href="/media/1_rec/analytics?from=2026-05-12' in whole
    views = [event for event in PLAYED if event["name"] == "view"]
    recording = rows(page, "recordings")["1_rec"]
    assert int(recording["count_loads"]) == int(recording["count_plays"]) == len(views)
    watched = sum(e["toPosition"] - e["fromPosition"] for e in views)
    assert float(recording["sum_vod_view_period"]) == pytest.approx(watched / 60)
    assert float(recording["avg_completion_rate"]) == pytest.approx(watched / len(views))
    plays = rows(page, "plays")
    assert sum(int(row["count_plays"]) for row in plays.values()) == len(views)


def test_countries_and_devices_count_people_once_in_each(app: Flask, account: Any) -> None:
    page = get(app, account, RANGE).text
    seen = {
        (person.country, name) for s in SESSIONS.values() for name, person in s.people.items() if person.watched
    }  # fmt: skip
    table = rows(page, "countries")
    for country in ("DE", "FR", "US"):
        assert int(table[country]["unique_combined_live_viewers"]) == sum(key == country for key, _name in seen)
    assert int(table["all"]["unique_combined_live_viewers"]) == len(LIVE) < len(seen)
    assert int(table["BR"]["unique_vod_viewers"]) == len({event["userId"] for event in PLAYED})
    assert set(rows(page, "devices")) == {"all", "Computer", "Mobile", ""}


def test_one_session_shows_what_its_room_shows(app: Flask, account: Any) -> None:
    mine = get(app, account, "/channels/101/analytics/rooms?session=cp2").text
    room = get(app, account, "/media/1_room/analytics?session=cp2").text
    number = r'data-metric="(\w+)" data-value="([^"]*)"'
    assert re.findall(number, mine) == re.findall(number, room)
    assert "Analytics for <bdi>Training &amp; more</bdi> channel" in mine
    forms = re.findall(r' action="([^"]+)"', mine)
    assert {form.partition("#")[0] for form in forms} == {"/channels/101/analytics/rooms"}
    assert not re.search(r'href="/media/1_room/analytics\?', mine)
    part = get(app, account, "/channels/101/analytics/rooms?session=cp2&from=08:10&to=08:20").text
    assert "08:10 to 08:20 only" in part
    explained = get(app, account, "/channels/101/analytics/rooms/explained?session=cp2").text
    assert values(explained)["live_view_time"] == values(room[room.index('data-row="total"') :])["live_view_time"]
    assert 'data-action="back" href="/channels/101/analytics/rooms?session=cp2' in explained


@pytest.mark.parametrize(
    ("path", "who", "refusal"),
    [
        ("/channels/102/analytics/rooms", {}, "scope"),
        ("/channels/nothing/analytics/rooms", {"permissions": (ACCOUNT_ANALYTICS,)}, "scope"),
        ("/channels/101/analytics/rooms", {"permissions": ()}, "role"),
        ("/channels/101/analytics/rooms?session=cp1", {"lifetime_ms": -1}, "launch"),
        ("/channels/102/analytics/rooms/explained", {}, "scope"),
        ("/channels/102/analytics/rooms/sessions.svg", {}, "scope"),
        ("/channels/102/analytics/rooms/plays.svg", {}, "scope"),
    ],
)
def test_the_gates_are_closed(app: Flask, account: Any, path: str, who: dict[str, Any], refusal: str) -> None:
    page = get(app, account, path, **who)
    assert page.status_code in (401, 403)
    assert f'data-refusal="{refusal}"' in page.text


def test_analytics_switched_off_is_explained(app: Flask, account: Any) -> None:
    with app.app_context():
        begin_write()
        set_flag(account.partner_id, ANALYTICS, False, actor="test")
        db.session.commit()
    page = get(app, account, RANGE)
    assert (page.status_code, 'data-refusal="feature"' in page.text) == (403, True)


@pytest.mark.parametrize("session", ["e1", "o1", "nothing"])
def test_only_sessions_of_the_channels_rooms(app: Flask, account: Any, session: str) -> None:
    for page in ("rooms", "rooms/explained", "rooms/summary.pdf", "export"):
        everything = {"permissions": (ACCOUNT_ANALYTICS,), "channel": None}
        answer = get(app, account, f"/channels/101/analytics/{page}?session={session}", **everything)
        assert (answer.status_code, "data-refusal" in answer.text) == (404, False)
        assert "have no such session" in answer.text


def test_a_breakout_room_counts_for_whom_it_is_in_scope(app: Flask, account: Any) -> None:
    everything = {"permissions": (ACCOUNT_ANALYTICS,), "channel": None}
    for who, count in (({}, "4"), (everything, "4"), ({"person": "colleague"}, "3")):
        assert values(get(app, account, RANGE, **who).text)["count_sessions"] == count


def test_the_list_holds_all_sessions_and_the_form_leads_to_plain_addresses(app: Flask, account: Any) -> None:
    page = get(app, account, RANGE).text
    options = re.findall(r'<option value="session:([^"]+)"', page)
    assert options == ["1_room/cp3", "1_quiet/q1", "1_group/g1", "1_room/cp2", "1_room/cp1"]
    assert re.search(r'<option value="dates" selected', page)
    assert 'name="were" value="2026-05-12/2026-05-31"' in page and 'name="from" value="2026-05-12"' in page
    for shown, first in ((f"{ROOMS}?range=7", 6), (f"{ROOMS}?range=7&session=cp1", None)):
        html = get(app, account, shown).text
        dates = [(datetime.now(UTC).date() - timedelta(days=back)).isoformat() for back in (first or 0, 0)]
        assert re.findall(r'type="date" name="(?:from|to)" value="([^"]*)"', html) == (dates if first else ["", ""])
    some = "from=2026-05-12&to=2026-05-20"
    for sent, asked in (
        ("show=range:7&were=/&from=&to=", "range=7"),
        (f"show=range:7&were=2026-05-12/2026-05-20&{some}", "range=7"),
        ("show=session:1_room/cp1&were=/", "session=cp1&room=1_room"),
        (f"show=session:1_room/cp1&were=2026-05-12/2026-05-20&{some}", "session=cp1&room=1_room"),
        (f"show=session:1_room/cp1&were=/&{some}", some),
        (f"show=dates&were=2026-04-12/2026-05-12&{some}", some),
        (f"show=range:30&were=2026-04-12/2026-05-12&{some}", some),
        (f"show=range:7&were=2026-04-12/2026-05-12&{some}", some),
        ("show=dates&were=/&from=&to=", "from=&to="),
    ):
        answer = get(app, account, f"/channels/101/analytics/rooms?{sent}")
        assert (answer.status_code, answer.location.startswith(f"/channels/101/analytics/rooms?{asked}")) == (303, True)


@pytest.mark.parametrize(
    "asked", ["from=2026-05-31&to=2026-05-12", "from=yesterday&to=2026-05-12", "range=8", "from=&to="]
)
def test_dates_that_cannot_be_read_are_said(app: Flask, account: Any, asked: str) -> None:
    page = get(app, account, f"/channels/101/analytics/rooms?{asked}")
    assert (page.status_code, "These dates cannot be shown" in page.text) == (200, True)
    assert re.search(r'<option value="range:30" selected', page.text)


@pytest.mark.parametrize(
    ("path", "who", "words"),
    [
        ("/channels/103/analytics/rooms", {"channel": "course-9"}, "There is no room here yet"),
        ("/channels/101/analytics/rooms?from=2020-01-01&to=2020-01-31", {}, "No session began in these dates"),
        ("/channels/102/analytics/rooms?from=2026-05-12&to=2026-05-12", {"channel": "course-8"}, "no event has"),
    ],
)
def test_what_is_empty_says_so(app: Flask, account: Any, path: str, who: dict[str, Any], words: str) -> None:
    page = get(app, account, path, **who)
    assert (page.status_code, words in page.text) == (200, True)


def test_totals_without_names_for_who_may_not_see_people(app: Flask, account: Any) -> None:
    page = get(app, account, f"{RANGE}&search=aarela&sort=name", permissions=(COURSE_ANALYTICS,)).text
    assert int(values(page)["unique_combined_live_viewers"]) == len(LIVE)
    assert "Äärelä" not in page
    assert not re.search(r'data-row="u\d\d"', page)
    assert float(values(page)["stage_time"]) == 120


def test_each_number_says_how_the_sessions_were_combined(app: Flask, account: Any) -> None:
    page = get(app, account, RANGE.replace("rooms?", "rooms/explained?")).text
    for metric, words in (
        ("unique_combined_live_viewers", "people counted once over all sessions"),
        ("live_view_time", "added up session by session"),
        ("group_message_participation", "session by session, people counted once over all sessions"),
        ("count_plays", "added up over what was played of all recordings in these dates"),
    ):
        part = page[page.index(f'<div id="{metric}">') :].partition("</div>")[0]
        assert words in part
    dashboard = get(app, account, RANGE).text
    why = unescape(re.findall(r'class="why" href="([^"]+)"', dashboard)[0])
    assert why.startswith("/channels/101/analytics/rooms/explained?from=2026-05-12&to=2026-05-31&")
