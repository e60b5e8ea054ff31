"""Who was on stage, and with what switched on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import and_, func, select

from lti_tool.access.scope import Scope
from lti_tool.analytics.queries.rooms import in_scope
from lti_tool.models import Attendance, Person, RoomSession, StageEdge, db


def edges(scope: Scope, session: RoomSession) -> Sequence[Any]:
    """(person, kind, time, on), by time."""
    query = (
        select(StageEdge.person_id, StageEdge.kind, StageEdge.time_ms, StageEdge.on)
        .where(StageEdge.session_id == session.id, in_scope(scope, session))
        .order_by(StageEdge.time_ms, StageEdge.event_pk)
    )
    return db.session.execute(query).all()


def hosts(scope: Scope, session: RoomSession) -> set[int]:
    """Those who were host, of the people who were on stage or had anything switched on."""
    on_stage = select(StageEdge.person_id).where(StageEdge.session_id == session.id)
    role = func.coalesce(Attendance.role, Person.role)
    query = (
        select(Attendance.person_id)
        .join(Person, Person.id == Attendance.person_id)
        .where(Attendance.session_id == session.id, role == "host", in_scope(scope, session))
        .where(Attendance.person_id.in_(on_stage))
    )
    return set(db.session.scalars(query))


def people(scope: Scope, session: RoomSession, ids: Collection[int]) -> dict[int, tuple[Person, str | None]]:
    """These people with their roles in the session; nobody, unless the scope shows people."""
    if not scope.people:
        return {}
    same = and_(Attendance.person_id == Person.id, Attendance.session_id == session.id)
    query = select(Person, Attendance.role).join(Attendance, same)
    rows = db.session.execute(query.where(Person.id.in_(ids), in_scope(scope, session)))
    return {person.id: (person, role or person.role) for person, role in rows}
