"""The minutes of a session: who watched, how engaged they were, and which reactions came when."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lti_tool import formats
from lti_tool.analytics.metrics import METRICS, Reading
from lti_tool.analytics.numbers import Numbers
from lti_tool.models import RoomSession, SessionFacts

MINUTE = 60_000
# An axis longer than this is cut: a single stray event must not make a chart of years, nor a room left open for weeks.
LONGEST = 36 * 60


VIEWERS = METRICS["combined_live_view_period_count"]
RATE = METRICS["combined_live_engaged_users_ratio"]
MINUTE_METRICS = (VIEWERS, RATE, METRICS["count_reaction_clicked"])


@dataclass(frozen=True)
class Minute:
    """One minute. ``at_ms``: its start. ``numbers``: of all who watched in it. ``reactions``: kinds, and how many."""

    at_ms: int
    numbers: Numbers
    reactions: tuple[tuple[str, int], ...]

    @property
    def viewers(self) -> int:
        return self.numbers.live_viewers

    @property
    def rate(self) -> float | None:
        return RATE.formula(self.numbers)

    @property
    def reaction_count(self) -> int:
        return self.numbers.reactions

    @property
    def readings(self) -> tuple[Reading, ...]:
        return tuple(metric.reading(self.numbers) for metric in MINUTE_METRICS)


@dataclass(frozen=True)
class Timeline:
    """Every minute of the axis, without gaps. ``cut``: minutes outside of the axis that the chart leaves out.
    ``lanes``: what else happened (``lanes.py``)."""

    minutes: tuple[Minute, ...]
    rated: bool
    cut: int = 0
    lanes: tuple[Any, ...] = ()

    def part(self, start: str, end: str) -> tuple[tuple[int, int] | None, bool]:
        """From ``start`` until ``end``, given as times of day in the reader's zone, in epoch milliseconds; nothing for
        the whole axis. And whether that lies on the axis: if not, it is the whole.

        The first such minutes of the axis are meant; an empty text is its beginning or its end.
        """
        if not self.minutes:
            return None, True
        clocks = [formats.clock24(time) for time in (*(minute.at_ms for minute in self.minutes), self.end_ms)]
        first = 0 if not start else clocks.index(start) if start in clocks[:-1] else None
        if first is None or (end and end not in clocks[first + 1 :]):
            return None, False
        last = clocks.index(end, first + 1) if end else len(self.minutes)
        whole = (first, last) == (0, len(self.minutes))
        return None if whole else (self.minutes[first].at_ms, self.minutes[last - 1].at_ms + MINUTE), True

    def within(self, part: tuple[int, int] | None) -> Timeline:
        """Only the minutes of a part; without one all."""
        if part is None:
            return self
        return replace(self, minutes=tuple(minute for minute in self.minutes if part[0] <= minute.at_ms < part[1]))

    @property
    def end_ms(self) -> int:
        """Where the axis ends; it must have minutes."""
        return self.minutes[-1].at_ms + MINUTE

    @property
    def peak(self) -> Minute | None:
        """The minute with most viewers, the first of several."""
        return max(self.minutes, key=lambda minute: minute.viewers, default=None)


def timeline(session: RoomSession, facts: SessionFacts | None, reported: frozenset[str]) -> Timeline:
    """The axis runs from the session's start to its end so far, and stretches to early comers and late leavers.

    ``reported``: the signals that the session's sources carry.
    """
    if facts is None:
        return Timeline((), rated=True)
    curve = np.frombuffer(facts.curve, dtype="<u4").reshape(-1, 5).astype(np.int64)
    if session.running:  # who has joined counts as there until the planned end: nothing of that has happened yet
        curve = curve[curve[:, 0] <= session.so_far_ms // MINUTE]
    reactions: defaultdict[int, list[tuple[str, int]]] = defaultdict(list)
    for minute, kind, count in facts.reaction_minutes:
        reactions[minute].append((kind, count))
    seen = [*curve[:, 0].tolist(), *reactions]
    if not seen:
        return Timeline((), rated=facts.has_heartbeats)
    start = session.start_ms // MINUTE
    open_end = session.end_ms is None or session.running
    end = max(seen) if open_end else max(start, -(-session.until_ms // MINUTE) - 1)
    first, last = min(start, *seen), max(end, *seen)
    if last - first >= LONGEST:
        first = max(first, start - LONGEST // 4)
        last = min(last, end + LONGEST // 4, first + LONGEST - 1)
    rows = {row[0]: row for row in curve.tolist()}
    minutes = []
    for at in range(first, last + 1):
        _at, viewers, watched, rated, engaged = rows.get(at, (at, 0, 0, 0, 0))
        kinds = tuple(reactions.get(at, ()))
        numbers = Numbers(
            reported=reported,
            live_viewers=viewers,
            watched_seconds=watched,
            rated_seconds=rated,
            engaged_seconds=engaged,
            reactions=sum(count for _kind, count in kinds),
        )
        minutes.append(Minute(at * MINUTE, numbers, kinds))
    cut = sum(1 for at in rows if not first <= at <= last)
    return Timeline(tuple(minutes), rated=facts.has_heartbeats, cut=cut)
