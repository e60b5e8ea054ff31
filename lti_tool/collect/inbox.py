"""The inbox: raw events as they arrive. Once the transaction is committed, nothing that was counted 'stored' is lost.

Storing parses, checks and inserts, and nothing else; ``fold.py`` turns what lies here into facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import Connection

from lti_tool.collect import catalog
from lti_tool.collect.sources import Ignored, Incoming, Item, Rejected, Seen
from lti_tool.models import db

# A receipt is for reading: of very many faults it lists the first ones and counts all.
MAX_REASONS = 1000

_INSERT = (
    "INSERT INTO raw_event (event_id, entry_id, time_ms, body, account_id, source, folded)"
    " VALUES ({}, false) ON CONFLICT (account_id, event_id) DO NOTHING"
)


@dataclass
class Receipt:
    """What became of the items of one delivery."""

    read: int = 0
    stored: int = 0
    duplicate: int = 0
    rejected: int = 0
    ignored: int = 0
    reasons: list[dict[str, Any]] = field(default_factory=list)

    def reject(self, item: Rejected) -> None:
        """Count a rejected item, with its reason."""
        self.rejected += 1
        if len(self.reasons) < MAX_REASONS:
            self.reasons.append({"line": item.line, "reason": item.reason})

    def add(self, other: Receipt, file: str) -> None:
        """Count another delivery too; its reasons say which file they are about."""
        for name in ("read", "stored", "duplicate", "rejected", "ignored"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.reasons += [{**reason, "file": file} for reason in other.reasons]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def take(account_id: int, items: Iterable[Item], source: str, receipt: Receipt) -> None:
    """Store items in the session's transaction (``begin_write`` first; the caller commits) and count them."""
    taken = 0
    found: list[Seen] = []

    def rows() -> Iterator[tuple[str, str, int, str, int, str]]:
        nonlocal taken
        for item in items:
            if type(item) is Incoming:
                taken += 1
                yield item.event_id, item.entry_id, item.time_ms, item.body, account_id, source
            elif type(item) is Rejected:
                receipt.reject(item)
            elif type(item) is Ignored:
                receipt.ignored += 1
            elif isinstance(item, Seen):
                found.append(item)

    stored = _insert(db.session.connection(), rows())
    changed, unchanged = catalog.store(account_id, found)
    receipt.stored += stored + changed
    receipt.duplicate += taken - stored + unchanged
    receipt.read = receipt.stored + receipt.duplicate + receipt.rejected + receipt.ignored


def _insert(connection: Connection, rows: Any) -> int:
    """Insert what is new; returns how many were.

    This is the busiest statement of the tool: the driver's own cursor takes the rows one by one as they are read,
    where SQLAlchemy would want a list of them all.
    """
    mark = "?" if db.engine.dialect.name == "sqlite" else "%s"
    with closing(connection.connection.cursor()) as cursor:
        cursor.executemany(_INSERT.format(", ".join([mark] * 6)), rows)
        return max(cursor.rowcount, 0)  # -1: there were no rows
