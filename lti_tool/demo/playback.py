"""Who watched the recordings and videos of the demo afterwards, and which parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from lti_tool.demo.people import DemoPerson
from lti_tool.demo.sessions import MINUTE, SECOND

DAY = 24 * 60 * MINUTE
SPAN = 60


def plays(
    *, entry_id: str, seconds: int, people: Sequence[DemoPerson], published_ms: int, until_ms: int, share: float
) -> Iterator[dict[str, Any]]:
    """Player loads, plays and watched spans of an entry in the days after it was published."""
    for person in people:
        rng = Random(f"{entry_id} {person.id}")
        if rng.random() > share:
            continue
        for number in range(rng.choice((1, 1, 1, 2))):
            loaded = published_ms + int(rng.expovariate(1 / (2.5 * DAY))) + number * DAY
            base = {"entryId": entry_id, "userId": person.id}
            if loaded + seconds * SECOND > until_ms:
                continue
            yield {**base, "name": "playerImpression", "time": loaded, **person.context}
            if rng.random() < 0.12:  # looked at the first picture only
                continue
            play = f"{entry_id}-{person.id}-{number}"
            started = loaded + rng.randint(2, 20) * SECOND
            yield {**base, "name": "play", "time": started, "playId": play}
            yield from _watched(base, play, started, seconds, rng)


def _watched(base: dict[str, Any], play: str, started: int, seconds: int, rng: Random) -> Iterator[dict[str, Any]]:
    position = 0 if rng.random() < 0.7 else rng.randrange(0, seconds // 2)
    stop = seconds if rng.random() < 0.35 else position + int((seconds - position) * rng.betavariate(1.5, 1.5))
    time_ms = started
    while position < stop:
        reached = min(position + SPAN, stop)
        time_ms += (reached - position) * SECOND
        yield {
            **base,
            "name": "view",
            "time": time_ms,
            "playbackType": "vod",
            "playId": play,
            "fromPosition": position,
            "toPosition": reached,
            "seconds": reached - position,
        }
        position = reached
        if rng.random() < 0.02:  # skipped a piece
            position += rng.randint(30, 240)
