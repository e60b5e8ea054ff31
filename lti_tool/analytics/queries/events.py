"""Events: their rooms and media, their sessions, and the people who are registered for them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true

from lti_tool.access.scope import Scope
from lti_tool.analytics.search import finds
from lti_tool.models import Attendance, Entry, EventRegistration, Person, RoomSession, VirtualEvent, db


def event(scope: Scope, event_id: str) -> VirtualEvent | None:
    """An event of the account of which at least one entry lies in the scope; the whole account has all."""
    if not (event_id.isascii() and event_id.isdigit() and len(event_id) < 19):
        return None
    found = db.session.get(VirtualEvent, (scope.account_id, int(event_id)))
    if found is None or scope.whole_account:
        return found
    return found if db.session.scalar(select(Entry.id).where(of_event(scope, found)).limit(1)) else None


def of_event(scope: Scope, event: VirtualEvent) -> ColumnElement[bool]:
    """The condition on ``Entry``: those of the event that lie in the scope."""
    return and_(scope.entries(), Entry.virtual_event_id == event.external_id)


def entries(scope: Scope, event: VirtualEvent) -> Sequence[Entry]:
    """The event's entries in the scope, by name. Of a room's breakout rooms too, if they say so."""
    return db.session.scalars(select(Entry).where(of_event(scope, event)).order_by(Entry.name, Entry.id)).all()


def agenda(scope: Scope, event: VirtualEvent) -> Sequence[Any]:
    """(session, entry) of the event, as they follow."""
    query = select(RoomSession, Entry).join(Entry, Entry.id == RoomSession.entry_id).where(of_event(scope, event))
    return db.session.execute(query.order_by(RoomSession.start_ms, RoomSession.id)).all()


def whole(scope: Scope, event: VirtualEvent) -> bool:
    """Whether nothing of the event lies outside of the scope: who sees all its rooms sees all its people."""
    if scope.whole_account:
        return True
    mine = select(func.count()).select_from(Entry).where(of_event(scope, event)).scalar_subquery()
    every = select(func.count()).select_from(Entry)
    every = every.where(Entry.account_id == scope.account_id, Entry.virtual_event_id == event.external_id)
    return bool(db.session.scalar(select(mine == every.scalar_subquery())))


def registered(scope: Scope, event: VirtualEvent) -> ColumnElement[bool]:
    """The condition on ``EventRegistration``: those that somebody with this scope may see.

    A registration for one entry belongs to whoever sees the entry; one for the whole event to whoever sees all of it,
    or an entry of it that the person came to.
    """
    if not scope.people:
        return false()
    seen = true() if whole(scope, event) else _of_part(scope, event)
    same = (EventRegistration.account_id == scope.account_id, EventRegistration.virtual_event_id == event.external_id)
    return and_(*same, seen)


def _of_part(scope: Scope, event: VirtualEvent) -> ColumnElement[bool]:
    """The condition on ``EventRegistration``: for an entry in the scope, or of somebody who came to one."""
    names = select(Entry.external_id).where(of_event(scope, event))
    sessions = select(RoomSession.id).join(Entry, Entry.id == RoomSession.entry_id).where(of_event(scope, event))
    came = select(Person.external_id).join(Attendance, Attendance.person_id == Person.id)
    came = came.where(Person.account_id == scope.account_id, Attendance.session_id.in_(sessions))
    whole_event = and_(EventRegistration.entry_id == "", EventRegistration.person_id.in_(came))
    return or_(EventRegistration.entry_id.in_(names), whole_event)


def roles(scope: Scope, event: VirtualEvent) -> list[str]:
    """The roles in which people are registered."""
    query = select(EventRegistration.role).where(registered(scope, event), EventRegistration.role.is_not(None))
    return sorted(str(role) for role in db.session.scalars(query.distinct()))


def _people(scope: Scope, event: VirtualEvent, search: str, role: str) -> Any:
    """Conditions on ``Person``: registered, in this role, and found by the search."""
    ids = select(EventRegistration.person_id).where(registered(scope, event))
    if role:
        ids = ids.where(EventRegistration.role == role)
    wanted = [Person.account_id == scope.account_id, Person.external_id.in_(ids)]
    if search:
        wanted.append(or_(finds(Person.name_key, search), Person.email.icontains(search, autoescape=True)))
    return wanted


def count_people(scope: Scope, event: VirtualEvent, *, search: str, role: str) -> int:
    """How many registered people a search leaves."""
    query = select(func.count()).select_from(Person).where(*_people(scope, event, search, role))
    return db.session.scalar(query) or 0


def people(
    scope: Scope, event: VirtualEvent, *, search: str, role: str, descending: bool, limit: int, offset: int
) -> Sequence[Person]:
    """A page of the people who are registered, by name."""
    order = [key.desc() if descending else key.asc() for key in (Person.name_key, Person.id)]
    query = select(Person).where(*_people(scope, event, search, role)).order_by(*order)
    return db.session.scalars(query.limit(limit).offset(offset)).all()


def registrations(scope: Scope, event: VirtualEvent, people: Collection[str]) -> Sequence[Any]:
    """(registration, name of its entry) of these people, by outside id; those for the whole event first."""
    entry = and_(Entry.account_id == EventRegistration.account_id, Entry.external_id == EventRegistration.entry_id)
    query = select(EventRegistration, Entry.name).outerjoin(Entry, entry).where(registered(scope, event))
    query = query.where(EventRegistration.person_id.in_(people))
    return db.session.execute(query.order_by(EventRegistration.person_id, EventRegistration.entry_id)).all()
