"""What folding counts of recordings and polls: as the plain definitions, in any order, batched, linked late."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from lti_tool.collect import tasks
from lti_tool.collect.sources import CatalogItem
from lti_tool.collect.sources.catalog import EntryItem, SessionItem
from lti_tool.models import (
    Entry,
    PlaybackQuarter,
    Poll,
    RoomSession,
    SessionFacts,
    SessionPlayback,
    db,
)
from tests.properties.test_fold import EXAMPLES, deliver, new_account

QUARTER = 900_000
START = 1_778_600_040_000  # not at the start of a quarter
STARTS = {"early": START, "late": START + 5 * QUARTER}
RECORDINGS = ("r1", "r2")
LEVELS = ("device", "operatingSystem", "browser")

context = st.fixed_dictionaries(
    {},
    optional={
        "country": st.sampled_from(["DE", "FR"]),
        "device": st.sampled_from(["Computer", "Mobile"]),
        "operatingSystem": st.sampled_from(["Linux", "iOS"]),
        "browser": st.sampled_from(["Firefox", "Safari"]),
    },
)
user = st.sampled_from(["ada", "bo", "cy", "di"])
played = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["view", "view", "view", "play", "playerImpression"]),
        "entryId": st.sampled_from(RECORDINGS),
        "time": st.integers(START - 3 * QUARTER, START + 9 * QUARTER),
        "userId": user,
        "playbackType": st.just("vod"),
        "seconds": st.sampled_from([30, 30, 0]),
        "playId": st.sampled_from(["p1", "p2"]),
    }
)
live = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["view", "view", "raiseHand", "pollAnswered", "pollLaunched"]),
        "entryId": st.just("room"),
        "sessionId": st.sampled_from(list(STARTS)),
        "time": st.integers(START, START + 9 * QUARTER),
        "userId": user,
        "pollId": st.sampled_from(["q1", "q2"]),
        "question": st.just("?"),
        "type": st.just("single"),
        "options": st.just([{"id": "a", "text": "A"}]),
        "optionIds": st.lists(st.sampled_from(["a", "b"]), max_size=2),
    }
)
events_of_both = st.lists(st.tuples(st.one_of(played, live), context), min_size=3, max_size=25).map(
    lambda made: [{"id": f"e{place}", **event, **where} for place, (event, where) in enumerate(made)]
)


def catalog(account: int, recordings: tuple[str, ...], sessions: bool = True) -> None:
    room = EntryItem("room", name="Room", type="room", recording_entry_ids=list(recordings))
    items = [CatalogItem(1, "entries", room)]
    if sessions:
        items += [
            CatalogItem(1, "sessions", SessionItem(name, "room", start, end_time=start + QUARTER))
            for name, start in STARTS.items()
        ]
    tasks.store(account, items, "catalog")


def said(events: list[dict[str, Any]], field: str) -> str:
    """The earliest that anything says."""
    return next((e[field] for e in sorted(events, key=lambda e: (e["time"], e["id"])) if e.get(field)), "")


def by_path(people: dict[str, list[list[dict[str, Any]]]]) -> tuple[list[list[Any]], list[list[Any]]]:
    """Countries and devices of people, each with the events of every place where they may have said something."""
    countries: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    devices: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    for name, places in people.items():
        for events in places:
            countries[(said(events, "country"),)].add(name)
            for depth in (1, 2, 3):
                devices[tuple(said(events, level) for level in LEVELS[:depth])].add(name)
    first, second = ([[list(path), len(who)] for path, who in sorted(f.items())] for f in (countries, devices))
    return first, second


def expected(events: list[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for session, start in STARTS.items():
        here = [e for e in events if e.get("sessionId") == session]
        watched_live = {e["userId"] for e in here if e["name"] == "view" and e["seconds"]}
        mine = {name: [[e for e in here if e["userId"] == name]] for name in watched_live}
        viewers: defaultdict[str, list[list[dict[str, Any]]]] = defaultdict(list)
        for recording in RECORDINGS:
            there = [e for e in events if e["entryId"] == recording]
            watched = [e for e in there if e["name"] == "view" and e["seconds"]]
            for name in {e["userId"] for e in watched if e["time"] >= start // QUARTER * QUARTER}:
                viewers[name].append([e for e in there if e["userId"] == name])
        both = len(watched_live & set(viewers))
        polls = {e["pollId"] for e in here if e["name"] == "pollLaunched"}
        answers = {
            poll: {
                e["userId"]: sorted(e["optionIds"])
                for e in sorted(here, key=lambda e: (e["time"], e["id"]))
                if e["name"] == "pollAnswered" and e["pollId"] == poll
            }
            for poll in polls
        }
        found[session] = {
            "live": by_path(mine),
            "recorded": (len(viewers), both, *by_path(viewers)) if viewers else None,
            "participants": {poll: len(given) for poll, given in answers.items()},
        }
    return found


def quarters(events: list[dict[str, Any]]) -> dict[tuple[str, int], list[int]]:
    found: defaultdict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0, 0])
    started: dict[tuple[str, str, str], int] = {}
    for e in (e for e in events if e["entryId"] in RECORDINGS):
        if e["name"] == "play":
            key = (e["entryId"], e["userId"], e["playId"])
            started[key] = min(e["time"], started.get(key, e["time"]))
            continue
        row = found[e["entryId"], e["time"] // QUARTER]
        row[0] += e["name"] == "playerImpression"
        row[1] += 1000 * e["seconds"] if e["name"] == "view" else 0
    for (recording, _user, _play), time in started.items():
        found[recording, time // QUARTER][2] += 1
    return {key: row for key, row in found.items() if any(row)}


def counted(account: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for session in db.session.scalars(select(RoomSession).filter_by(account_id=account)):
        facts, playback = db.session.get(SessionFacts, session.id), db.session.get(SessionPlayback, session.id)
        polls = db.session.scalars(select(Poll).filter_by(session_id=session.id)).all()
        assert all(poll.participants == sum(people for _ids, people in poll.choices) for poll in polls)
        found[session.external_id] = {
            "live": (facts.countries, facts.devices) if facts else ([], []),
            "recorded": (playback.viewers, playback.both, playback.countries, playback.devices) if playback else None,
            "participants": {poll.poll_id: poll.participants for poll in polls},
        }
    return found


def test_what_is_counted_is_the_plain_definition(context: Flask) -> None:
    @settings(max_examples=EXAMPLES[db.engine.dialect.name])
    @given(events_of_both.flatmap(lambda events: st.tuples(st.just(events), st.permutations(events))), st.data())
    def check(made: tuple[list[dict[str, Any]], list[dict[str, Any]]], data: st.DataObject) -> None:
        events = [e | {"seconds": 30} if e["name"] == "view" and e["entryId"] == "room" else e for e in made[0]]
        named = {e["id"]: e for e in events}
        order = [named[e["id"]] for e in made[1]]
        account = new_account()
        cuts = sorted(data.draw(st.lists(st.integers(0, len(order)), min_size=2, max_size=2)))
        when = data.draw(st.sampled_from([0, 0, 1, 2, 3]), label="batches before the catalogue")
        linked = data.draw(st.sampled_from([RECORDINGS, RECORDINGS, (), ("r1",), ("r2", "other")]), label="at first")
        for place, batch in enumerate((order[: cuts[0]], order[cuts[0] : cuts[1]], order[cuts[1] :], events)):
            if place == when:
                catalog(account, linked)
            deliver(account, batch)
            tasks.fold_account(account)
        catalog(account, RECORDINGS, sessions=False)
        tasks.fold_account(account)
        assert counted(account) == expected(events)
        rows = select(PlaybackQuarter, Entry.external_id).join(Entry, Entry.id == PlaybackQuarter.entry_id)
        found = {
            (name, row.quarter): [row.impressions, row.watched_ms, row.plays]
            for row, name in db.session.execute(rows.where(Entry.account_id == account))
        }
        assert {key: row for key, row in found.items() if any(row)} == quarters(events)
        before = counted(account), found
        db.session.rollback()
        tasks.rebuild_account(account)
        assert counted(account) == before[0]

    check()


def test_a_country_said_after_the_watching_counts(context: Flask) -> None:
    """Only the start of the play says it, and comes in a batch of its own."""
    account = new_account()
    catalog(account, RECORDINGS)
    play = {"entryId": "r1", "time": START, "userId": "ada", "playbackType": "vod", "playId": "p1"}
    events = [
        {"id": "e0", "name": "view", "seconds": 30, **play},
        {"id": "e1", "name": "play", "country": "DE", "device": "Mobile", **play},
    ]
    for event in events:
        deliver(account, [event])
        tasks.fold_account(account)
    found = counted(account)["early"]["recorded"]
    assert found == expected(events)["early"]["recorded"]
    assert found[2] == [[["DE"], 1]]
