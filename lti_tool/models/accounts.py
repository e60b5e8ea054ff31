"""Accounts (tenants), their switches and the audit list."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.models.database import BigId, Model, now_ms


class Account(Model):
    """A tenant. ``id`` is the partner id of Kaltura's API; the admin secret signs its KS tokens."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    admin_secret: Mapped[str] = mapped_column(String(64))
    collect_token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[int] = mapped_column(BigInteger, default=now_ms)


class AccountFlag(Model):
    """A switch that differs from its default (``access/flags.py`` has the table of switches)."""

    __tablename__ = "account_flag"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[bool]


class AccountLogo(Model):
    """The picture on an account's PDFs: a PNG of our own making, so many pixels wide and high."""

    __tablename__ = "account_logo"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    png: Mapped[bytes] = mapped_column(LargeBinary)
    width: Mapped[int]
    height: Mapped[int]


class AuditEntry(Model):
    """Who changed what, when. ``actor`` is a person's id or ``command line``."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_account_at", "account_id", "at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    at: Mapped[int] = mapped_column(BigInteger, default=now_ms)
    actor: Mapped[str] = mapped_column(String(255))
    action: Mapped[str] = mapped_column(String(64))
    detail: Mapped[str] = mapped_column(Text)
