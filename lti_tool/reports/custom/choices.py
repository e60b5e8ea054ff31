"""What the form of custom reports offers to choose from."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import func, select

from lti_tool import formats
from lti_tool.access.scope import Scope
from lti_tool.analytics.period import Period
from lti_tool.analytics.queries import over_sessions
from lti_tool.models import Entry, RoomSession, VirtualEvent, db
from lti_tool.models.catalog import ROOMS
from lti_tool.reports.custom.asked import Where


def sessions(scope: Scope, where: Where) -> tuple[tuple[Any, Entry], ...]:
    """(session, room), the newest first."""
    return tuple((session, room) for session, room in over_sessions.every_session(scope, where))


def days_of(scope: Scope, where: Where, ids: Collection[str]) -> Period | None:
    """The days on which sessions of these ids began, from the first to the last; nothing, if there are none."""
    starts = func.min(RoomSession.start_ms), func.max(RoomSession.start_ms)
    query = select(*starts).join(Entry, Entry.id == RoomSession.entry_id)
    first, last = db.session.execute(query.where(scope.entries(), where, RoomSession.external_id.in_(ids))).one()
    return Period(formats.moment(first).date(), formats.moment(last).date(), formats.zone()) if first else None


def rooms(scope: Scope, where: Where) -> tuple[Entry, ...]:
    """The rooms by name."""
    query = select(Entry).where(scope.entries(), where, Entry.type.in_(ROOMS))
    return tuple(db.session.scalars(query.order_by(Entry.name, Entry.id)))


def events(scope: Scope, where: Where) -> tuple[VirtualEvent, ...]:
    """The events that they belong to, by name."""
    ids = select(Entry.virtual_event_id).where(scope.entries(), where)
    query = select(VirtualEvent).where(VirtualEvent.account_id == scope.account_id, VirtualEvent.external_id.in_(ids))
    return tuple(db.session.scalars(query.order_by(VirtualEvent.name, VirtualEvent.external_id)))
