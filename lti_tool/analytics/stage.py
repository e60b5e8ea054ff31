"""Stage participation: how long each person was on stage, had microphone, camera or screen on, and talked."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from lti_tool.access.scope import Scope
from lti_tool.analytics.metrics import METRICS, Reading
from lti_tool.analytics.numbers import Numbers
from lti_tool.analytics.paging import page_of, size_of
from lti_tool.analytics.queries import stage as queries
from lti_tool.models import Person, RoomSession

KINDS = ("stage", "mic", "camera", "talk", "screen")
COLUMNS = tuple(METRICS[f"{kind}_time"] for kind in KINDS)
SUMS = (*(f"{kind}_seconds" for kind in KINDS), "host_talk_seconds")

Span = tuple[int, int]
Edge = tuple[int, str, int, bool]


@dataclass(frozen=True)
class Participant:
    """A person who was on stage. ``spans``: by kind, in epoch milliseconds, merged and in order."""

    person: Person
    role: str | None
    readings: tuple[Reading, ...]
    spans: dict[str, tuple[Span, ...]]


@dataclass(frozen=True)
class Stage:
    """Who was on stage: page ``page`` of ``pages``, who was there longest first. ``people`` 0: nothing was reported.

    ``stays``: (from, to, person's key) of everybody on stage, by time.
    """

    people: int
    numbers: Numbers
    participants: tuple[Participant, ...]
    page: int
    pages: int
    changes: tuple[tuple[int, int], ...]
    stays: tuple[tuple[int, int, int], ...] = ()

    @property
    def total(self) -> tuple[Reading, ...]:
        return tuple(metric.reading(self.numbers) for metric in COLUMNS)

    @property
    def host_share(self) -> Reading:
        return METRICS["host_talk_ratio"].reading(self.numbers)

    def on_stage(self, start_ms: int, end_ms: int) -> int:
        """The most people who were on stage at once in a part of the session."""
        before = [count for time, count in self.changes if time <= start_ms][-1:]
        return max([*before, *(count for time, count in self.changes if start_ms < time < end_ms)], default=0)


def stage(scope: Scope, session: RoomSession, page: int, part: Span | None = None) -> Stage:
    """The stage of a session, or of a part of it."""
    spans = participation(queries.edges(scope, session), session.so_far_ms)
    if part:
        spans = _clipped(spans, part)
    hosts = queries.hosts(scope, session) if spans else set()
    numbers = {person: _numbers(of_person, person in hosts) for person, of_person in spans.items()}
    order = sorted(spans, key=lambda one: (-numbers[one].stage_seconds, -numbers[one].talk_seconds, one))
    size = size_of(len(order), page)
    page, pages, start = page_of(len(order), page)
    shown = order[start : start + size]
    people = queries.people(scope, session, shown)
    participants = tuple(
        Participant(*people[one], tuple(metric.reading(numbers[one]) for metric in COLUMNS), spans[one])
        for one in shown
        if one in people
    )
    return Stage(len(spans), _sum(numbers.values()), participants, page, pages, _changes(spans), _stays(spans))


def participation(edges: Iterable[Edge], end_ms: int) -> dict[int, dict[str, tuple[Span, ...]]]:
    """Person -> kind -> spans. What is switched on lasts until the person's next, strictly later, off of its kind; what
    is open at the end closes at ``end_ms``.
    """
    ons: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
    offs: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
    for person, kind, time_ms, on in edges:
        (ons if on else offs)[person, kind].append(time_ms)
    found: defaultdict[int, dict[str, tuple[Span, ...]]] = defaultdict(dict)
    for (person, kind), starts in ons.items():
        ends = sorted(offs[person, kind])
        merged: list[list[int]] = []
        for start in sorted(starts):
            place = bisect_right(ends, start)
            end = ends[place] if place < len(ends) else max(end_ms, start)
            if merged and start <= merged[-1][1]:
                merged[-1][1] = max(merged[-1][1], end)
            else:
                merged.append([start, end])
        found[person][kind] = tuple((start, end) for start, end in merged)
    return dict(found)


def _clipped(spans: dict[int, dict[str, tuple[Span, ...]]], part: Span) -> dict[int, dict[str, tuple[Span, ...]]]:
    clipped = {
        person: {
            kind: tuple((max(a, part[0]), min(b, part[1])) for a, b in of_kind if a < part[1] and b > part[0])
            for kind, of_kind in of_person.items()
        }
        for person, of_person in spans.items()
    }
    return {person: of_person for person, of_person in clipped.items() if any(of_person.values())}


def _numbers(spans: dict[str, tuple[Span, ...]], host: bool) -> Numbers:
    sums: dict[str, Any] = {
        f"{kind}_seconds": sum(end - start for start, end in spans.get(kind, ())) / 1000 for kind in KINDS
    }
    return replace(Numbers(), **sums, host_talk_seconds=sums["talk_seconds"] if host else 0)


def _sum(numbers: Iterable[Numbers]) -> Numbers:
    every = list(numbers)
    return replace(Numbers(), **{name: sum(getattr(one, name) for one in every) for name in SUMS})


def _stays(spans: dict[int, dict[str, tuple[Span, ...]]]) -> tuple[tuple[int, int, int], ...]:
    stays = ((*stay, person) for person, of_person in spans.items() for stay in of_person.get("stage", ()))
    return tuple(sorted(stay for stay in stays if stay[0] < stay[1]))


def _changes(spans: dict[int, dict[str, tuple[Span, ...]]]) -> tuple[tuple[int, int], ...]:
    """(time, how many people are on stage from then on), by time."""
    steps: defaultdict[int, int] = defaultdict(int)
    for of_person in spans.values():
        for start, end in of_person.get("stage", ()):
            steps[start] += 1
            steps[end] -= 1
    count, made = 0, []
    for time, step in sorted(steps.items()):
        count += step
        made.append((time, count))
    return tuple(made)
