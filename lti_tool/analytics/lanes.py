"""What else happened along the minutes of a session: lanes for reactions by kind, polls, presented media, the stage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from flask_babel import gettext as _

from lti_tool import formats
from lti_tool.analytics.stage import Stage
from lti_tool.analytics.timeline import MINUTE, Timeline
from lti_tool.models import Person, SessionFacts

Names = Callable[[Collection[int]], Mapping[int, Person]]
NAMED = 2  # of the people on stage
KINDS = 5  # reactions with a lane of their own; the rarer ones share one


@dataclass(frozen=True)
class Mark:
    """From ``start`` for ``length``, both in minutes of the axis (0: a moment); ``weight`` from 0 to 1."""

    start: float
    length: float
    weight: float
    text: str


@dataclass(frozen=True)
class Lane:
    """A row under the chart. ``key``: ``reaction``, ``poll``, ``presented``, ``stage``."""

    key: str
    label: str
    marks: tuple[Mark, ...]

    def at(self, place: int) -> str:
        """What the lane shows in a minute, in words."""
        there = [
            mark.text
            for mark in self.marks
            if mark.start < place + 1 and (mark.start >= place or mark.start + mark.length > place)
        ]
        return ", ".join(dict.fromkeys(there))


def reaction_name(kind: str) -> str:
    """A reaction in the reader's language; kinds of other systems keep their name."""
    names = {"Clap": _("Clap"), "Heart": _("Heart"), "Think": _("Think"), "Wow": _("Wow"), "Smile": _("Smile")}
    return str(names.get(kind, kind))


def with_lanes(
    timeline: Timeline, facts: SessionFacts | None, polls: Sequence[Any], stage: Stage | None, names: Names
) -> Timeline:
    """The timeline with its lanes; ``polls``: (time, question). ``names``: of people by their keys, as far as they may
    be shown.
    """
    if not timeline.minutes or facts is None:
        return timeline
    first = timeline.minutes[0].at_ms
    end = float(len(timeline.minutes))

    def place(time_ms: int) -> float:
        return min(max((time_ms - first) / MINUTE, 0.0), end)

    lanes = [*_reactions(timeline)]
    asked = tuple(Mark(place(time), 0, 1, question) for time, question in polls)
    lanes.append(Lane("poll", _("Polls launched"), asked))
    shown = tuple(
        Mark(place(row["start_ms"]), place(row["end_ms"]) - place(row["start_ms"]), 1, _shown(row))
        for row in facts.presented
    )
    lanes.append(Lane("presented", _("Presented media"), shown))
    lanes.append(Lane("stage", _("On stage"), _on_stage(timeline, stage, names) if stage else ()))
    return replace(timeline, lanes=tuple(lane for lane in lanes if lane.marks))


def _reactions(timeline: Timeline) -> list[Lane]:
    total: Counter[str] = Counter()
    for minute in timeline.minutes:
        total.update(dict(minute.reactions))
    own = [kind for kind, _count in sorted(total.items(), key=lambda one: (-one[1], one[0]))[:KINDS]]
    groups = [(reaction_name(kind), {kind}) for kind in own]
    if rest := set(total) - set(own):
        groups.append((_("Other reactions"), rest))
    counted = [
        (label, [sum(count for kind, count in minute.reactions if kind in kinds) for minute in timeline.minutes])
        for label, kinds in groups
    ]
    most = max((count for _label, counts in counted for count in counts), default=1)
    return [
        Lane("reaction", label, tuple(Mark(at + 0.5, 0, n / most, str(n)) for at, n in enumerate(counts) if n))
        for label, counts in counted
    ]


def _shown(row: dict[str, Any]) -> str:
    """What was presented, with its page if that is known."""
    title = str(row["title"] or row["media_id"])
    return title if row["page"] is None else f"{title} ({_('Page %(number)s', number=formats.count(row['page']))})"


def _on_stage(timeline: Timeline, stage: Stage, names: Names) -> tuple[Mark, ...]:
    """A mark for all minutes in a row with the same people, and as many of them at once."""
    counts = [stage.on_stage(minute.at_ms, minute.at_ms + MINUTE) for minute in timeline.minutes]
    most = max(counts, default=0) or 1
    there = _people_on_stage(timeline, stage)
    named = names({person for people in there for person in people[:NAMED]})
    marks, at = [], 0
    for (count, people), group in groupby(zip(counts, there, strict=True)):
        length = len(list(group))
        if count:
            marks.append(Mark(at, length, count / most, _named(people, named) or str(count)))
        at += length
    return tuple(marks)


def _people_on_stage(timeline: Timeline, stage: Stage) -> list[tuple[int, ...]]:
    """Who was on stage at any time of each minute, those who are there longest first."""
    found: list[tuple[int, ...]] = []
    waiting, present = list(reversed(stage.stays)), list[tuple[int, int, int]]()
    for minute in timeline.minutes:
        came = []
        while waiting and waiting[-1][0] < minute.at_ms + MINUTE:
            came.append(waiting.pop())
        stayed = [stay for stay in present if stay[1] > minute.at_ms]
        changed = came or len(stayed) < len(present)
        present = [*stayed, *(stay for stay in came if stay[1] > minute.at_ms)]
        same = found[-1] if found and not changed else tuple(dict.fromkeys(person for *_span, person in present))
        found.append(same)
    return found


def _named(people: Sequence[int], named: Mapping[int, Person]) -> str:
    """The first two names, and how many more there are; nothing if names may not be shown."""
    names = [named[person].name for person in people[:NAMED] if person in named]
    more = f" +{formats.count(len(people) - NAMED)}" if len(people) > NAMED else ""
    return f"{', '.join(names)}{more}" if names else ""
