"""The made-up term: three courses of Demo University and one of Demo College, as a catalogue and its events.

The same moment gives the same term, to the last vote. The term ends about at that moment, so that dates look fresh:
``catalog(now)`` is a catalogue file and ``events(now)`` an events file of the contract; nothing lies after ``now``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from lti_tool.demo import activity, open_day, playback
from lti_tool.demo.lessons import DATA_SCIENCE, HISTORY, Lesson
from lti_tool.demo.people import COLLEGE, STUDENTS, TEACHERS, DemoPerson
from lti_tool.demo.sessions import MINUTE, SECOND, DemoSession, heartbeats, presence, visits

VERSION = "2"
UNIVERSITY = "Demo University"
COLLEGE_NAME = "Demo College"

MARCHAND, PAPPAS, OKAFOR, LINDQVIST = TEACHERS
FERRIS = COLLEGE[0]

DATA_COURSE, HISTORY_COURSE, LANGUAGE_COURSE, MEDIA_COURSE = (
    "course-ds-101",
    "course-hist-204",
    "course-lang-110",
    "c-media-1",
)
DATA_ROOM, OFFICE, WORKSHOP = "1_dsroom01", "1_dsoffice", "1_dswrkshp"
HISTORY_ROOM, LEGACY_ROOM = "1_histroom", "1_histold1"
LANGUAGE_ROOM, MEDIA_ROOM = "1_langroom", "1_mediarm1"
WELCOME = "1_dswelcom"
GROUPS = tuple(f"1_dsgroup{number}" for number in (1, 2, 3))
GROUP_WEEK = 4
# (id, name, the room that offers it)
ATTACHMENTS = (
    ("a-syllabus", "Syllabus.pdf", DATA_ROOM),
    ("a-survey", "week-2-survey.csv", DATA_ROOM),
    ("a-reading", "Reading list.pdf", HISTORY_ROOM),
    open_day.ATTACHMENT,
)


@dataclass(frozen=True)
class Course:
    """A weekly course: its channel, its room, and when it meets."""

    channel: str
    channel_name: str
    context_id: str
    room: str
    room_name: str
    teacher: DemoPerson
    people: tuple[DemoPerson, ...]
    lessons: tuple[Lesson, ...]
    minutes: tuple[int, ...]
    days_ago: int
    hour: int
    minute: int
    heartbeats: bool = True
    recorded: bool = False
    alone_in_week: int | None = None


_PLAIN = tuple(Lesson(f"Conversation {number}", 6, (), ()) for number in range(1, 6))
_MEDIA = (Lesson("Reading the news", 10, (), ()), Lesson("Pictures and captions", 10, (), ()))
COURSES = (
    Course(
        "101", "Introduction to Data Science", DATA_COURSE, DATA_ROOM, "Data Science lectures", MARCHAND,
        (*STUDENTS[:29], LINDQVIST), DATA_SCIENCE, (75, 75, 80, 75, 90, 75, 75, 70), 2, 9, 15, recorded=True,
    ),
    Course(
        "102", "Modern World History", HISTORY_COURSE, HISTORY_ROOM, "History seminar", PAPPAS,
        STUDENTS[20:45], HISTORY, (60, 60, 55, 60, 45, 60, 60), 3, 13, 0, recorded=True, alone_in_week=4,
    ),
    Course(
        "103", "Language Exchange", LANGUAGE_COURSE, LANGUAGE_ROOM, "Language exchange", OKAFOR,
        STUDENTS[38:], _PLAIN, (45, 45, 50, 45, 45), 1, 16, 30, heartbeats=False,
    ),
)  # fmt: skip
COLLEGE_COURSES = (
    Course(
        "201", "Media Literacy", MEDIA_COURSE, MEDIA_ROOM, "Media Literacy", FERRIS,
        COLLEGE[1:], _MEDIA, (45, 50), 4, 18, 0,
    ),
)  # fmt: skip


def catalog(now: datetime, account: str = UNIVERSITY) -> dict[str, Any]:
    """The catalogue of an account of the demo, with its term ending about ``now``."""
    if account == COLLEGE_NAME:
        return _catalog(COLLEGE_COURSES, COLLEGE, sessions(now, account), now)
    document = _catalog(COURSES, (*TEACHERS, *STUDENTS), sessions(now, account), now)
    document["entries"] += _more_entries(now)
    document["attachments"] = [{"id": id, "name": name, "entryId": entry_id} for id, name, entry_id in ATTACHMENTS]
    for kind, rows in open_day.catalog(now).items():
        document[kind] = document.get(kind, []) + rows
    return document


def events(now: datetime, account: str = UNIVERSITY) -> Iterator[dict[str, Any]]:
    """The events of an account, each with an id that is the same at every start."""
    for number, event in enumerate(_events(now, account)):
        yield {"id": f"demo-{number:06d}", **event}


def sessions(now: datetime, account: str = UNIVERSITY) -> list[DemoSession]:
    """All sessions of an account, breakout rooms and the running one included."""
    if account == COLLEGE_NAME:
        return [session for course in COLLEGE_COURSES for session in _weekly(course, now)]
    found = [session for course in COURSES for session in _weekly(course, now)]
    parent = next(session for session in found if session.id == f"{DATA_ROOM}-s{GROUP_WEEK + 1}")
    rooms, away = _breakouts(parent)
    found[found.index(parent)] = replace(parent, away=away)
    return [*found, *rooms, _running(now), *open_day.sessions(now)]


def _weekly(course: Course, now: datetime) -> Iterator[DemoSession]:
    weeks = len(course.lessons)
    last = (now - timedelta(days=course.days_ago)).replace(
        hour=course.hour, minute=course.minute, second=0, microsecond=0
    )
    for week, (lesson, minutes) in enumerate(zip(course.lessons, course.minutes, strict=True)):
        start = _ms(last - timedelta(weeks=weeks - 1 - week))
        end = start + minutes * MINUTE
        yield DemoSession(
            id=f"{course.room}-s{week + 1}",
            entry_id=course.room,
            name=f"Week {week + 1}: {lesson.title}",
            start_ms=start,
            end_ms=end,
            until_ms=end,
            host=course.teacher,
            people=() if week == course.alone_in_week else course.people,
            lesson=lesson,
            heartbeats=course.heartbeats,
        )


def _breakouts(parent: DemoSession) -> tuple[list[DemoSession], dict[str, tuple[int, int]]]:
    """Three groups that leave the big room for twenty minutes. The assistant looks after the first."""
    start, end = parent.start_ms + 30 * MINUTE, parent.start_ms + 50 * MINUTE
    present = {visit.person.id for visit in visits(parent) if visit.start_ms < start and visit.end_ms > end}
    group_people = [person for person in parent.people if person.id in present]
    rooms = []
    for number, entry_id in enumerate(GROUPS):
        members = tuple(group_people[number::3])
        rooms.append(
            DemoSession(
                id=f"{entry_id}-s1",
                entry_id=entry_id,
                name=f"Group {number + 1}",
                start_ms=start,
                end_ms=end,
                until_ms=end,
                host=members[0],
                people=members,
                everybody_comes=True,
            )
        )
    return rooms, {person.id: (start, end) for person in group_people}


def _running(now: datetime) -> DemoSession:
    """Office hours that began half an hour ago and go on."""
    until = _ms(now.replace(second=0, microsecond=0))
    start = until - 32 * MINUTE
    return DemoSession(
        id=f"{OFFICE}-now",
        entry_id=OFFICE,
        name="Office hours",
        start_ms=start,
        end_ms=None,
        until_ms=until - 30 * SECOND,
        host=MARCHAND,
        people=STUDENTS[2:12],
    )


def _events(now: datetime, account: str) -> Iterator[dict[str, Any]]:
    latest = _ms(now)
    for session in sessions(now, account):
        for event in _events_of(session):
            if event["time"] <= latest:
                yield event
    for course in COURSES if account == UNIVERSITY else ():
        for entry_id, session in _recordings(course, now):
            yield from playback.plays(
                entry_id=entry_id,
                seconds=session.seconds,
                people=course.people,
                published_ms=session.until_ms + 40 * MINUTE,
                until_ms=latest,
                share=0.45,
            )
    if account == UNIVERSITY:
        yield from playback.plays(
            entry_id=WELCOME,
            seconds=200,
            people=STUDENTS[:29],
            published_ms=_ms(now - timedelta(weeks=8)),
            until_ms=latest,
            share=0.8,
        )


def _events_of(session: DemoSession) -> Iterator[dict[str, Any]]:
    attended = visits(session)
    room = activity.Room(session, attended)
    if not session.heartbeats:
        yield from presence(session, attended)
        yield from activity.chat(room)
        return
    peaks = activity.moments(session)
    yield from heartbeats(session, attended, peaks)
    yield from activity.stage(room)
    if len(attended) > 1:
        yield from activity.reactions(room, peaks)
        yield from activity.chat(room)
    if session.lesson:
        yield from activity.slides(room, session.lesson.title, session.lesson.pages)
        yield from activity.polls(room, session.lesson.polls)
        yield from activity.questions(room, session.lesson.questions)
        offered = tuple(id for id, _name, entry_id in ATTACHMENTS if entry_id == session.entry_id)
        yield from activity.downloads(room, offered)


def _recordings(course: Course, now: datetime) -> list[tuple[str, DemoSession]]:
    """The recorded sessions of a course: every week but the lonely one."""
    if not course.recorded:
        return []
    weekly = list(_weekly(course, now))
    return [(f"1_{course.channel}rec{week + 1:03}", session) for week, session in enumerate(weekly) if session.people]


def _catalog(
    courses: Sequence[Course], people: Sequence[DemoPerson], held: Sequence[DemoSession], now: datetime
) -> dict[str, Any]:
    entries: list[dict[str, Any]] = []
    for course in courses:
        recordings = _recordings(course, now)
        created = _iso(now - timedelta(weeks=10))
        entries.append(
            _entry(course.room, course.room_name, "room", owner=course.teacher, channel=course.channel, created=created)
            | {"recordingEntryIds": [entry_id for entry_id, _ in recordings]}
        )
        for entry_id, session in recordings:
            when = _iso(datetime.fromtimestamp(session.until_ms / 1000, UTC) + timedelta(minutes=40))
            video = _entry(
                entry_id,
                f"Recording: {session.name}",
                "video",
                owner=course.teacher,
                channel=course.channel,
                created=when,
            )
            entries.append({**video, "durationSeconds": session.seconds})
    return {
        "channels": [{"id": c.channel, "name": c.channel_name, "contextId": c.context_id} for c in courses],
        "people": [person.catalog() for person in people],
        "entries": entries,
        "sessions": [session.catalog() for session in held],
        "attachments": [],
    }


def _more_entries(now: datetime) -> list[dict[str, Any]]:
    created = _iso(now - timedelta(weeks=10))
    data, history = COURSES[0].channel, COURSES[1].channel
    rooms = [
        _entry(OFFICE, "Office hours", "room", owner=MARCHAND, channel=data, created=created),
        _entry(WORKSHOP, "Project workshop", "room", owner=MARCHAND, channel=data, created=created),
        _entry(LEGACY_ROOM, "Old meeting room", "legacyMeeting", owner=PAPPAS, channel=history, created=created),
        _entry(WELCOME, "Welcome to the course", "video", owner=MARCHAND, channel=data, created=created)
        | {"durationSeconds": 200},
    ]
    groups = [
        _entry(entry_id, f"Group {number}", "breakout", owner=MARCHAND, channel=data, created=created)
        | {"parentEntryId": DATA_ROOM}
        for number, entry_id in enumerate(GROUPS, start=1)
    ]
    return rooms + groups


def _entry(id: str, name: str, type: str, *, owner: DemoPerson, channel: str, created: str) -> dict[str, Any]:
    return {
        "id": id,
        "name": name,
        "type": type,
        "ownerId": owner.id,
        "channelIds": [channel],
        "privacy": "private",
        "createdAt": created,
    }


def _ms(moment: datetime) -> int:
    return int(moment.timestamp()) * SECOND


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
