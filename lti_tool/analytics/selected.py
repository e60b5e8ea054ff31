"""The numbers of what the report API asks about: of everything together, by row of a report, and by minute."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lti_tool.analytics import engagement
from lti_tool.analytics.dashboards import signals
from lti_tool.analytics.numbers import EVERYTHING, Numbers
from lti_tool.analytics.queries import selected as queries
from lti_tool.analytics.queries import selected_rows as listed
from lti_tool.analytics.queries.engagement import Counted
from lti_tool.analytics.queries.selected import Selection
from lti_tool.analytics.videos.lists import among
from lti_tool.models import Entry, RoomSession, percentiles, spans
from lti_tool.models.facts import QUARTER

Ints = NDArray[np.int64]
REACTIONS = ("Clap", "Heart", "Think", "Wow", "Smile")


@dataclass(frozen=True)
class Held:
    """A session, where it took place, and its numbers."""

    session: RoomSession
    entry: Entry
    numbers: Numbers


@dataclass(frozen=True)
class Minute:
    """A minute since the epoch. ``reactions``: how often each was sent."""

    at: int
    numbers: Numbers
    reactions: Mapping[str, int]


def total(asked: Selection, *, private: bool = False, live: bool = True) -> Numbers:
    """Of everything that is asked about, people counted once. ``private``: private messages too; without ``live``
    only what was played.
    """
    of = queries.counted(asked, live=live)
    there, played = queries.live(of).get("", {}) if live else {}, queries.played(of).get("", {})
    watched = queries.both(of) if there.get("live_viewers") and played.get("recording_viewers") else 0
    made = _numbers(there, played, reported=engagement.signals(of) if live else EVERYTHING, both=watched)
    return replace(made, private_people=listed.private_people(asked, of)) if private else made


def by_context(asked: Selection, field: str, *, live: bool = True) -> dict[str, Numbers]:
    """By a column that says where or on what people watched; an empty text: not known."""
    of = queries.counted(asked, live=live)
    there, played = queries.live(of, field) if live else {}, queries.played(of, field)
    made = {key: _numbers(there.get(key, {}), played.get(key, {})) for key in {*there, *played}}
    return {key: one for key, one in made.items() if one.live_viewers or one.recording_viewers or one.plays}


def by_entry(asked: Selection) -> list[tuple[Entry, Numbers]]:
    """What was played, by entry."""
    played = queries.played(queries.counted(asked, live=False), "entry_id")
    found = listed.media(asked, sorted(played))
    return [(found[key], _numbers({}, played[key])) for key in sorted(played) if key in found]


def ranked(asked: Selection) -> list[tuple[Entry, Numbers]]:
    """The same, each with the percentiles that any play watched and what its rank among them needs."""
    videos, seen = by_entry(asked), _seen(asked)
    made = among([numbers for _entry, numbers in videos])
    return [
        (entry, replace(numbers, seen_percentiles=int(np.count_nonzero(seen.get(entry.id, 0)))))
        for (entry, _numbers), numbers in zip(videos, made, strict=True)
    ]


def seen_of_videos(asked: Selection) -> Numbers:
    """``of_videos`` with the percentiles that any play of any of them watched."""
    return replace(of_videos(asked), seen_percentiles=int(np.count_nonzero(sum(_seen(asked).values()))))


def _seen(asked: Selection) -> dict[int, Ints]:
    """By entry, of each percentile how many plays watched it. Of everybody, by quarters of an hour, it is kept."""
    of, found = queries.counted(asked, live=False), dict[int, Ints]()
    if not asked.narrow and not (asked.start_ms or 0) % QUARTER and not (asked.end_ms or 0) % QUARTER:
        kept = groupby(listed.retention(of), key=lambda row: row.entry_id)
        return {entry: percentiles.total(row.plays for row in rows) for entry, rows in kept}
    for rows in listed.positions(of):
        for (entry, duration_ms), plays in groupby(rows, key=lambda row: (row.entry_id, row.duration_ms)):
            counts = percentiles.watched([play.positions for play in plays], duration_ms / 1000).sum(axis=0)
            found[entry] = found.get(entry, 0) + counts
    return found


def of_videos(asked: Selection) -> Numbers:
    """Of everything that was played, with how many videos, and of how many owners."""
    videos = [entry for entry, one in by_entry(asked) if one.recording_seconds or one.plays]
    owners = {entry.owner_id for entry in videos if entry.owner_id}
    return replace(total(asked, live=False), videos=len(videos), contributors=len(owners))


def by_session(asked: Selection) -> list[Held]:
    """The sessions in which anybody who is asked about did anything, or whose recordings they played since."""
    of = queries.counted(asked)
    live, played = queries.live(of, "session_id"), queries.played_since(asked, of)
    return [
        Held(session, entry, _numbers(live.get(session.id, {}), played.get(session.id, {}), reported=_told(key, *told)))
        for session, entry, key, *told in listed.sessions(of)
        if session.id in live or session.id in played
    ]


def every_session(asked: Selection) -> list[Held]:
    """All sessions, also those in which nothing happened."""
    of = queries.counted(asked, played=False)
    live = queries.live(of, "session_id")
    return [
        Held(session, entry, _numbers(live.get(session.id, {}), {}, reported=_told(key, *told)))
        for session, entry, key, *told in listed.sessions(of)
    ]


def _told(key: int | None, reported: Sequence[str], has_heartbeats: bool) -> frozenset[str]:
    return EVERYTHING if key is None else signals(reported, has_heartbeats=has_heartbeats)


def _numbers(
    live: Mapping[str, int], played: Mapping[str, int], *, reported: frozenset[str] = EVERYTHING, both: int = 0
) -> Numbers:
    found: dict[str, Any] = {**live, **played}
    found["recording_seconds"] = found.pop("watched_ms", 0) / 1000
    viewers = found.get("live_viewers", 0) + found.get("recording_viewers", 0) - both
    return Numbers(reported=reported, viewers=viewers, **{"could_chat": 0, **found})


def minutes(asked: Selection) -> list[Minute]:
    """The minutes in which anybody watched or reacted, of all sessions together, in order."""
    of = queries.counted(asked, played=False)
    rows = listed.minutes(of)
    reported = engagement.signals(of)
    if asked.narrow:
        sums = _of_spans(listed.spans(of))
        sent = ((time_ms // 60_000, kind, 1) for time_ms, kind in listed.reactions(of))
    else:
        sums = _added(of, [(row.session_id, row.curve) for row in rows])
        sent = ((at, kind, count) for row in rows for at, kind, count in row.reaction_minutes)
    reactions: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for at, kind, count in sent:
        reactions[at][kind] = reactions[at].get(kind, 0) + count
    return [
        Minute(at, _of_minute(sums.get(at, _NONE), reported), reactions.get(at, {}))
        for at in sorted({*sums, *reactions})
    ]


def minutes_by_entry(asked: Selection) -> list[tuple[Entry, Minute]]:
    """The same entry by entry, without reactions."""
    of = queries.counted(asked, played=False)
    rows = listed.minutes(of)
    found = listed.media(asked, sorted({row.entry_id for row in rows}))
    made = []
    for key, entry in found.items():
        mine = [(row.session_id, row.curve) for row in rows if row.entry_id == key]
        sums = _of_spans(listed.spans(of, [session for session, _curve in mine])) if asked.narrow else _added(of, mine)
        made += [(entry, Minute(at, _of_minute(one, EVERYTHING), {})) for at, one in sorted(sums.items())]
    return made


def levels(asked: Selection) -> dict[int, tuple[int, int]]:
    """Minute since the epoch -> people engaged in it, people who were there and not engaged."""
    rows = listed.spans(queries.counted(asked, played=False))
    people = _places([row.person_id for row in rows])
    there = _touched([_watched(row) for row in rows], people)
    engaged = _touched([row.engaged if row.rated_seconds else b"" for row in rows], people)
    attentive = np.unique(engaged[0]) if len(engaged[0]) else engaged[0]
    present = np.setdiff1d(there[0], attentive, assume_unique=False)
    counts: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
    for place, keys in enumerate((attentive, present)):
        for at, people_in in zip(*np.unique(keys & _MINUTE, return_counts=True), strict=True):
            counts[int(at)][place] += int(people_in)
    return {at: (pair[0], pair[1]) for at, pair in counts.items()}


_Sums = tuple[int, int, int, int]  # people, watched, rated and engaged seconds of a minute
_NONE: _Sums = (0, 0, 0, 0)
_BITS = 32
_MINUTE = (1 << _BITS) - 1


def _of_minute(sums: _Sums, reported: frozenset[str]) -> Numbers:
    people, watched, rated, engaged = sums
    return Numbers(
        reported=reported, live_viewers=people, watched_seconds=watched, rated_seconds=rated, engaged_seconds=engaged
    )


def _added(of: Counted, curves: Sequence[tuple[int, bytes]]) -> dict[int, _Sums]:
    """The curves of several sessions. Where two have the same minute, people are counted anew: somebody may have been
    in both.
    """
    every = [np.frombuffer(curve, dtype="<u4").reshape(-1, 5).astype(np.int64) for _key, curve in curves]
    if not every:
        return {}
    rows = np.concatenate(every)
    at, place, times = np.unique(rows[:, 0], return_inverse=True, return_counts=True)
    sums = np.zeros((len(at), 4), dtype=np.int64)
    np.add.at(sums, place, rows[:, 1:])
    twice = at[times > 1]
    if len(twice):
        shared = [key for (key, _curve), own in zip(curves, every, strict=True) if np.isin(own[:, 0], twice).any()]
        once = _of_spans(listed.spans(of, shared))
        for where in np.flatnonzero(times > 1):
            sums[where, 0] = once[int(at[where])][0]
    return {int(minute): (row[0], row[1], row[2], row[3]) for minute, row in zip(at, sums.tolist(), strict=True)}


def _of_spans(rows: Iterable[Any]) -> dict[int, _Sums]:
    """The minutes of these people's seconds, each person once in each."""
    rows = list(rows)
    people = _places([row.person_id for row in rows])
    sums: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    sets = (
        [_watched(row) for row in rows],
        [row.watched if row.rated_seconds else b"" for row in rows],
        [row.engaged if row.rated_seconds else b"" for row in rows],
    )
    for place, stored in enumerate(sets, start=1):
        keys, seconds = _touched(stored, people)
        for at, total_seconds in _summed(keys & _MINUTE, seconds):
            sums[at][place] = total_seconds
        if place == 1:
            for at, count in _summed(np.unique(keys) & _MINUTE, None):
                sums[at][0] = count
    return {at: (row[0], row[1], row[2], row[3]) for at, row in sums.items()}


def _watched(row: Any) -> bytes:
    return bytes(row.watched if row.rated_seconds else row.presence)


def _places(people: Sequence[int]) -> Ints:
    """A small number for each person."""
    return np.unique(np.array(people, dtype=np.int64), return_inverse=True)[1]


def _touched(stored: Sequence[bytes], people: Ints) -> tuple[Ints, Ints]:
    """Of each span and each minute that it touches: the person and the minute as one number, and the seconds."""
    every = spans.decode(b"".join(stored))
    whose = np.repeat(people, [len(one) // 8 for one in stored]).astype(np.int64)
    first, last = every[:, 0] // 60, (every[:, 1] - 1) // 60
    length = last - first + 1
    span = np.repeat(np.arange(len(every)), length)
    minute = first[span] + np.arange(len(span)) - np.repeat(np.cumsum(length) - length, length)
    seconds = np.minimum(every[span, 1], (minute + 1) * 60) - np.maximum(every[span, 0], minute * 60)
    return (whose[span] << _BITS) | minute, seconds


def _summed(at: Ints, weights: Ints | None) -> list[tuple[int, int]]:
    found, place = np.unique(at, return_inverse=True)
    sums = np.bincount(place, weights=weights, minlength=len(found)).astype(np.int64)
    return list(zip(found.tolist(), sums.tolist(), strict=True))
