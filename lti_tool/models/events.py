"""Raw events: the truth from which every number can be rebuilt."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.models.catalog import ID
from lti_tool.models.database import BigId, Model


class RawEvent(Model):
    """An event as it was taken in. ``folded`` is flipped in the transaction that turns it into facts.

    ``body`` is the event in the contract's own form, JSON text, unknown fields included; ``source`` names the format it
    came from, because a source decides which signals are reported at all.
    """

    __tablename__ = "raw_event"
    __table_args__ = (
        UniqueConstraint("account_id", "event_id"),
        Index(
            "ix_raw_event_pending",
            "account_id",
            "entry_id",
            sqlite_where=text("NOT folded"),
            postgresql_where=text("NOT folded"),
        ),
        Index("ix_raw_event_entry", "account_id", "entry_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    event_id: Mapped[str] = mapped_column(ID)
    entry_id: Mapped[str] = mapped_column(ID)
    time_ms: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(String(16))
    body: Mapped[str] = mapped_column(Text)
    folded: Mapped[bool] = mapped_column(default=False)
