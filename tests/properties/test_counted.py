"""What folding counts of recordings and polls: as the plain definitions, in any order, batched, linked late."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from lti_tool.collect import tasks
from lti_tool.collect.sources import CatalogItem
from lti_tool.collect.sources.catalog import EntryItem, PersonItem, SessionItem
from lti_tool.models import (
    Entry,
    Person,
    Play,
    PlaybackQuarter,
    PlaybackRetention,
    Poll,
    RoomSession,
    SessionFacts,
    SessionPlayback,
    SessionViewer,
    db,
)
from tests.properties.test_completion import plain_percentiles
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
        "fromPosition": st.integers(0, 120),
        "toPosition": st.integers(0, 120),
    }
)
# How long the recordings are, at first and in the end; nothing: nobody says.
lengths = st.fixed_dictionaries({recording: st.sampled_from([None, 100.0, 100.0, 60.5]) for recording in RECORDINGS})
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


def catalog(account: int, recordings: tuple[str, ...], seconds: dict[str, float | None], sessions: bool = True) -> None:
    room = EntryItem("room", name="Room", type="room", recording_entry_ids=list(recordings))
    videos = [EntryItem(id, name=id, type="video", duration_seconds=length) for id, length in seconds.items()]
    items = [CatalogItem(1, "entries", entry) for entry in (room, *videos)]
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


Plays = dict[tuple[str, str, str], tuple[int | None, set[int] | None]]


def plays(events: list[dict[str, Any]], seconds: dict[str, float | None]) -> Plays:
    """(recording, user, play) -> when it was started, if anything says so, and the percentiles that it watched."""
    found: Plays = {}
    for e in (e for e in events if e["entryId"] in RECORDINGS and e["name"] != "playerImpression"):
        key = (e["entryId"], e["userId"], e["playId"])
        mine = [one for one in events if (one["entryId"], one["userId"], one.get("playId")) == key]
        views = [(one["fromPosition"], one["toPosition"]) for one in mine if one["name"] == "view"]
        length = seconds[e["entryId"]]
        start = min((one["time"] for one in mine if one["name"] == "play"), default=None)
        found[key] = (start, plain_percentiles(views, length) if length else None)
    return found


def quarters(events: list[dict[str, Any]], plays: Plays) -> dict[tuple[str, int], list[Any]]:
    """Impressions, watched milliseconds, plays, measured plays, percentiles; and how many watched each percentile."""
    found: defaultdict[tuple[str, int], list[Any]] = defaultdict(lambda: [0, 0, 0, 0, 0, [0] * 100])
    for e in (e for e in events if e["entryId"] in RECORDINGS and e["name"] != "play"):
        row = found[e["entryId"], e["time"] // QUARTER]
        row[0] += e["name"] == "playerImpression"
        row[1] += 1000 * e["seconds"] if e["name"] == "view" else 0
    for (recording, _user, _play), (time, watched) in plays.items():
        if time is not None:
            row = found[recording, time // QUARTER]
            row[2] += 1
            row[3] += watched is not None
            row[4] += len(watched or ())
            row[5] = [count + (p in (watched or ())) for p, count in enumerate(row[5], start=1)]
    return {key: row for key, row in found.items() if any(row[:5])}


def viewers(events: list[dict[str, Any]], plays: Plays) -> dict[tuple[str, str], tuple[Any, ...]]:
    """(session, user) -> impressions, watched milliseconds, plays, measured plays, percentiles, completion rate."""
    found = {}
    for session, start in STARTS.items():
        for user in {e["userId"] for e in events}:
            mine = [e for e in events if e["userId"] == user and e["entryId"] in RECORDINGS]
            kept = [e for e in mine if e["name"] != "play" and e["time"] >= start // QUARTER * QUARTER]
            started = [
                watched
                for (_recording, who, _play), (time, watched) in plays.items()
                if who == user and time is not None and time >= start
            ]
            measured = [len(watched) for watched in started if watched is not None]
            if kept or started:
                found[session, user] = (
                    sum(e["name"] == "playerImpression" for e in kept),
                    sum(1000 * e["seconds"] for e in kept if e["name"] == "view"),
                    len(started),
                    len(measured),
                    sum(measured),
                    sum(measured) / len(measured) if measured else -1,
                )
    return found


def counted_plays(account: int) -> Plays:
    query = select(Entry.external_id, Person.external_id, Play.play_id, Play.time_ms, Play.percentiles)
    query = query.join(Entry, Entry.id == Play.entry_id).join(Person, Person.id == Play.person_id)
    rows = db.session.execute(query.where(Entry.account_id == account))
    return {(recording, user, play): (time, count) for recording, user, play, time, count in rows}


def counted_quarters(account: int) -> dict[tuple[str, int], list[Any]]:
    query = select(PlaybackQuarter, Entry.external_id, PlaybackRetention.plays)
    query = query.join(Entry, Entry.id == PlaybackQuarter.entry_id)
    same = (PlaybackRetention.entry_id == Entry.id) & (PlaybackRetention.quarter == PlaybackQuarter.quarter)
    query = query.join(PlaybackRetention, same, isouter=True)
    names = ("impressions", "watched_ms", "plays", "measured_plays", "percentiles")
    found = {}
    for row, name, curve in db.session.execute(query.where(Entry.account_id == account)):
        counts = np.frombuffer(curve, dtype="<i4").tolist() if curve else [0] * 100
        found[name, row.quarter] = [*(getattr(row, column) for column in names), counts]
    return {key: row for key, row in found.items() if any(row[:5])}


def counted_viewers(account: int) -> dict[tuple[str, str], tuple[Any, ...]]:
    v = SessionViewer
    columns = (v.impressions, v.watched_ms, v.plays, v.measured_plays, v.percentiles, v.completion)
    query = select(RoomSession.external_id, Person.external_id, *columns)
    query = query.join(RoomSession, RoomSession.id == v.session_id).join(Person, Person.id == v.person_id)
    rows = db.session.execute(query.where(RoomSession.account_id == account))
    return {(session, user): tuple(values) for session, user, *values in rows}


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
        first, seconds = data.draw(st.tuples(lengths, lengths), label="lengths")
        for place, batch in enumerate((order[: cuts[0]], order[cuts[0] : cuts[1]], order[cuts[1] :], events)):
            if place == when:
                catalog(account, linked, first)
            deliver(account, batch)
            tasks.fold_account(account)
        catalog(account, RECORDINGS, seconds, sessions=False)
        tasks.fold_account(account)
        played = plays(events, seconds)
        everything = (
            expected(events),
            {key: (time, None if watched is None else len(watched)) for key, (time, watched) in played.items()},
            quarters(events, played),
            viewers(events, played),
        )
        ways = (counted, counted_plays, counted_quarters, counted_viewers)
        assert tuple(way(account) for way in ways) == everything
        db.session.rollback()
        tasks.rebuild_account(account)
        assert tuple(way(account) for way in ways) == everything

    check()


def test_a_country_said_after_the_watching_counts(context: Flask) -> None:
    """Only the start of the play says it, and comes in a batch of its own."""
    account = new_account()
    catalog(account, RECORDINGS, {})
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


def test_a_session_that_began_earlier_than_was_known_counts_what_was_played_before(context: Flask) -> None:
    """Events name the session, and its first comes last."""
    account = new_account()
    catalog(account, RECORDINGS, {}, sessions=False)
    play = {"entryId": "r1", "userId": "ada", "playbackType": "vod", "playId": "p1", "seconds": 30}
    live = {"name": "view", "entryId": "room", "sessionId": "named", "userId": "bo"}
    for event in (
        {"id": "e0", "time": START + 4 * QUARTER, **live},
        {"id": "e1", "time": START + 2 * QUARTER, "name": "view", **play},
        {"id": "e2", "time": START + 2 * QUARTER, "name": "play", **play},
        {"id": "e3", "time": START, **live},
    ):
        assert counted_viewers(account) == {}
        db.session.rollback()
        deliver(account, [event])
        tasks.fold_account(account)
    assert counted_viewers(account) == {("named", "ada"): (0, 30_000, 1, 0, 0, -1)}


def test_people_who_are_renamed_sort_by_their_new_names(context: Flask) -> None:
    account = new_account()
    catalog(account, RECORDINGS, {})
    play = {"entryId": "r1", "userId": "ada", "playbackType": "vod", "seconds": 30}
    deliver(account, [{"id": "e0", "time": START, "name": "view", **play}])
    tasks.fold_account(account)
    names = select(SessionViewer.name_key).join(RoomSession).where(RoomSession.account_id == account)
    assert set(db.session.scalars(names)) == {"ada"}
    db.session.rollback()
    tasks.store(account, [CatalogItem(1, "people", PersonItem("ada", first_name="Zoë"))], "catalog")
    assert set(db.session.scalars(names)) == {"zoe"}
