"""Sources: one file per format, each a pure reader from a file to items. They know no database.

A reader takes a binary file and the entry id of ``--room`` (or nothing) and yields items, in the order of the file:
events, things it learned about people, rooms and sessions, and lines it rejects or passes over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from lti_tool.collect.contract import Signal


class Incoming(NamedTuple):
    """An event to store; ``body`` is its JSON text in the contract's form."""

    line: int
    event_id: str
    entry_id: str
    time_ms: int
    body: str


class Rejected(NamedTuple):
    """A line (or item) that cannot be used, and why."""

    line: int
    reason: str


class Ignored(NamedTuple):
    """A line that is fine and holds nothing we count."""

    line: int


@dataclass(frozen=True)
class SeenRoom:
    """A room that a source names; the catalogue's own words come first."""

    entry_id: str
    name: str
    breakout: bool = False


@dataclass(frozen=True)
class SeenSession:
    """A session that a source describes. Times in epoch milliseconds."""

    session_id: str
    entry_id: str
    name: str
    start_ms: int
    end_ms: int
    host_id: str | None = None


@dataclass(frozen=True)
class SeenPerson:
    """What a source calls somebody; the catalogue's own words come first."""

    person_id: str
    name: str | None
    role: str | None


class CatalogItem(NamedTuple):
    """An object of a catalogue file, checked: ``kind`` is its list's name, ``item`` a struct of ``catalog.py``."""

    line: int
    kind: str
    item: object


Seen = SeenRoom | SeenSession | SeenPerson | CatalogItem
Item = Incoming | Rejected | Ignored | Seen


@dataclass(frozen=True)
class Source:
    """A format: how to tell it from the first bytes, how to read it, and which signals it reports."""

    name: str
    recognises: Callable[[bytes], bool]
    read: Callable[[BinaryIO, str | None], Iterator[Item]]
    reports: frozenset[Signal]
