"""Making accounts and finding them by what they hold."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import select

from lti_tool.access.actor import digest
from lti_tool.models import Account, db


@dataclass(frozen=True)
class NewAccount:
    """What is shown once, when an account is made. The collect token is stored as a digest only."""

    partner_id: int
    admin_secret: str
    collect_token: str


def create_account(name: str, *, partner_id: int | None = None) -> NewAccount:
    """Make an account. The caller commits. Raises ``ValueError`` if the partner id is taken."""
    if partner_id is not None and db.session.get(Account, partner_id) is not None:
        raise ValueError(f"partner id {partner_id} is taken")
    token = secrets.token_urlsafe(32)
    account = Account(id=partner_id, name=name, admin_secret=secrets.token_hex(16), collect_token_sha256=digest(token))
    db.session.add(account)
    db.session.flush()
    return NewAccount(account.id, account.admin_secret, token)


def account_of_token(token: str) -> Account | None:
    """The account that a collect token belongs to."""
    return db.session.scalar(select(Account).where(Account.collect_token_sha256 == digest(token)))
