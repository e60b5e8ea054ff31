"""The numbers of a part of a session are those of the events and seconds that lie in it."""

from __future__ import annotations

from typing import Any

from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from lti_tool.access.scope import Scope
from lti_tool.analytics.part import part
from lti_tool.collect import tasks
from lti_tool.models import Person, RoomSession, SessionFacts, db
from tests.properties import plain
from tests.properties.strategies import CATALOG, START, room_events
from tests.properties.test_fold import EXAMPLES, deliver, new_account, store_catalog

COUNTED = {
    "reactionClicked": "reactions",
    "groupMessageSent": "chat_messages",
    "downloadAttachmentClicked": "downloads",
    "raiseHand": "raised_hands",
}


def expected(group: list[plain.Event], end: float | None, start_ms: int, end_ms: int) -> dict[str, dict[str, int]]:
    numbers = plain.session_numbers(group, end)
    seconds = set(range(start_ms // 1000, end_ms // 1000))
    found = {}
    for name, person in numbers.people.items():
        mine = [e for e in group if e["userId"] == name and start_ms <= e["time"] < end_ms]
        row = {counter: sum(e["name"] == kind for e in mine) for kind, counter in COUNTED.items()}
        row["threads"] = sum(e["name"] == "questionAnswerMessageSent" and e["newThread"] for e in mine)
        row["polls_answered"] = sum(start_ms <= time < end_ms for time, _id, _options in person.votes.values())
        row["watched_seconds"] = len(person.watched & seconds)
        row["engaged_seconds"] = len(person.engaged & seconds) if numbers.has_heartbeats else 0
        found[name] = row
    return found


def test_a_part_is_what_lies_in_it(context: Flask) -> None:
    @settings(max_examples=EXAMPLES[db.engine.dialect.name] // 2)
    @given(room_events, st.integers(-30, 130), st.integers(1, 90))
    def check(events: list[dict[str, Any]], first: int, minutes: int) -> None:
        account = new_account()
        store_catalog(account)
        deliver(account, events)
        tasks.fold_account(account)
        start_ms = START // 60_000 * 60_000 + first * 60_000
        end_ms = start_ms + minutes * 60_000
        groups = plain.assign(plain.unique(events), CATALOG)
        names = {p.id: p.external_id for p in db.session.scalars(select(Person).filter_by(account_id=account))}
        scope = Scope(account, whole_account=True, people=True)
        for session in db.session.scalars(select(RoomSession).filter_by(account_id=account)):
            facts = db.session.get(SessionFacts, session.id)
            if facts is None:
                continue
            group = groups[session.external_id]
            people = expected(group, session.end_ms, start_ms, end_ms)
            counted, attendances = part(scope, session, facts, start_ms, end_ms)
            assert {
                names[a.person_id]: {k: getattr(a, k) for k in people[names[a.person_id]]} for a in attendances
            } == people
            assert counted.viewers == sum(row["watched_seconds"] > 0 for row in people.values())
            assert counted.watched_seconds == sum(row["watched_seconds"] for row in people.values())
            assert counted.reaction_people == sum(row["reactions"] > 0 for row in people.values())
            launched = {e["pollId"] for e in group if e["name"] == "pollLaunched"}
            firsts = [
                min(e["time"] for e in group if e["name"] == "pollLaunched" and e["pollId"] == p) for p in launched
            ]
            assert counted.polls == sum(start_ms <= time < end_ms for time in firsts)

    check()
