"""The made-up term: the same at every start, complete, and in the contract's form."""

from collections import Counter, defaultdict
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest

from lti_tool.demo import term
from lti_tool.demo.people import EVERYBODY

NOW = datetime(2026, 6, 30, 11, 20, 37, tzinfo=UTC)
ACCOUNTS = (term.UNIVERSITY, term.COLLEGE_NAME)

FIELDS = {
    "joinSession": {"connectionId"},
    "leaveSession": {"connectionId"},
    "view": {"playbackType"},
    "playerImpression": set(),
    "play": {"playId"},
    "raiseHand": set(),
    "reactionClicked": {"reaction"},
    "loggedIn": set(),
    "groupMessageSent": {"messageId", "text"},
    "messageLiked": {"messageId"},
    "groupMessageDeleted": {"messageId"},
    "privateMessageSent": {"messageId", "recipientId", "text"},
    "privateChatConnectionRequestApproved": {"recipientId"},
    "questionAnswerMessageSent": {"threadId", "messageId", "newThread", "text"},
    "questionAnswerThreadState": {"threadId", "state", "moderatorId"},
    "pollLaunched": {"pollId", "question", "type", "options"},
    "pollAnswered": {"pollId"},
    "pollEnded": {"pollId"},
    "downloadAttachmentClicked": {"attachmentId"},
    "stageJoined": set(),
    "stageLeft": set(),
    "micOn": set(),
    "micOff": set(),
    "cameraOn": set(),
    "cameraOff": set(),
    "screenShareStarted": set(),
    "screenShareStopped": set(),
    "talkStarted": set(),
    "talkStopped": set(),
    "mediaPresented": {"mediaId", "title", "kind", "page"},
    "mediaRemoved": {"mediaId", "title", "kind", "page"},
}


@cache
def events(account: str = term.UNIVERSITY) -> list[dict[str, Any]]:
    return list(term.events(NOW, account))


@cache
def catalog(account: str = term.UNIVERSITY) -> dict[str, Any]:
    return term.catalog(NOW, account)


def ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


@pytest.mark.parametrize("account", ACCOUNTS)
def test_the_same_moment_gives_the_same_term(account: str) -> None:
    assert list(term.events(NOW, account)) == events(account)
    assert term.catalog(NOW, account) == catalog(account)


@pytest.mark.parametrize("account", ACCOUNTS)
def test_every_event_has_the_fields_of_the_contract(account: str) -> None:
    for event in events(account):
        assert {"id", "name", "time", "entryId", "userId"} | FIELDS[event["name"]] <= event.keys(), event
        assert isinstance(event["time"], int)
        if event.get("playbackType") == "vod":
            assert {"playId", "fromPosition", "toPosition", "seconds"} <= event.keys()
            assert 0 < event["seconds"] == event["toPosition"] - event["fromPosition"]
        if event["name"] == "pollAnswered":
            assert event.keys() & {"optionIds", "text"}


@pytest.mark.parametrize("account", ACCOUNTS)
def test_every_id_exists_once_and_every_reference_is_met(account: str) -> None:
    rows, all_events = catalog(account), events(account)
    ids = {kind: [row["id"] for row in rows[kind]] for kind in rows if kind != "registrations"}
    for kind, found in ids.items():
        assert len(found) == len(set(found)), kind
    assert len({event["id"] for event in all_events}) == len(all_events)
    entries, people = set(ids["entries"]), set(ids["people"])
    for entry in rows["entries"]:
        assert entry["ownerId"] in people
        assert set(entry.get("channelIds", ())) <= set(ids["channels"])
        assert entry.get("virtualEventId") is None or entry["virtualEventId"] in ids["virtualEvents"]
        assert set(entry.get("recordingEntryIds", ())) <= entries
        assert entry.get("parentEntryId") is None or entry["parentEntryId"] in entries
    for session in rows["sessions"]:
        assert session["entryId"] in entries
        assert session["hostId"] in people
    assert {row["entryId"] for row in rows["attachments"]} <= entries
    for registration in rows.get("registrations", ()):
        assert registration["personId"] in people and registration["virtualEventId"] in ids["virtualEvents"]
    polls = {e["pollId"]: {o["id"] for o in e["options"]} for e in all_events if e["name"] == "pollLaunched"}
    messages = {e["messageId"] for e in all_events if e["name"] == "groupMessageSent"}
    plays = {e["playId"] for e in all_events if e["name"] == "play"}
    for event in all_events:
        assert event["userId"] in people
        assert event["entryId"] in entries
        assert event.get("sessionId") is None or event["sessionId"] in ids["sessions"]
        assert event.get("recipientId", event["userId"]) in people
        assert event.get("attachmentId") is None or event["attachmentId"] in ids["attachments"]
        if event["name"] == "pollAnswered":
            assert set(event.get("optionIds", ())) <= polls[event["pollId"]]
        if event["name"] in ("messageLiked", "groupMessageDeleted"):
            assert event["messageId"] in messages
        assert event.get("repliedToMessageId") is None or event["repliedToMessageId"] in messages
        assert event.get("playbackType") != "vod" or event["playId"] in plays


def test_nothing_lies_in_the_future_and_no_recording_is_watched_past_its_end() -> None:
    durations = {entry["id"]: entry.get("durationSeconds") for entry in catalog()["entries"]}
    assert max(event["time"] for event in events()) <= ms(NOW)
    assert all(event["toPosition"] <= durations[event["entryId"]] for event in events() if "toPosition" in event)


def test_the_term_holds_what_the_demo_is_to_show() -> None:
    rows, names = catalog(), Counter(event["name"] for event in events())
    assert names.keys() == FIELDS.keys()
    assert len(events()) < 250_000
    types = Counter(entry["type"] for entry in rows["entries"])
    assert types["legacyMeeting"] == 1
    assert types["breakout"] == 3
    assert types["video"] > 8
    assert 55 <= len(rows["people"]) <= 65
    asked = {event["type"] for event in events() if event["name"] == "pollLaunched"}
    assert asked == {"single", "multiple", "open", "quiz", "ratingScale", "crowdVote"}
    assert [session["id"] for session in rows["sessions"] if "endTime" not in session] == [f"{term.OFFICE}-now"]
    people_in = defaultdict(set)
    names_in = defaultdict(set)
    for event in events():
        if "sessionId" in event:
            people_in[event["sessionId"]].add(event["userId"])
            names_in[event["entryId"]].add(event["name"])
    assert len(people_in[f"{term.HISTORY_ROOM}-s5"]) == 1
    assert "view" not in names_in[term.LANGUAGE_ROOM]
    assert term.WORKSHOP not in names_in
    for course in term.COURSES:
        assert 5 <= len(course.lessons) <= 8
        assert all(45 <= minutes <= 90 for minutes in course.minutes)
    assert all(len(people) >= 5 for id, people in people_in.items() if id != f"{term.HISTORY_ROOM}-s5")


def test_people_are_made_up_and_write_in_many_scripts() -> None:
    text = "".join(person.first_name + person.last_name for person in EVERYBODY.values())
    starts = (0x0100, 0x0370, 0x0400, 0x0590, 0x0600, 0x3040, 0x4E00, 0xAC00)
    for start in starts:
        assert any(start <= ord(letter) < start + 0x80 for letter in text) or any(
            start <= ord(letter) < start + 0x5000 for letter in text if start >= 0x4E00
        ), hex(start)
    assert all(person.email.endswith(".example") and person.email.isascii() for person in EVERYBODY.values())
    assert len({person.email for person in EVERYBODY.values()}) == len(EVERYBODY)
