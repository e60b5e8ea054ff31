"""The links of the demo's LMS: two pretend platforms, the people who launch, and where each launch goes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lti_tool.demo import open_day, term
from lti_tool.demo.lms import Context, Link, Platform, User
from lti_tool.demo.people import EVERYBODY, DemoPerson

UNIVERSITY_ID, COLLEGE_ID = 1001, 1002

_MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
_INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person"
INSTRUCTOR = (f"{_MEMBERSHIP}#Instructor", f"{_INSTITUTION}#Faculty")
LEARNER = (f"{_MEMBERSHIP}#Learner", f"{_INSTITUTION}#Student")
ASSISTANT = (f"{_MEMBERSHIP}#Instructor", f"{_MEMBERSHIP}/Instructor#TeachingAssistant")
ADMINISTRATOR = (f"{_INSTITUTION}#Administrator",)

# Their issuers are no addresses, as with Canvas: a registration stays the same when the demo takes another port.
BRIGHTSPACE = Platform(
    key="brightspace",
    title="Demo University: Brightspace",
    family="brightspace",
    client_id="demo-brightspace",
    deployment_id="bs-1",
    issuer="https://brightspace.demo-university.example",
)
CANVAS = Platform(
    key="canvas",
    title="Demo University: Canvas",
    family="canvas",
    client_id="10000000000042",
    deployment_id="cv-1:university",
    issuer="https://canvas.demo-university.example",
)
COLLEGE_CANVAS = Platform(
    key="college",
    title="Demo College: Canvas",
    family="canvas",
    client_id="10000000000077",
    deployment_id="cv-2:college",
    issuer="https://canvas.demo-college.example",
)
PLATFORMS = (BRIGHTSPACE, CANVAS, COLLEGE_CANVAS)
# The tool's accounts that their launches belong to.
ACCOUNT_OF = {BRIGHTSPACE.key: UNIVERSITY_ID, CANVAS.key: UNIVERSITY_ID, COLLEGE_CANVAS.key: COLLEGE_ID}


# Where whoever launches lives: zone and locale.
_HOMES = {
    "FR": ("Europe/Paris", "en-GB"),
    "GB": ("Europe/London", "en-GB"),
    "GR": ("Europe/Athens", "en-GB"),
    "SE": ("Europe/Stockholm", "en-GB"),
    "US": ("America/New_York", "en-US"),
}


def _user(person: DemoPerson, roles: tuple[str, ...], role_name: str) -> User:
    timezone, locale = _HOMES[person.country]
    return User(
        sub=person.id,
        name=f"{person.first_name} {person.last_name}",
        given_name=person.first_name,
        family_name=person.last_name,
        email=person.email,
        roles=roles,
        role_name=role_name,
        locale=locale,
        timezone=timezone,
    )


MARCHAND = _user(term.MARCHAND, INSTRUCTOR, "Instructor")
PAPPAS = _user(term.PAPPAS, INSTRUCTOR, "Instructor")
OKAFOR = _user(term.OKAFOR, INSTRUCTOR, "Instructor")
FERRIS = _user(term.FERRIS, INSTRUCTOR, "Instructor")
LINDQVIST = _user(term.LINDQVIST, ASSISTANT, "Teaching assistant")
STUDENT = _user(EVERYBODY["s-001"], LEARNER, "Student")
KELLER = User(
    sub="lms-admin",
    name="Robin Keller",
    given_name="Robin",
    family_name="Keller",
    email="robin.keller@demo-university.example",
    roles=ADMINISTRATOR,
    role_name="LMS administrator",
    locale="en-GB",
    timezone="Europe/Paris",
)

DATA, HISTORY, LANGUAGE, MEDIA = (
    Context(course.context_id, course.channel_name, course.context_id)
    for course in (*term.COURSES, *term.COLLEGE_COURSES)
)

# Where they lead is a page of the tool, without its address. Canvas links lead to the tool and say the rest by custom
# parameters.
# The languages of the pages, by their own names.
LANGUAGES = {"de": "Deutsch", "es": "Español", "fr": "Français", "ar": "العربية", "he": "עברית"}
_IN_LANGUAGES = tuple(
    Link(
        f"language-{code}",
        "brightspace",
        name,
        "The same room, for a teacher whose LMS is in this language.",
        f"/media/{term.DATA_ROOM}/analytics",
        replace(MARCHAND, locale=code),
        DATA,
        {"page": "media", "entry_id": term.DATA_ROOM},
    )
    for code, name in LANGUAGES.items()
)

LINKS: tuple[Link, ...] = (
    Link(
        "brightspace-media", "brightspace", "A room’s page",
        "Eight weekly lectures with polls, breakout rooms and recordings. Open the three-dot menu, then Analytics.",
        f"/media/{term.DATA_ROOM}", MARCHAND, DATA, {"page": "media", "entry_id": term.DATA_ROOM},
    ),
    Link(
        "brightspace-my-media", "brightspace", "My Media",
        "Everything this teacher owns: the lecture room, the office hours of today, and the recordings.",
        "/my-media", MARCHAND, DATA, {"page": "my_media"},
    ),
    Link(
        "canvas-channel", "canvas", "A channel",
        "The media gallery of a history course: its room, its recordings and one old meeting room.",
        "/", PAPPAS, HISTORY, {"page": "channel", "channel_id": "102"},
    ),
    Link(
        "event", "brightspace", "An event",
        "An open day: its agenda with analytics for each session, and everybody who is registered.",
        f"/events/{open_day.EVENT}/agenda", MARCHAND, DATA, {"page": "event", "event_id": str(open_day.EVENT)},
    ),
    Link(
        "presence-only", "brightspace", "A room that reports little",
        "Its source reports joins, leaves and chat, but not attention: the engagement rate reads ‘not reported’.",
        f"/media/{term.LANGUAGE_ROOM}", OKAFOR, LANGUAGE, {"page": "media", "entry_id": term.LANGUAGE_ROOM},
    ),
    Link(
        "own-recording", "brightspace", "An empty room, for your own recording",
        "No sessions yet. Import a recording into it (below) and open this link again.",
        f"/media/{term.WORKSHOP}", MARCHAND, DATA, {"page": "media", "entry_id": term.WORKSHOP},
    ),
    Link(
        "administrator", "brightspace", "The administrator’s page",
        "Launched from the account, not from a course: registrations, switches, and every course with its rooms.",
        "/admin", KELLER, None, {"page": "admin"},
    ),
    Link(
        "assistant", "brightspace", "A teaching assistant",
        "Sees the totals of the course. Names stay hidden until the administrator allows them.",
        f"/media/{term.DATA_ROOM}", LINDQVIST, DATA, {"page": "media", "entry_id": term.DATA_ROOM},
    ),
    Link(
        "student", "brightspace", "A student",
        "Is told that this role has no room analytics, and whom to ask.",
        f"/media/{term.DATA_ROOM}", STUDENT, DATA, {"page": "media", "entry_id": term.DATA_ROOM},
    ),
    Link(
        "legacy", "canvas", "A legacy meeting room",
        "At its analytics address: why there is nothing to see, and whom to ask.",
        f"/media/{term.LEGACY_ROOM}/analytics", PAPPAS, HISTORY, {"page": "media", "entry_id": term.LEGACY_ROOM},
    ),
    Link(
        "switched-off", "college", "A college with analytics switched off",
        "The same tool in another account, at a room’s analytics address: whom to ask to switch it on.",
        f"/media/{term.MEDIA_ROOM}/analytics", FERRIS, MEDIA, {"page": "media", "entry_id": term.MEDIA_ROOM},
    ),
    *_IN_LANGUAGES,
)  # fmt: skip


def import_command(data_dir: Path) -> str:
    """How to import one's own recording into the demo, to be pasted into a second terminal."""
    return (
        f"LTI_TOOL_DATA_DIR='{data_dir}' .venv/bin/lti-tool import "
        f"--account {UNIVERSITY_ID} --room {term.WORKSHOP} events.xml"
    )
