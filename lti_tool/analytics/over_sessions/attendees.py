"""The people of several sessions: each once, with their sums, a page at a time, and the sessions they attended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lti_tool.access.scope import Scope
from lti_tool.analytics import attendees as of_session
from lti_tool.analytics.attendees import Column, Question
from lti_tool.analytics.metrics import METRICS, Reading
from lti_tool.analytics.numbers import Numbers
from lti_tool.analytics.over_sessions.held import Held
from lti_tool.analytics.paging import page_of, size_of
from lti_tool.analytics.period import Period
from lti_tool.analytics.queries import over_sessions as queries
from lti_tool.analytics.queries import people
from lti_tool.analytics.search import long_enough
from lti_tool.models import Person

_NAME, *_SAME = of_session.COLUMNS
COLUMNS = (_NAME, Column("sessions", METRICS["count_sessions"]), *_SAME)
_SORTS = {column.sort: "name_key" if column.sort == "name" else column.sort for column in COLUMNS}
_METRICS = tuple(column.metric for column in COLUMNS if column.metric)
_OF_VISIT = (METRICS["live_view_time"], METRICS["combined_live_engaged_users_play_time_ratio"])
LISTED = 20  # of the sessions of a person


@dataclass(frozen=True)
class Visit:
    """A session that somebody attended, with their minutes and rate in it."""

    held: Held
    readings: tuple[Reading, ...]


@dataclass(frozen=True)
class Attendee:
    """A row. ``visits``: the newest of the sessions; ``sessions``: how many there are."""

    person: Person
    role: str | None
    country: str | None
    readings: tuple[Reading, ...]
    visits: tuple[Visit, ...]
    sessions: int


@dataclass(frozen=True)
class AttendeePage:
    """As of a session: page ``page`` of ``pages``, with the total row over all people."""

    rows: tuple[Attendee, ...]
    total: tuple[Reading, ...]
    people: int
    found: int
    page: int
    pages: int
    too_short: bool


@dataclass
class _Seen:
    """What is known of a person besides the sums, from the newest session on; of the sessions the newest few."""

    role: str | None = None
    country: str | None = None
    visits: list[Visit] = field(default_factory=list)


def attendee_page(  # noqa: PLR0917
    scope: Scope,
    where: queries.Where,
    period: Period,
    held: Mapping[int, Held],
    everybody: int,
    question: Question,
    numbers: Numbers,
) -> AttendeePage:
    """The page of people that is asked for; nobody, unless the scope shows people. ``held``: by their keys."""
    total = tuple(metric.reading(numbers) for metric in _METRICS)
    too_short = bool(question.search) and not long_enough(question.search)
    if not everybody or not scope.people or too_short:
        return AttendeePage((), total, everybody, found=0, page=1, pages=1, too_short=too_short)
    found = queries.count_found(scope, where, period, question.search) if question.search else everybody
    page, pages, start = page_of(found, question.page)
    size = size_of(found, question.page)
    sort = _SORTS.get(question.sort, "watched_seconds")
    rows = queries.attendees(scope, where, period, question.search, sort, question.descending, size, start)
    keys = [row.person_id for row in rows]
    persons, seen = people.persons(scope, keys), _seen(scope, where, period, held, keys)
    shown = tuple(_attendee(persons[row.person_id], row, seen[row.person_id], numbers.reported) for row in rows)
    return AttendeePage(shown, total, everybody, found=found, page=page, pages=pages, too_short=False)


def _attendee(person: Person, row: Any, seen: _Seen, signals: frozenset[str]) -> Attendee:
    sums: dict[str, int] = {name: int(getattr(row, name)) for name in queries.SUMS}
    numbers = Numbers(reported=signals, sessions=row.sessions, **sums)
    return Attendee(
        person=person,
        role=seen.role or person.role,
        country=seen.country or person.country,
        readings=tuple(metric.reading(numbers) for metric in _METRICS),
        visits=tuple(seen.visits),
        sessions=row.sessions,
    )


def _seen(
    scope: Scope, where: queries.Where, period: Period, held: Mapping[int, Held], keys: list[int]
) -> defaultdict[int, _Seen]:
    found: defaultdict[int, _Seen] = defaultdict(_Seen)
    parts = (keys[start : start + people.AT_ONCE] for start in range(0, len(keys), people.AT_ONCE))
    rows = (row for part in parts for row in queries.attended(scope, where, period, part))
    for person, session, role, country, watched, rated, engaged in rows:
        of_person = found[person]
        of_person.role = of_person.role or role
        of_person.country = of_person.country or country
        if watched and session in held and len(of_person.visits) < LISTED:
            of_session = held[session]
            numbers = Numbers(
                reported=of_session.numbers.reported,
                watched_seconds=watched,
                rated_seconds=rated,
                engaged_seconds=engaged,
            )
            of_person.visits.append(Visit(of_session, tuple(metric.reading(numbers) for metric in _OF_VISIT)))
    return found
