"""Which session an event belongs to: a pure function of all the events and sessions of one entry.

1. An event that names a session of the catalogue belongs to it.
2. An unknown name opens a session from its first to its last event, if any of its events may open one.
3. Other events belong to the session whose time contains theirs (of several, the one that started last), else to the
   nearest within 15 minutes either side.
4. What remains, in order of time: a join or a heartbeat opens a session, which lasts until 30 minutes without events;
   what precedes such a session by at most 15 minutes belongs to it; the rest belongs to none.

Because nothing here depends on the order of arrival, neither does any number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NEAR = 15 * 60_000
QUIET = 30 * 60_000
OPEN_END = 2**62

Times = NDArray[np.int64]


@dataclass(frozen=True)
class Known:
    """A session as the assignment sees it. ``end_ms`` None: still running."""

    session_id: str
    start_ms: int
    end_ms: int | None
    origin: str


@dataclass
class Named:
    """The events that name one session: how far they reach, and whether one of them may open it."""

    first_ms: int
    last_ms: int
    opens: bool

    def add(self, time_ms: int, opens: bool) -> None:
        self.first_ms = min(self.first_ms, time_ms)
        self.last_ms = max(self.last_ms, time_ms)
        self.opens = self.opens or opens


def named_sessions(catalog: Iterable[Known], named: dict[str, Named]) -> list[Known]:
    """Rule 2: the sessions that events name and the catalogue does not know."""
    known = {session.session_id for session in catalog}
    return [
        Known(session_id, reach.first_ms, reach.last_ms, "named")
        for session_id, reach in sorted(named.items())
        if session_id not in known and reach.opens
    ]


def choose(times: Times, sessions: Sequence[Known]) -> NDArray[np.int64]:
    """Rule 3: for each time the place of its session in ``sessions``, or -1."""
    if not len(sessions) or not len(times):
        return np.full(len(times), -1, dtype=np.int64)
    order = sorted(range(len(sessions)), key=lambda i: (sessions[i].start_ms, sessions[i].session_id))
    starts = np.array([sessions[i].start_ms for i in order], dtype=np.int64)
    ends = np.array([OPEN_END if sessions[i].end_ms is None else sessions[i].end_ms for i in order], dtype=np.int64)
    place = np.array(order, dtype=np.int64)
    chosen = np.empty(len(times), dtype=np.int64)
    step = max(1, 2_000_000 // len(order))
    for begin in range(0, len(times), step):
        some = times[begin : begin + step, None]
        distance = np.maximum(np.maximum(starts - some, some - ends), 0)[:, ::-1]
        nearest = distance.argmin(axis=1)  # of equals the first, and reversed: the one that started last
        found = place[::-1][nearest]
        chosen[begin : begin + step] = np.where(distance.min(axis=1) <= NEAR, found, -1)
    return chosen


def open_sessions(events: Iterable[tuple[int, bool]]) -> list[Known]:
    """Rule 4: the sessions that events open; ``events`` are (time, may open), sorted by time,
    openers first among equals."""
    spans: list[list[int]] = []
    for time_ms, opens in events:
        if spans and time_ms - spans[-1][1] < QUIET:
            spans[-1][1] = time_ms
        elif opens:
            spans.append([time_ms, time_ms])
    return [Known(f"opened-{start}", start, end, "opened") for start, end in spans]
