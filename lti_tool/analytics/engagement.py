"""The viewer engagement table (report 60013): a row for each person with any activity, most live minutes first.

One list of columns for every surface: files, the report API and PDFs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, and_

from lti_tool.access.scope import Scope
from lti_tool.analytics.dashboards import reported
from lti_tool.analytics.metrics import METRICS, NOT_REPORTED, Metric
from lti_tool.analytics.numbers import EVERYTHING, Numbers
from lti_tool.analytics.part import attended
from lti_tool.analytics.queries import engagement as queries
from lti_tool.analytics.queries import events, rooms
from lti_tool.analytics.queries import person as of_person
from lti_tool.analytics.queries.engagement import Counted
from lti_tool.models import Entry, RoomSession
from lti_tool.models.catalog import ROOMS
from lti_tool.models.names import full_name

Cell = str | int | float | None


@dataclass(frozen=True)
class Column:
    """``name`` is that of the report API, ``header`` the descriptive one. Without a metric: what the catalogue says."""

    name: str
    header: str
    metric: Metric | None = None


def _number(name: str, header: str, metric: str | None = None) -> Column:
    return Column(name, header, METRICS[metric or name])


COLUMNS = (
    Column("first_name", "First Name"),
    Column("last_name", "Last Name"),
    Column("title", "Job Title"),
    Column("company", "Company Name"),
    Column("email", "Email Address "),  # with the space at its end, as the report API has it
    Column("country", "Country"),
    Column("role", "Role"),
    Column("industry", "Industry"),
    _number("vod_view_time", "VOD Minutes Viewed (Interval-Based)", "sum_vod_view_period"),
    _number("live_view_time", "Live Minutes Viewed (Interval-Based)"),
    _number("total_view_time", "Total Minutes Viewed (Interval-Based)"),
    _number("avg_completion_rate", "Average Completion Rate (Interval-Based)"),
    _number("count_reaction_clicked", "Reaction Count"),
    _number("count_raise_hand_clicked", "Hand Raise Count (Meetings)"),
    _number("combined_live_engaged_users_play_time_ratio", "Live Engagement Rate"),
    _number("count_group_chat_messages_sent", "Group Chat Messages Count"),
    _number("count_poll_answered", "Poll Responses Count"),
    _number("count_q_and_a_threads", "Q&A Threads Count", "q_and_a_threads_count"),
    _number("count_download_attachment_clicked", "Attachment Downloads Count"),
)


# Of report 60010: who did anything live.
OF_LIVE = (
    Column("user_id", "User ID"),
    Column("user_name", "User Name"),
    Column("email", "Email Address "),
    *(column for column in COLUMNS if column.name in ("title", "company", "country", "role", "industry")),
    *(
        column
        for column in COLUMNS
        if column.metric and column.name not in ("vod_view_time", "total_view_time", "avg_completion_rate")
    ),
)
# Of reports 60012 and 13: who loaded, started or watched anything.
OF_VIDEOS = (
    Column("name", "ID"),
    Column("full_name", "Full Name"),
    _number("count_plays", "Total Plays Count"),
    _number("sum_vod_view_period", "VOD Minutes Viewed (Interval-Based)"),
    _number("vod_avg_play_time", "vod_avg_play_time"),
    _number("count_loads", "Player Impressions Count"),
    _number("avg_completion_rate", "Average Completion Rate (Interval-Based)"),
)


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked about; plain values, so that a job can be asked the same.

    One ``session`` of a ``room``, or of that only what happened from ``start_ms`` up to ``end_ms``, with what was
    played of the room's recordings since it began; or the rooms of a ``channel``: the sessions that start from
    ``start_ms`` up to ``end_ms``, and what was played of their recordings in that time; or an ``event``, or one
    ``person`` (in an ``event``, in the course of a ``channel``, or everywhere), with recordings and other videos.
    """

    room: str | None = None
    session: str | None = None
    channel: str | None = None
    event: int | None = None
    person: str | None = None
    start_ms: int | None = None
    end_ms: int | None = None

    def stored(self) -> dict[str, Any]:
        """For the database, as JSON."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def restored(cls, stored: Mapping[str, Any]) -> Question:
        """What ``stored`` made."""
        return cls(**stored)


def counted(scope: Scope, question: Question) -> Counted | None:
    """What counts, of what lies in the scope. Nothing, if what is asked about is there no longer."""
    if question.room is not None:
        return _of_session(scope, question.room, question)
    if question.channel is not None and question.person is None:
        where = and_(scope.entries(), rooms.of_channel(scope.account_id, question.channel))
        return _of_period(scope, where, question)
    event = None if question.event is None else events.event(scope, str(question.event))
    course = None if question.channel is None else rooms.channel(scope, question.channel)
    if (event is None and question.event is not None) or (course is None and question.channel is not None):
        return None
    where = of_person.asked_about(scope, event, course)
    media = (of_person.recordings(scope, where), of_person.videos(scope, where))
    every = Counted(queries.sessions(scope, where), media)
    if question.person is None:
        return every
    found = of_person.person(scope, event, question.person)
    return None if found is None else Counted(every.sessions, media, person=found.id)


def _of_session(scope: Scope, room: str, question: Question) -> Counted | None:
    where = and_(scope.entries(), Entry.external_id == room)
    found = queries.session(scope, where, question.session or "")
    if found is None:
        return None
    session, _room = found
    one = queries.sessions(scope, where, RoomSession.id == session.id)
    every = Counted(one, (of_person.recordings(scope, where),), start_ms=session.start_ms)
    if question.start_ms is None or question.end_ms is None:
        return every
    found_in_part = attended(scope, session, question.start_ms, question.end_ms)
    return replace(every, attended={one.person_id: one for one in found_in_part})


def _of_period(scope: Scope, where: ColumnElement[bool], question: Question) -> Counted:
    bounds = (
        (question.start_ms, RoomSession.start_ms >= question.start_ms),
        (question.end_ms, RoomSession.start_ms < question.end_ms),
    )
    keys = queries.sessions(scope, where, *(bound for at_ms, bound in bounds if at_ms is not None))
    rooms = and_(where, Entry.type.in_(ROOMS))  # a video that a channel holds is no recording of a room
    return Counted(keys, (of_person.recordings(scope, rooms),), question.start_ms, question.end_ms)


def header(*, descriptive: bool) -> list[str]:
    """The names of the columns: descriptive ones, or those of the report API."""
    return [column.header if descriptive else column.name for column in COLUMNS]


def signals(counted: Counted) -> frozenset[str]:
    """What any of the sessions' sources reports; before the first event, anything."""
    known = [reported(facts) for facts in queries.facts(counted)]
    return frozenset[str]().union(*known) if known else EVERYTHING


def rows(signals: frozenset[str], people: Iterable[Sequence[Mapping[str, Any]]]) -> Iterator[list[Cell]]:
    """A row for each person, unrounded. ``people``: the chunks of ``queries.people``."""
    for chunk in people:
        for found in chunk:
            yield row(signals, found)


def row(signals: frozenset[str], found: Mapping[str, Any], columns: Sequence[Column] = COLUMNS) -> list[Cell]:
    """What a person's row of any of these tables holds."""
    of_catalogue, numbers = _named(found), numbers_of(signals, found)
    return [value(column.metric, numbers) if column.metric else of_catalogue[column.name] for column in columns]


def value(metric: Metric, numbers: Numbers) -> Cell:
    """Empty where there is no value, or no source reports it."""
    found = metric.value(numbers)
    return None if found is NOT_REPORTED else found  # type: ignore[return-value]


def _named(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """Who has no name in the catalogue is called by the one that a source gave, else by the id."""
    of_id = found["external_id"]
    first, last = found["first_name"], found["last_name"]
    name = full_name(first, last, found["display_name"], of_id)
    made = {**found, "user_id": of_id, "name": of_id, "user_name": name, "full_name": name}
    return made if first or last else {**made, "first_name": name}


def numbers_of(signals: frozenset[str], found: Mapping[str, Any]) -> Numbers:
    """What the formulas take, of one person or of whatever else has these sums."""
    live: dict[str, Any] = {name: int(found[name]) for name in queries.LIVE}
    return Numbers(
        reported=signals,
        **live,
        recording_seconds=int(found["watched_ms"]) / 1000,  # and of other videos, where they are asked about
        recording_viewers=int(found["watched_ms"] > 0),
        impressions=int(found["impressions"]),
        plays=int(found["plays"]),
        measured_plays=int(found["measured_plays"]),
        percentiles=int(found["percentiles"]),
    )
