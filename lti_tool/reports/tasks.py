"""Jobs of exports. Jobs commit; each may be repeated, interrupted, and run twice at once.

A request waits in the database. Whoever takes it does so by putting it off in one statement, puts it off again while
working, and commits only as long as it is still theirs. Making the file and mailing its link are two takings: a mail
that fails does not make the file again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from flask import current_app, g
from flask_babel import refresh

from config.settings import Settings
from lti_tool.access.actor import digest
from lti_tool.models import Export, begin_write, db, now_ms
from lti_tool.models.exports import DONE, FAILED, RUNNING
from lti_tool.queue import hint
from lti_tool.reports import exports, mail, mails, queries, storage
from lti_tool.reports.kinds import kind_of

log = logging.getLogger(__name__)

RUN = "lti_tool.reports.tasks.run_export"
SECOND = 1000
DAY = 24 * 3600 * SECOND
LEASE = 120 * SECOND  # so long after its last sign a worker counts as dead
SIGN_EVERY = 5.0
# Pauses in seconds before the next try.
MAKE_AGAIN = (10, 60, 300, 1800)
MAIL_AGAIN = (10, 60, 300, 1800, 3600, 4 * 3600, 8 * 3600, 12 * 3600)
KEPT_AFTERWARDS = 90 * DAY  # the request, when its file is gone


class NotOurs(Exception):
    """The export was cancelled, or another worker has it."""


def run_waiting() -> None:
    """Have every export that is due worked on: the sweep behind the job that each request enqueues."""
    found = queries.due(now_ms())
    db.session.rollback()
    for export_id in found:
        hint(RUN, export_id)


def run_export(export_id: str) -> None:
    """Do what is left to do of an export: make its file, mail its link or that there is none."""
    while (export := _take(export_id)) is not None:
        g.actor = exports.as_actor(export)  # the language and the zone of whoever asked
        refresh()
        (_make if export.state == RUNNING else _mail)(_settings(), export)


def forget_expired() -> None:
    """Delete files whose links have expired, and long afterwards the requests."""
    settings = _settings()
    for export_id in queries.expired(now_ms()):
        try:
            storage.delete(settings, export_id)
        except storage.StorageError as error:
            log.warning("expired file not deleted, next time again: export=%s %s", export_id, error)
        else:
            _writing(partial(queries.without_file, export_id))
    _writing(partial(queries.forget, now_ms() - KEPT_AFTERWARDS))


def _take(export_id: str) -> Export | None:
    now = now_ms()
    if not _written(lambda: queries.take(export_id, now, now + LEASE)):
        return None
    export = queries.taken(export_id)
    db.session.rollback()
    return export


def _make(settings: Settings, export: Export) -> None:
    """The file, and with it the debt of a mail."""
    if export.attempts > len(MAKE_AGAIN) + 1:  # workers died of it, so that none could say that it failed
        _failed(export, "error")
        return
    try:
        _make_file(settings, export)
    except NotOurs:
        log.info("left: export=%s", export.id)
    except storage.StorageError as error:
        log.warning("not stored: export=%s attempt=%s %s", export.id, export.attempts, error)
        _try_again(export, "storage")
    except Exception:
        log.exception("not made: export=%s attempt=%s", export.id, export.attempts)
        _try_again(export, "error")


def _make_file(settings: Settings, export: Export) -> None:
    file = _File(export)
    content = kind_of(export).make(export, file.sign)
    if content is None:
        _failed(export, "gone")
        return
    key = f"{export.id}/{export.attempts}{Path(export.name).suffix}"
    if not _keep(export, storage_key=key):
        raise NotOurs
    storage.write(settings, key, file.measured(content))
    now = now_ms()
    done = _keep(
        export,
        state=DONE,
        attempts=0,
        due_at=_mail_due(export, now),
        progress=100,
        problem=None,
        size=file.size,
        rows=file.rows,
        token_sha256=digest(exports.token(settings, export.id)),
        finished_at=now,
        expires_at=now + settings.export_days * DAY,
    )
    if not done:
        raise NotOurs


class _File:
    """The file while it is being made: its size, its rows, and when we last said that we are at work."""

    def __init__(self, export: Export) -> None:
        self.export = export
        self.size = 0
        self.rows = 0
        self.signed = time.monotonic()

    def measured(self, content: Iterator[bytes]) -> Iterator[bytes]:
        """The same pieces."""
        for piece in content:
            self.size += len(piece)
            yield piece

    def sign(self, done: int, of: int) -> None:
        """Say that we are at work and how far, and hear whether it is still ours. Raises ``NotOurs``."""
        self.rows = done
        if time.monotonic() - self.signed < SIGN_EVERY:
            return
        progress = min(99, 100 * done // max(of, 1))
        if not _keep(self.export, progress=progress, due_at=now_ms() + LEASE):
            raise NotOurs
        self.signed = time.monotonic()


def _try_again(export: Export, problem: str) -> None:
    if export.attempts > len(MAKE_AGAIN):
        _failed(export, problem)
        return
    pause = MAKE_AGAIN[export.attempts - 1] * SECOND
    _keep(export, problem=problem, progress=0, due_at=now_ms() + pause)


def _failed(export: Export, problem: str) -> None:
    """There will be no file; a mail is owed all the same."""
    now = now_ms()
    values = {
        "attempts": 0,
        "due_at": _mail_due(export, now),
        "problem": problem,
        "finished_at": now,
        "expires_at": now + LEASE,
    }
    _keep(export, state=FAILED, **values)


def _mail_due(export: Export, now: int) -> int | None:
    """Whoever has no address is owed no mail."""
    return now if export.email else None


def _mail(settings: Settings, export: Export) -> None:
    """The mail. Whatever dies: at most one of a mail server, exactly one in an outbox."""
    if export.sending_at is not None:
        # A worker died between handing it over and noting that. A second mail would be worse than none: the link is
        # on the person's page of exports.
        log.warning("a mail may not have left: export=%s", export.id)
        _keep(export, mailed_at=export.sending_at, sending_at=None, due_at=None)
        return
    if export.expired or export.attempts > len(MAIL_AGAIN) + 1:  # the latter: workers died of it
        _keep(export, due_at=None, problem=export.problem or "mail")
        return
    done = export.state == DONE
    made = mails.ready(settings, export, exports.token(settings, export.id)) if done else mails.failed(settings, export)
    try:
        mail.send(settings, made, before=lambda: _hand_over(export))
    except NotOurs:
        return
    except mail.NotKnown as error:
        log.warning("a mail may not have left: export=%s %s", export.id, error)
    except mail.NotSent as error:
        _mail_again(export, error)
        return
    _keep(export, mailed_at=now_ms(), sending_at=None, due_at=None)


def _hand_over(export: Export) -> None:
    if not _keep(export, sending_at=now_ms()):
        raise NotOurs


def _mail_again(export: Export, error: mail.NotSent) -> None:
    log.warning("mail not sent: export=%s attempt=%s %s", export.id, export.attempts, error)
    if error.final or export.attempts > len(MAIL_AGAIN):
        problem = export.problem if export.state == FAILED else "mail"
        _keep(export, problem=problem, sending_at=None, due_at=None)
        return
    _keep(export, sending_at=None, due_at=now_ms() + MAIL_AGAIN[export.attempts - 1] * SECOND)


def _keep(export: Export, **values: object) -> bool:
    return _written(lambda: queries.keep(export, **values))


def _written(change: Callable[[], bool]) -> bool:
    """A change in a transaction of its own, and whether it was made."""
    db.session.rollback()
    begin_write()
    changed = change()
    db.session.commit()
    return changed


def _writing(change: Callable[[], None]) -> None:
    db.session.rollback()
    begin_write()
    change()
    db.session.commit()


def _settings() -> Settings:
    settings = current_app.config["SETTINGS"]
    assert isinstance(settings, Settings)
    return settings
