"""The links of the demo's LMS: two pretend platforms, the people who launch, and where each launch goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lti_tool.demo import term
from lti_tool.demo.people import EVERYBODY, DemoPerson

UNIVERSITY_ID, COLLEGE_ID = 1001, 1002

_MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
_INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"
INSTRUCTOR = (f"{_MEMBERSHIP}Instructor", f"{_INSTITUTION}Faculty")
LEARNER = (f"{_MEMBERSHIP}Learner", f"{_INSTITUTION}Student")
ASSISTANT = (
    f"{_MEMBERSHIP}Instructor",
    "http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant",
)
ADMINISTRATOR = (f"{_INSTITUTION}Administrator",)


@dataclass(frozen=True)
class DemoPlatform:
    """A pretend platform, and the account that its launches belong to."""

    key: str
    title: str
    family: str
    client_id: str
    deployment_id: str
    account_id: int


@dataclass(frozen=True)
class DemoLink:
    """A link of the LMS page: who launches from where to what, and the sentence that says what it shows.

    ``course`` is the context id of the launch; empty for a launch from outside of any course. ``custom`` are the
    custom parameters that name the destination; ``address`` is a page of the tool that none of them names.
    """

    key: str
    title: str
    sentence: str
    platform: DemoPlatform
    user_id: str
    name: tuple[str, str]
    email: str
    roles: tuple[str, ...]
    role_name: str
    course: str
    course_title: str
    custom: dict[str, str]
    address: str = ""

    @property
    def path(self) -> str:
        """The page by its address. Canvas links lead to the tool and say the rest by custom parameters."""
        if self.address:
            return self.address
        if self.platform.family == "canvas":
            return "/"
        pages = {"media": "/media/{entry_id}", "my_media": "/my-media", "admin": "/admin"}
        return pages[self.custom["page"]].format(**self.custom)


BRIGHTSPACE = DemoPlatform(
    "brightspace", "Demo University: Brightspace", "brightspace", "demo-brightspace", "bs-1", UNIVERSITY_ID
)
CANVAS = DemoPlatform("canvas", "Demo University: Canvas", "canvas", "10000000000042", "cv-1:university", UNIVERSITY_ID)
COLLEGE_CANVAS = DemoPlatform("college", "Demo College: Canvas", "canvas", "10000000000077", "cv-2:college", COLLEGE_ID)
PLATFORMS = (BRIGHTSPACE, CANVAS, COLLEGE_CANVAS)

ADMIN = ("lms-admin", "Robin", "Keller", "robin.keller@demo-university.example")
_COURSES = {course.context_id: course for course in (*term.COURSES, *term.COLLEGE_COURSES)}


def _link(
    key: str,
    title: str,
    sentence: str,
    *,
    platform: DemoPlatform,
    who: DemoPerson | tuple[str, str, str, str],
    roles: tuple[str, ...],
    role_name: str,
    course: str,
    custom: dict[str, str],
    address: str = "",
) -> DemoLink:
    id, first, last, email = (who.id, who.first_name, who.last_name, who.email) if isinstance(who, DemoPerson) else who
    return DemoLink(
        key=key,
        title=title,
        sentence=sentence,
        platform=platform,
        user_id=id,
        name=(first, last),
        email=email,
        roles=roles,
        role_name=role_name,
        course=course,
        course_title=_COURSES[course].channel_name if course else "",
        custom=custom,
        address=address,
    )


_STUDENT = EVERYBODY["s-001"]

LINKS: tuple[DemoLink, ...] = (
    _link(
        "brightspace-media", "A room’s page",
        "Eight weekly lectures with polls, breakout rooms and recordings. Open the three-dot menu, then Analytics.",
        platform=BRIGHTSPACE, who=term.MARCHAND, roles=INSTRUCTOR, role_name="Instructor",
        course=term.DATA_COURSE, custom={"page": "media", "entry_id": term.DATA_ROOM},
    ),
    _link(
        "brightspace-my-media", "My Media",
        "Everything this teacher owns: the lecture room, office hours that are running now, and the recordings.",
        platform=BRIGHTSPACE, who=term.MARCHAND, roles=INSTRUCTOR, role_name="Instructor",
        course=term.DATA_COURSE, custom={"page": "my_media"},
    ),
    _link(
        "canvas-channel", "A channel",
        "The media gallery of a history course: its room, its recordings and one old meeting room.",
        platform=CANVAS, who=term.PAPPAS, roles=INSTRUCTOR, role_name="Instructor",
        course=term.HISTORY_COURSE, custom={"page": "channel", "channel_id": "102"},
    ),
    _link(
        "presence-only", "A room that reports little",
        "Its source reports joins and leaves only. What it cannot know reads ‘not reported’.",
        platform=BRIGHTSPACE, who=term.OKAFOR, roles=INSTRUCTOR, role_name="Instructor",
        course=term.LANGUAGE_COURSE, custom={"page": "media", "entry_id": term.LANGUAGE_ROOM},
    ),
    _link(
        "own-recording", "An empty room, for your own recording",
        "No sessions yet. Import a recording into it (below) and open this link again.",
        platform=BRIGHTSPACE, who=term.MARCHAND, roles=INSTRUCTOR, role_name="Instructor",
        course=term.DATA_COURSE, custom={"page": "media", "entry_id": term.WORKSHOP},
    ),
    _link(
        "administrator", "The administrator’s page",
        "Launched from the account, not from a course: registrations, the analytics switch and every room.",
        platform=BRIGHTSPACE, who=ADMIN, roles=ADMINISTRATOR, role_name="LMS administrator",
        course="", custom={"page": "admin"},
    ),
    _link(
        "assistant", "A teaching assistant",
        "Sees the totals of the course. Names stay hidden until the administrator allows them.",
        platform=BRIGHTSPACE, who=term.LINDQVIST, roles=ASSISTANT, role_name="Teaching assistant",
        course=term.DATA_COURSE, custom={"page": "media", "entry_id": term.DATA_ROOM},
    ),
    _link(
        "student", "A student",
        "Is told that this role has no room analytics, and whom to ask.",
        platform=BRIGHTSPACE, who=_STUDENT, roles=LEARNER, role_name="Student",
        course=term.DATA_COURSE, custom={"page": "media", "entry_id": term.DATA_ROOM},
    ),
    _link(
        "legacy", "A legacy meeting room",
        "At its analytics address: why there is nothing to see, and whom to ask.",
        platform=CANVAS, who=term.PAPPAS, roles=INSTRUCTOR, role_name="Instructor",
        course=term.HISTORY_COURSE, custom={"page": "media", "entry_id": term.LEGACY_ROOM},
        address=f"/media/{term.LEGACY_ROOM}/analytics",
    ),
    _link(
        "switched-off", "A college with analytics switched off",
        "The same tool in another account, at a room’s analytics address: whom to ask to switch it on.",
        platform=COLLEGE_CANVAS, who=term.FERRIS, roles=INSTRUCTOR, role_name="Instructor",
        course=term.MEDIA_COURSE, custom={"page": "media", "entry_id": term.MEDIA_ROOM},
        address=f"/media/{term.MEDIA_ROOM}/analytics",
    ),
)  # fmt: skip


def import_command(data_dir: Any) -> str:
    """How to import one's own recording into the demo, to be pasted into a second terminal."""
    return (
        f"LTI_TOOL_DATA_DIR='{data_dir}' .venv/bin/lti-tool import "
        f"--account {UNIVERSITY_ID} --room {term.WORKSHOP} events.xml"
    )
