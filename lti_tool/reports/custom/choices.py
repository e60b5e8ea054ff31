"""What the form of custom reports offers to choose from."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from lti_tool.access.scope import Scope
from lti_tool.analytics.queries import over_sessions
from lti_tool.models import Entry, VirtualEvent, db
from lti_tool.reports.custom.asked import ROOMS, Where


def sessions(scope: Scope, where: Where) -> tuple[tuple[Any, Entry], ...]:
    """(session, room), the newest first."""
    return tuple((session, room) for session, room in over_sessions.every_session(scope, where))


def rooms(scope: Scope, where: Where) -> tuple[Entry, ...]:
    """The rooms by name."""
    query = select(Entry).where(scope.entries(), where, Entry.type.in_(ROOMS))
    return tuple(db.session.scalars(query.order_by(Entry.name, Entry.id)))


def events(scope: Scope, where: Where) -> tuple[VirtualEvent, ...]:
    """The events that they belong to, by name."""
    ids = select(Entry.virtual_event_id).where(scope.entries(), where)
    query = select(VirtualEvent).where(VirtualEvent.account_id == scope.account_id, VirtualEvent.external_id.in_(ids))
    return tuple(db.session.scalars(query.order_by(VirtualEvent.name, VirtualEvent.external_id)))
