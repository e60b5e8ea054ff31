"""One session of the demo: who came when, and the heartbeats that their clients sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from lti_tool.demo.lessons import Lesson
from lti_tool.demo.people import DemoPerson

SECOND = 1000
MINUTE = 60 * SECOND
BEAT = 10


@dataclass(frozen=True)
class Visit:
    """A stretch of presence on one device: milliseconds since the epoch."""

    person: DemoPerson
    start_ms: int
    end_ms: int
    second_device: bool = False


@dataclass(frozen=True)
class DemoSession:
    """A session to be played. ``end_ms`` empty: still running, played until ``until_ms``.

    ``away``: person id -> the stretch (in milliseconds) that they spend elsewhere, such as in a breakout room.
    """

    id: str
    entry_id: str
    name: str
    start_ms: int
    end_ms: int | None
    until_ms: int
    host: DemoPerson
    people: Sequence[DemoPerson]
    lesson: Lesson | None = None
    heartbeats: bool = True
    everybody_comes: bool = False
    away: dict[str, tuple[int, int]] = field(default_factory=dict)

    def catalog(self) -> dict[str, Any]:
        """As the catalogue file names a session."""
        row = {
            "id": self.id,
            "entryId": self.entry_id,
            "name": self.name,
            "startTime": self.start_ms,
            "hostId": self.host.id,
        }
        return row if self.end_ms is None else {**row, "endTime": self.end_ms}

    @property
    def seconds(self) -> int:
        return (self.until_ms - self.start_ms) // SECOND

    def random(self, purpose: str) -> Random:
        """The same dice at every start, and others for every purpose."""
        return Random(f"{self.id} {purpose}")

    def event(self, name: str, time_ms: int, person: DemoPerson, **fields: Any) -> dict[str, Any]:
        """An event of this session, without its id."""
        return {
            "name": name,
            "time": time_ms,
            "entryId": self.entry_id,
            "sessionId": self.id,
            "userId": person.id,
            **fields,
        }


def visits(session: DemoSession) -> list[Visit]:
    """Who was there and when: arrivals around the start, dropped lines, early leavers, second devices."""
    rng = session.random("visits")
    found = [Visit(session.host, session.start_ms - rng.randint(60, 300) * SECOND, session.until_ms + 20 * SECOND)]
    for person in session.people:
        if person is session.host or (not session.everybody_comes and rng.random() > person.diligence):
            continue
        found += _visits_of(session, person, rng)
    return [visit for visit in found if visit.end_ms - visit.start_ms > 2 * BEAT * SECOND]


def _visits_of(session: DemoSession, person: DemoPerson, rng: Random) -> list[Visit]:
    length = session.seconds
    late = rng.randint(300, 1500) if rng.random() < 0.12 else int(rng.gauss(30, 120))
    arrival = session.start_ms + max(-300, min(late, length // 3)) * SECOND
    leave = session.until_ms + rng.randint(-60, 90) * SECOND
    if rng.random() < 0.14:
        leave = session.start_ms + int(length * rng.uniform(0.35, 0.92)) * SECOND
    if session.end_ms is None:
        leave = min(leave, session.until_ms)
    stretches = [(arrival, leave)]
    if rng.random() < 0.18:  # the line dropped, and came back
        stretches = _without(stretches, _gap(arrival, leave, rng))
    if person.id in session.away:
        stretches = _without(stretches, session.away[person.id])
    found = [Visit(person, start, end) for start, end in stretches]
    if rng.random() < 0.07:  # looks at the slides on the telephone as well
        middle = (arrival + leave) // 2
        found.append(Visit(person, middle, min(middle + 12 * MINUTE, leave), second_device=True))
    return found


def _gap(start: int, end: int, rng: Random) -> tuple[int, int]:
    begin = rng.randint(start, max(start, end - 5 * MINUTE))
    return begin, begin + rng.randint(30, 240) * SECOND


def _without(stretches: list[tuple[int, int]], gap: tuple[int, int]) -> list[tuple[int, int]]:
    left = [(start, min(end, gap[0])) for start, end in stretches] + [
        (max(start, gap[1]), end) for start, end in stretches
    ]
    return [(start, end) for start, end in left if end > start]


def heartbeats(session: DemoSession, attended: Sequence[Visit], peaks: Sequence[int]) -> Iterator[dict[str, Any]]:
    """A heartbeat every ten seconds of every visit. Attention sags, and comes back near the ``peaks``."""
    rng = session.random("heartbeats")
    for visit in attended:
        person = visit.person
        host = person is session.host
        full_screen = not host and not visit.second_device and rng.random() < 0.15
        focused = True
        for beat, time_ms in enumerate(range(visit.start_ms + BEAT * SECOND, visit.end_ms + 1, BEAT * SECOND)):
            if rng.random() < 0.09:
                focused = rng.random() < _attention(session, person, time_ms, peaks)
            flags = {
                "tabFocused": focused or host,
                "soundOn": host or not visit.second_device,
                "fullScreen": full_screen and focused,
                "cameraOn": person.camera and not visit.second_device,
                "micOn": host,
                "onStage": host,
            }
            context = {**person.context, "role": person.role} if beat == 0 else {}
            if beat == 0 and visit.second_device:
                context |= {"device": "Mobile", "operatingSystem": "iOS", "browser": "Safari"}
            on = {name: True for name, value in flags.items() if value}
            yield session.event("view", time_ms, person, playbackType="meeting", **on, **context)


def _attention(session: DemoSession, person: DemoPerson, time_ms: int, peaks: Sequence[int]) -> float:
    through = (time_ms - session.start_ms) / max(1, session.until_ms - session.start_ms)
    sag = 0.3 * max(0.0, min(1.0, through)) * (1 - person.attention)
    near = any(0 <= time_ms - peak < 3 * MINUTE for peak in peaks)
    return min(0.98, person.attention - sag + (0.35 if near else 0.0))


def presence(session: DemoSession, attended: Sequence[Visit]) -> Iterator[dict[str, Any]]:
    """Joins and leaves only: all that some sources report. A running session leaves its visits open."""
    for number, visit in enumerate(attended):
        connection = f"{session.id}-{number}"
        context = {**visit.person.context, "role": visit.person.role}
        yield session.event("joinSession", visit.start_ms, visit.person, connectionId=connection, **context)
        if session.end_ms is not None or visit.end_ms < session.until_ms:
            yield session.event("leaveSession", visit.end_ms, visit.person, connectionId=connection)
