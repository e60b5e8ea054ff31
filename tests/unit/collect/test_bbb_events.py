"""A BigBlueButton recording: a small made-up file, its events counted by hand, and files that are not in order."""

import json
from collections import Counter
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from lti_tool.access.accounts import create_account
from lti_tool.collect import tasks
from lti_tool.collect.inbox import Receipt
from lti_tool.collect.registry import recognise
from lti_tool.collect.sources import Incoming, Rejected, SeenPerson, SeenRoom, SeenSession
from lti_tool.collect.sources.bbb_events import SOURCE
from lti_tool.models import Attendance, Entry, Person, RoomSession, SessionFacts, Vote, begin_write, db

WHOLE = Path(__file__).with_name("recording.xml").read_bytes()
CREATED = 1_778_600_040_000
MEETING = f"c0ffee-{CREATED}"


def items(content: bytes, room: str | None = None) -> list[Any]:
    return list(SOURCE.read(BytesIO(content), room))


def events(content: bytes, name: str | None = None) -> list[dict[str, Any]]:
    found = [json.loads(item.body) for item in items(content) if isinstance(item, Incoming)]
    return [event for event in found if name in (None, event["name"])]


def cut(content: bytes, before: bytes) -> bytes:
    """The file as far as this text."""
    return content[: content.index(before)]


def at(event: dict[str, Any]) -> float:
    """Seconds since the meeting was created."""
    return (event["time"] - CREATED) / 1000


def test_the_events_are_those_that_were_counted_by_hand() -> None:
    assert Counter(event["name"] for event in events(WHOLE)) == {
        "joinSession": 4,  # Ada, Bo twice, the telephone
        "leaveSession": 4,
        "groupMessageSent": 2,
        "raiseHand": 1,
        "reactionClicked": 1,
        "cameraOn": 1,
        "cameraOff": 1,
        "pollLaunched": 3,
        "pollAnswered": 3,
        "pollEnded": 2,
        "micOn": 1,
        "micOff": 1,
        "talkStarted": 1,
        "talkStopped": 2,
        "screenShareStarted": 1,
        "screenShareStopped": 1,
        "mediaPresented": 2,
        "mediaRemoved": 1,
    }
    assert {(event["entryId"], event["sessionId"]) for event in events(WHOLE)} == {("soil-101", MEETING)}
    assert not [item for item in items(WHOLE) if isinstance(item, Rejected)]


def test_a_person_is_the_outside_id_and_each_join_a_connection() -> None:
    joins = [(e["userId"], e["connectionId"], e["role"], at(e)) for e in events(WHOLE, "joinSession")]
    assert joins == [
        ("u-ada", "w_ada1", "moderator", 10),
        ("u-bo", "w_bo1", "viewer", 60),
        ("v_7261", "v_7261", "viewer", 200),
        ("u-bo", "w_bo2", "viewer", 540),
    ]


def test_an_answer_is_one_event_with_all_that_was_chosen() -> None:
    answers = {(e["pollId"], e["userId"]): (e["optionIds"], e["text"], at(e)) for e in events(WHOLE, "pollAnswered")}
    assert answers == {
        ("p-1", "u-bo"): (["0", "2"], "Clay; Sand", 125),
        ("p-1", "u-ada"): (["1"], "Loam", 130),
        ("p-3", "u-bo"): (["0"], "Muddy", 705),  # still open at the end; the secret poll names nobody
    }
    launched = {e["pollId"]: (e["type"], e["question"], len(e["options"])) for e in events(WHOLE, "pollLaunched")}
    assert launched == {"p-1": ("multiple", "Which soils?", 3), "p-2": ("single", "Too fast?", 2),
                        "p-3": ("open", "One word?", 0)}  # fmt: skip


def test_words_media_and_reactions_arrive_in_the_contracts_names() -> None:
    first, second = events(WHOLE, "groupMessageSent")
    assert (first["text"], first["messageId"], second["userId"]) == ("Welcome & hello <all>", "m-1", "u-bo")
    assert [e["reaction"] for e in events(WHOLE, "reactionClicked")] == ["Clap"]
    shown = [(e["title"], e["kind"], e.get("page"), e["userId"]) for e in events(WHOLE, "mediaPresented")]
    assert shown == [("Soil.pdf", "slides", 1, "u-ada"), ("https://video.example/soil", "video", None, "u-ada")]


def test_a_time_that_is_missing_follows_from_the_creation() -> None:
    assert [at(event) for event in events(WHOLE, "cameraOff")] == [500]  # this one has no timestampUTC


@pytest.mark.parametrize("breakout", [True, False])
def test_room_session_and_people_are_told(breakout: bool) -> None:
    told = items(WHOLE.replace(b'breakout="false"', b'breakout="true"') if breakout else WHOLE)
    assert [item for item in told if isinstance(item, SeenRoom)] == [SeenRoom("soil-101", "Soil science", breakout)]
    assert [item for item in told if isinstance(item, SeenSession)] == [
        SeenSession(MEETING, "soil-101", "Soil science", CREATED, CREATED + 910_000, "u-ada")
    ]
    assert {item for item in told if isinstance(item, SeenPerson)} == {
        SeenPerson("u-ada", "Ada Example", "moderator"),
        SeenPerson("u-bo", "Bo Example", "viewer"),
        SeenPerson("v_7261", "0*****89", "viewer"),
    }


def test_the_room_may_be_named_from_outside_and_must_be_when_the_file_names_none() -> None:
    assert {item.entry_id for item in items(WHOLE, "1_room") if isinstance(item, Incoming)} == {"1_room"}
    nameless = WHOLE.replace(b' externalId="soil-101"', b"")
    assert [(type(item), "--room" in item.reason) for item in items(nameless)] == [(Rejected, True)]


BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE recording [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<recording meeting_id="x-1">&b;</recording>"""
OUTSIDE = b"""<?xml version="1.0"?>
<!DOCTYPE recording SYSTEM "file:///etc/hostname"><recording meeting_id="x-1"/>"""


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (BOMB, "entities are not allowed"),
        (OUTSIDE, "entities are not allowed"),
        (b"", "broken"),
        (b'<?xml version="1.0"?><error/>', "not a BigBlueButton recording"),
        (b'<recording meeting_id="x-1"><meeting externalId="r"/></recording>', "holds no events"),
        (b"<recording", "broken"),
    ],
    ids=["entity bomb", "outside file", "empty", "another document", "no events", "cut at once"],
)
def test_a_file_that_is_no_recording_is_one_rejection(content: bytes, reason: str) -> None:
    (only,) = items(content)
    assert isinstance(only, Rejected)
    assert reason in only.reason


def test_a_file_that_breaks_off_keeps_what_was_read_and_says_where() -> None:
    torn = cut(WHOLE, b"<messageId>m-1")
    faults = [item for item in items(torn) if isinstance(item, Rejected)]
    assert [(fault.line, "broken" in fault.reason) for fault in faults] == [(torn.count(b"\n") + 1, True)]
    assert [event["name"] for event in events(torn)] == ["joinSession", "mediaPresented", "joinSession"]
    assert len([item for item in items(torn) if isinstance(item, SeenSession)]) == 1


def test_an_event_that_cannot_be_used_is_rejected_alone() -> None:
    broken = WHOLE.replace(b"    <pollId>p-2</pollId>\n", b"", 1)
    faults = [item for item in items(broken) if isinstance(item, Rejected)]
    assert [fault.reason for fault in faults] == ["POLL PollStartedRecordEvent: no pollId"]
    assert len(events(broken)) == len(events(WHOLE)) - 2  # without its launch the poll does not end either


def test_ids_are_the_same_at_every_reading_and_differ_for_two_alike() -> None:
    assert [event["id"] for event in events(WHOLE)] == [event["id"] for event in events(WHOLE)]
    begin = WHOLE.index(b'  <event timestamp="30584650"')  # the reaction
    one = WHOLE[begin : WHOLE.index(b"</event>\n", begin) + 9]
    twice = events(WHOLE.replace(one, one + one), "reactionClicked")
    assert len({event["id"] for event in twice}) == 2


def test_it_is_recognised_by_its_first_bytes() -> None:
    assert recognise(WHOLE[:200]) is SOURCE
    assert recognise(b"\xef\xbb\xbf" + WHOLE[:200]) is SOURCE


@pytest.fixture
def number(context: Flask) -> int:
    begin_write()
    made = create_account("Example University")
    db.session.commit()
    return made.partner_id


def take(number: int, content: bytes) -> Receipt:
    db.session.rollback()  # what the test has read
    receipt = tasks.store(number, SOURCE.read(BytesIO(content), None), SOURCE.name)
    tasks.fold_account(number)
    return receipt


def numbers(number: int) -> dict[str, Any]:
    """What was folded: of the session, and watched seconds by person."""
    facts = db.session.scalars(select(SessionFacts).join(RoomSession, RoomSession.id == SessionFacts.session_id)).one()
    columns = ("people", "viewers", "watched_seconds", "rated_seconds", "reactions", "chat_messages", "polls_answered")
    rows = db.session.execute(
        select(Person.external_id, Attendance.watched_seconds).join(Person, Person.id == Attendance.person_id)
    )
    return {name: getattr(facts, name) for name in columns} | {row[0]: row[1] for row in rows}


EXPECTED = {
    "people": 3,
    "viewers": 3,
    "watched_seconds": 900 + 660 + 60,  # Bo's two connections overlap for a minute
    "rated_seconds": 0,
    "reactions": 1,
    "chat_messages": 2,
    "polls_answered": 3,
    "u-ada": 900,
    "u-bo": 660,
    "v_7261": 60,
}


def test_the_facts_are_those_that_were_counted_by_hand(number: int) -> None:
    assert take(number, WHOLE).rejected == 0
    assert numbers(number) == EXPECTED
    entry = db.session.scalars(select(Entry)).one()
    assert (entry.external_id, entry.name, entry.type) == ("soil-101", "Soil science", "room")


def test_the_same_file_again_is_all_duplicates(number: int) -> None:
    first = take(number, WHOLE)
    again = take(number, WHOLE)
    assert (again.stored, again.duplicate) == (0, first.stored)
    assert (again.read, again.ignored) == (first.read, first.ignored)
    assert numbers(number) == EXPECTED


def test_the_whole_file_after_a_torn_one_makes_it_whole(number: int) -> None:
    torn = take(number, cut(WHOLE, b"    <status>reactionEmoji</status>\n    <value>none"))
    assert torn.rejected == 1
    take(number, WHOLE)
    assert numbers(number) == EXPECTED


def test_a_tear_between_two_choices_of_one_answer(number: int) -> None:
    take(number, WHOLE[: WHOLE.index(b"<answerId>2</answerId>")])
    take(number, WHOLE)
    bo = db.session.scalars(select(Person.id).where(Person.external_id == "u-bo")).one()
    votes = db.session.scalars(select(Vote.option_ids).where(Vote.person_id == bo, Vote.poll_id == "p-1")).all()
    assert votes == [["0", "2"]]


def test_half_a_recording_after_the_whole_one_takes_nothing_away(number: int) -> None:
    take(number, WHOLE)
    whole = numbers(number)
    session = db.session.scalars(select(RoomSession)).one()
    reach = (session.start_ms, session.end_ms)
    take(number, WHOLE[: len(WHOLE) // 2])
    assert numbers(number) == whole
    db.session.expire_all()
    assert (session.start_ms, session.end_ms) == reach


def test_a_recording_without_an_event_that_can_be_used_makes_no_session(number: int) -> None:
    meeting = b'<meeting id="x" externalId="room"/><event module="X" eventname="Y"/>'
    empty = b'<recording meeting_id="m-1778600040000">' + meeting + b"</recording>"
    assert take(number, empty).rejected
    assert db.session.scalars(select(RoomSession)).all() == []
