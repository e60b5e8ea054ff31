"""RSVP: a row for each registration that stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, and_, false, func, or_, select

from lti_tool.analytics.queries import events
from lti_tool.models import Entry, EventRegistration, Person, VirtualEvent, db
from lti_tool.reports.custom import queries
from lti_tool.reports.custom.asked import Asked, numbers
from lti_tool.reports.custom.columns import FIRST_NAME, Column, Report, first_name

CATALOGUE = "catalogue"
NOT_COMING = ("unregistered", "invited", "blocked")


class Row(NamedTuple):
    """A registration; whom or what the catalogue has not told of is missing."""

    registration: EventRegistration
    entry: Entry | None
    event: VirtualEvent | None
    person: Person | None

    @property
    def first_name(self) -> str | None:
        """The first name; of somebody without any name whatever there is, so that no row is without a person."""
        return first_name(self.person) if self.person else self.registration.person_id


def _rows(asked: Asked) -> Iterator[Row]:
    return (Row(*row) for row in queries.stream(_registrations(asked)))


def _registrations(asked: Asked) -> queries.Query:
    r = EventRegistration
    entry = and_(Entry.account_id == r.account_id, Entry.external_id == r.entry_id)
    event = and_(VirtualEvent.account_id == r.account_id, VirtualEvent.external_id == r.virtual_event_id)
    person = and_(Person.account_id == r.account_id, Person.external_id == r.person_id)
    when = or_(r.created_at.is_(None), and_(r.created_at >= asked.start_ms, r.created_at < asked.end_ms))
    mine = (r.account_id == asked.scope.account_id, func.lower(r.status).not_in(NOT_COMING))
    query = select(r, Entry, VirtualEvent, Person).outerjoin(Entry, entry).outerjoin(VirtualEvent, event)
    query = query.outerjoin(Person, person).where(*mine, when, _seen(asked))
    if (ids := asked.filters.get("user_ids")) is not None:
        query = query.where(r.person_id.in_(ids))
    if (ids := asked.filters.get("virtual_event_ids")) is not None:
        query = query.where(r.virtual_event_id.in_(numbers(ids)))
    return query.order_by(r.virtual_event_id, r.entry_id, r.person_id)


def _seen(asked: Asked) -> ColumnElement[bool]:
    """A registration for an entry goes with the entry; one for a whole event with all entries of the event."""
    asked = replace(asked, filters={name: ids for name, ids in asked.filters.items() if name != "virtual_event_ids"})
    of_entry = and_(EventRegistration.entry_id != "", asked.entries())
    if asked.filters.keys() & {"entry_ids", "parentEntryIds"}:
        return of_entry
    if asked.where is None and asked.scope.whole_account:
        told = or_(EventRegistration.entry_id == "", Entry.id.is_(None))
        return or_(of_entry, told)
    return or_(of_entry, and_(EventRegistration.entry_id == "", _whole_events(asked)))


def _whole_events(asked: Asked) -> ColumnElement[bool]:
    ids = select(Entry.virtual_event_id).where(asked.entries(), Entry.virtual_event_id.is_not(None)).distinct()
    query = select(VirtualEvent).where(
        VirtualEvent.account_id == asked.scope.account_id, VirtualEvent.external_id.in_(ids)
    )
    whole = [one.external_id for one in db.session.scalars(query) if events.whole(asked.scope, one)]
    return EventRegistration.virtual_event_id.in_(whole) if whole else false()


RSVP = Report(
    "rsvp",
    _("RSVP"),
    _("A row for each registration for an event, but not of people only invited, blocked or no longer registered."),
    (
        Column(
            "entry_id",
            "Media ID",
            "the room or video registered for; empty: the whole event",
            "id",
            CATALOGUE,
            lambda r: r.registration.entry_id,
        ),
        Column(
            "media_name",
            "Media Name",
            "its name; of a whole event the name of the event",
            "text",
            CATALOGUE,
            lambda r: r.entry.name if r.entry else r.event and r.event.name,
        ),
        Column(
            "first_name",
            "First Name",
            FIRST_NAME,
            "text",
            CATALOGUE,
            lambda r: r.first_name,
        ),
        Column("last_name", "Last Name", "last name", "text", CATALOGUE, lambda r: r.person and r.person.last_name),
        Column("title", "Job Title", "title", "text", CATALOGUE, lambda r: r.person and r.person.title),
        Column("company", "Company Name", "company", "text", CATALOGUE, lambda r: r.person and r.person.company),
        Column("email", "Email Address", "e-mail address", "text", CATALOGUE, lambda r: r.person and r.person.email),
        Column("country", "Country", "country", "ISO 3166 code", CATALOGUE, lambda r: r.person and r.person.country),
        Column(
            "role",
            "Role",
            "role in the registration, else the usual one",
            "word",
            CATALOGUE,
            lambda r: r.registration.role or (r.person and r.person.role),
        ),
        Column("industry", "Industry", "industry", "text", CATALOGUE, lambda r: r.person and r.person.industry),
    ),
    ("entry_ids", "user_ids", "virtual_event_ids", "parentEntryIds"),
    _rows,
)
