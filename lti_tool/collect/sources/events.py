"""``events``: one JSON object a line, in the contract's own form."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from lti_tool.collect.contract import EventError, Signal, parse
from lti_tool.collect.sources import Incoming, Item, Rejected, Source


def read_lines(lines: Iterable[bytes]) -> Iterator[Item]:
    """Events from their lines; blank lines are skipped, a wrong one is rejected alone."""
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if not text:
            continue
        try:
            event = parse(text)
        except EventError as error:
            yield Rejected(number, str(error))
            continue
        yield Incoming(number, event.id, event.entry_id, event.time, text.decode())  # type: ignore[arg-type]


def _read(file: BinaryIO, _room: str | None) -> Iterator[Item]:
    return read_lines(_bounded_lines(file))


def _bounded_lines(file: BinaryIO) -> Iterator[bytes]:
    """Lines of a file, each cut a little behind the limit: ``parse`` refuses it, memory stays flat."""
    limit = 1024 * 1024 + 2
    while line := file.readline(limit):
        if len(line) == limit and not line.endswith(b"\n"):
            while (rest := file.readline(limit)) and not rest.endswith(b"\n"):
                pass
        yield line


def _recognises(head: bytes) -> bool:
    first: Any = None
    for line in head.splitlines():
        if line.strip():
            try:
                first = json.loads(line)
            except ValueError:
                return b'"name"' in line and b'"entryId"' in line and line.lstrip().startswith(b"{")
            break
    return isinstance(first, dict) and {"name", "time"} <= first.keys()


SOURCE = Source(name="events", recognises=_recognises, read=_read, reports=frozenset(Signal))
