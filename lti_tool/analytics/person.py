"""One person: what they watched, live, of recordings and on demand, and what they did in each session."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lti_tool.access.scope import Scope
from lti_tool.analytics.attendees import person_numbers
from lti_tool.analytics.dashboards import reported
from lti_tool.analytics.metrics import METRICS, Reading
from lti_tool.analytics.numbers import EVERYTHING, Numbers
from lti_tool.analytics.paging import asked_page, page_of, size_of
from lti_tool.analytics.queries import events
from lti_tool.analytics.queries import person as queries
from lti_tool.analytics.tables import Layout, Order, Row, Table, pick, table
from lti_tool.models import Channel, Entry, Person, RoomSession, VirtualEvent, percentiles
from lti_tool.models.names import name_key

SESSIONS = Layout.of("sessions", "name", minutes="live_view_time", rate="combined_live_engaged_users_play_time_ratio")
# What a row of the table of sessions holds besides.
MORE = tuple(
    METRICS[name]
    for name in (
        "count_reaction_clicked",
        "count_raise_hand_clicked",
        "count_download_attachment_clicked",
        "count_group_chat_messages_sent",
        "count_poll_answered",
        "q_and_a_threads_count",
    )
)
VIDEOS = Layout.of("videos", "minutes", minutes="on_demand_view_time", completion="total_completion_rate")
RECORDINGS = Layout.of("recordings", "minutes", minutes="recording_view_time", completion="total_completion_rate")
_SECONDS = ("watched_seconds", "rated_seconds", "engaged_seconds")
_SUMS = (*_SECONDS, "reactions", "chat_messages", "polls_answered", "threads", "downloads", "raised_hands")


@dataclass(frozen=True)
class Attended:
    """A session that the person came to, or did something in."""

    session: RoomSession
    entry: Entry
    role: str | None
    numbers: Numbers

    @property
    def more(self) -> tuple[Reading, ...]:
        return tuple(metric.reading(self.numbers) for metric in MORE)


@dataclass(frozen=True)
class Download:
    """An attachment, and where it was downloaded first. ``kind``: what its name ends in, in small letters."""

    key: str
    name: str | None
    at_ms: int
    session: RoomSession
    entry: Entry

    @property
    def kind(self) -> str:
        _stem, dot, ending = (self.name or "").rpartition(".")
        return ending.lower() if dot and len(ending) <= 5 else ""


@dataclass(frozen=True)
class Downloads:
    """Page ``page`` of ``pages`` of the attachments, newest first."""

    rows: tuple[Download, ...]
    found: int
    page: int
    pages: int


@dataclass(frozen=True)
class PersonDashboard:
    """Everything that a person's page shows. ``event``: only what is of this event, if one is asked about; ``course``:
    only what is of this course. ``in_course``: whether there is anything of the course from which it was opened.
    """

    person: Person
    event: VirtualEvent | None
    course: Channel | None
    in_course: bool
    role: str | None
    numbers: Numbers
    sessions: Table
    recordings: Table
    videos: Table
    downloads: Downloads

    def reading(self, name: str) -> Reading:
        """The person's value of a metric of the catalogue."""
        return METRICS[name].reading(self.numbers)


def person_dashboard(
    scope: Scope, event: VirtualEvent | None, course: Channel | None, user_id: str, arguments: Mapping[str, str]
) -> PersonDashboard | None:
    """The page of a person, as far as the scope goes; nothing if nobody of that id is seen from there.

    Of the ``course`` only, from which it was opened, if the person took part in it and ``of=all`` is not asked.
    """
    person = queries.person(scope, event, user_id)
    if person is None:
        return None
    course, in_course = course_of_page(scope, event, course, person, of=arguments.get("of", ""))
    where = queries.asked_about(scope, event, course)
    attended = [
        Attended(session, entry, attendance.role, person_numbers(attendance, reported(facts)))
        for attendance, session, entry, facts in queries.attendances(where, person)
    ]
    recordings, videos = queries.recordings(scope, where), queries.videos(scope, where)
    recorded, on_demand = queries.played(recordings, person), queries.played(videos, person)
    downloads = _downloads(queries.downloads(scope, where, person))
    numbers = _numbers(attended, recorded, on_demand, len(downloads))
    return PersonDashboard(
        person=person,
        event=event,
        course=course,
        in_course=in_course,
        role=_role(scope, event, person, attended),
        numbers=numbers,
        sessions=_sessions(SESSIONS.asked(arguments), attended, numbers),
        recordings=_videos(RECORDINGS, arguments, recorded, _seen(recordings, person), numbers),
        videos=_videos(VIDEOS, arguments, on_demand, _seen(videos, person), numbers),
        downloads=_page(downloads, arguments.get("downloads_page", "")),
    )


def course_of_page(
    scope: Scope, event: VirtualEvent | None, course: Channel | None, person: Person, *, of: str
) -> tuple[Channel | None, bool]:
    """The course that a person's page is of, if of any; and whether there is anything of the one it was opened from."""
    course = None if event else course
    in_course = course is not None and queries.took_part(scope, queries.asked_about(scope, None, course), person)
    return (course if in_course and of != "all" else None), in_course


def _numbers(
    attended: Sequence[Attended], recorded: Sequence[Any], on_demand: Sequence[Any], attachments: int
) -> Numbers:
    """Seconds and counts, added up over sessions and media."""
    signals = frozenset().union(*(one.numbers.reported for one in attended)) if attended else EVERYTHING
    sums = {name: sum(getattr(one.numbers, name) for one in attended) for name in _SUMS}
    watched = [int(ms) for _entry, _impressions, ms in (*recorded, *on_demand)]
    return Numbers(
        reported=signals,
        **sums,
        sessions_viewed=sum(one.numbers.watched_seconds > 0 for one in attended),
        recording_seconds=sum(int(ms) for _entry, _impressions, ms in recorded) / 1000,
        on_demand_seconds=sum(int(ms) for _entry, _impressions, ms in on_demand) / 1000,
        videos=sum(ms > 0 for ms in watched),
        attachments=attachments,
    )


def _role(scope: Scope, event: VirtualEvent | None, person: Person, attended: Sequence[Attended]) -> str | None:
    """The role in the event; else in the newest session that says one; else the catalogue's."""
    if event:
        registrations = events.registrations(scope, event, [person.external_id])
        if role := next((row.role for row, _name in registrations if row.role), None):
            return str(role)
    return next((one.role for one in attended if one.role), person.role)


def _sessions(order: Order, attended: Sequence[Attended], total: Numbers) -> Table:
    picked = pick(
        SESSIONS,
        order,
        attended,
        numbers=lambda one: one.numbers,
        name=lambda one: (one.session.start_ms, one.session.id),
    )
    rows = [Row(one.session.external_id, one, SESSIONS.readings(one.numbers)) for one in picked.items]
    return table(SESSIONS, order, picked, rows, total)


def _seen(entries: Any, person: Person) -> dict[int, list[bytes]]:
    """Video's key -> what each of the person's plays watched of it."""
    found: defaultdict[int, list[bytes]] = defaultdict(list)
    for key, positions in queries.positions(entries, person):
        found[key].append(positions)
    return found


def _videos(
    layout: Layout, asked: Mapping[str, str], played: Sequence[Any], seen: Mapping[int, list[bytes]], total: Numbers
) -> Table:
    shown = {entry.id: (entry, _of_video(entry, ms, seen.get(entry.id, []))) for entry, _loads, ms in played}
    order = layout.asked(asked)
    picked = pick(
        layout,
        order,
        list(shown.values()),
        numbers=lambda one: one[1],
        name=lambda one: (name_key(one[0].name), one[0].id),
    )
    rows = [Row(entry.external_id, entry, layout.readings(numbers)) for entry, numbers in picked.items]
    return table(layout, order, picked, rows, total)


def _of_video(entry: Entry, watched_ms: Any, positions: Sequence[bytes]) -> Numbers:
    """The person's numbers of one video. ``positions``: what each play that was started watched of it."""
    seconds = int(watched_ms) / 1000  # it is the one or the other: a table shows its own
    watched = Numbers(on_demand_seconds=seconds, recording_seconds=seconds)
    if not entry.duration_ms or not positions:
        return watched
    plays = percentiles.watched(positions, entry.duration_ms / 1000)
    return replace(watched, seen_percentiles=int(plays.any(axis=0).sum()), measured_plays=len(plays))


def _downloads(rows: Sequence[Any]) -> list[Download]:
    """Each attachment once, where it was downloaded first; newest first. One without an id is one by itself."""
    found: dict[str, Download] = {}
    for about, name, event_pk, time_ms, session, entry in reversed(rows):
        key = about or f"#{event_pk}"
        found.setdefault(key, Download(key, name, time_ms, session, entry))
    return list(found.values())[::-1]


def _page(downloads: Sequence[Download], asked: str) -> Downloads:
    number = asked_page(asked)
    page, pages, start = page_of(len(downloads), number)
    return Downloads(tuple(downloads[start : start + size_of(len(downloads), number)]), len(downloads), page, pages)
