"""Which rows somebody may see: a value that every query of analytics and reports takes."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, false, or_, select

from lti_tool.access.roles import ACCOUNT_ANALYTICS, COURSE_ANALYTICS, PEOPLE
from lti_tool.models import Entry, EntryChannel


@dataclass(frozen=True)
class Scope:
    """An administrator sees the account; an instructor the launch's channel and what is their own; others nothing.

    ``people`` tells whether names may be shown. Accounts never see each other, whatever else is true.
    """

    account_id: int
    whole_account: bool = False
    channel_id: str | None = None
    owner_id: str | None = None
    people: bool = False

    @classmethod
    def of(cls, account_id: int, permissions: Set[str], *, person_id: str, channel_id: str | None) -> Scope:
        """The scope of somebody with these permissions (names of ``access/roles.py``)."""
        whole = ACCOUNT_ANALYTICS in permissions
        course = COURSE_ANALYTICS in permissions
        return cls(
            account_id=account_id,
            whole_account=whole,
            channel_id=channel_id if course else None,
            owner_id=person_id if course else None,
            people=PEOPLE in permissions,
        )

    def entries(self) -> ColumnElement[bool]:
        """The condition on ``Entry`` rows. Legacy rooms are not excluded here: the gate explains them."""
        if self.whole_account:
            return Entry.account_id == self.account_id
        ways: list[ColumnElement[bool]] = []
        if self.owner_id is not None:
            ways.append(Entry.owner_id == self.owner_id)
        if self.channel_id is not None:
            ways.append(
                Entry.external_id.in_(
                    select(EntryChannel.entry_id).where(
                        EntryChannel.account_id == self.account_id,
                        EntryChannel.channel_id == self.channel_id,
                    )
                )
            )
        return and_(Entry.account_id == self.account_id, or_(false(), *ways))
