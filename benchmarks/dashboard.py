"""(a) A dashboard from facts, beside the same numbers from raw heartbeats in DuckDB and SQLite."""

from __future__ import annotations

import sqlite3

import duckdb
import numpy as np

from benchmarks.scratch import account, median
from lti_tool.access.scope import Scope
from lti_tool.analytics.attendees import Question
from lti_tool.analytics.dashboards import room_dashboard
from lti_tool.collect import catalog
from lti_tool.collect.deltas import Delta
from lti_tool.collect.finish import finish
from lti_tool.collect.write import write
from lti_tool.models import RoomSession, begin_write, db

START = 1_778_600_040  # a whole minute
BEATS = 120 * 6
TOTALS = "SELECT count(DISTINCT person), sum(10), sum(engaged) * 10 FROM beat"
MINUTES = "SELECT (time - 1) // 60 AS minute, count(DISTINCT person), sum(engaged) FROM beat GROUP BY minute"
PEOPLE = (
    "SELECT person, count(*) * 10 AS watched, sum(engaged) FROM beat GROUP BY person ORDER BY watched DESC LIMIT 10"
)


def run(sizes: tuple[int, ...] = (200, 2_000, 20_000)) -> None:
    for people in sizes:
        engaged = np.random.default_rng(1).random((people, BEATS)) < 0.7
        with account() as account_id:
            ours = median(_dashboard(account_id, engaged))
            page = median(_page(account_id, last=-(-people // 10)))
        raw = _raw(engaged)
        duck = median(_duckdb(*raw), runs=3)
        line = f"dashboard, {people:>6} people x 120 min: {ours * 1e3:7.1f} ms; last page {page * 1e3:7.1f} ms"
        line += f"; DuckDB {duck * 1e3:8.1f} ms = {duck / ours:5.1f} x"
        if people <= 2_000:
            lite = median(_sqlite(*raw), runs=3)
            line += f"; SQLite {lite * 1e3:8.1f} ms = {lite / ours:5.1f} x"
        print(line, flush=True)


def _dashboard(account_id: int, engaged: np.ndarray):
    begin_write()
    entry = catalog.entry(account_id, "room")
    times = {"start_ms": START * 1000, "end_ms": (START + BEATS * 10) * 1000, "origin": "catalog"}
    session = RoomSession(account_id=account_id, entry_id=entry.id, external_id="s", **times)
    db.session.add(session)
    db.session.flush()
    delta = Delta()
    of_session = delta.sessions[session.id]
    of_session.heartbeats, of_session.sources = True, {"events"}
    for number, row in enumerate(engaged):
        person = of_session.people[f"p{number:05}"]
        person.watched = [(START, START + BEATS * 10)]
        person.engaged = [(START + int(at) * 10, START + int(at) * 10 + 10) for at in np.flatnonzero(row)]
    for key in write(entry, delta):
        finish(key)
    db.session.commit()
    return _page(account_id, last=1)


def _page(account_id: int, last: int):
    scope = Scope(account_id, whole_account=True, people=True)
    entry = catalog.entry(account_id, "room")

    def work() -> None:
        db.session.rollback()  # a new request: nothing is remembered
        assert room_dashboard(scope, entry, Question(page=last)) is not None

    return work


def _raw(engaged: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    people, beats = engaged.shape
    person = np.repeat(np.arange(people), beats)
    return person, np.tile(START + 10 * (1 + np.arange(beats)), people), engaged.ravel().astype(np.int64)


def _duckdb(person: np.ndarray, time: np.ndarray, engaged: np.ndarray):
    connection = duckdb.connect()
    connection.execute("CREATE TABLE beat AS SELECT * FROM (SELECT unnest($1) AS person, unnest($2) AS time, "
                       "unnest($3) AS engaged)", [person, time, engaged])  # fmt: skip
    return lambda: [connection.execute(query).fetchall() for query in (TOTALS, MINUTES, PEOPLE)]


def _sqlite(person: np.ndarray, time: np.ndarray, engaged: np.ndarray):
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE beat (person INTEGER, time INTEGER, engaged INTEGER)")
    rows = zip(person.tolist(), time.tolist(), engaged.tolist(), strict=True)
    connection.executemany("INSERT INTO beat VALUES (?, ?, ?)", rows)
    return lambda: [connection.execute(query.replace("//", "/")).fetchall() for query in (TOTALS, MINUTES, PEOPLE)]
