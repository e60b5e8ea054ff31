"""What the administrator's page asks: courses and rooms, registrations, switches, the audit list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, select, true
from sqlalchemy.orm import joinedload

from lti_tool.access.flags import FLAGS, Flag, flag
from lti_tool.access.scope import Scope
from lti_tool.models import (
    Account,
    AuditEntry,
    Channel,
    Deployment,
    Entry,
    EntryChannel,
    Person,
    Registration,
    VirtualEvent,
    db,
)
from lti_tool.models.catalog import ROOMS

AUDIT_ROWS = 50
LIST_ROWS = 50


@dataclass(frozen=True)
class Listed:
    """Page ``page`` of ``pages`` of a list."""

    rows: Sequence[Any]
    page: int
    pages: int


@dataclass(frozen=True)
class Change:
    """A row of the audit list. ``person``: who did it, if the account knows somebody of that id; ``switch``: the one
    that was changed, if it was one."""

    entry: AuditEntry
    person: Person | None
    switch: Flag | None
    words: str


@dataclass(frozen=True)
class AdminPage:
    """Everything the page shows, of one account. Rows of ``channels`` are (channel, number of entries)."""

    account: Account
    channels: Listed
    events: Listed
    rooms: Listed
    registrations: Sequence[Registration]
    deployments: Sequence[Deployment]
    switches: tuple[tuple[Flag, bool], ...]
    audit: Sequence[Change]


def admin_page(scope: Scope, *, channels: int, events: int, rooms: int) -> AdminPage:
    """The page of the scope's account, with these pages of its lists. The gate has asked for the right to it."""
    account_id = scope.account_id
    deployments = select(Deployment).where(Deployment.account_id == account_id)
    registrations = select(Registration).where(Registration.account_id == account_id)
    return AdminPage(
        account=db.session.get_one(Account, account_id),
        channels=_listed(_channels(scope), channels),
        events=_listed(_events(scope), events),
        rooms=_listed(_rooms_in_no_channel(scope), rooms),
        registrations=db.session.scalars(registrations.order_by(Registration.issuer, Registration.client_id)).all(),
        deployments=db.session.scalars(
            deployments.options(joinedload(Deployment.registration)).order_by(Deployment.id)
        ).all(),
        switches=tuple((switch, flag(account_id, name)) for name, switch in FLAGS.items()),
        audit=_changes(account_id),
    )


def _channels(scope: Scope) -> Select[Any]:
    """The account's channels by name, each with the number of its entries."""
    entries = select(func.count()).select_from(EntryChannel).join(Entry, _published_entry())
    entries = entries.where(_publishing_channel(), scope.entries()).correlate(Channel)
    query = select(Channel, entries.scalar_subquery())
    return query.where(Channel.account_id == scope.account_id, _whole(scope)).order_by(Channel.name, Channel.id)


def _events(scope: Scope) -> Select[Any]:
    """The account's events, the newest first."""
    query = select(VirtualEvent).where(VirtualEvent.account_id == scope.account_id, _whole(scope))
    return query.order_by(VirtualEvent.start_ms.desc(), VirtualEvent.external_id.desc())


def _rooms_in_no_channel(scope: Scope) -> Select[Any]:
    """The account's rooms that no list of a channel leads to."""
    published = exists().where(_published_entry(), _publishing_channel())
    query = select(Entry).where(scope.entries(), _whole(scope), Entry.type.in_(ROOMS), ~published)
    return query.order_by(Entry.name, Entry.id)


def _published_entry() -> ColumnElement[bool]:
    return and_(Entry.account_id == EntryChannel.account_id, Entry.external_id == EntryChannel.entry_id)


def _publishing_channel() -> ColumnElement[bool]:
    return and_(Channel.account_id == EntryChannel.account_id, Channel.external_id == EntryChannel.channel_id)


def _whole(scope: Scope) -> ColumnElement[bool]:
    """These lists are about the account, so a smaller scope sees none of them."""
    return true() if scope.whole_account else false()


def _listed(query: Select[Any], page: int) -> Listed:
    found = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    pages = max(1, -(-found // LIST_ROWS))
    page = min(max(page, 1), pages)
    return Listed(db.session.execute(query.limit(LIST_ROWS).offset((page - 1) * LIST_ROWS)).all(), page, pages)


def _changes(account_id: int) -> list[Change]:
    """The newest rows of the audit list."""
    who = and_(Person.account_id == AuditEntry.account_id, Person.external_id == AuditEntry.actor)
    query = select(AuditEntry, Person).outerjoin(Person, who).where(AuditEntry.account_id == account_id)
    rows = db.session.execute(query.order_by(AuditEntry.id.desc()).limit(AUDIT_ROWS))
    return [_change(entry, person) for entry, person in rows]


def _change(entry: AuditEntry, person: Person | None) -> Change:
    name, _, words = entry.detail.partition(": ")
    switch = FLAGS.get(name) if entry.action == "flag" else None
    return Change(entry, person, switch, words if switch else entry.detail)
