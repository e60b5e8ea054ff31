"""Jobs of collecting. Jobs commit; each may be repeated and interrupted."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from pathlib import Path

from sqlalchemy import select

from lti_tool.collect import fold, inbox
from lti_tool.collect.inbox import Receipt
from lti_tool.collect.sources import Item, Source
from lti_tool.models import Account, begin_write, db

log = logging.getLogger(__name__)

BATCH = 10_000


class FoldError(Exception):
    """Some entries could not be folded; the others were. Their events wait for the next try."""


def fold_account(account_id: int) -> None:
    """Fold everything that waits, entry by entry, each in a transaction of its own.

    Raises ``FoldError`` at the end when entries failed: one entry's fault stops no other's numbers.
    """
    failed: set[str] = set()
    while entries := [entry for entry in fold.pending_entries(account_id) if entry not in failed]:
        failed |= _fold(account_id, entries, rebuild=False)
    db.session.rollback()
    _raise(failed)


def rebuild_account(account_id: int) -> int:
    """Fold every entry anew from its raw events; returns how many there were. Raises ``FoldError``."""
    entries = fold.all_entries(account_id)
    _raise(_fold(account_id, entries, rebuild=True))
    return len(entries)


def _fold(account_id: int, entries: list[str], *, rebuild: bool) -> set[str]:
    """Fold entries; returns those that failed."""
    failed = set()
    for entry_id in entries:
        db.session.rollback()  # reading is over: what follows is a writing transaction
        try:
            fold.fold_entry(account_id, entry_id, rebuild=rebuild)
            db.session.commit()
        except Exception:
            db.session.rollback()
            log.exception("not folded account=%s entry=%s", account_id, entry_id)
            failed.add(entry_id)
    return failed


def _raise(failed: set[str]) -> None:
    if failed:
        some = ", ".join(sorted(failed)[:20])
        raise FoldError(f"{len(failed)} could not be folded, the log says why: {some}")


def fold_pending() -> None:
    """Fold what waits in all accounts: the sweep behind the jobs that each delivery enqueues. Raises ``FoldError``."""
    failed: set[str] = set()
    for account_id in db.session.scalars(select(Account.id)).all():
        try:
            fold_account(account_id)
        except FoldError as error:
            failed.add(f"account {account_id}: {error}")
    _raise(failed)


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
