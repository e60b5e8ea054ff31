"""The table of account switches, with their defaults and what they do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from lti_tool.models import AccountFlag, AuditEntry, db

ANALYTICS = "theming.analytics"
TRUST_ADMINISTRATORS = "lti.trust_administrators"
ASSISTANTS_SEE_PEOPLE = "people.assistants"
DESIGNERS_SEE_PEOPLE = "people.designers"


@dataclass(frozen=True)
class Flag:
    """A switch: its name, default, what it is called and what it does."""

    name: str
    default: bool
    label: Any
    sentence: Any


FLAGS = {
    flag.name: flag
    for flag in (
        Flag(
            ANALYTICS,
            True,
            _("Theming module: analytics"),
            _("The Analytics item in menus and the pages behind it."),
        ),
        Flag(
            TRUST_ADMINISTRATORS,
            True,
            _("Trust administrators of the LMS"),
            _("Who launches from an account page as an administrator sees the whole account."),
        ),
        Flag(
            ASSISTANTS_SEE_PEOPLE,
            False,
            _("Teaching assistants see names"),
            _("Teaching assistants and graders see who attended, not only totals."),
        ),
        Flag(
            DESIGNERS_SEE_PEOPLE,
            False,
            _("Course designers see names"),
            _("Course designers see who attended, not only totals."),
        ),
    )
}


def flag(account_id: int, name: str) -> bool:
    """The switch of an account: its own value, else the default. Raises ``KeyError`` for an unknown name."""
    own = db.session.scalar(
        select(AccountFlag.value).where(AccountFlag.account_id == account_id, AccountFlag.name == name)
    )
    return FLAGS[name].default if own is None else own


def flags(account_id: int) -> dict[str, bool]:
    """All switches of an account, in one query."""
    own = db.session.execute(select(AccountFlag.name, AccountFlag.value).where(AccountFlag.account_id == account_id))
    return {known.name: known.default for known in FLAGS.values()} | {row.name: row.value for row in own}


def set_flag(account_id: int, name: str, value: bool, *, actor: str) -> None:
    """Set a switch and write the change into the audit list. The caller commits."""
    before = flag(account_id, name)
    db.session.merge(AccountFlag(account_id=account_id, name=name, value=value))
    words = {True: "yes", False: "no"}
    db.session.add(
        AuditEntry(
            account_id=account_id,
            actor=actor,
            action="flag",
            detail=f"{name}: {words[before]} → {words[value]}",
        )
    )
