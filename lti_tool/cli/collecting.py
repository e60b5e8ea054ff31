"""``lti-tool import`` and ``lti-tool rebuild``."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import click

from lti_tool.cli import application, fail, print_json


@click.command("import")
@click.option("--account", "account_id", type=int, required=True, metavar="N", help="The account's partner id.")
@click.option("--format", "format_name", metavar="F", help="catalog, events or bbb-events; default: recognised.")
@click.option("--room", metavar="ENTRY_ID", help="The room, for formats that do not name one.")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(account_id: int, format_name: str | None, room: str | None, files: tuple[Path, ...]) -> None:
    """Import FILEs: a catalogue or events. Prints what became of them as JSON; exit 1 if anything was rejected."""
    from lti_tool.collect import tasks
    from lti_tool.collect.inbox import Receipt
    from lti_tool.collect.registry import SOURCES, recognise
    from lti_tool.models import Account, db

    if format_name and format_name not in SOURCES:
        raise click.UsageError(f"unknown format '{format_name}'; there are: {', '.join(SOURCES)}")
    started = time.monotonic()
    total = Receipt()
    with application().app_context():
        if db.session.get(Account, account_id) is None:
            fail(f"there is no account {account_id}.")
        _check_room(account_id, room)
        db.session.rollback()
        for path in files:
            with path.open("rb") as file:
                head = file.read(65_536)
            source = SOURCES[format_name] if format_name else recognise(head)
            if source is None:
                reason = "the file is empty" if not head else "the format is not recognised: use --format"
                total.add(Receipt(read=1, rejected=1, reasons=[{"line": 1, "reason": reason}]), path.name)
                continue
            total.add(tasks.import_file(account_id, path, source, room=room, progress=_progress(path)), path.name)
        _clear_progress()
        unfolded = _fold(account_id)
    print_json({**total.as_dict(), "seconds": round(time.monotonic() - started, 3)})
    if unfolded:
        fail(unfolded)  # after the receipt: what was stored stays stored
    if total.rejected:
        sys.exit(1)


def _check_room(account_id: int, room: str | None) -> None:
    """Refuse to import into what is no room; say so when the room is new, because it may be a slip."""
    from lti_tool.collect.catalog import find_entry

    if room is None:
        return
    entry = find_entry(account_id, room)
    if entry is None:
        click.echo(
            f"lti-tool: {room} is a new room. Until a catalogue puts it into a channel, it belongs to the first course "
            "that an instructor opens it from.",
            err=True,
        )
    elif not entry.room:
        fail(f"{room} ({entry.name}) is no room but of type {entry.type}.")


def _fold(account_id: int) -> str:
    """Fold what was stored; what went wrong, in words."""
    from lti_tool.collect import tasks

    try:
        tasks.fold_account(account_id)
    except tasks.FoldError as error:
        return str(error)
    return ""


def _progress(path: Path) -> Callable[[int], None]:
    """A line that counts, on a terminal only."""

    def show(read: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r{path.name}: {read:,} read", nl=False, err=True)

    return show


def _clear_progress() -> None:
    if sys.stderr.isatty():
        click.echo("\r\033[K", nl=False, err=True)


@click.command()
@click.option("--account", "account_id", type=int, required=True, metavar="N", help="The account's partner id.")
def rebuild(account_id: int) -> None:
    """Throw the facts of an account away and fold them anew from the raw events."""
    from lti_tool.collect import tasks
    from lti_tool.models import Account, db

    started = time.monotonic()
    with application().app_context():
        if db.session.get(Account, account_id) is None:
            fail(f"there is no account {account_id}.")
        try:
            entries = tasks.rebuild_account(account_id)
        except tasks.FoldError as error:
            fail(str(error))
    print_json({"account": account_id, "entries": entries, "seconds": round(time.monotonic() - started, 3)})


COMMANDS = (import_, rebuild)
