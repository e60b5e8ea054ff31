"""Jobs of collecting. Jobs commit; each may be repeated and interrupted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from pathlib import Path

from sqlalchemy import select

from lti_tool.collect import fold, inbox
from lti_tool.collect.inbox import Receipt
from lti_tool.collect.sources import Item, Source
from lti_tool.models import Account, begin_write, db

BATCH = 10_000


def fold_account(account_id: int) -> None:
    """Fold everything that waits, entry by entry, each in a transaction of its own."""
    while entries := fold.pending_entries(account_id):
        _fold(account_id, entries, rebuild=False)
    db.session.rollback()


def rebuild_account(account_id: int) -> int:
    """Fold every entry anew from its raw events; returns how many there were."""
    entries = fold.all_entries(account_id)
    _fold(account_id, entries, rebuild=True)
    return len(entries)


def _fold(account_id: int, entries: list[str], *, rebuild: bool) -> None:
    for entry_id in entries:
        db.session.rollback()  # reading is over: what follows is a writing transaction
        fold.fold_entry(account_id, entry_id, rebuild=rebuild)
        db.session.commit()


def fold_pending() -> None:
    """Fold what waits in all accounts: the sweep behind the jobs that each delivery enqueues."""
    for account_id in db.session.scalars(select(Account.id)).all():
        fold_account(account_id)


def store(
    account_id: int, items: Iterable[Item], source: str, progress: Callable[[int], None] = lambda read: None
) -> Receipt:
    """Store items in batches, each committed by itself."""
    receipt = Receipt()
    for batch in _batches(items):
        begin_write()
        inbox.take(account_id, batch, source, receipt)
        db.session.commit()
        progress(receipt.read)
    return receipt


def import_file(
    account_id: int, path: Path, source: Source, *, room: str | None, progress: Callable[[int], None]
) -> Receipt:
    """Store a file. Folding is the caller's next step: after several files it is done once."""
    with path.open("rb") as file:
        return store(account_id, source.read(file, room), source.name, progress)


def _batches(items: Iterable[Item]) -> Iterator[Iterable[Item]]:
    """Batches that are read while they are stored: none lies in memory as a whole."""
    iterator = iter(items)
    for first in iterator:
        yield chain([first], islice(iterator, BATCH - 1))
