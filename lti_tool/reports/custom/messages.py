"""What was said in the chat, from the raw events: each with its session, entry by entry, as it happened."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lti_tool.collect.assign import Known
from lti_tool.collect.contract import stored
from lti_tool.collect.deltas import Stored
from lti_tool.collect.fold import sessions_of
from lti_tool.models import Entry, Person, RoomSession
from lti_tool.reports.custom import queries
from lti_tool.reports.custom.asked import Asked


class Said(NamedTuple):
    """An event of a chat. ``included``: it lies in the time and the sessions that are asked about."""

    entry: Entry
    event: Any
    session: RoomSession | None
    included: bool


def said(asked: Asked, entry: Entry, *kinds: type) -> Iterator[Said]:
    """The events of these kinds, by time and id, a chunk in memory at a time."""
    rows = {session.external_id: session for session in queries.sessions_of(entry)}
    known = [Known(row.external_id, row.start_ms, row.end_ms, row.origin) for row in rows.values()]
    explicit = [session for session in known if session.origin != "opened"]
    opened = [session for session in known if session.origin == "opened"]
    names = [str(kind.__struct_config__.tag) for kind in kinds]  # type: ignore[attr-defined]
    for chunk in queries.chunks(queries.raw_events(entry, names)):
        events = [Stored(pk, source, stored(body)) for pk, source, body in chunk]
        events = [one for one in events if isinstance(one.event, kinds)]
        for one, session_id in zip(events, sessions_of(events, explicit, opened), strict=True):
            session = rows[session_id] if session_id else None
            place = (session.external_id, session.start_ms) if session else None
            yield Said(entry, one.event, session, asked.includes(one.event.time, place))


class Speaker(NamedTuple):
    """Who said something, and in which role."""

    person: Person
    role: str | None


def speakers(asked: Asked, some: Iterable[Said]) -> list[Speaker]:
    """Who said each: the role in the session, else what the event tells, else the usual one."""
    every = list(some)
    people = queries.people(asked.scope.account_id, {one.event.user_id for one in every})
    sessions = {one.session.id for one in every if one.session}
    roles = queries.roles(sessions, {person.id for person in people.values() if person.id is not None})
    found = []
    for one in every:
        person = people[one.event.user_id]
        there = roles.get((one.session.id, person.id)) if one.session else None
        found.append(Speaker(person, there or one.event.role or person.role))
    return found


def in_chunks(some: Iterable[Said]) -> Iterator[list[Said]]:
    """Lists of up to a thousand."""
    chunk: list[Said] = []
    for one in some:
        chunk.append(one)
        if len(chunk) == queries.CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


class Marks:
    """How many distinct people marked each message. Sixteen bytes a mark: a million marks are no burden."""

    def __init__(self) -> None:
        self._marks = array("Q")
        self._counted: tuple[NDArray[np.uint64], NDArray[np.int64]] | None = None

    def add(self, message_id: str, user_id: str) -> None:
        self._marks.append(_digest(message_id))
        self._marks.append(_digest(user_id))

    def count(self, message_id: str | None) -> int:
        """Of this message; to be asked when all have been added."""
        if self._counted is None:
            marks = np.unique(np.frombuffer(self._marks, dtype=np.uint64).reshape(-1, 2), axis=0)
            self._counted = np.unique(marks[:, 0], return_counts=True)
        messages, counts = self._counted
        if message_id is None or not len(messages):
            return 0
        digest = np.uint64(_digest(message_id))
        place = int(np.searchsorted(messages, digest))
        return int(counts[place]) if place < len(messages) and messages[place] == digest else 0


def _digest(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")
