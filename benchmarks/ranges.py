"""(e) The page of a channel's rooms over a year, beside the same totals asked of raw heartbeats in DuckDB."""

from __future__ import annotations

import duckdb
import numpy as np
from flask import current_app

from benchmarks.pages import TOOL
from benchmarks.scratch import account, median
from lti_tool.access.scope import Scope
from lti_tool.analytics.attendees import Question
from lti_tool.analytics.interactions import Order
from lti_tool.analytics.over_sessions import range_dashboard
from lti_tool.analytics.period import asked_period
from lti_tool.collect import catalog
from lti_tool.collect.deltas import Delta
from lti_tool.collect.finish import finish
from lti_tool.collect.write import write
from lti_tool.models import Channel, Entry, EntryChannel, Registration, RoomSession, begin_write, db, now_ms
from tests.actors import visitor

DAY = 86_400
PEOPLE, BEATS = 100, 60 * 6  # of 200 people, a hundred come to each session for an hour
PAGE = "/channels/101/analytics/rooms?range=365"
TOTALS = "SELECT count(DISTINCT person), sum(10), sum(engaged) * 10 FROM beat"
SESSIONS = "SELECT session, count(DISTINCT person), sum(10), sum(engaged) * 10 FROM beat GROUP BY session"
ATTENDEES = (
    "SELECT person, count(DISTINCT session), sum(10) AS watched, sum(engaged) * 10 FROM beat "
    "GROUP BY person ORDER BY watched DESC LIMIT 10"
)


def run(sizes: tuple[int, ...] = (20, 100, 500)) -> None:
    for sessions in sizes:
        person, engaged = _made_up(sessions)
        with account(LTI_TOOL_PUBLIC_URL=TOOL) as account_id:
            _fill(account_id, person, engaged)
            browser = visitor(current_app._get_current_object(), account_id, person="teacher", channel="course")
            page = median(lambda browser=browser: _get(browser.client))
            ours = median(lambda account_id=account_id: _numbers(account_id))
        duck = median(_duckdb(person, engaged), runs=3)
        line = (
            f"range, {sessions:>4} sessions x {PEOPLE} people: page {page * 1e3:6.1f} ms, its numbers {ours * 1e3:6.1f}"
        )
        print(f"{line}; DuckDB, totals, sessions and attendees alone, {duck * 1e3:6.1f} ms", flush=True)


def _get(client) -> None:
    response = client.get(PAGE, base_url=TOOL)
    assert response.status_code == 200, response.text


def _numbers(account_id: int) -> None:
    db.session.rollback()  # a new request: nothing is remembered
    scope = Scope(account_id, whole_account=True, people=True)
    where = Entry.external_id == "room"
    assert range_dashboard(scope, where, asked_period({"range": "365"}), Question(), Order(), {}).sessions


def _made_up(sessions: int) -> tuple[np.ndarray, np.ndarray]:
    """Who is in each session; and of each of them, in which of the beats they are engaged."""
    rng = np.random.default_rng(1)
    person = np.stack([rng.choice(2 * PEOPLE, PEOPLE, replace=False) for _ in range(sessions)])
    return person, rng.random((sessions, PEOPLE, BEATS)) < 0.7


def _fill(account_id: int, person: np.ndarray, engaged: np.ndarray) -> None:
    begin_write()
    urls = dict.fromkeys(("auth_url", "token_url", "jwks_url", "issuer"), "https://lms.example")
    db.session.add(Registration(account_id=account_id, client_id="client", family="other", **urls))
    db.session.add(Channel(account_id=account_id, external_id="101", name="Course", context_id="course"))
    db.session.add(EntryChannel(account_id=account_id, entry_id="room", channel_id="101"))
    entry = catalog.entry(account_id, "room")
    first = now_ms() // 1000 // DAY * DAY - 360 * DAY
    delta = Delta()
    for number, (people, beats) in enumerate(zip(person, engaged, strict=True)):
        start = first + number * 16 * 3600
        times = {"start_ms": start * 1000, "end_ms": (start + BEATS * 10) * 1000, "origin": "catalog"}
        session = RoomSession(account_id=account_id, entry_id=entry.id, external_id=f"s{number}", **times)
        db.session.add(session)
        db.session.flush()
        of_session = delta.sessions[session.id]
        of_session.heartbeats, of_session.sources = True, {"events"}
        for who, row in zip(people, beats, strict=True):
            one = of_session.people[f"p{who:05}"]
            one.watched = [(start, start + BEATS * 10)]
            one.engaged = [(start + int(at) * 10, start + int(at) * 10 + 10) for at in np.flatnonzero(row)]
    for key in write(entry, delta):
        finish(key)
    db.session.commit()


def _duckdb(person: np.ndarray, engaged: np.ndarray):
    sessions = len(person)
    rows = [np.repeat(np.arange(sessions), PEOPLE * BEATS), np.repeat(person.ravel(), BEATS)]
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    connection.execute(
        "CREATE TABLE beat AS SELECT * FROM (SELECT unnest($1) AS session, unnest($2) AS person, "
        "unnest($3) AS engaged)", [*rows, engaged.ravel().astype(np.int64)]
    )  # fmt: skip
    return lambda: [connection.execute(query).fetchall() for query in (TOTALS, SESSIONS, ATTENDEES)]
