"""Folding where something goes wrong: another's fault, a worker that dies, a visit without an end."""

import json
import subprocess
import sys
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from lti_tool.access.accounts import create_account
from lti_tool.collect import fold, tasks
from lti_tool.collect.sources import CatalogItem
from lti_tool.collect.sources.catalog import SOURCE as CATALOG
from lti_tool.collect.sources.catalog import ChannelItem, SessionItem
from lti_tool.collect.sources.events import read_lines
from lti_tool.models import (
    Attendance,
    Channel,
    Entry,
    EntryChannel,
    Person,
    RawEvent,
    RoomSession,
    SessionFacts,
    begin_write,
    db,
    now_ms,
)

START = 1_778_600_040_000
DAY = 86_400_000


def account() -> int:
    db.session.rollback()
    begin_write()
    made = create_account("Example University")
    db.session.commit()
    return made.partner_id


def send(account_id: int, *events: dict[str, Any]) -> None:
    known = db.session.scalar(select(func.count()).select_from(RawEvent)) or 0
    db.session.rollback()
    whole = [
        {"id": f"e{known + n}", "entryId": "room", "userId": "ada", "time": START} | e for n, e in enumerate(events)
    ]
    receipt = tasks.store(account_id, read_lines(json.dumps(e).encode() for e in whole), "events")
    assert receipt.stored == len(events), receipt.reasons


def seconds(account_id: int) -> dict[str, int]:
    """Watched seconds by entry."""
    rows = db.session.execute(
        select(Entry.external_id, func.sum(Attendance.watched_seconds))
        .join(RoomSession, RoomSession.entry_id == Entry.id)
        .join(Attendance, Attendance.session_id == RoomSession.id)
        .where(Entry.account_id == account_id)
        .group_by(Entry.external_id)
    )
    return {row[0]: row[1] for row in rows}


def test_a_fault_in_one_entry_stops_no_other(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = account(), account()
    for number in (one, two):
        send(number, {"name": "view", "entryId": "a"}, {"name": "view", "entryId": "b"})
    straight = fold.fold_entry

    def faulty(account_id: int, entry_id: str, **how: Any) -> None:
        straight(account_id, entry_id, **how)
        if (account_id, entry_id) == (one, "a"):
            raise ValueError("a fault of ours")

    monkeypatch.setattr(fold, "fold_entry", faulty)
    with pytest.raises(tasks.FoldError, match="account"):
        tasks.fold_pending()
    assert (seconds(one), seconds(two)) == ({"b": 10}, {"a": 10, "b": 10})
    monkeypatch.setattr(fold, "fold_entry", straight)
    tasks.fold_pending()  # nothing was lost
    assert seconds(one) == {"a": 10, "b": 10}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_worker_killed_in_the_middle_loses_nothing(context: Flask, database_url: str) -> None:
    number = account()
    send(number, *({"name": "view", "time": START + n * 10_000} for n in range(30)), {"name": "raiseHand"})
    db.session.rollback()
    killed = subprocess.run([sys.executable, "-c", KILLED_IN_FINISH, database_url, str(number)], check=False)
    assert killed.returncode == -9
    assert seconds(number) == {}
    tasks.fold_account(number)
    assert seconds(number) == {"room": 300}
    hands = db.session.scalars(select(Attendance.raised_hands)).all()
    assert hands == [1]


KILLED_IN_FINISH = """
import os, signal, sys
from config.settings import load
from lti_tool.app import create_app
from lti_tool.collect import fold, tasks
app = create_app(load({"LTI_TOOL_DATABASE_URL": sys.argv[1]}))
finish = fold.finish
def die(key):
    finish(key)
    os.kill(os.getpid(), signal.SIGKILL)
fold.finish = die
with app.app_context():
    tasks.fold_account(int(sys.argv[2]))
"""


def test_a_join_whose_leave_was_lost_lasts_a_week_at_most(context: Flask) -> None:
    number = account()
    named = {"sessionId": "s"}
    send(number, {"name": "joinSession"} | named, {"name": "leaveSession", "time": START + 20 * 365 * DAY} | named)
    tasks.fold_account(number)
    assert seconds(number) == {"room": 7 * DAY // 1000}
    assert len(db.session.scalars(select(SessionFacts.curve)).one()) == 7 * 1440 * 20


def test_a_growing_session_is_folded_on_though_an_old_event_named_none(
    context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = account()
    send(number, {"name": "raiseHand", "time": START - DAY})
    tasks.fold_account(number)
    send(number, {"name": "view", "sessionId": "s"})
    tasks.fold_account(number)
    monkeypatch.setattr(fold, "_rebuild", lambda entry: pytest.fail("everything was folded anew"))
    for minute in range(1, 4):
        send(number, {"name": "view", "sessionId": "s", "time": START + minute * 60_000})
        tasks.fold_account(number)
    assert seconds(number) == {"room": 40}


def test_a_session_may_move_to_another_room(context: Flask) -> None:
    number = account()

    def told(entry_id: str) -> None:
        tasks.store(number, [CatalogItem(1, "sessions", SessionItem("s", entry_id, START))], "catalog")
        tasks.fold_account(number)

    told("a")
    send(number, {"name": "view", "entryId": "b", "sessionId": "s"})
    tasks.fold_account(number)
    told("b")
    assert seconds(number) == {"b": 10}
    rows = db.session.execute(select(RoomSession.external_id, RoomSession.origin)).all()
    assert [tuple(row) for row in rows] == [("s", "catalog")]


def test_catalogue_items_out_of_bounds_are_rejected_alone(context: Flask, tmp_path: Any) -> None:
    number = account()
    file = tmp_path / "catalog.json"
    sessions = [
        {"id": f"s{n}", "entryId": "a", "startTime": time} for n, time in enumerate([10**30, START * 1000, START])
    ]
    people = [{"id": "p1", "country": "DE\n"}, {"id": "p2", "firstName": "Ada"}]
    file.write_text(json.dumps({"sessions": sessions, "people": people}))
    receipt = tasks.import_file(number, file, CATALOG, room=None, progress=lambda read: None)
    assert (receipt.stored, receipt.rejected) == (2, 3)
    assert db.session.scalars(select(RoomSession.external_id)).all() == ["s2"]
    assert db.session.scalars(select(Person.external_id)).all() == ["p2"]


def test_what_a_catalogue_leaves_out_stays_and_null_empties_it(context: Flask, tmp_path: Any) -> None:
    number = account()

    def told(**lists: Any) -> int:
        file = tmp_path / "catalog.json"
        file.write_text(json.dumps(lists))
        db.session.rollback()  # what the test has read
        receipt = tasks.import_file(number, file, CATALOG, room=None, progress=lambda read: None)
        assert receipt.rejected == 0, receipt.reasons
        db.session.expire_all()
        return receipt.stored

    told(
        channels=[{"id": "101", "name": "Course", "contextId": "c1"}],
        people=[{"id": "ada", "firstName": "Ada", "company": "Analytical"}],
        entries=[{"id": "a", "name": "Room", "type": "room", "ownerId": "ada", "channelIds": ["101"]}],
        sessions=[{"id": "s", "entryId": "a", "startTime": START, "endTime": START + 60_000, "name": "First"}],
    )
    changed = told(
        channels=[{"id": "101", "name": "Course"}],
        people=[{"id": "ada", "firstName": "Ada"}],
        entries=[{"id": "a", "name": "Room", "type": "room"}],
        sessions=[{"id": "s", "entryId": "a", "startTime": START}],
    )
    assert changed == 0
    assert db.session.scalars(select(Channel.context_id)).one() == "c1"
    assert db.session.scalars(select(Person.company)).one() == "Analytical"
    assert db.session.scalars(select(EntryChannel.channel_id)).one() == "101"
    assert db.session.execute(select(RoomSession.end_ms, RoomSession.name)).one() == (START + 60_000, "First")
    told(
        people=[{"id": "ada", "company": None}],
        sessions=[{"id": "s", "entryId": "a", "startTime": START, "endTime": None}],
    )
    assert db.session.scalars(select(Person.company)).one() is None
    assert db.session.scalars(select(RoomSession.end_ms)).one() is None


def test_the_catalogue_names_the_channel_of_a_course_that_launched_before(context: Flask) -> None:
    number = account()
    begin_write()
    db.session.add(Channel(account_id=number, external_id="c1", name="Course", context_id="c1"))
    db.session.commit()
    tasks.store(number, [CatalogItem(1, "channels", ChannelItem("101", "Course", "c1"))], "catalog")
    rows = db.session.execute(select(Channel.external_id, Channel.context_id)).all()
    assert sorted(tuple(row) for row in rows) == [("101", "c1"), ("c1", None)]


def test_a_session_of_unknown_end_runs_until_half_an_hour_without_events(context: Flask) -> None:
    number = account()
    now = now_ms()
    items = [CatalogItem(1, "sessions", SessionItem(f"s{hour}", f"r{hour}", now - hour * 3_600_000)) for hour in (0, 2)]
    tasks.store(number, items, "catalog")
    for hour in (0, 2):
        send(
            number, {"name": "view", "entryId": f"r{hour}", "sessionId": f"s{hour}", "time": now - hour * 3_600_000 + 1}
        )
    tasks.fold_account(number)
    old, new = db.session.scalars(select(RoomSession).order_by(RoomSession.start_ms)).all()
    assert (old.running, old.until_ms) == (False, old.start_ms + 1)
    assert new.running


def test_a_session_of_known_end_runs_until_then_or_half_an_hour_without_events(context: Flask) -> None:
    number = account()
    now, minute = now_ms(), 60_000
    # Of each session: its start, its end and its last event, in minutes from now.
    told = {"runs": (-20, 20, -5), "over": (-40, -1, -5), "quiet": (-90, 20, -31), "nobody": (-9, 9, None)}
    for id, (start, end, last) in told.items():
        item = SessionItem(id, f"r{id}", now + start * minute, end_time=now + end * minute)
        tasks.store(number, [CatalogItem(1, "sessions", item)], "catalog")
        if last is not None:
            event = {"name": "view", "entryId": f"r{id}", "sessionId": id, "time": now + last * minute}
            send(number, {"id": id} | event)
    tasks.fold_account(number)
    sessions = {session.external_id: session for session in db.session.scalars(select(RoomSession))}
    assert {id for id, session in sessions.items() if session.running} == {"runs"}
    assert sessions["runs"].so_far_ms == now - 5 * minute
    assert sessions["over"].so_far_ms == now - minute
