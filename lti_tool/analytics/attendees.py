"""The attendees of a session: their table, a page at a time, and each person's minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from lti_tool.access.scope import Scope
from lti_tool.analytics.heatmap import Detail, details
from lti_tool.analytics.metrics import METRICS, Metric, Reading
from lti_tool.analytics.numbers import Numbers
from lti_tool.analytics.paging import EVERY, page_of, size_of
from lti_tool.analytics.part import PartAttended
from lti_tool.analytics.queries import people, rooms
from lti_tool.analytics.search import long_enough
from lti_tool.analytics.timeline import Timeline
from lti_tool.models import Attendance, Person, RoomSession, SessionFacts
from lti_tool.models.facts import NO_RATE


@dataclass(frozen=True)
class Question:
    """Which session, and which part of its attendees."""

    session_id: str | None = None
    sort: str = "watched_seconds"
    descending: bool = True
    page: int = 1
    search: str = ""
    stage_page: int = 1
    presented_page: int = 1
    # Times of day in the reader's zone, HH:MM: only what happened from then until then.
    start: str = ""
    end: str = ""


@dataclass(frozen=True)
class Attendee:
    """A row of the attendees table."""

    person: Person
    role: str | None
    country: str | None
    readings: tuple[Reading, ...]
    detail: Detail | None


@dataclass(frozen=True)
class Column:
    """A column of the attendees table: what it is sorted by, and its metric (the name column has none)."""

    sort: str
    metric: Metric | None


COLUMNS = (
    Column("name", None),
    Column("watched_seconds", METRICS["live_view_time"]),
    Column("reactions", METRICS["count_reaction_clicked"]),
    Column("chat_messages", METRICS["count_group_chat_messages_sent"]),
    Column("polls_answered", METRICS["count_poll_answered"]),
    Column("raised_hands", METRICS["count_raise_hand_clicked"]),
    Column("rate", METRICS["combined_live_engaged_users_play_time_ratio"]),
)
SORTS = frozenset(column.sort for column in COLUMNS)
ATTENDEE_METRICS = tuple(column.metric for column in COLUMNS if column.metric)


@dataclass(frozen=True)
class AttendeePage:
    """Page ``page`` of ``pages``, with the total row over all people. ``too_short``: the search had too few letters."""

    rows: tuple[Attendee, ...]
    total: tuple[Reading, ...]
    people: int
    found: int
    page: int
    pages: int
    too_short: bool


def person_numbers(attendance: Attendance | PartAttended, signals: frozenset[str]) -> Numbers:
    """What the formulas take, for one person in one session."""
    return Numbers(
        reported=signals,
        live_viewers=int(attendance.watched_seconds > 0),
        viewers=int(attendance.watched_seconds > 0),
        watched_seconds=attendance.watched_seconds,
        rated_seconds=attendance.rated_seconds,
        engaged_seconds=attendance.engaged_seconds,
        reactions=attendance.reactions,
        chat_messages=attendance.chat_messages,
        polls_answered=attendance.polls_answered,
        threads=attendance.threads,
        downloads=attendance.downloads,
        raised_hands=attendance.raised_hands,
    )


def attendee_page(  # noqa: PLR0917
    scope: Scope,
    session: RoomSession | None,
    facts: SessionFacts | None,
    question: Question,
    numbers: Numbers,
    minutes: Timeline,
    part: tuple[int, int] | None = None,
    attendances: Sequence[PartAttended] | None = None,
) -> AttendeePage:
    """The page of attendees that is asked for; nobody, unless the scope shows people. A page of everybody is without
    the minutes of each.

    ``attendances``: those of a ``part`` of the session, in the place of those of the whole.
    """
    total = tuple(metric.reading(numbers) for metric in ATTENDEE_METRICS)
    everybody = facts.people if facts else 0
    too_short = bool(question.search) and not long_enough(question.search)
    if session is None or not everybody or not scope.people or too_short:
        return AttendeePage((), total, everybody, found=0, page=1, pages=1, too_short=too_short)
    if part is not None and attendances is not None:
        return _page_of_part(scope, session, part, attendances, question, numbers, minutes)
    found = rooms.count_attendees(scope, session, search=question.search) if question.search else everybody
    page, pages, start = page_of(found, question.page)
    rows = rooms.attendees(
        scope,
        session,
        sort=question.sort if question.sort in SORTS else "watched_seconds",
        descending=question.descending,
        search=question.search,
        limit=size_of(found, question.page),
        offset=start,
        found=found,
    )
    shown = [] if question.page is EVERY else [person.id for _attendance, person in rows]
    more = details(scope, session, minutes, shown)
    attendees = tuple(
        _attendee(attendance, person, numbers.reported, more.get(person.id)) for attendance, person in rows
    )
    return AttendeePage(attendees, total, everybody, found=found, page=page, pages=pages, too_short=False)


def _page_of_part(  # noqa: PLR0917
    scope: Scope,
    session: RoomSession,
    part: tuple[int, int],
    attendances: Sequence[PartAttended],
    question: Question,
    numbers: Numbers,
    minutes: Timeline,
) -> AttendeePage:
    if question.search:
        wanted = people.found(scope, session, question.search)
        shown = [one for one in attendances if one.person_id in wanted]
    else:
        shown = list(attendances)
    column = "name_key" if question.sort == "name" else question.sort if question.sort in SORTS else "watched_seconds"
    shown.sort(key=partial(_rank, column, question.descending), reverse=question.descending)
    page, pages, start = page_of(len(shown), question.page)
    rows = shown[start : start + size_of(len(shown), question.page)]
    keys = [one.person_id for one in rows]
    persons = people.persons(scope, keys)
    more = details(scope, session, minutes, [] if question.page is EVERY else keys, part)
    return AttendeePage(
        tuple(_attendee(one, persons[one.person_id], numbers.reported, more.get(one.person_id)) for one in rows),
        tuple(metric.reading(numbers) for metric in ATTENDEE_METRICS),
        len(attendances),
        found=len(shown),
        page=page,
        pages=pages,
        too_short=False,
    )


def _rank(column: str, descending: bool, one: PartAttended) -> tuple[bool, Any, int]:
    """As the database sorts: who has no rate comes last, whichever way round."""
    value = getattr(one, column)
    return (column == "rate" and value == NO_RATE) != descending, value, one.person_id


def _attendee(
    attendance: Attendance | PartAttended, person: Person, signals: frozenset[str], detail: Detail | None
) -> Attendee:
    numbers = person_numbers(attendance, signals)
    return Attendee(
        person=person,
        role=attendance.role or person.role,
        country=attendance.country or person.country,
        readings=tuple(metric.reading(numbers) for metric in ATTENDEE_METRICS),
        detail=detail,
    )
