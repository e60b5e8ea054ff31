"""Room data, attendees data and breakout room sessions: a row for each session, or for each person in each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _

from lti_tool.analytics.dashboards import signals
from lti_tool.analytics.metrics import METRICS
from lti_tool.analytics.numbers import EVERYTHING
from lti_tool.models import Entry, Person, RoomSession
from lti_tool.reports.custom import queries
from lti_tool.reports.custom.asked import Asked
from lti_tool.reports.custom.columns import Column, Report, unix

CATALOGUE = "catalogue"
SESSION_FACTS = "facts of the session"
ATTENDANCE = "facts of the attendance"
SESSION = "catalogue; of a session that events opened, its events"


class Numbers(NamedTuple):
    """What the formulas take of a session or of a person in it."""

    reported: frozenset[str]
    live_viewers: int = 0
    watched_seconds: int = 0
    rated_seconds: int = 0
    engaged_seconds: int = 0


class Held(NamedTuple):
    """A session in its room."""

    session: RoomSession
    room: Entry
    numbers: Numbers
    parent: Entry | None = None
    host: Person | None = None


class Attendee(NamedTuple):
    """A person in a session."""

    entry_id: str
    session_id: str
    person: queries.Attended
    numbers: Numbers


def _metric(name: str) -> Callable[[Any], Any]:
    """A number of a row by the one formula that it has."""
    value: Callable[[Any], Any] = METRICS[name].value
    return lambda row: value(row.numbers)


def _held(session: RoomSession, room: Entry, reported: Any, heartbeats: Any, *facts: Any) -> Held:
    if reported is None:  # no event has arrived yet
        return Held(session, room, Numbers(EVERYTHING))
    viewers, rated, engaged = facts[:3]
    told = signals(reported, has_heartbeats=heartbeats)
    return Held(session, room, Numbers(told, viewers, rated_seconds=rated, engaged_seconds=engaged), *facts[3:])


def _rooms(asked: Asked) -> Iterator[Held]:
    return (_held(*row) for row in queries.stream(queries.sessions(asked)))


def _attendees(asked: Asked) -> Iterator[Attendee]:
    for held in _rooms(asked):
        entry_id, session_id, told = held.room.external_id, held.session.external_id, held.numbers.reported
        for one in queries.attendees(asked, held.session.id):
            numbers = Numbers(told, 1, one.watched_seconds, one.rated_seconds, one.engaged_seconds)
            yield Attendee(entry_id, session_id, one, numbers)


def _breakouts(asked: Asked) -> Iterator[Held]:
    for rows in queries.chunks(queries.breakouts(asked)):
        hosts = queries.people(asked.scope.account_id, {row[0].host_id for row in rows} - {None})
        for row in rows:
            yield _held(*row)._replace(host=hosts.get(row[0].host_id))


VIEWERS = "unique_combined_live_viewers"
RATE = "combined_live_engaged_users_play_time_ratio"
_RATE_MEANS = "engaged seconds / watched seconds whose source reports engagement"

# Of reports that have a row for each session.
_START = Column(
    "session_start_time",
    "Session Start Time",
    "when the session began",
    "seconds since 1970, UTC",
    SESSION,
    lambda r: unix(r.session.start_ms),
)
_END = Column(
    "session_end_time",
    "Session End Time",
    "when it ended; if nobody told, its last event",
    "seconds since 1970, UTC",
    SESSION,
    lambda r: unix(r.session.until_ms),
)

ROOM_DATA = Report(
    "room-data",
    _("Room data"),
    _("A row for each session of the rooms and their breakout rooms, sessions without anybody included."),
    (
        Column("entry_id", "Room ID", "the room or breakout room", "id", CATALOGUE, lambda r: r.room.external_id),
        Column("entry_name", "Room Name", "its name", "text", CATALOGUE, lambda r: r.room.name),
        Column(
            "parent_entry_id",
            "Main Room ID",
            "of a breakout room the room that it belongs to",
            "id",
            CATALOGUE,
            lambda r: r.room.parent_id,
        ),
        Column("cue_point_id", "Session ID", "the session", "id", SESSION, lambda r: r.session.external_id),
        _START,
        _END,
        Column("session_host_user_id", "Host ID", "its host", "id", CATALOGUE, lambda r: r.session.host_id),
        Column(
            "meeting_view_period_unique_users",
            "Unique Viewers Count",
            "people with at least one second watched",
            "people",
            SESSION_FACTS,
            _metric(VIEWERS),
        ),
        Column(
            "meeting_engaged_play_time_ratio",
            "Live Engagement Rate",
            _RATE_MEANS,
            "0 to 1",
            SESSION_FACTS,
            _metric(RATE),
        ),
    ),
    ("entry_ids", "cue_point_ids", "virtual_event_ids", "parentEntryIds"),
    _rooms,
)

ATTENDEES_DATA = Report(
    "attendees-data",
    _("Attendees data"),
    _("A row for each person in each session: minutes viewed and live engagement rate."),
    (
        Column("entry_id", "Room ID", "the room or breakout room", "id", CATALOGUE, lambda r: r.entry_id),
        Column("cue_point_id", "Session ID", "the session", "id", SESSION, lambda r: r.session_id),
        Column("user_id", "User ID", "who did anything in the session", "id", ATTENDANCE, lambda r: r.person.user_id),
        Column(
            "user_name",
            "User Name",
            "first and last name; else what the source calls the person, else the id",
            "text",
            CATALOGUE,
            lambda r: r.person.user_name,
        ),
        Column("user_email", "Email Address", "e-mail address", "text", CATALOGUE, lambda r: r.person.user_email),
        Column(
            "user_type",
            "Role",
            "role in the session, else the usual one: host, moderator, speaker, viewer",
            "word",
            "first event of the person in the session, by time, that has it; catalogue",
            lambda r: r.person.role or r.person.usual_role,
        ),
        Column(
            "meeting_view_time",
            "Minutes Viewed",
            "clock seconds watched on any device, once each, / 60",
            "minutes",
            ATTENDANCE,
            _metric("live_view_time"),
        ),
        Column(
            "meeting_engaged_play_time_ratio", "Live Engagement Rate", _RATE_MEANS, "0 to 1", ATTENDANCE, _metric(RATE)
        ),
    ),
    ("entry_ids", "user_ids", "cue_point_ids", "virtual_event_ids", "parentEntryIds"),
    _attendees,
)

BREAKOUT_ROOM_SESSIONS = Report(
    "breakout-room-sessions",
    _("Breakout room sessions"),
    _("A row for each session of a breakout room."),
    (
        Column(
            "parent_entry_id",
            "Main Room ID",
            "the room that it belongs to",
            "id",
            CATALOGUE,
            lambda r: r.room.parent_id,
        ),
        Column(
            "parent_entry_name", "Main Room Name", "its name", "text", CATALOGUE, lambda r: r.parent and r.parent.name
        ),
        Column(
            "breakout_entry_id",
            "Breakout Room ID",
            "the breakout room",
            "id",
            CATALOGUE,
            lambda r: r.room.external_id,
        ),
        Column("breakout_entry_name", "Breakout Room Name", "its name", "text", CATALOGUE, lambda r: r.room.name),
        Column("cue_point_id", "Session ID", "the session", "id", SESSION, lambda r: r.session.external_id),
        Column(
            "session_initiator",
            "Session Initiator",
            "its host: first and last name; else what the source calls the person, else the id",
            "text",
            CATALOGUE,
            lambda r: r.host and r.host.name,
        ),
        _START,
        _END,
        Column(
            "duration",
            "Duration",
            "from its start to its end",
            "seconds",
            SESSION,
            lambda r: unix(r.session.until_ms) - unix(r.session.start_ms),
        ),
        Column(
            "participant_count",
            "Unique Viewers Count",
            "people with at least one second watched",
            "people",
            SESSION_FACTS,
            _metric(VIEWERS),
        ),
        Column(
            "engagement_rate",
            "Live Engagement Rate",
            _RATE_MEANS,
            "0 to 1",
            SESSION_FACTS,
            _metric(RATE),
        ),
    ),
    ("entry_ids", "cue_point_ids", "virtual_event_ids", "parentEntryIds"),
    _breakouts,
)
