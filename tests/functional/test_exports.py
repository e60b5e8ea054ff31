"""Reports by mail: asking, the file and its numbers, the mail, the link, and who may do what."""

from __future__ import annotations

import csv
import email
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from email.policy import default
from html import unescape
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select, update

from lti_tool.access.roles import ACCOUNT_ANALYTICS, COURSE_ANALYTICS, PEOPLE
from lti_tool.analytics.engagement import COLUMNS
from lti_tool.models import Export, Person, begin_write, db, now_ms
from lti_tool.reports import csv as files
from lti_tool.reports import exports, mail, storage, tasks
from tests.actors import INSTRUCTOR, Visitor, account_with, visitor
from tests.properties import plain

BASE = "https://tool.example"
START = 1_778_600_000_000
MINUTE, HOUR, DAY = 60_000, 3_600_000, 24 * 3_600_000
ADMIN = (ACCOUNT_ANALYTICS, PEOPLE)
CATALOG: dict[str, Any] = {
    "channels": [{"id": "101", "name": "Statistics", "contextId": "c-101"}],
    "people": [
        {"id": "teacher", "firstName": "Tess", "lastName": "Teacher", "email": "jane.doe@example.edu.in"},
        {"id": "ada", "firstName": "Ada", "lastName": 'Byron "B", jr', "email": "ada@example.edu", "country": "GB"}
        | {"title": "Lecturer", "company": "Example U", "role": "host", "industry": "Education"},
        {"id": "evil", "firstName": '=HYPERLINK("http://evil.example","click")', "lastName": "New\r\nBcc: x@evil.example"},
        {"id": "idle", "firstName": "Ida", "lastName": "Idle"},
        {"id": "rec-only", "firstName": "Rex", "lastName": "Recorded"},
        {"id": "vid-only", "firstName": "Vic", "lastName": "Video"},
    ],
    "entries": [
        {"id": "r1", "name": "My new\r\nroom: ä/ö", "type": "room", "channelIds": ["101"], "virtualEventId": 77}
        | {"recordingEntryIds": ["rec"]},
        {"id": "r2", "name": "Other room", "type": "room", "channelIds": ["101"], "virtualEventId": 77},
        {"id": "old", "name": "Old", "type": "legacyMeeting", "channelIds": ["101"], "virtualEventId": 77},
        {"id": "rec", "name": "Recording", "type": "video", "durationSeconds": 100},
        {"id": "vid", "name": "Clip", "type": "video", "channelIds": ["101"], "virtualEventId": 77, "durationSeconds": 50},
    ],
    "sessions": [
        {"id": "s1", "entryId": "r1", "name": "Week 1", "startTime": START, "endTime": START + HOUR},
        {"id": "s2", "entryId": "r1", "name": "Week 2", "startTime": START + 7 * DAY, "endTime": START + 7 * DAY + HOUR},
        {"id": "s3", "entryId": "r2", "startTime": START + 8 * DAY, "endTime": START + 8 * DAY + HOUR},
        {"id": "s4", "entryId": "old", "startTime": START, "endTime": START + HOUR},
    ],
    "virtualEvents": [{"id": 77, "name": "Open day", "startTime": START, "endTime": START + 9 * DAY}],
}
SESSIONS = {one["id"]: one for one in CATALOG["sessions"]}


def live(name: str, session: str, user: str, minute: float, **more: Any) -> dict[str, Any]:
    one = SESSIONS[session]
    at = round(one["startTime"] + minute * MINUTE)
    return {"name": name, "time": at, "entryId": one["entryId"], "sessionId": session, "userId": user} | more


def beat(session: str, user: str, minute: float, **more: Any) -> dict[str, Any]:
    return live("view", session, user, minute, seconds=60, **more)


def play(entry: str, user: str, at: int, play_id: str, first: float, last: float) -> list[dict[str, Any]]:
    common = {"time": at, "entryId": entry, "userId": user, "playId": play_id}
    watched = {"name": "view", "playbackType": "vod", "fromPosition": first, "toPosition": last}
    return [common | {"name": "play"}, common | watched]


EVENTS: list[dict[str, Any]] = [
    {"id": f"x{place}", **event}
    for place, event in enumerate(
        [
            *(beat("s1", "ada", n, tabFocused=n % 3 == 0, country="FR", role="viewer") for n in range(1, 11)),
            *(beat("s1", "evil", n, cameraOn=True) for n in (1, 2, 2.5)),
            *(beat("s1", "stranger", n, role="speaker", country="DE") for n in (4, 5)),
            *(beat("s2", "ada", n, tabFocused=True) for n in range(1, 4)),
            *(beat("s3", "stranger", n, tabFocused=True) for n in range(1, 8)),
            *(beat("s4", "idle", n) for n in range(1, 8)),
            live("loggedIn", "s1", "idle", 1),
            *(live("reactionClicked", "s1", "ada", n, reaction="Clap") for n in range(3)),
            live("raiseHand", "s1", "ada", 5),
            live("groupMessageSent", "s1", "evil", 5, messageId="m1", text="=1+1"),
            live("questionAnswerMessageSent", "s2", "ada", 5, threadId="t1", messageId="m2", newThread=True),
            live("pollLaunched", "s2", "teacher", 5, pollId="p1", question="?", type="open"),
            *(live("pollAnswered", "s2", "ada", n, pollId="p1", text=str(n)) for n in (6, 7)),
            live("downloadAttachmentClicked", "s3", "stranger", 5, attachmentId="a1"),
            *play("rec", "ada", START + 2 * HOUR, "p1", 0, 30.5),
            *play("rec", "ada", START + 3 * HOUR, "p2", 90, 100),
            *play("rec", "rec-only", START + 7 * DAY + 2 * HOUR, "p3", 0, 100),
            *play("vid", "vid-only", START + 2 * HOUR, "p4", 0, 25),
        ]
    )
]


@pytest.fixture
def app(app: Flask, tmp_path: Path) -> Flask:
    folder = (tmp_path / "out box").as_uri(), (tmp_path / "ex ports").as_uri()
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], mail_url=folder[0], storage_url=folder[1])
    return app


@pytest.fixture
def account(app: Flask) -> int:
    return account_with(app, CATALOG, EVENTS).partner_id


@pytest.fixture
def teacher(app: Flask, account: int) -> Visitor:
    return visitor(app, account, permissions=INSTRUCTOR, channel="c-101")


def ask(somebody: Visitor, address: str, *, descriptive: bool = False, form: str = "") -> Any:
    sent = {"csrf_token": form_token(somebody, address), "form": form} | ({"descriptive": "1"} if descriptive else {})
    return somebody.client.post(address, data=sent, base_url=BASE)


def form_token(somebody: Visitor, address: str) -> str:
    page = somebody.client.get(address, base_url=BASE).text
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    return found[1] if found else ""


def work(app: Flask) -> None:
    """What a worker does with everything that is due, as often as something is."""
    for _round in range(20):
        with app.app_context():
            waiting = db.session.scalars(select(Export.id).where(Export.due_at <= now_ms())).all()
            db.session.remove()
        for export_id in waiting:
            with app.app_context():
                tasks.run_export(export_id)
                db.session.remove()
        if not waiting:
            return


def everything_is_due(app: Flask) -> None:
    with app.app_context():
        begin_write()
        db.session.execute(update(Export).where(Export.due_at.is_not(None)).values(due_at=0))
        db.session.commit()


def mails(app: Flask) -> list[EmailMessage]:
    folder = mail.outbox(app.config["SETTINGS"])
    assert folder is not None
    found = [email.message_from_bytes(path.read_bytes(), policy=default) for path in sorted(folder.glob("*.eml"))]
    return [one for one in found if isinstance(one, EmailMessage)]


def link(message: EmailMessage) -> str:
    found = re.search(rf"{BASE}(/exports/[\w-]+)", message.get_content())
    assert found
    return found[1]


def exported(app: Flask, somebody: Visitor, address: str, **more: Any) -> list[list[str]]:
    """The rows of the file of a report, by way of its mail; the header first."""
    before = {str(one["Message-ID"]) for one in mails(app)}
    assert ask(somebody, address, **more).status_code == 303
    work(app)
    (made,) = [one for one in mails(app) if str(one["Message-ID"]) not in before]
    answer = app.test_client().get(f"{link(made)}/file", base_url=BASE)
    assert answer.status_code == 200 and answer.data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(answer.data.decode("utf-8-sig"), newline="")))


def exports_of(app: Flask) -> list[Export]:
    with app.app_context():
        found = list(db.session.scalars(select(Export).order_by(Export.created_at)))
        db.session.expunge_all()
        return found


# What the file should say, in plain code, from the events.


def wanted(session_ids: list[str], media: dict[str, tuple[int, int]]) -> dict[str, dict[str, float | None]]:
    """Person -> what is expected. ``media``: entry -> (from, to) within which playing it counts."""
    rows: dict[str, dict[str, Any]] = defaultdict(lambda: defaultdict(float))
    for session in session_ids:
        mine = [event for event in EVENTS if event.get("sessionId") == session]
        for name, person in plain.session_numbers(mine, SESSIONS[session]["endTime"]).people.items():
            row = rows[name]
            row["live"] += len(person.watched)
            row["engaged"] += len(person.engaged)
            for field in ("reactions", "raised_hands", "chat_messages", "threads", "downloads"):
                row[field] += getattr(person, field)
            row["polls"] += len(person.votes)
    for entry, (first, last) in media.items():
        length = next(one["durationSeconds"] for one in CATALOG["entries"] if one["id"] == entry)
        for event in EVENTS:
            if event["entryId"] == entry and first <= event["time"] < last:
                row = rows[event["userId"]]
                if event["name"] == "play":
                    row["plays"] += 1
                    continue
                row["vod"] += event["toPosition"] - event["fromPosition"]
                edges = [(p * length / 100, (p + 1) * length / 100) for p in range(100)]
                row["percentiles"] += sum(event["fromPosition"] < b and event["toPosition"] > a for a, b in edges)
    return {
        name: {
            "vod_view_time": row["vod"] / 60,
            "live_view_time": row["live"] / 60,
            "total_view_time": (row["vod"] + row["live"]) / 60,
            "avg_completion_rate": row["percentiles"] / row["plays"] if row["plays"] else None,
            "count_reaction_clicked": row["reactions"],
            "count_raise_hand_clicked": row["raised_hands"],
            "combined_live_engaged_users_play_time_ratio": row["engaged"] / row["live"] if row["live"] else None,
            "count_group_chat_messages_sent": row["chat_messages"],
            "count_poll_answered": row["polls"],
            "count_q_and_a_threads": row["threads"],
            "count_download_attachment_clicked": row["downloads"],
        }
        for name, row in rows.items()
        if any(row.values())
    }


NAMES = {"'=HYPERLINK(\"http://evil.example\",\"click\")": "evil", "Ada": "ada", "Tess": "teacher", "stranger": "stranger"}
NAMES |= {"Rex": "rec-only", "Vic": "vid-only", "Ida": "idle"}
FOREVER = (START, START + 1000 * DAY)


@pytest.mark.parametrize(
    ("address", "sessions", "media"),
    [
        ("/media/r1/analytics/export?session=s1", ["s1"], {"rec": FOREVER}),
        ("/media/r1/analytics/export?session=s2", ["s2"], {"rec": (START + 7 * DAY, FOREVER[1])}),
        ("/channels/101/analytics/export?session=s3&room=r2", ["s3"], {}),
        (
            # May 12 to 18, 2026: the first session starts on May 12, the second a week later.
            "/channels/101/analytics/export?from=2026-05-12&to=2026-05-18",
            ["s1"],
            {"rec": (START - DAY, START + 6 * DAY)},
        ),
        ("/channels/101/analytics/export?from=2026-05-12&to=2026-05-30", ["s1", "s2", "s3"], {"rec": FOREVER}),
        ("/events/77/analytics/export", ["s1", "s2", "s3"], {"rec": FOREVER, "vid": FOREVER}),
    ],
)
def test_the_numbers_are_those_of_the_events(
    app: Flask, teacher: Visitor, address: str, sessions: list[str], media: dict[str, tuple[int, int]]
) -> None:
    header, *rows = exported(app, teacher, address)
    assert header == [column.name for column in COLUMNS] and len(header) == 19
    found = {
        NAMES[row[0]]: {name: float(cell) if cell else None for name, cell in list(zip(header, row, strict=True))[8:]}
        for row in rows
    }
    expected = wanted(sessions, media)
    assert found.keys() == expected.keys() and len(rows) == len(found)
    for name, values in expected.items():
        assert found[name] == pytest.approx(values), name
    minutes = [float(row[header.index("live_view_time")]) for row in rows]
    assert minutes == sorted(minutes, reverse=True)


def test_a_person_is_one_row(app: Flask, teacher: Visitor) -> None:
    _header, row = exported(app, teacher, "/people/ada/analytics/export?event=77")
    expected = wanted(["s1", "s2", "s3"], {"rec": FOREVER, "vid": FOREVER})["ada"]
    assert [float(cell) for cell in row[8:]] == pytest.approx(list(expected.values()))


def test_what_the_catalogue_says_comes_first_then_what_the_events_say(app: Flask, teacher: Visitor) -> None:
    header, *rows = exported(app, teacher, "/media/r1/analytics/export?session=s1", descriptive=True)
    assert header[:5] == ["First Name", "Last Name", "Job Title", "Company Name", "Email Address "]
    assert rows[0][:8] == ["Ada", 'Byron "B", jr', "Lecturer", "Example U", "ada@example.edu", "GB", "host", "Education"]
    assert rows[2][:8] == ["stranger", "", "", "", "", "DE", "speaker", ""]
    assert rows[1][:2] == ["'" + CATALOG["people"][2]["firstName"], CATALOG["people"][2]["lastName"]]


def test_what_no_source_reports_is_empty_and_not_0(app: Flask) -> None:
    from tests.functional.test_room import CATALOG as ROOM  # noqa: F401 - only to say where the others are

    joined = [
        {"id": "j1", "name": "joinSession", "time": START, "entryId": "r1", "sessionId": "s1", "userId": "ada"},
        {"id": "j2", "name": "leaveSession", "time": START + MINUTE, "entryId": "r1", "sessionId": "s1", "userId": "ada"},
    ]
    made = account_with(app, CATALOG, joined)
    somebody = visitor(app, made.partner_id, permissions=INSTRUCTOR, channel="c-101")
    header, row = exported(app, somebody, "/media/r1/analytics/export?session=s1")
    found = dict(zip(header, row, strict=True))
    assert (found["live_view_time"], found["combined_live_engaged_users_play_time_ratio"]) == ("1.0", "")
