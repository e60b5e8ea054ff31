"""(f) The CSV of a million attendee rows, beside the database's own: COPY TO of PostgreSQL and the sqlite3 shell."""

from __future__ import annotations

import resource
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import text

from benchmarks.scratch import account, timed
from lti_tool.access.scope import Scope
from lti_tool.models import begin_write, db
from lti_tool.reports.custom import REPORTS, Asked, lines
from tests.postgres import Postgres

SESSIONS, PEOPLE = 200, 5_000
START = 1_778_600_000_000
SERIES = {
    "sqlite": "(WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {0}) SELECT n FROM c) AS s",
    "postgresql": "generate_series(1, {0}) AS s(n)",
}
EMPTY = {"sqlite": "x''", "postgresql": "''::bytea"}
FILL = (
    "INSERT INTO entry (account_id, external_id, name, type, stale) VALUES ({account}, 'room', 'R', 'room', false)",
    """INSERT INTO person (account_id, external_id, first_name, last_name, email, role, name_key)
SELECT {account}, 'person-' || n, 'Given ' || n, 'Family, ' || n, 'p' || n || '@example.edu', 'viewer', 'given ' || n
FROM {people}""",
    """INSERT INTO room_session (account_id, entry_id, external_id, start_ms, end_ms, origin)
SELECT {account}, (SELECT id FROM entry), 'session-' || n, {start} + n * 3600000, {start} + n * 3600000 + 3000000,
  'catalog' FROM {sessions}""",
    """INSERT INTO session_facts (session_id, reported, has_heartbeats, events, people, viewers, watched_seconds,
  rated_seconds, engaged_seconds, logged_in, reactions, reaction_people, chat_messages, chat_people, polls,
  polls_answered, poll_people, threads, thread_people, downloads, download_people, raised_hands, raised_hand_people,
  curve, reaction_minutes, presented, countries, devices)
SELECT id, '["engagement"]', true, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, {empty}, '[]', '[]',
  '[]', '[]' FROM room_session""",
    """INSERT INTO attendance (session_id, person_id, name_key, watched_seconds, rated_seconds, engaged_seconds, rate,
  logged_in, reactions, chat_messages, polls_answered, threads, downloads, raised_hands, context_from, watched, engaged,
  presence)
SELECT s.id, p.id, p.name_key, 2400 + p.id % 600, 2400 + p.id % 600, 1200, 0.5, true, 0, 0, 0, 0, 0, 0, '{{}}', {empty},
  {empty}, {empty} FROM room_session s CROSS JOIN person p""",
)
ROWS = """SELECT e.external_id, s.external_id, p.external_id, p.first_name || ' ' || p.last_name, p.email,
  coalesce(a.role, p.role), a.watched_seconds / 60.0, a.engaged_seconds * 1.0 / nullif(a.rated_seconds, 0)
FROM attendance a JOIN room_session s ON s.id = a.session_id JOIN entry e ON e.id = s.entry_id
  JOIN person p ON p.id = a.person_id ORDER BY s.start_ms, s.id, a.name_key, a.person_id"""


def run(runs: int = 3) -> None:
    with account() as account_id:
        _fill(account_id)
        path = db.engine.url.database
        shell = shutil.which("sqlite3")
        peer = [shell, "-csv", "-header", str(path), ROWS] if shell else None
        _measure("sqlite", account_id, "the sqlite3 shell", peer and (lambda: _quietly(peer)), runs)
    with Postgres() as server, account(LTI_TOOL_DATABASE_URL=server.create("bench")) as account_id:
        _fill(account_id)
        _measure("postgresql", account_id, "COPY TO", _copy, runs)


def _measure(kind: str, account_id: int, name: str, peer: Callable[[], object] | None, runs: int) -> None:
    seconds, grown, first = [], 0, []
    for _ in range(runs):
        db.session.rollback()
        seconds.append(timed(lambda: first.append(_ours(account_id))))
        grown = max(grown, first[-1][1])
    ours = statistics.median(seconds)
    rows, size = SESSIONS * PEOPLE, first[-1][2]
    line = f"CSV of {rows:,} attendee rows, {kind}: {ours:5.1f} s = {rows / ours:9,.0f} rows/s, {size >> 20} MiB"
    line += f", first row after {statistics.median(one[0] for one in first) * 1e3:4.0f} ms"
    line += f", memory {grown / 2**20:+.0f} MiB"
    if peer:
        db.session.rollback()
        theirs = statistics.median(timed(peer) for _ in range(runs))
        line += f"; {name} {theirs:5.1f} s = {ours / theirs:4.1f} x as long"
    print(line, flush=True)


def _ours(account_id: int) -> tuple[float, int, int]:
    """Seconds to the first rows, how much more memory it took than before, and bytes."""
    asked = Asked(Scope(account_id, whole_account=True, people=True), 0, 4 * 10**12)
    made, size, before, most = lines(REPORTS["attendees-data"], asked, descriptive=False), 0, _memory(), 0
    size += len(next(made))
    seconds = timed(lambda: next(made))
    for number, some in enumerate(made):
        size += len(some)
        if number % 50 == 0:
            most = max(most, _memory())
    return seconds, most - before, size


def _memory() -> int:
    """Bytes of this process in memory."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _quietly(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _copy() -> None:
    cursor = db.session.connection().connection.cursor()
    with cursor.copy(f"COPY ({ROWS}) TO STDOUT WITH (FORMAT csv, HEADER)") as copy:
        for _some in copy:
            pass


def _fill(account_id: int) -> None:
    begin_write()
    kind = db.engine.dialect.name
    people, sessions = (SERIES[kind].format(count) for count in (PEOPLE, SESSIONS))
    for statement in FILL:
        filled = statement.format(account=account_id, start=START, people=people, sessions=sessions, empty=EMPTY[kind])
        db.session.execute(text(filled))
    db.session.commit()
