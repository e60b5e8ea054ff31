"""Heat map, stage, presented media, lanes, highlights and parts of a session: pages over HTTP beside plain counts."""

from __future__ import annotations

import math
import random
import re
from typing import Any

import pytest
from flask import Flask

from lti_tool.access.roles import COURSE_ANALYTICS
from tests.actors import account_with, visitor
from tests.properties import plain

BASE = "https://tool.example"
START = 1_778_600_040_000  # 15:34 UTC, a whole minute
MINUTE = 60_000
END = START + 40 * MINUTE
PAGE = "/media/1_room/analytics?session=cp1"
CATALOG = {
    "channels": [{"id": "101", "name": "Course", "contextId": "course-7"}],
    "entries": [{"id": "1_room", "name": "Room", "type": "room", "channelIds": ["101"], "recordingEntryIds": ["1_rec"]},
                {"id": "1_rec", "name": "Rec", "type": "video", "channelIds": ["101"], "createdAt": END}],
    "attachments": [{"id": "a1", "name": "Slides.pdf"}],
    "sessions": [{"id": "cp1", "entryId": "1_room", "startTime": START, "endTime": END}],
}  # fmt: skip


def made_up() -> list[dict[str, Any]]:
    """Forty minutes of a dozen people: heartbeats, a stage, slides, hands, downloads, threads, a poll."""
    rng = random.Random(7)
    events: list[dict[str, Any]] = []

    def say(name: str, user: str, time: float, **more: Any) -> None:
        body = {"id": f"e{len(events)}", "name": name, "entryId": "1_room", "sessionId": "cp1", "userId": user}
        events.append(body | {"time": int(time)} | more)

    for number in range(12):
        user, first, last = f"u{number:02}", rng.randrange(8), rng.randrange(20, 41)
        say("joinSession", user, START + first * MINUTE)
        for beat in range(first * 6 + 1, last * 6):
            say(
                "view",
                user,
                START + beat * 10_000,
                tabFocused=rng.random() < 0.6,
                role="host" if number == 0 else "viewer",
            )
        say("leaveSession", user, START + last * MINUTE)
        if number % 3 == 0:
            say("raiseHand", user, START + 15 * MINUTE)
            say("downloadAttachmentClicked", user, START + 16 * MINUTE, attachmentId="a1")
            say("questionAnswerMessageSent", user, START + 17 * MINUTE, newThread=True, threadId=f"t{number}")
        say("reactionClicked", user, START + rng.randrange(10, 20) * MINUTE, reaction=rng.choice(["Clap", "Wow"]))
    for user, on, off in (("u00", 0, None), ("u01", 10, 12), ("u01", 20, 25)):
        say("stageJoined", user, START + on * MINUTE)
        say("talkStarted", user, START + on * MINUTE)
        if off:
            say("talkStopped", user, START + (off - 1) * MINUTE)
            say("stageLeft", user, START + off * MINUTE)
    say("mediaPresented", "u00", START + 5 * MINUTE, mediaId="deck", title="Deck", kind="slides", page=1)
    say("mediaRemoved", "u00", START + 12 * MINUTE, mediaId="deck")
    say("mediaPresented", "u00", START + 30 * MINUTE, title="Clip", kind="video")
    say("pollLaunched", "u00", START + 18 * MINUTE, pollId="p1", question="Why so?", options=[{"id": 1}])
    say("pollAnswered", "u03", START + 19 * MINUTE, pollId="p1", optionIds=[1])
    return events


EVENTS = made_up()
NUMBERS = plain.session_numbers(EVENTS, END)


@pytest.fixture
def account(app: Flask) -> Any:
    return account_with(app, CATALOG, EVENTS)


def get(app: Flask, account: Any, path: str, **who: Any) -> str:
    response = visitor(app, account.partner_id, channel="course-7", **who).client.get(path, base_url=BASE)
    assert response.status_code == 200
    return response.text


def section(html: str, name: str) -> str:
    found = re.search(rf'data-table="{name}">(.*?)</table>', html, re.S)
    assert found, name
    return found[1]


def rows(html: str, table: str) -> list[tuple[str, dict[str, str]]]:
    """(row's id, metric -> value) of a table, in order."""
    found = re.findall(r'<tr[^>]*data-row="([^"]*)".*?>(.*?)</tr>', section(html, table), re.S)
    return [(row, dict(re.findall(r'data-metric="(\w+)" data-value="([^"]*)"', text))) for row, text in found]


def letters(person: plain.PersonNumbers) -> str:
    found = ""
    for minute in range(START // MINUTE, END // MINUTE):
        seconds = set(range(minute * 60, minute * 60 + 60))
        found += "E" if seconds & person.engaged else "N" if seconds & person.watched else "O"
    return found


def test_each_row_opens_to_the_persons_minutes(app: Flask, account: Any) -> None:
    shown: dict[str, str] = {}
    for page in (1, 2):
        html = get(app, account, f"{PAGE}&page={page}&sort=name&order=asc")
        shown |= dict(re.findall(r'data-heatmap="(\w+)"[^>]*data-states="([ENO]+)"', html))
        assert ("Slides.pdf" in html) == (page == 1)  # u00, u03, u06 and u09
    assert shown == {name: letters(person) for name, person in NUMBERS.people.items()}


def test_the_stage_is_what_its_edges_say(app: Flask, account: Any) -> None:
    html = get(app, account, PAGE)
    found = dict(rows(html, "stage"))
    assert {name: float(row["stage_time"]) for name, row in found.items()} == {"total": 47, "u00": 40, "u01": 7}
    assert {name: float(row["talk_time"]) for name, row in found.items()} == {"total": 45, "u00": 40, "u01": 5}
    assert float(re.findall(r'data-metric="host_talk_ratio" data-value="([^"]*)"', html)[0]) == pytest.approx(40 / 45)


def test_presented_media_has_viewers_and_engagement_of_its_time(app: Flask, account: Any) -> None:
    expected = plain.presented(EVENTS, NUMBERS, END)
    found = rows(get(app, account, PAGE), "presented")
    assert [row for row, _values in found] == [one[0] for one in expected] == ["deck", "Clip"]
    for (_row, values), (_media, start, end, viewers, watched, engaged, first, last) in zip(
        found, expected, strict=True
    ):
        assert float(values["presented_time"]) == (end - start) / MINUTE
        assert int(values["unique_combined_live_viewers"]) == viewers
        assert float(values["combined_live_engaged_users_play_time_ratio"]) == pytest.approx(engaged / watched)
        assert int(values["viewers_change"]) == last - first


def test_the_minutes_name_polls_media_and_the_stage(app: Flask, account: Any) -> None:
    html = get(app, account, PAGE)
    texts = {row: re.sub(r"<[^>]+>|\s+", " ", text) for row, text in re.findall(
        r'<tr data-row="(\d+)"[^>]*>(.*?)</tr>', section(html, "timeline"), re.S)}  # fmt: skip
    assert [row for row, text in texts.items() if "Why so?" in text] == [str(START + 18 * MINUTE)]
    deck = [(int(row) - START) // MINUTE for row, text in texts.items() if "Deck" in text]
    assert deck == list(range(5, 12))
    assert "Deck (Page 1)" in texts[str(START + 5 * MINUTE)]
    stage = {at: "u00, u01" if at in {10, 11, 20, 21, 22, 23, 24} else "u00" for at in range(40)}
    cells = {row: re.findall(r"<bdi>([^<]*)</bdi>", text) for row, text in re.findall(
        r'<tr data-row="(\d+)"[^>]*>(.*?)</tr>', section(html, "timeline"), re.S)}  # fmt: skip
    assert {(int(row) - START) // MINUTE: found[-1] for row, found in cells.items()} == stage


def test_a_part_has_the_numbers_of_its_minutes(app: Flask, account: Any) -> None:
    start, end = START + 10 * MINUTE, START + 20 * MINUTE
    html = get(app, account, f"{PAGE}&from=15:44&to=15:54&sort=watched_seconds")
    seconds = set(range(start // 1000, end // 1000))
    watched = {name: len(person.watched & seconds) for name, person in NUMBERS.people.items()}
    engaged = sum(len(person.engaged & seconds) for person in NUMBERS.people.values())
    overview = dict(reversed(re.findall(r'data-metric="(\w+)" data-value="([^"]*)"', html)))
    assert int(overview["unique_combined_live_viewers"]) == sum(count > 0 for count in watched.values())
    total = dict(rows(html, "attendees"))["total"]
    assert float(total["live_view_time"]) == pytest.approx(sum(watched.values()) / 60)
    rate = float(total["combined_live_engaged_users_play_time_ratio"])
    assert rate == pytest.approx(engaged / sum(watched.values()))
    order = [name for name, _row in rows(html, "attendees")][1:]
    assert [watched[name] for name in order] == sorted(watched.values(), reverse=True)[:10]
    assert int(total["count_reaction_clicked"]) == sum(
        event["name"] == "reactionClicked" and start <= event["time"] < end for event in EVENTS
    )
    assert float(dict(rows(html, "stage"))["u01"]["stage_time"]) == 2
    assert [row for row, _values in rows(html, "presented")] == ["deck"]


def test_highlights_lead_into_the_recording(app: Flask, account: Any) -> None:
    html = get(app, account, PAGE)
    found = re.findall(r'data-row="(engaging|drop)-(\d+)"', html)
    assert {"engaging", "drop"} == {kind for kind, _at in found}
    starts = {math.floor((int(at) - START) / 1000) for _kind, at in found}
    assert {int(at) for at in re.findall(r"/media/1_rec\?[^\"]*start=(\d+)", html)} == starts
    assert "From 12:30" in get(app, account, "/media/1_rec?start=750")


@pytest.mark.parametrize("start", ["-5", "0", "86400", "99999999999999", "x"])
def test_a_start_outside_of_what_is_played_says_nothing(app: Flask, account: Any, start: str) -> None:
    assert 'role="status"' not in get(app, account, f"/media/1_rec?start={start}")


def test_who_sees_no_names_sees_none_here_either(app: Flask, account: Any) -> None:
    html = get(app, account, PAGE, permissions=[COURSE_ANALYTICS])
    assert "u01" not in html
    assert dict(rows(html, "stage"))["total"]["stage_time"] == "47.0"
    minutes = re.findall(r"<tr data-row=.*?</tr>", section(html, "timeline"), re.S)
    assert [re.findall(r"<bdi>([^<]*)</bdi>", minute)[-1] for minute in minutes][9:13] == ["1", "2", "2", "1"]
