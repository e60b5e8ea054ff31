"""The demo's event: an open day with three rooms, and the people who are registered for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from lti_tool.demo.lessons import NEXT, PACE, Lesson
from lti_tool.demo.people import STUDENTS, TEACHERS, DemoPerson
from lti_tool.demo.sessions import MINUTE, SECOND, DemoSession

EVENT = 77
NAME = "Open day: Data for everybody"
HOST = TEACHERS[0]
GUESTS = STUDENTS[10:60]
DAYS_AGO = 6
_QUESTIONS = (("Is there a certificate?", "Yes, for three of the courses."), ("Will the slides be sent?", "Today."))
# (id, name, starts at, minutes, lesson)
_ROOMS = (
    ("1_opnkeyno", "Keynote: numbers that matter", (14, 0), 40, Lesson("Numbers that matter", 12, (PACE,), _QUESTIONS)),
    ("1_opnworks", "Workshop: your first chart", (15, 0), 50, Lesson("Your first chart", 8, (NEXT,), ())),
    ("1_opnpanel", "Panel: careers with data", (16, 15), 45, Lesson("Careers with data", 4, (), _QUESTIONS[:1])),
)
ATTACHMENT = ("a-openday", "Programme.pdf", _ROOMS[0][0])


def sessions(now: datetime) -> list[DemoSession]:
    """One session in each room."""
    day = (now - timedelta(days=DAYS_AGO)).replace(minute=0, second=0, microsecond=0)
    found = []
    for place, (room, name, (hour, minute), minutes, lesson) in enumerate(_ROOMS):
        start = int(day.replace(hour=hour, minute=minute).timestamp()) * SECOND
        end = start + minutes * MINUTE
        people = tuple(Random(f"open day {place}").sample(GUESTS, 34 - 6 * place))
        found.append(
            DemoSession(
                id=f"{room}-s1", entry_id=room, name=name, start_ms=start, end_ms=end, until_ms=end,
                host=HOST, people=people, lesson=lesson,
            )
        )  # fmt: skip
    return found


def catalog(now: datetime) -> dict[str, list[dict[str, Any]]]:
    """The event's own lists of a catalogue file."""
    held = sessions(now)
    created = _iso(now - timedelta(weeks=5))
    rooms = [
        {"id": room, "name": name, "type": "room", "ownerId": HOST.id, "virtualEventId": EVENT, "privacy": "private"}
        | {"createdAt": created}
        for room, name, *_rest in _ROOMS
    ]
    return {
        "entries": rooms,
        "virtualEvents": [{"id": EVENT, "name": NAME, "startTime": held[0].start_ms, "endTime": held[-1].until_ms}],
        "registrations": [_registration(HOST, now, "speaker"), *(_registration(guest, now) for guest in GUESTS)],
    }


def _registration(person: DemoPerson, now: datetime, role: str = "attendee") -> dict[str, Any]:
    dice = Random(f"open day {person.id}")
    when = now - timedelta(days=DAYS_AGO + dice.randint(1, 20), minutes=dice.randint(0, 600))
    status = "registered" if role == "speaker" else dice.choices(("registered", "confirmed", "invited"), (6, 3, 1))[0]
    return {"virtualEventId": EVENT, "personId": person.id, "status": status, "role": role, "createdAt": _iso(when)}


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
