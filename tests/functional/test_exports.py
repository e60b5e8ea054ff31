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
from lti_tool.analytics import engagement
from lti_tool.analytics.engagement import COLUMNS
from lti_tool.models import Export, Person, begin_write, db, now_ms
from lti_tool.reports import csv as files
from lti_tool.reports import exports, mail, storage, tasks
from tests.actors import INSTRUCTOR, Visitor, account_with, visitor
from tests.properties import plain

BASE = "https://tool.example"
START = 1_778_600_000_000
MINUTE, HOUR, DAY = 60_000, 3_600_000, 24 * 3_600_000
LATER = START + 7 * DAY
ADMIN = (ACCOUNT_ANALYTICS, PEOPLE)
BROKEN = "New\r\nBcc: x@evil.example"
CATALOG: dict[str, Any] = {
    "channels": [{"id": "101", "name": "Statistics", "contextId": "c-101"}],
    "people": [
        {"id": "teacher", "firstName": "Tess", "lastName": "Teacher", "email": "jane.doe@example.edu.in"},
        {"id": "ada", "firstName": "Ada", "lastName": 'Byron "B", jr', "email": "ada@example.edu", "country": "GB"}
        | {"title": "Lecturer", "company": "Example U", "role": "host", "industry": "Education"},
        {
            "id": "evil",
            "firstName": '=HYPERLINK("http://evil.example","click")',
            "lastName": "New\r\nBcc: x@evil.example",
        },
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
        {
            "id": "vid",
            "name": "Clip",
            "type": "video",
            "channelIds": ["101"],
            "virtualEventId": 77,
            "durationSeconds": 50,
        },
    ],
    "sessions": [
        {"id": "s1", "entryId": "r1", "name": "Week 1", "startTime": START, "endTime": START + HOUR},
        {
            "id": "s2",
            "entryId": "r1",
            "name": "Week 2",
            "startTime": START + 7 * DAY,
            "endTime": START + 7 * DAY + HOUR,
        },
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


NAMES = {'\'=HYPERLINK("http://evil.example","click")': "evil", "Ada": "ada", "stranger": "stranger"}
NAMES |= {"Rex": "rec-only", "Vic": "vid-only"}
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
    assert rows[0][:8] == [
        "Ada",
        'Byron "B", jr',
        "Lecturer",
        "Example U",
        "ada@example.edu",
        "GB",
        "host",
        "Education",
    ]
    assert rows[2][:8] == ["stranger", "", "", "", "", "DE", "speaker", ""]
    assert rows[1][:2] == ["'" + CATALOG["people"][2]["firstName"], CATALOG["people"][2]["lastName"]]


def test_what_no_source_reports_is_empty_and_not_0(app: Flask) -> None:
    joined = [
        {"id": "j1", "name": "joinSession", "time": START, "entryId": "r1", "sessionId": "s1", "userId": "ada"},
        {
            "id": "j2",
            "name": "leaveSession",
            "time": START + MINUTE,
            "entryId": "r1",
            "sessionId": "s1",
            "userId": "ada",
        },
    ]
    made = account_with(app, CATALOG, joined)
    somebody = visitor(app, made.partner_id, permissions=INSTRUCTOR, channel="c-101")
    header, row = exported(app, somebody, "/media/r1/analytics/export?session=s1")
    found = dict(zip(header, row, strict=True))
    assert (found["live_view_time"], found["combined_live_engaged_users_play_time_ratio"]) == ("1.0", "")


def test_the_dialog_names_the_address_without_showing_it(app: Flask, teacher: Visitor) -> None:
    room = teacher.client.get("/media/r1/analytics?session=s1", base_url=BASE).text
    found = re.search(r'data-action="export" href="([^"]+)"', room)
    assert found
    page = teacher.client.get(unescape(found[1]), base_url=BASE).text
    assert "You are about to export and email the report to j…@…n." in page
    assert "jane.doe" not in page and "checked" in page and "Export via email" in page
    assert 'data-action="export"' in teacher.client.get("/events/77/agenda", base_url=BASE).text
    assert 'data-action="export"' in teacher.client.get("/people/ada/analytics", base_url=BASE).text


@pytest.mark.parametrize(
    ("address", "shown"),
    [("jane.doe@example.edu.in", "j…@…n"), ("x@y", "x…@…y"), ("a.b+c@mail.example.org", "a…@…g")],
)
def test_a_masked_address(address: str, shown: str) -> None:
    assert mail.is_address(address) and mail.masked(address) == shown


@pytest.mark.parametrize(
    "address",
    [
        *(None, "", "nobody", "a@b@c", "a b@c.de", "a@c.de\nBcc: x@y.de", "a@c.de,x@y.de", "<a@c.de>", '"a"@c.de'),
        *("a@ü.de", "a@c.de\n", "a" * 250 + "@example.edu"),
    ],
)
def test_what_is_no_address(address: str | None) -> None:
    assert not mail.is_address(address)


def test_without_an_address_there_is_a_message_and_no_request(app: Flask, account: int) -> None:
    somebody = visitor(app, account, person="no-address", permissions=INSTRUCTOR, channel="c-101")
    page = somebody.client.get("/media/r1/analytics/export", base_url=BASE).text
    assert "has not told us an e-mail address" in page and "csrf_token" not in page
    token = form_token(somebody, "/admin") or form_token(visitor(app, account), "/media/r1/analytics/export")
    sent = somebody.client.post("/media/r1/analytics/export", data={"csrf_token": token}, base_url=BASE)
    assert sent.status_code in (400, 409) and exports_of(app) == []


def test_the_mail_the_page_and_the_file(app: Flask, teacher: Visitor) -> None:
    assert ask(teacher, "/media/r1/analytics/export?session=s1", descriptive=True).status_code == 303
    work(app)
    (made,) = mails(app)
    assert (made["To"], made["From"]) == ("jane.doe@example.edu.in", "no-reply@tool.example")
    assert made["Subject"] == "Your report is ready: My new room: ä/ö, May 12, 2026 15:33"
    anybody = app.test_client()
    page = anybody.get(link(made), base_url=BASE)
    assert page.status_code == 200 and "Tess Teacher" in page.text and "May 19, 2026" not in page.text
    for words in ("My new__room_ ä_ö_viewer_engagement.csv", "Asked for by", "The link ends", "noindex"):
        assert words in page.text, words
    file = anybody.get(f"{link(made)}/file", base_url=BASE)
    assert file.headers["Content-Disposition"].startswith("attachment; filename")
    assert "My%20new__room_%20%C3%A4_%C3%B6_viewer_engagement.csv" in file.headers["Content-Disposition"]
    (export,) = exports_of(app)
    assert (export.size, export.rows, export.state, export.progress) == (len(file.data), 4, "done", 100)
    for answer in (page, file):
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert file.headers["Content-Type"] == "text/csv; charset=utf-8"
    own = teacher.client.get("/exports", base_url=BASE).text
    assert link(made) in own and "Ready" in own


@pytest.mark.parametrize(
    ("address", "arabic", "english", "in_spain"),
    [
        (
            "/media/r1/analytics/export?session=s1",
            "12 مايو 2026 18:33",
            "May 12, 2026 18:33",
            "12 de mayo de 2026 17:33",
        ),
        (
            "/channels/101/analytics/export?from=2026-05-12&to=2026-05-18",
            "12 مايو 2026 – 18 مايو 2026",
            "May 12, 2026 – May 18, 2026",
            "12 de mayo de 2026 – 18 de mayo de 2026",
        ),
    ],
)
def test_the_moments_of_an_export_are_written_for_whoever_reads_them(
    app: Flask, account: int, address: str, arabic: str, english: str, in_spain: str
) -> None:
    asker = visitor(app, account, permissions=INSTRUCTOR, channel="c-101", locale="ar", timezone="Asia/Riyadh")
    assert arabic in asker.client.get(address, base_url=BASE).text
    assert ask(asker, address).status_code == 303
    work(app)
    (made,) = mails(app)
    assert arabic in made.get_content()
    assert arabic in asker.client.get("/exports", base_url=BASE).text
    page = app.test_client().get(link(made), base_url=BASE, headers={"Accept-Language": "en"}).text
    assert english in page and "(Asia/Riyadh)" in page
    until = re.search(r"(\d\d:\d\d) \(Asia/Riyadh\)", made.get_content())
    assert until and f"{until[1]} (Asia/Riyadh)" in page
    later = visitor(app, account, permissions=INSTRUCTOR, channel="c-101", locale="es", timezone="Europe/Madrid")
    listed = later.client.get("/exports", base_url=BASE).text
    assert in_spain in listed and arabic not in listed


def test_only_the_digest_of_the_link_is_kept(app: Flask, teacher: Visitor) -> None:
    exported(app, teacher, "/media/r1/analytics/export")
    (made,), (export,) = mails(app), exports_of(app)
    token = link(made).rsplit("/", 1)[1]
    assert len(token) == 43 and exports.token(app.config["SETTINGS"], export.id) == token
    assert token not in str(vars(export))
    other = replace(app.config["SETTINGS"], secret_key="another secret key, another secret key")
    assert exports.token(other, export.id) != token


@pytest.mark.parametrize("token", ["x", "0" * 43, "%00", "é" * 43, "a" * 5000])
def test_an_unknown_link_is_not_found(app: Flask, token: str) -> None:
    for address in (f"/exports/{token}", f"/exports/{token}/file"):
        answer = app.test_client().get(address, base_url=BASE)
        assert answer.status_code == 404 and "There is no report at this address." in answer.text
        assert "noindex" in answer.headers["X-Robots-Tag"]


def test_after_eight_days_the_link_says_so_and_the_file_is_gone(
    app: Flask, teacher: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    exported(app, teacher, "/media/r1/analytics/export")
    (made,) = mails(app)
    folder = tasks.storage._folder(app.config["SETTINGS"])
    assert folder and len(list(folder.rglob("*.csv"))) == 1
    later = now_ms() + 8 * DAY
    monkeypatch.setattr("lti_tool.models.exports.now_ms", lambda: later)
    just_now = app.test_client().get(link(made), base_url=BASE)
    assert just_now.status_code == 410 and len(list(folder.rglob("*.csv"))) == 1
    assert "can no longer be downloaded" in just_now.text and "deleted" not in just_now.text
    monkeypatch.setattr("lti_tool.reports.tasks.now_ms", lambda: later)
    with app.app_context():
        tasks.forget_expired()
        db.session.remove()
    assert list(folder.rglob("*")) == []
    for address in (link(made), f"{link(made)}/file"):
        gone = app.test_client().get(address, base_url=BASE)
        assert gone.status_code == 410 and "export it again" in gone.text
    assert "Expired" in visitor(app, exports_of(app)[0].account_id).client.get("/exports", base_url=BASE).text
    much_later = now_ms() + 100 * DAY
    monkeypatch.setattr("lti_tool.reports.tasks.now_ms", lambda: much_later)
    with app.app_context():
        tasks.forget_expired()
        db.session.remove()
    assert exports_of(app) == []


def test_six_days_later_it_is_still_there(app: Flask, teacher: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    exported(app, teacher, "/media/r1/analytics/export")
    later = now_ms() + 6 * DAY
    monkeypatch.setattr("lti_tool.models.exports.now_ms", lambda: later)
    monkeypatch.setattr("lti_tool.reports.tasks.now_ms", lambda: later)
    with app.app_context():
        tasks.forget_expired()
        db.session.remove()
    assert app.test_client().get(f"{link(mails(app)[0])}/file", base_url=BASE).status_code == 200


def test_the_same_form_sent_twice_asks_once(app: Flask, teacher: Visitor) -> None:
    form = exports.new_form()
    for _ in range(2):
        assert ask(teacher, "/media/r1/analytics/export", form=form).status_code == 303
    assert ask(teacher, "/media/r1/analytics/export", form="' OR 1=1 --").status_code == 303
    work(app)
    assert len(exports_of(app)) == len(mails(app)) == 2


def test_what_waits_may_be_cancelled_by_whoever_asked_and_nobody_else(
    app: Flask, teacher: Visitor, account: int
) -> None:
    ask(teacher, "/media/r1/analytics/export")
    (export,) = exports_of(app)
    cancel = {"csrf_token": form_token(teacher, "/media/r1/analytics/export")}
    other = visitor(app, account, person="ada", permissions=INSTRUCTOR, channel="c-101")
    theirs = {"csrf_token": form_token(other, "/media/r1/analytics/export")}
    refused = other.client.post(f"/exports/{export.id}/cancel", data=theirs, base_url=BASE)
    assert refused.status_code == 403 and 'data-refusal="scope"' in refused.text
    assert export.id not in other.client.get("/exports", base_url=BASE).text
    assert teacher.client.post(f"/exports/{export.id}/cancel", base_url=BASE).status_code == 400  # without the token
    assert exports_of(app)[0].state == "waiting"
    assert teacher.client.post(f"/exports/{export.id}/cancel", data=cancel, base_url=BASE).status_code == 303
    work(app)
    assert (exports_of(app)[0].state, mails(app)) == ("cancelled", [])
    assert teacher.client.post(f"/exports/{export.id}/cancel", data=cancel, base_url=BASE).status_code == 403


def test_what_is_cancelled_while_it_is_made_leaves_nothing(
    app: Flask, teacher: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(teacher, "/media/r1/analytics/export")
    monkeypatch.setattr(tasks, "SIGN_EVERY", 0)
    rows = engagement.rows

    def cancelling(*given: Any) -> Iterator[Any]:
        begin = db.engine.connect().execution_options(lti_tool_write=True)
        with begin.begin():
            begin.execute(update(Export).values(state="cancelled", due_at=None))
        begin.close()
        return rows(*given)

    monkeypatch.setattr(engagement, "rows", cancelling)
    work(app)
    folder = storage._folder(app.config["SETTINGS"])
    assert folder and [path for path in folder.rglob("*") if path.is_file()] == []
    assert (exports_of(app)[0].state, mails(app)) == ("cancelled", [])


def test_nobody_may_fill_the_queue(app: Flask, teacher: Visitor, account: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(exports.OF_PERSON):
        assert ask(teacher, "/media/r1/analytics/export").status_code == 303
    refused = ask(teacher, "/media/r1/analytics/export")
    assert refused.status_code == 429 and "You have 10 reports that are not made yet" in refused.text
    monkeypatch.setattr(exports, "OF_ACCOUNT", 11)
    other = visitor(app, account, person="ada", permissions=INSTRUCTOR, channel="c-101")
    assert ask(other, "/media/r1/analytics/export").status_code == 303
    refused = ask(other, "/media/r1/analytics/export")
    assert refused.status_code == 429 and "Your institution has 11 reports" in refused.text
    work(app)
    assert ask(teacher, "/media/r1/analytics/export").status_code == 303


def test_who_may_not_see_names_gets_no_file_of_them(app: Flask, account: int) -> None:
    designer = visitor(app, account, permissions=(COURSE_ANALYTICS,), channel="c-101")
    for address in ("/media/r1/analytics/export", "/channels/101/analytics/export", "/events/77/analytics/export"):
        refused = designer.client.get(address, base_url=BASE)
        assert refused.status_code == 403 and 'data-refusal="role"' in refused.text
    assert 'data-action="export"' not in designer.client.get("/media/r1/analytics", base_url=BASE).text


def test_the_job_sees_what_the_person_saw(app: Flask, account: int, teacher: Visitor) -> None:
    """An event is half in the course: the file of an instructor has that half only."""
    with app.app_context():
        begin_write()
        db.session.execute(update(Person).where(Person.external_id == "ada").values(email="ada@example.edu"))
        db.session.commit()
    administrator = visitor(app, account, person="ada", permissions=ADMIN)
    of_account = exported(app, administrator, "/people/stranger/analytics/export")
    of_course = exported(app, teacher, "/people/stranger/analytics/export")
    assert of_account == of_course and len(of_account) == 2


def test_what_is_gone_when_the_job_comes_fails_with_a_mail(app: Flask, teacher: Visitor) -> None:
    ask(teacher, "/media/r1/analytics/export?session=s1")
    with app.app_context():
        begin_write()
        db.session.execute(update(Export).values(question={"room": "r1", "session": "never"}))
        db.session.commit()
    work(app)
    (export,), (made,) = exports_of(app), mails(app)
    assert (export.state, export.problem, export.token_sha256) == ("failed", "gone", None)
    assert "could not be made" in made.get_content() and "/exports/" not in made.get_content()


def test_a_storage_that_is_away_is_tried_again_then_it_fails_with_a_mail(app: Flask, teacher: Visitor) -> None:
    sound = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(sound, storage_url="file:///dev/null/exports")
    ask(teacher, "/media/r1/analytics/export")
    for attempt in range(1, len(tasks.MAKE_AGAIN) + 1):
        before = now_ms()
        work(app)
        (export,) = exports_of(app)
        assert (export.state, export.attempts, export.problem) == ("running", attempt, "storage")
        assert export.due_at and export.due_at >= before + tasks.MAKE_AGAIN[attempt - 1] * 1000
        everything_is_due(app)
    work(app)
    (export,), (made,) = exports_of(app), mails(app)
    assert (export.state, export.problem) == ("failed", "storage")
    assert export.id in made.get_content()
    assert "Failed" in teacher.client.get("/exports", base_url=BASE).text


def test_a_storage_that_came_back_gives_the_file(app: Flask, teacher: Visitor) -> None:
    sound = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(sound, storage_url="file:///dev/null/exports")
    ask(teacher, "/media/r1/analytics/export")
    work(app)
    app.config["SETTINGS"] = sound
    everything_is_due(app)
    work(app)
    assert exports_of(app)[0].state == "done" and len(mails(app)) == 1
    app.config["SETTINGS"] = replace(sound, storage_url="file:///dev/null/exports")
    answer = app.test_client().get(f"{link(mails(app)[0])}/file", base_url=BASE)
    assert answer.status_code == 503 and "Try again in a few minutes." in answer.text


def test_in_the_language_and_zone_of_whoever_asked(app: Flask, account: int) -> None:
    somebody = visitor(app, account, channel="c-101", locale="ar", timezone="Asia/Tokyo")
    header, *_rows = exported(app, somebody, "/media/r1/analytics/export?session=s1")
    (made,) = mails(app)
    assert header[0] == "first_name" and "(Asia/Tokyo)" in made.get_content()
    assert "التقرير" in made.get_content() and "13" in str(made["Subject"])  # May 13, 00:33 there


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        *(("=1+1", "'=1+1"), ("+cmd", "'+cmd"), ("-x", "'-x"), ("@SUM(A1)", "'@SUM(A1)"), ("\t=1", "'\t'=1")),
        *(("-1.5", "-1.5"), ("Ada", "Ada"), ("5=5", "5=5"), ("a\nb", "a\nb"), ('"=1', '"=1')),
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless(cell: str, safe: str) -> None:
    assert next(csv.reader(StringIO(files.line([cell, "x"]).decode(), newline=""))) == [safe, "x"]


def test_every_address_of_a_mail_is_the_tools_own(app: Flask, teacher: Visitor) -> None:
    exported(app, teacher, "/media/r1/analytics/export")
    for found in re.findall(r"https?://[^\s]+", mails(app)[0].get_content()):
        assert urlsplit(found).netloc == "tool.example"


def test_two_workers_never_have_the_same(app: Flask, teacher: Visitor) -> None:
    ask(teacher, "/media/r1/analytics/export")
    (export,) = exports_of(app)
    with app.app_context():
        first = tasks._take(export.id)
        assert first and tasks._take(export.id) is None
        begin_write()
        db.session.execute(update(Export).values(due_at=0))  # the first was not heard of for long
        db.session.commit()
        second = tasks._take(export.id)
        assert second and (first.attempts, second.attempts) == (1, 2)
        assert not tasks._keep(first, state="done") and tasks._keep(second, progress=50)
        db.session.remove()
    assert (exports_of(app)[0].state, exports_of(app)[0].progress) == ("running", 50)


def test_the_schedule_finds_what_waits_and_whose_worker_died(
    app: Flask, teacher: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    hinted: list[str] = []
    monkeypatch.setattr(tasks, "hint", lambda _function, export_id: hinted.append(export_id))
    ask(teacher, "/media/r1/analytics/export")
    (export,) = exports_of(app)
    later = now_ms() + tasks.LEASE + 1000
    with app.app_context():
        tasks.run_waiting()
        assert tasks._take(export.id)  # and dies
        tasks.run_waiting()
        monkeypatch.setattr(tasks, "now_ms", lambda: later)
        tasks.run_waiting()
        db.session.remove()
    assert hinted == [export.id, export.id]


def test_what_kills_every_worker_ends_with_a_mail_that_says_so(app: Flask, teacher: Visitor) -> None:
    ask(teacher, "/media/r1/analytics/export")
    (export,) = exports_of(app)
    for _ in range(len(tasks.MAKE_AGAIN) + 1):
        with app.app_context():
            assert tasks._take(export.id)  # and dies
            db.session.remove()
        everything_is_due(app)
    work(app)
    (export,) = exports_of(app)
    assert (export.state, export.problem, len(mails(app))) == ("failed", "error", 1)
