"""An event: what takes place in it, and who is registered for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lti_tool.access.scope import Scope
from lti_tool.analytics.paging import PAGE_SIZE, asked_page, page_of
from lti_tool.analytics.queries import events as queries
from lti_tool.models import Entry, EventRegistration, Person, RoomSession, VirtualEvent


@dataclass(frozen=True)
class Agenda:
    """The event's sessions as they follow, and its entries in which none has taken place."""

    event: VirtualEvent
    sessions: Sequence[tuple[RoomSession, Entry]]
    without: Sequence[Entry]

    @property
    def entries(self) -> list[Entry]:
        return [entry for _session, entry in self.sessions]


@dataclass(frozen=True)
class Registered:
    """A person with the registrations: (registration, name of its entry; nothing for the whole event), those in the
    role asked for first.
    """

    person: Person
    registrations: tuple[tuple[EventRegistration, str | None], ...]

    @property
    def first(self) -> EventRegistration:
        """Of those in the role asked for, the one for the whole event, else for its first entry."""
        return self.registrations[0][0]

    @property
    def entries(self) -> int:
        """How many are for one entry."""
        return sum(bool(registration.entry_id) for registration, _name in self.registrations)


@dataclass(frozen=True)
class PeoplePage:
    """Page ``page`` of ``pages``; ``found`` of the registered people are left by what was asked. ``partly``: the event
    has more than the reader may see, so only people who are registered for the reader's own part of it, or came to it,
    are listed.
    """

    event: VirtualEvent
    rows: tuple[Registered, ...]
    roles: Sequence[str]
    search: str
    role: str
    descending: bool
    partly: bool
    found: int
    page: int
    pages: int


def agenda(scope: Scope, event: VirtualEvent) -> Agenda:
    """What takes place in an event, as far as the scope goes."""
    rows = [(session, entry) for session, entry in queries.agenda(scope, event)]
    taken = {entry.id for _session, entry in rows}
    return Agenda(event, rows, [entry for entry in queries.entries(scope, event) if entry.id not in taken])


def people_page(scope: Scope, event: VirtualEvent, arguments: Mapping[str, str]) -> PeoplePage:
    """The page of registered people that an address asks for; what it says wrongly is as if it said nothing."""
    roles = queries.roles(scope, event)
    search, role = arguments.get("search", "").strip()[:100], arguments.get("role", "")
    role = role if role in roles else ""
    descending = arguments.get("order") == "desc"
    found = queries.count_people(scope, event, search=search, role=role)
    page, pages, start = page_of(found, asked_page(arguments.get("page", "")))
    people = queries.people(
        scope, event, search=search, role=role, descending=descending, limit=PAGE_SIZE, offset=start
    )
    by_person: defaultdict[str, list[Any]] = defaultdict(list)
    for registration, name in queries.registrations(scope, event, [person.external_id for person in people]):
        by_person[registration.person_id].append((registration, name))
    for rows in by_person.values():
        rows.sort(key=lambda row: bool(role) and row[0].role != role)
    return PeoplePage(
        event=event,
        rows=tuple(Registered(person, tuple(by_person[person.external_id])) for person in people),
        roles=roles,
        search=search,
        role=role,
        descending=descending,
        partly=not queries.whole(scope, event),
        found=found,
        page=page,
        pages=pages,
    )
