"""Fill the demo's data folder: accounts, registrations and the term. Once a day, or when the term changed."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from io import BytesIO
from pathlib import Path

from lti_tool.access.accounts import create_account
from lti_tool.access.flags import ANALYTICS, set_flag
from lti_tool.collect import tasks
from lti_tool.collect.registry import SOURCES
from lti_tool.demo import term
from lti_tool.demo.links import ACCOUNT_OF, COLLEGE_ID, PLATFORMS, UNIVERSITY_ID
from lti_tool.demo.lms import addresses
from lti_tool.launch.registrations import NewPlatform, add_platform
from lti_tool.models import begin_write, db

ACCOUNTS = ((UNIVERSITY_ID, term.UNIVERSITY), (COLLEGE_ID, term.COLLEGE_NAME))
MARK = "term.json"
LOCK = "lock"

Say = Callable[[str], None]


class DemoError(Exception):
    """The demo cannot start; the message says why and what to do."""


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """The demo's folder, to ourselves. Raises ``DemoError`` when another demo runs in it."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(handle)
        raise DemoError(f"another demo runs in {folder}; end it first, or set LTI_TOOL_DATA_DIR.") from error
    try:
        yield
    finally:
        os.close(handle)


def prepare(folder: Path, now: datetime, *, fresh: bool) -> bool:
    """Empty the folder if its term is another one; whether it has to be filled.

    Raises ``DemoError`` rather than delete what no demo wrote.
    """
    files = [path for path in folder.iterdir() if path.name != LOCK]
    if not files:
        return True
    mark = folder / MARK
    if not mark.exists():
        raise DemoError(f"{folder} holds something that no demo wrote; set LTI_TOOL_DATA_DIR to another folder.")
    if not fresh and mark.read_text(encoding="utf-8") == _mark(now, complete=True):
        return False
    for path in files:
        if path == mark:
            continue  # last, so that an interrupted clearance can be taken up again
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    mark.unlink()
    return True


def fill(folder: Path, now: datetime, say: Say) -> int:
    """Make the accounts and load the term; the number of events. Needs the application's context."""
    (folder / MARK).write_text(_mark(now, complete=False), encoding="utf-8")
    stored = 0
    for number, name in ACCOUNTS:
        db.session.rollback()  # what follows is a writing transaction of its own
        begin_write()
        create_account(name, partner_id=number)
        if number == COLLEGE_ID:
            set_flag(number, ANALYTICS, False, actor="demo")
        db.session.commit()
        say(f"Making up the term of {name} …")
        _collect(number, "catalog", json.dumps(term.catalog(now, name)).encode())
        stored += _collect(number, "events", b"\n".join(json.dumps(event).encode() for event in term.events(now, name)))
        tasks.fold_account(number)
    (folder / MARK).write_text(_mark(now, complete=True), encoding="utf-8")
    return stored


def register(lms_url: str) -> None:
    """Tell the tool about the pretend platforms. Their address may be another one at every start."""
    db.session.rollback()
    begin_write()
    for platform in PLATFORMS:
        known = addresses(platform, lms_url)
        deployments = (known.pop("deployment"),)
        new = NewPlatform(account_id=ACCOUNT_OF[platform.key], deployments=deployments, **known)
        add_platform(new, allow_loopback=True)
    db.session.commit()


def _mark(now: datetime, *, complete: bool) -> str:
    return json.dumps({"version": term.VERSION, "day": now.date().isoformat(), "complete": complete})


def _collect(account_id: int, source: str, content: bytes) -> int:
    """Take in a file as ``lti-tool import`` would; how many lines were stored. Raises ``DemoError``."""
    receipt = tasks.store(account_id, SOURCES[source].read(BytesIO(content), None), source)
    if receipt.rejected:
        raise DemoError(f"the made-up term is not in order: {receipt.reasons[0]}")
    return receipt.stored
