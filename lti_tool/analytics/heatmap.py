"""One person minute by minute: engaged, there but not engaged, or offline; and what they did when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from lti_tool.access.scope import Scope
from lti_tool.analytics.queries import people as queries
from lti_tool.analytics.timeline import MINUTE, Timeline
from lti_tool.models import RoomSession, spans

ENGAGED, NOT_ENGAGED, OFFLINE = "E", "N", "O"
FOREVER = 1 << 62


@dataclass(frozen=True)
class Run:
    """Minutes in a row with one state. ``place``: of the first, on the session's axis."""

    state: str
    place: int
    minutes: int


@dataclass(frozen=True)
class Detail:
    """A person's session, or a part of it. ``states``: a letter for each minute from ``start_ms`` on. Times are epoch
    milliseconds.

    ``rated``: the source reports engagement; if not, ``NOT_ENGAGED`` means only that the person was there.
    ``came_and_went``: the source reports joins and leaves, though there may be none in a part.
    """

    start_ms: int
    states: str
    rated: bool
    threads: tuple[int, ...]
    downloads: tuple[tuple[int, str], ...]
    raised_hands: tuple[int, ...]
    edges: tuple[tuple[int, bool], ...]
    came_and_went: bool

    @property
    def runs(self) -> tuple[Run, ...]:
        made, place = [], 0
        for state, group in groupby(self.states):
            minutes = len(list(group))
            made.append(Run(state, place, minutes))
            place += minutes
        return tuple(made)

    def minutes(self, state: str) -> int:
        return self.states.count(state)


def details(
    scope: Scope, session: RoomSession, timeline: Timeline, people: Sequence[int], part: tuple[int, int] | None = None
) -> dict[int, Detail]:
    """The details of these people, by their keys; of a part of the session only its minutes and what happened in it."""
    minutes = timeline.within(part).minutes
    if not people or not minutes:
        return {}
    first = minutes[0].at_ms // MINUTE
    start_ms, end_ms = part or (0, FOREVER)
    moments: defaultdict[tuple[int, str], list[tuple[int, str]]] = defaultdict(list)
    for person, time_ms, kind, about, name in queries.moments(scope, session, people):
        if start_ms <= time_ms < end_ms:
            moments[person, kind].append((time_ms, name or about or ""))
    edges: defaultdict[int, list[tuple[int, bool]]] = defaultdict(list)
    for person, time_ms, joined in queries.edges(scope, session, people):
        edges[person].append((time_ms, joined))
    found = {}
    for person, watched, engaged, presence, rated in queries.span_sets(scope, session, people):
        there = spans.decode(watched if rated else presence)
        found[person] = Detail(
            start_ms=minutes[0].at_ms,
            states=states(there, spans.decode(engaged if rated else b""), first, len(minutes)),
            rated=timeline.rated,
            threads=tuple(time for time, _about in moments[person, "thread"]),
            downloads=tuple(moments[person, "download"]),
            raised_hands=tuple(time for time, _about in moments[person, "raised_hand"]),
            edges=tuple(edge for edge in edges[person] if start_ms <= edge[0] < end_ms),
            came_and_went=bool(edges[person]),
        )
    return found


def states(watched: spans.Spans, engaged: spans.Spans, first: int, minutes: int) -> str:
    """A letter for each of ``minutes`` from minute ``first`` (since the epoch): engaged if any engaged second lies in
    it, else not engaged if any watched second, else offline. (Contract 7; Kaltura's heat map.)
    """
    letters = np.full(minutes, OFFLINE)
    letters[_touched(watched, first, minutes)] = NOT_ENGAGED
    letters[_touched(engaged, first, minutes)] = ENGAGED
    return "".join(letters.tolist())


def _touched(seconds: spans.Spans, first: int, minutes: int) -> np.typing.NDArray[np.bool_]:
    """Which of the minutes any of the spans touches."""
    change = np.zeros(minutes + 1, dtype=np.int64)
    start = np.clip(seconds[:, 0] // 60 - first, 0, minutes)
    end = np.clip((seconds[:, 1] - 1) // 60 + 1 - first, 0, minutes)
    np.add.at(change, start, 1)
    np.add.at(change, end, -1)
    return np.cumsum(change[:-1]) > 0
