"""Reports that somebody asked for by mail: the requests wait here, and the files that they became are known here."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.models.accounts import Account
from lti_tool.models.catalog import Channel, Person
from lti_tool.models.database import Model, now_ms

WAITING, RUNNING, DONE, FAILED, CANCELLED = "waiting", "running", "done", "failed", "cancelled"


class Export(Model):
    """A request for a report, and its file. ``state``: waiting, running, done (there is a file), failed or cancelled.

    ``due_at``: from when on a worker may take it, for making the file or for the mail that is owed once it is done or
    has failed; nothing, when nothing is left to do. Whoever takes it puts it off, and puts it off again while working:
    if the worker dies, another takes it then. ``attempts`` counts the takings since the state changed, and tells one
    taker from the next. ``sending_at``: when the mail was handed to a mail server, as long as its answer is not known.
    """

    __tablename__ = "export"
    __table_args__ = (
        UniqueConstraint("person_id", "form"),
        Index("ix_export_due", "due_at"),
        Index("ix_export_person", "person_id", "created_at"),
        Index("ix_export_account", "account_id", "state"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    # Nobody, if a program asked for it in the name of somebody whom the account does not know.
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    # The form that it was asked by: sent twice, it is one request.
    form: Mapped[str] = mapped_column(String(32))
    # The rights and the course of the launch: what the person saw then is what the file holds.
    permissions: Mapped[list[str]] = mapped_column(JSON)
    channel_id: Mapped[int | None] = mapped_column(ForeignKey("channel.id", ondelete="SET NULL"))
    locale: Mapped[str] = mapped_column(String(35))
    timezone: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(32))
    question: Mapped[dict[str, Any]] = mapped_column(JSON)
    descriptive: Mapped[bool]
    # What it is about, which part of that (``reports/moments.py``), and what the file is called.
    about: Mapped[str] = mapped_column(Text)
    part: Mapped[str] = mapped_column(Text, default="")
    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str] = mapped_column(String(320))  # empty: no mail is owed

    state: Mapped[str] = mapped_column(String(16), default=WAITING)
    due_at: Mapped[int | None] = mapped_column(BigInteger, default=now_ms)
    attempts: Mapped[int] = mapped_column(default=0)
    progress: Mapped[int] = mapped_column(default=0)  # in percent
    # Why it failed: ``gone``, ``storage``, ``error``; ``mail``: there is a file, but nobody took the mail.
    problem: Mapped[str | None] = mapped_column(String(16))
    # Where the file is, or is being made; nothing, if nothing of it can lie in the storage.
    storage_key: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int | None] = mapped_column(BigInteger)
    rows: Mapped[int | None] = mapped_column(BigInteger)
    token_sha256: Mapped[str | None] = mapped_column(String(64), unique=True)
    created_at: Mapped[int] = mapped_column(BigInteger, default=now_ms)
    finished_at: Mapped[int | None] = mapped_column(BigInteger)
    # When the file, or what a failed or cancelled try has left of one, is deleted.
    expires_at: Mapped[int | None] = mapped_column(BigInteger, index=True)
    sending_at: Mapped[int | None] = mapped_column(BigInteger)
    mailed_at: Mapped[int | None] = mapped_column(BigInteger)

    account: Mapped[Account] = relationship()
    person: Mapped[Person | None] = relationship()
    channel: Mapped[Channel | None] = relationship()

    @property
    def expired(self) -> bool:
        """There was a file, and its time is over."""
        return self.state == DONE and (self.expires_at or 0) <= now_ms()

    @property
    def open(self) -> bool:
        """It may still be cancelled."""
        return self.state in (WAITING, RUNNING)
