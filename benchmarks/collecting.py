"""(b) Storing and folding events, beside a bare ``executemany`` of the same rows into the same table."""

from __future__ import annotations

import json
import statistics

from benchmarks.scratch import account, timed
from lti_tool.collect import tasks
from lti_tool.collect.sources.events import read_lines
from lti_tool.models import begin_write, db

EVENTS = 50_000
BARE = (
    "INSERT INTO raw_event (account_id, event_id, entry_id, time_ms, source, body, folded) VALUES (?, ?, ?, ?, ?, ?, 0)"
)


def run(runs: int = 5) -> None:
    lines = [_line(number) for number in range(EVENTS)]
    stored, bare, folded = [], [], []
    for _ in range(runs):
        with account() as account_id:
            rows = [(account_id, f"e{n}", "room", 0, "events", line.decode()) for n, line in enumerate(lines)]
            bare.append(timed(lambda rows=rows: _bare(rows)))
        with account() as account_id:
            stored.append(timed(lambda: tasks.store(account_id, read_lines(lines), "events")))
            folded.append(timed(lambda: tasks.fold_account(account_id)))
    ratio = statistics.median(b / s for b, s in zip(bare, stored, strict=True))
    print(f"storing {EVENTS / statistics.median(stored):9,.0f} events/s = {ratio:.0%} of a bare executemany")
    print(f"folding {EVENTS / statistics.median(folded):9,.0f} events/s")


def _line(number: int) -> bytes:
    second, person = divmod(number, 200)
    event = {"id": f"e{number}", "name": "view", "time": 1_778_600_000_000 + second * 10_000, "tabFocused": True}
    return json.dumps(event | {"entryId": "room", "userId": f"p{person}"}).encode()


def _bare(rows: list[tuple[object, ...]]) -> None:
    begin_write().exec_driver_sql(BARE, rows)
    db.session.commit()
