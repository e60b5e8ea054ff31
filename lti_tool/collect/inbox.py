"""The inbox: raw events as they arrive. Once the transaction is committed, nothing that was counted 'stored' is lost.

Storing parses, checks and inserts, and nothing else; ``fold.py`` turns what lies here into facts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import Connection

from lti_tool.collect import catalog
from lti_tool.collect.sources import CatalogItem, Ignored, Incoming, Item, Rejected, SeenPerson, SeenRoom, SeenSession
from lti_tool.models import db

# A receipt is for reading: of very many faults it lists the first ones and counts all.
MAX_REASONS = 1000

_INSERT = (
    "INSERT INTO raw_event (account_id, event_id, entry_id, time_ms, source, body, folded)"
    " VALUES ({}) ON CONFLICT (account_id, event_id) DO NOTHING"
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

    def add(self, other: Receipt, file: str) -> None:
        """Count another delivery too; its reasons say which file they are about."""
        for name in ("read", "stored", "duplicate", "rejected", "ignored"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.reasons += [{**reason, "file": file} for reason in other.reasons]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def take(account_id: int, items: Iterable[Item], source: str, receipt: Receipt) -> None:
    """Store items in the session's transaction (``begin_write`` first; the caller commits) and count them."""
    incoming: list[Incoming] = []
    found: list[CatalogItem | SeenRoom | SeenSession | SeenPerson] = []
    for item in items:
        if type(item) is Incoming:
            incoming.append(item)
        elif type(item) is Rejected:
            receipt.rejected += 1
            if len(receipt.reasons) < MAX_REASONS:
                receipt.reasons.append({"line": item.line, "reason": item.reason})
        elif type(item) is Ignored:
            receipt.ignored += 1
        elif isinstance(item, CatalogItem | SeenRoom | SeenSession | SeenPerson):
            found.append(item)
    stored = _insert(db.session.connection(), account_id, incoming, source)
    receipt.stored += stored
    receipt.duplicate += len(incoming) - stored
    changed, unchanged = catalog.store(account_id, found)
    receipt.stored += changed
    receipt.duplicate += unchanged
    receipt.read = receipt.stored + receipt.duplicate + receipt.rejected + receipt.ignored


def _insert(connection: Connection, account_id: int, incoming: list[Incoming], source: str) -> int:
    """Insert what is new; returns how many were. Plain parameters: this is the busiest statement of the tool."""
    if not incoming:
        return 0
    mark = "?" if db.engine.dialect.name == "sqlite" else "%s"
    rows = [(account_id, e.event_id, e.entry_id, e.time_ms, source, e.body, False) for e in incoming]
    return connection.exec_driver_sql(_INSERT.format(", ".join([mark] * 7)), rows).rowcount
