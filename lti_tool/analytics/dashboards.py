"""Page objects: a question in, everything that one page shows out, frozen. Templates, files and charts read these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lti_tool.access.scope import Scope
from lti_tool.analytics.audience import Audience, audiences
from lti_tool.analytics.metrics import METRICS, Metric, Reading
from lti_tool.analytics.numbers import EVERYTHING, Numbers
from lti_tool.analytics.queries import rooms
from lti_tool.analytics.queries.rooms import PlaybackTotals
from lti_tool.analytics.recordings import PlaysOverTime, plays_over_time
from lti_tool.analytics.timeline import Timeline, timeline
from lti_tool.models import Attendance, Entry, NotUnderstood, Person, RoomSession, SessionFacts

PAGE_SIZE = 10
SEARCH_FROM = 3


@dataclass(frozen=True)
class Question:
    """Which session, and which part of its attendees."""

    session_id: str | None = None
    sort: str = "watched_seconds"
    descending: bool = True
    page: int = 1
    search: str = ""


@dataclass(frozen=True)
class Attendee:
    """A row of the attendees table."""

    person: Person
    role: str | None
    country: str | None
    readings: tuple[Reading, ...]


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
    """Page ``page`` of ``pages``, with the total row over all people. ``too_short``: the search had under 3 letters."""

    rows: tuple[Attendee, ...]
    total: tuple[Reading, ...]
    people: int
    found: int
    page: int
    pages: int
    too_short: bool


@dataclass(frozen=True)
class RoomDashboard:
    """The analytics of a room, for one of its sessions. ``session`` is empty when the room has none."""

    entry: Entry
    sessions: Sequence[RoomSession]
    session: RoomSession | None
    question: Question
    facts: SessionFacts | None
    numbers: Numbers
    timeline: Timeline
    attendees: AttendeePage
    recordings: Sequence[Entry]
    not_understood: Sequence[NotUnderstood]
    plays_over_time: PlaysOverTime | None
    audiences: tuple[Audience, ...]

    def reading(self, name: str) -> Reading:
        """The session's value of a metric of the catalogue."""
        return METRICS[name].reading(self.numbers)

    @property
    def readings(self) -> tuple[Reading, ...]:
        return tuple(
            metric.reading(self.numbers) for metric in METRICS.values() if not (metric.of_minute or metric.of_part)
        )

    @property
    def presence_only(self) -> bool:
        """People came and went, but no source told whether they paid attention."""
        return bool(self.facts and self.facts.events and not self.facts.has_heartbeats)


def room_dashboard(scope: Scope, entry: Entry, question: Question) -> RoomDashboard | None:
    """The room's page, for the session asked for or the newest. Nothing if it has no session of that id."""
    sessions = rooms.sessions(scope, entry)
    session = chosen(sessions, question.session_id)
    if session is None and question.session_id is not None:
        return None
    recordings = rooms.recordings(scope, entry)
    facts = rooms.session_facts(scope, session) if session else None
    totals = rooms.playback(scope, recordings, session) if session else PlaybackTotals()
    numbers = session_numbers(facts, totals)
    return RoomDashboard(
        entry=entry,
        sessions=sessions,
        session=session,
        question=question,
        facts=facts,
        numbers=numbers,
        timeline=timeline(session, facts, numbers.reported) if session else Timeline((), rated=True),
        attendees=_attendees(scope, session, facts, question, numbers),
        recordings=recordings,
        not_understood=rooms.not_understood(scope, entry),
        plays_over_time=plays_over_time(scope, recordings, session) if session else None,
        audiences=audiences(scope, recordings, session, ["country", "device"]) if session else (),
    )


def chosen(sessions: Sequence[RoomSession], session_id: str | None) -> RoomSession | None:
    """The session with this id; without one the newest."""
    if session_id is None:
        return sessions[0] if sessions else None
    return next((session for session in sessions if session.external_id == session_id), None)


def session_of(scope: Scope, entry: Entry, session_id: str | None) -> RoomSession | None:
    """The session of an entry with this id; without one the newest."""
    return chosen(rooms.sessions(scope, entry), session_id)


def session_timeline(scope: Scope, entry: Entry, session_id: str) -> Timeline | None:
    """The minutes of one session, for its chart."""
    session = chosen(rooms.sessions(scope, entry), session_id)
    if session is None:
        return None
    facts = rooms.session_facts(scope, session)
    return timeline(session, facts, reported(facts))


# Columns of SessionFacts that go into formulas under their own names.
_SAME = (
    "watched_seconds",
    "rated_seconds",
    "engaged_seconds",
    "logged_in",
    "reactions",
    "reaction_people",
    "chat_messages",
    "chat_people",
    "polls",
    "polls_answered",
    "poll_people",
    "threads",
    "thread_people",
    "downloads",
    "download_people",
    "raised_hands",
)


def session_numbers(facts: SessionFacts | None, playback: PlaybackTotals) -> Numbers:
    """What the formulas take, for one session and the playback of its room's recordings."""
    live = facts.viewers if facts else 0
    numbers = Numbers(
        reported=reported(facts),
        live_viewers=live,
        recording_viewers=playback.viewers,
        viewers=live + playback.viewers - playback.both,
        recording_seconds=playback.watched_ms / 1000,
        plays=playback.plays,
        impressions=playback.impressions,
    )
    return replace(numbers, **{name: getattr(facts, name) for name in _SAME}) if facts else numbers


def reported(facts: SessionFacts | None) -> frozenset[str]:
    """The signals that the session's sources carry: engagement by heartbeats; before the first event, any."""
    if facts is None:
        return EVERYTHING
    engagement = {"engagement"} if facts.has_heartbeats else set()
    return frozenset(facts.reported) - {"engagement"} | engagement


def person_numbers(attendance: Attendance, signals: frozenset[str]) -> Numbers:
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


def _attendees(
    scope: Scope, session: RoomSession | None, facts: SessionFacts | None, question: Question, numbers: Numbers
) -> AttendeePage:
    total = tuple(metric.reading(numbers) for metric in ATTENDEE_METRICS)
    people = facts.people if facts else 0
    too_short = 0 < len(question.search) < SEARCH_FROM
    if session is None or not people or not scope.people or too_short:
        return AttendeePage((), total, people, found=0, page=1, pages=1, too_short=too_short)
    found = rooms.count_attendees(scope, session, search=question.search) if question.search else people
    pages = max(1, -(-found // PAGE_SIZE))
    page = min(max(question.page, 1), pages)
    rows = rooms.attendees(
        scope,
        session,
        sort=question.sort if question.sort in SORTS else "watched_seconds",
        descending=question.descending,
        search=question.search,
        limit=PAGE_SIZE,
        offset=(page - 1) * PAGE_SIZE,
        found=found,
    )
    attendees = tuple(_attendee(attendance, person, numbers.reported) for attendance, person in rows)
    return AttendeePage(attendees, total, people, found=found, page=page, pages=pages, too_short=False)


def _attendee(attendance: Attendance, person: Person, signals: frozenset[str]) -> Attendee:
    numbers = person_numbers(attendance, signals)
    return Attendee(
        person=person,
        role=attendance.role or person.role,
        country=attendance.country or person.country,
        readings=tuple(metric.reading(numbers) for metric in ATTENDEE_METRICS),
    )
