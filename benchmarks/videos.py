"""(e) Video analytics of a channel over a year, beside the same questions asked of the raw events in DuckDB.

DuckDB is asked for less: the completion rate, which takes every play's spans, is left out.
"""

from __future__ import annotations

import duckdb
import numpy as np

from benchmarks.scratch import account, median
from lti_tool.access.scope import Scope
from lti_tool.analytics.period import asked_period
from lti_tool.analytics.videos import channel_videos
from lti_tool.collect import catalog
from lti_tool.collect.deltas import Delta
from lti_tool.collect.write import write
from lti_tool.models import Channel, Entry, EntryChannel, begin_write, db, now_ms

VIEWERS = 100  # of each video
PEOPLE = 10_000  # of whom they are
MINUTES = 30  # of each viewing, an event a minute
YEAR = 365 * 86_400_000
QUESTIONS = (
    "SELECT sum(load), sum(play), sum(seconds), count(DISTINCT CASE WHEN seconds > 0 THEN person END) FROM event",
    "SELECT video, sum(play), sum(seconds), count(DISTINCT CASE WHEN seconds > 0 THEN person END) FROM event GROUP BY "
    "video",
    "SELECT time // 86400000 AS day, count(DISTINCT CASE WHEN seconds > 0 THEN person END) FROM event GROUP BY day",
    "SELECT person, sum(play) AS plays, sum(seconds) FROM event GROUP BY person ORDER BY plays DESC LIMIT 10",
    "SELECT country, count(DISTINCT person) FROM event WHERE seconds > 0 GROUP BY country",
    "SELECT device, count(DISTINCT person) FROM event WHERE seconds > 0 GROUP BY device",
)


def run(sizes: tuple[int, ...] = (20, 200, 2_000)) -> None:
    for videos in sizes:
        rng = np.random.default_rng(1)
        who = np.stack([rng.choice(PEOPLE, VIEWERS, replace=False) for _ in range(videos)])
        when = now_ms() - rng.integers(86_400_000, YEAR - 86_400_000, who.shape)
        with account() as account_id:
            _fold(account_id, who, when)
            month, year = (median(_page(account_id, days), runs=3) for days in ("30", "365"))
        duck = median(_duckdb(who, when), runs=3)
        print(
            f"video analytics, {videos:>5} videos x {VIEWERS} viewers: 30 days {month * 1e3:7.1f} ms; "
            f"365 days {year * 1e3:7.1f} ms; DuckDB {duck * 1e3:8.1f} ms = {duck / year:5.1f} x",
            flush=True,
        )


def _fold(account_id: int, who: np.ndarray, when: np.ndarray) -> None:
    begin_write()
    db.session.add(Channel(account_id=account_id, external_id="101", name="Course"))
    for number, (people, times) in enumerate(zip(who.tolist(), when.tolist(), strict=True)):
        entry: Entry = catalog.entry(account_id, f"v{number}")
        entry.type, entry.duration_ms, entry.owner_id = "video", 3_600_000, f"o{number % 20}"
        db.session.add(EntryChannel(account_id=account_id, entry_id=entry.external_id, channel_id="101"))
        delta = Delta()
        for person, at in zip(people, times, strict=True):
            user = f"p{person}"
            delta.playback[at // 900_000, user].impressions = 1
            for half in (0, 1):
                delta.playback[at // 900_000 + half, user].watched_ms = MINUTES * 30_000
            play = delta.plays[user, f"{number}-{person}"]
            play.time_ms, play.positions = at, [(0.0, MINUTES * 60.0)]
            context = {"country": "DFUBJ"[person % 5] * 2, "device": ("Computer", "Mobile", "Tablet")[person % 3]}
            delta.viewers[user] = {name: (at, "e", value) for name, value in context.items()}
        write(entry, delta)
    db.session.commit()


def _page(account_id: int, days: str):
    scope = Scope(account_id, whole_account=True, people=True)

    def work() -> None:
        db.session.rollback()  # a new request: nothing is remembered
        channel = db.session.query(Channel).one()
        page = channel_videos(scope, channel, asked_period({"range": days}), {})
        assert page.highlights[1].now.value

    return work


def _duckdb(who: np.ndarray, when: np.ndarray):
    """A row for the load, one for the start and one a minute of each viewing."""
    events = MINUTES + 2
    place = np.tile(np.arange(events), who.size)
    person = np.repeat(who.ravel(), events)
    columns = {
        "video": np.repeat(np.repeat(np.arange(len(who)), VIEWERS), events),
        "person": person,
        "time": np.repeat(when.ravel(), events) + place * 60_000,
        "load": (place == 0).astype(np.int8),
        "play": (place == 1).astype(np.int8),
        "seconds": np.where(place > 1, 60, 0).astype(np.int32),
        "country": person % 5,
        "device": person % 3,
    }
    connection = duckdb.connect()
    lists = ", ".join(f"unnest(${place}) AS {name}" for place, name in enumerate(columns, start=1))
    connection.execute(f"CREATE TABLE event AS SELECT * FROM (SELECT {lists})", list(columns.values()))
    return lambda: [connection.execute(query).fetchall() for query in QUESTIONS]
