"""What single people did in a session: for the rows that a page shows, never for all."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import false, select

from lti_tool.access.scope import Scope
from lti_tool.analytics.queries.rooms import in_scope
from lti_tool.models import Attachment, Attendance, Moment, PresenceEdge, RoomSession, db


def span_sets(scope: Scope, session: RoomSession, people: Collection[int]) -> Sequence[Any]:
    """(person, watched, engaged, presence, rated seconds) of these people; the spans as they are stored."""
    query = select(
        Attendance.person_id, Attendance.watched, Attendance.engaged, Attendance.presence, Attendance.rated_seconds
    )
    return db.session.execute(_of(query, Attendance, scope, session, people)).all()


def moments(scope: Scope, session: RoomSession, people: Collection[int]) -> Sequence[Any]:
    """(person, time, kind, about, attachment's name) of these people, by time."""
    same = (Attachment.account_id == scope.account_id) & (Attachment.external_id == Moment.about)
    query = (
        select(Moment.person_id, Moment.time_ms, Moment.kind, Moment.about, Attachment.name)
        .join(Attachment, same & (Moment.kind == "download"), isouter=True)
        .order_by(Moment.time_ms, Moment.event_pk)
    )
    return db.session.execute(_of(query, Moment, scope, session, people)).all()


def edges(scope: Scope, session: RoomSession, people: Collection[int]) -> Sequence[Any]:
    """(person, time, joined) of these people, by time."""
    query = select(PresenceEdge.person_id, PresenceEdge.time_ms, PresenceEdge.joined)
    query = query.order_by(PresenceEdge.time_ms, PresenceEdge.event_pk)
    return db.session.execute(_of(query, PresenceEdge, scope, session, people)).all()


def _of(query: Any, table: Any, scope: Scope, session: RoomSession, people: Collection[int]) -> Any:
    query = query.where(table.session_id == session.id, table.person_id.in_(people), in_scope(scope, session))
    return query if scope.people else query.where(false())
