"""Contract 3 and 7 on made-up events: what is folded equals the plain definitions, in any order, repeated, batched."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from lti_tool.access.accounts import create_account
from lti_tool.collect import tasks
from lti_tool.collect.sources import CatalogItem
from lti_tool.collect.sources.catalog import SessionItem
from lti_tool.collect.sources.events import read_lines
from lti_tool.models import (
    Attendance,
    Entry,
    MediaEdge,
    Moment,
    Person,
    Play,
    Playback,
    RoomSession,
    SessionFacts,
    StageEdge,
    Vote,
    begin_write,
    db,
    spans,
)
from tests.properties import plain
from tests.properties.strategies import CATALOG, room_events

EXAMPLES = {"sqlite": 250, "postgresql": 40}


SHOWN = ("media_id", "start_ms", "end_ms", "viewers", "watched", "engaged", "first", "last")


def new_account() -> int:
    db.session.rollback()  # what the example before has read
    begin_write()
    made = create_account("Property")
    db.session.commit()
    return made.partner_id


def store_catalog(account_id: int) -> None:
    items = [
        CatalogItem(1, "sessions", SessionItem(s["id"], s["entryId"], s["startTime"], end_time=s["endTime"]))
        for s in CATALOG
    ]
    tasks.store(account_id, items, "catalog")


def deliver(account_id: int, events: list[dict[str, Any]]) -> None:
    receipt = tasks.store(account_id, read_lines(json.dumps(e).encode() for e in events), "events")
    assert receipt.rejected == 0, receipt.reasons


def facts(account_id: int) -> dict[str, Any]:
    """Everything that was folded, without database keys."""
    found: dict[str, Any] = {}
    people = {p.id: p.external_id for p in db.session.scalars(select(Person).filter_by(account_id=account_id))}
    for session in db.session.scalars(select(RoomSession).filter_by(account_id=account_id)):
        row = db.session.get(SessionFacts, session.id)
        attendance = {}
        for a in db.session.scalars(select(Attendance).filter_by(session_id=session.id)):
            columns = {c.name: getattr(a, c.name) for c in Attendance.__table__.columns}
            attendance[people[a.person_id]] = {k: v for k, v in columns.items() if not k.endswith("_id")}
        votes = {
            (v.poll_id, people[v.person_id]): (v.time_ms, v.event_id, v.option_ids)
            for v in db.session.scalars(select(Vote).filter_by(session_id=session.id))
        }
        columns = {c.name: getattr(row, c.name) for c in SessionFacts.__table__.columns} if row else {}
        columns.pop("session_id", None)
        rows = {table.__tablename__: _rows(table, session.id, people) for table in (Moment, StageEdge, MediaEdge)}
        found[session.external_id] = (session.start_ms, session.end_ms, columns, attendance, votes, rows)
    return found


def _rows(table: Any, session_id: int, people: dict[int, str]) -> list[dict[str, Any]]:
    """The rows of a table without database keys, sorted."""
    found = [
        {"user": people[row.person_id]}
        | {c.name: getattr(row, c.name) for c in table.__table__.columns if c.name[-3:] not in ("_id", "_pk")}
        | ({"media_id": row.media_id} if table is MediaEdge else {})
        for row in db.session.scalars(select(table).filter_by(session_id=session_id))
    ]
    return sorted(found, key=str)


@pytest.fixture
def prepared(context: Flask) -> Iterator[str]:
    with context.app_context():
        yield db.engine.dialect.name


def deliveries(events: list[dict[str, Any]]) -> st.SearchStrategy[list[list[dict[str, Any]]]]:
    """The events in another order, some twice, cut into batches."""
    some_twice = st.lists(st.sampled_from(events), max_size=5) if events else st.just([])
    shuffled = some_twice.flatmap(lambda twice: st.permutations(events + twice))
    return shuffled.flatmap(
        lambda order: st.lists(st.integers(0, len(order)), max_size=3).map(
            lambda cuts: [order[a:b] for a, b in zip([0, *sorted(cuts)], [*sorted(cuts), len(order)], strict=True)]
        )
    )


def test_folded_numbers_are_the_plain_definitions(prepared: str) -> None:
    @settings(max_examples=EXAMPLES[prepared])
    @given(room_events, st.booleans())
    def check(events: list[dict[str, Any]], with_catalog: bool) -> None:
        account = new_account()
        if with_catalog:
            store_catalog(account)
        deliver(account, events)
        tasks.fold_account(account)
        catalog = CATALOG if with_catalog else []
        expected = plain.assign(plain.unique(events), catalog)
        found = facts(account)
        assert set(found) == set(expected)
        for name, group in expected.items():
            _start, end, totals, attendance, votes, rows = found[name]
            if group:
                numbers = plain.session_numbers(group, end)
                compare(numbers, totals, attendance, votes)
                shown = [tuple(one[name] for name in SHOWN) for one in totals["presented"]]
                assert shown == plain.presented(group, numbers, end or max(event["time"] for event in group))
                assert rows == plain.rows(group)
            else:
                assert totals == {} and attendance == {}

    check()


def compare(numbers: plain.SessionNumbers, totals: dict[str, Any], attendance: dict[str, Any], votes: Any) -> None:
    assert set(attendance) == set(numbers.people)
    for name, person in numbers.people.items():
        row = attendance[name]
        assert row["watched_seconds"] == len(person.watched)
        assert row["engaged_seconds"] == (len(person.engaged) if numbers.has_heartbeats else 0)
        rated = len(person.watched) if numbers.has_heartbeats else 0
        assert row["rate"] == (pytest.approx(len(person.engaged) / rated) if rated else -1)
        for counter in ("reactions", "raised_hands", "chat_messages", "threads", "downloads", "logged_in"):
            assert row[counter] == getattr(person, counter)
        assert row["polls_answered"] == len(person.votes)
        assert (row["role"], row["country"]) == (person.role, person.country)
        assert {poll: vote for (poll, user), vote in votes.items() if user == name} == {
            poll: (time, event, options or []) for poll, (time, event, options) in person.votes.items()
        }
    assert totals["viewers"] == len(numbers.viewers)
    assert totals["people"] == len(numbers.people)
    assert totals["polls"] == numbers.polls
    assert totals["watched_seconds"] == sum(len(p.watched) for p in numbers.people.values())
    for column, name in (
        ("reaction_people", "reactions"),
        ("chat_people", "chat_messages"),
        ("poll_people", "votes"),
        ("thread_people", "threads"),
        ("download_people", "downloads"),
        ("raised_hand_people", "raised_hands"),
        ("logged_in", "logged_in"),
    ):
        assert totals[column] == numbers.doers(name)
    curve = np.frombuffer(totals["curve"], dtype="<u4").reshape(-1, 5).tolist()
    assert {row[0]: (row[1], row[2], row[4]) for row in curve} == {
        minute: (people, watched, engaged if numbers.has_heartbeats else 0)
        for minute, (people, watched, engaged) in numbers.minutes().items()
    }
    assert {(minute, kind): count for minute, kind, count in totals["reaction_minutes"]} == numbers.reaction_minutes


def test_order_repetition_and_batches_change_nothing(prepared: str) -> None:
    @settings(max_examples=EXAMPLES[prepared])
    @given(
        room_events.flatmap(lambda events: st.tuples(st.just(events), deliveries(events))),
        st.sampled_from(["none", "before", "after", "between"]),
    )
    def check(made: tuple[list[dict[str, Any]], list[list[dict[str, Any]]]], catalog: str) -> None:
        events, batches = made
        straight, crooked = new_account(), new_account()
        if catalog != "none":
            store_catalog(straight)
        deliver(straight, events)
        tasks.fold_account(straight)
        if catalog == "before":
            store_catalog(crooked)
        for place, batch in enumerate(batches):
            deliver(crooked, batch)
            tasks.fold_account(crooked)
            if catalog == "between" and place == 0:
                store_catalog(crooked)
        if catalog == "after":
            store_catalog(crooked)
        tasks.fold_account(crooked)
        expected = facts(straight)
        assert facts(crooked) == expected
        db.session.rollback()
        tasks.rebuild_account(crooked)
        assert facts(crooked) == expected

    check()


vod = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(["view", "play", "playerImpression"]),
            "time": st.integers(1_778_600_000_000, 1_778_700_000_000),
            "entryId": st.just("recording"),
            "userId": st.sampled_from(["ada", "bo"]),
            "playbackType": st.just("vod"),
            "fromPosition": st.integers(0, 100),
            "toPosition": st.integers(0, 100),
        },
        optional={
            "seconds": st.floats(0, 100).map(lambda s: round(s, 2)),
            "playId": st.sampled_from(["p1", "p2", "p3"]),
        },
    ),
    max_size=20,
).map(lambda made: [{"id": f"v{place}", **one} for place, one in enumerate(made)])


def test_playback_is_the_plain_sum(prepared: str) -> None:
    @settings(max_examples=EXAMPLES[prepared] // 2)
    @given(vod, st.integers(0, 20))
    def check(events: list[dict[str, Any]], cut: int) -> None:
        account = new_account()
        for batch in (events[cut:], events[:cut], events):
            deliver(account, batch)
            tasks.fold_account(account)
        people = {p.id: p.external_id for p in db.session.scalars(select(Person).filter_by(account_id=account))}
        found: dict[str, list[Any]] = {}
        rows = select(Playback).join(Entry, Entry.id == Playback.entry_id).where(Entry.account_id == account)
        for row in db.session.scalars(rows):
            sums = found.setdefault(people[row.person_id], [0, 0, []])
            sums[0] += row.impressions
            sums[1] += row.watched_ms
        plays = select(Play).join(Entry, Entry.id == Play.entry_id).where(Entry.account_id == account)
        for play in db.session.scalars(plays.where(Play.time_ms.is_not(None))):
            found.setdefault(people[play.person_id], [0, 0, []])[2].append(play.time_ms)
        found_sorted = {user: (loads, ms, sorted(times)) for user, (loads, ms, times) in found.items()}
        assert found_sorted == plain.playback(events)

    check()


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), max_size=30))
def test_a_union_of_spans_is_the_set_of_their_seconds(pairs: list[tuple[int, int]]) -> None:
    made = spans.union(np.array(pairs, dtype=np.int64).reshape(-1, 2))
    expected = {k for start, end in pairs for k in range(start, end)}
    assert {k for start, end in made.tolist() for k in range(start, end)} == expected
    assert (made[:, 1] - made[:, 0]).sum() == len(expected)
    assert (made[1:, 0] > made[:-1, 1]).all()
    assert (spans.decode(spans.encode(made)) == made).all()
