"""The minutes of a session that are worth a second look: the most engaging ones, and the largest drops of viewers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lti_tool.analytics.timeline import MINUTE, Minute, Timeline
from lti_tool.models import Entry, RoomSession
from lti_tool.models.facts import engagement_rate

LENGTH = 5  # minutes of an engaging stretch, and of a drop
MOST = 3  # of each kind
AUDIENCE = 0.5  # of the most viewers must be there in every minute of an engaging stretch
SMALLEST_DROP = 0.05  # of the most viewers, and two people


@dataclass(frozen=True)
class Highlight:
    """``kind``: ``engaging`` or ``drop``. From ``start_ms`` to ``end_ms``. ``rate``: engaged / rated seconds of the
    stretch. ``viewers``: at its beginning and in its last minute. ``reactions``: in all of it.
    """

    kind: str
    start_ms: int
    end_ms: int
    rate: float | None
    viewers: tuple[int, int]
    reactions: int

    @property
    def fall(self) -> int:
        return self.viewers[0] - self.viewers[1]


def engaging(timeline: Timeline) -> tuple[Highlight, ...]:
    """The stretches of five minutes with the highest rate, without overlap, by time: only those in which at least half
    of the most viewers were there in every minute, and only above the rate of the whole axis.
    """
    minutes = timeline.minutes
    floor = max((minute.viewers for minute in minutes), default=0) * AUDIENCE
    whole = _rate(minutes)
    if whole is None:
        return ()
    stretches = [minutes[at : at + LENGTH] for at in range(len(minutes) - LENGTH + 1)]
    ranked = [
        (rate, stretch)
        for stretch in stretches
        if min(minute.viewers for minute in stretch) >= floor and (rate := _rate(stretch)) is not None and rate > whole
    ]
    ranked.sort(key=lambda one: (-one[0], one[1][0].at_ms))
    return _apart([_highlight("engaging", stretch) for _rate, stretch in ranked])


def drops(timeline: Timeline, session: RoomSession) -> tuple[Highlight, ...]:
    """The largest falls of viewers from one minute to five minutes later, without overlap, by time: at least two people
    and a twentieth of the most viewers, and none that reaches into the last minute, when everybody leaves, or of
    which more is to come.
    """
    minutes = [minute for minute in timeline.minutes if minute.at_ms + MINUTE < session.so_far_ms]
    least = max(2, max((minute.viewers for minute in minutes), default=0) * SMALLEST_DROP)
    found = [_highlight("drop", minutes[at : at + LENGTH + 1]) for at in range(len(minutes) - LENGTH)]
    found = [one for one in found if one.fall >= least]
    found.sort(key=lambda one: (-one.fall, one.start_ms))
    return _apart(found)


def recording_of(session: RoomSession, sessions: Sequence[RoomSession], recordings: Sequence[Entry]) -> Entry | None:
    """The session's recording: the first one that was made after it began and before the room's next session did."""
    later = [other.start_ms for other in sessions if other.start_ms > session.start_ms]
    made = [
        entry
        for entry in recordings
        if entry.created_at is not None and session.start_ms <= entry.created_at < min(later, default=1 << 62)
    ]
    return min(made, key=lambda entry: (entry.created_at or 0, entry.id), default=None)


def _highlight(kind: str, minutes: Sequence[Minute]) -> Highlight:
    first, last = minutes[0], minutes[-1]
    reactions = sum(minute.reaction_count for minute in minutes)
    viewers = (first.viewers, last.viewers)
    return Highlight(kind, first.at_ms, last.at_ms + MINUTE, _rate(minutes), viewers, reactions)


def _rate(minutes: Sequence[Minute]) -> float | None:
    engaged = sum(minute.numbers.engaged_seconds for minute in minutes)
    return engagement_rate(engaged, sum(minute.numbers.rated_seconds for minute in minutes))


def _apart(ranked: Sequence[Highlight]) -> tuple[Highlight, ...]:
    """The best ones that do not overlap, by time."""
    kept: list[Highlight] = []
    for one in ranked:
        if len(kept) < MOST and all(one.end_ms <= other.start_ms or other.end_ms <= one.start_ms for other in kept):
            kept.append(one)
    return tuple(sorted(kept, key=lambda one: one.start_ms))
