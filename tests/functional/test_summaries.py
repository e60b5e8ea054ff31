"""Summary reports: the PDF of a dashboard has its numbers, everybody's name in real letters, heads on every page."""

from __future__ import annotations

import random
import re
from io import BytesIO
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from PIL import Image
from pypdf import PdfReader

from lti_tool.access.logo import set_logo
from lti_tool.access.roles import ACCOUNT_ANALYTICS, COURSE_ANALYTICS
from lti_tool.models import begin_write, db
from tests.actors import account_with, visitor

BASE = "https://tool.example"
START = 1_778_600_000_000
HOUR = 3_600_000
# Arabic stands in a document in the shapes that it is drawn in: it is not found by its letters.
SCRIPTS = ["Ada Byron", "Анна Ахматова", "Ελένη Δήμου", "נועה ברק", "小明 王", "陽菜 中村", "민준 오"]
ARABIC = "ليلى حداد"
NAMES = [*SCRIPTS, ARABIC, *(f"Guest{number:02} Person" for number in range(52))]
SESSION = {"entryId": "r1", "sessionId": "s1"}


def made_up() -> list[dict[str, Any]]:
    dice, events = random.Random(7), []
    for number in range(len(NAMES)):
        who = SESSION | {"userId": f"u{number}"}
        for minute in range(dice.randint(1, 6)):
            body = {
                "name": "view",
                "time": START + minute * 60_000 + 60_000,
                "seconds": 60,
                "tabFocused": number % 3 > 0,
            }
            events.append(body | {"country": dice.choice(["PL", "JP"]), "device": "Mobile"} | who)
        for _again in range(number % 4):
            events.append({"name": "reactionClicked", "time": START + 90_000, "reaction": "Clap"} | who)
    poll = {"pollId": "p", "question": "Όλα καλά;", "type": "single", "options": [{"id": "1", "text": "Yes"}]}
    events.append({"name": "pollLaunched", "time": START + 60_000} | poll | SESSION | {"userId": "u0"})
    events.append(
        {"name": "pollAnswered", "time": START + 70_000, "pollId": "p", "optionIds": ["1"]} | SESSION | {"userId": "u1"}
    )
    events.append({"name": "stageJoined", "time": START + 60_000} | SESSION | {"userId": "u0"})
    events.append({"name": "stageLeft", "time": START + 180_000} | SESSION | {"userId": "u0"})
    shown = {"mediaId": "m", "title": "Slides & <b>more</b>", "kind": "slides"}
    events.append({"name": "mediaPresented", "time": START + 60_000} | shown | SESSION | {"userId": "u0"})
    played = {"entryId": "rec", "userId": "u2", "playId": "x"}
    events.append({"name": "play", "time": START + HOUR} | played)
    events.append(
        {"name": "view", "playbackType": "vod", "time": START + HOUR, "fromPosition": 0, "toPosition": 30} | played
    )
    return [{"id": f"e{number}"} | event for number, event in enumerate(events)]


CATALOG: dict[str, Any] = {
    "channels": [{"id": "101", "name": "Statistics", "contextId": "c-101"}],
    "people": [
        dict(zip(("firstName", "lastName"), name.split(), strict=True), id=f"u{n}", role="viewer")
        for n, name in enumerate(NAMES)
    ],
    "entries": [
        {"id": "r1", "name": "教室 / one", "type": "room", "channelIds": ["101"], "recordingEntryIds": ["rec"]}
        | {"virtualEventId": 77},
        {"id": "rec", "name": "Recorded", "type": "video", "channelIds": ["101"], "durationSeconds": 60},
    ],
    "sessions": [{"id": "s1", "entryId": "r1", "startTime": START, "endTime": START + HOUR}],
    "virtualEvents": [{"id": 77, "name": "Open day"}],
}
ROOM = "/media/r1/analytics/summary.pdf?session=s1"
RANGE = "/channels/101/analytics/rooms/summary.pdf?from=2026-05-01&to=2026-06-01"
EVENT = "/events/77/analytics/summary.pdf"
PERSON = "/people/u1/analytics/summary.pdf"
PAGES = {
    ROOM: "/media/r1/analytics?session=s1",
    RANGE: RANGE.replace("/summary.pdf", ""),
    PERSON: "/people/u1/analytics",
}


@pytest.fixture
def account(app: Flask) -> int:
    return account_with(app, CATALOG, made_up()).partner_id


def get(app: Flask, account: int, path: str, **who: Any) -> Any:
    return visitor(app, account, **{"channel": "c-101", **who}).client.get(path, base_url=BASE)


def pages(answer: Any) -> list[str]:
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    return [page.extract_text() for page in PdfReader(BytesIO(answer.data)).pages]


def shown(html: str) -> set[str]:
    """The numbers of a page as they are written."""
    found = re.findall(r'<span class="number [^>]*>(?:<span[^>]*>)?([^<]+)<', html.partition('id="overview"')[2])
    return {" ".join(number.split()) for number in found}


@pytest.mark.parametrize("path", PAGES)
def test_the_document_has_every_number_of_the_page(app: Flask, account: int, path: str) -> None:
    numbers = shown(get(app, account, PAGES[path]).text.partition("data-hint")[0])
    text = " ".join(" ".join(pages(get(app, account, path))).split())
    assert len(numbers) > 5
    assert {number for number in numbers if number not in text} == set()


@pytest.mark.parametrize(
    ("path", "title", "named"),
    [
        (ROOM, "Session summary report: 教室 / one", "教室 _ one"),
        (RANGE, "Channel summary report: Statistics", "Statistics"),
        ("/channels/101/analytics/rooms/summary.pdf?session=s1", "Session summary report: 教室 / one", "教室 _ one"),
        (EVENT, "Event summary report: Open day", "Open day"),
        (PERSON, "User summary report: Анна Ахматова", "Анна Ахматова"),
    ],
)
def test_titles_names_and_page_numbers(app: Flask, account: int, path: str, title: str, named: str) -> None:
    answer = get(app, account, path, timezone="Asia/Tokyo")
    found = pages(answer)
    assert title in found[0] and "Asia/Tokyo" in found[0]
    named += "_summary_report.pdf"
    disposition = answer.headers["Content-Disposition"]
    assert disposition.endswith(
        (f"filename*=UTF-8''{quote(named, safe='')}", f"filename={named}", f'filename="{named}"')
    )
    for number, text in enumerate(found, 1):
        assert f"Page {number} of {len(found)}" in text


@pytest.mark.parametrize("path", [ROOM, RANGE, EVENT])
def test_everybody_is_listed_in_real_letters_under_a_head_on_every_page(app: Flask, account: int, path: str) -> None:
    answer = get(app, account, path)
    found = pages(answer)
    text = "\n".join(found)
    for name in NAMES:
        # What reads a PDF turns Hebrew back; Arabic is there in its joined shapes.
        assert name == ARABIC or name in text or name[::-1] in text, name
    assert re.search("[\ufe70-\ufeff]{3}", text)
    listed = [page for page in found if "Guest" in page]
    assert len(listed) > 1
    assert all("Raised hands" in " ".join(page.split()) for page in listed)
    embedded = {
        str(font.get_object()["/BaseFont"]).partition("+")[2]
        for page in PdfReader(BytesIO(answer.data)).pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert {"DejaVuSans", "DejaVuSans-Bold", "NotoSansCJKjp-Regular"} <= embedded
    assert "Όλα καλά;" in text and "Slides & <b>more</b>" in text and "Recorded" in text and "Poland" in text


@pytest.mark.parametrize("path", [ROOM, RANGE, EVENT])
def test_without_names_there_are_totals_only(app: Flask, account: int, path: str) -> None:
    text = "\n".join(pages(get(app, account, path, permissions=(COURSE_ANALYTICS,))))
    assert "60 people" in text and "Guest" not in text and "Ada" not in text


def two_sessions(app: Flask) -> int:
    """An account whose event has times, and two sessions with names in which two slides each were shown."""
    second = {"id": "s2", "entryId": "r1", "startTime": START + 2 * HOUR, "endTime": START + 3 * HOUR, "name": "Later"}
    event = {"id": 77, "name": "Open day", "startTime": START - HOUR, "endTime": START + 3 * HOUR}
    catalog = CATALOG | {"sessions": [CATALOG["sessions"][0] | {"name": "Sooner"}, second], "virtualEvents": [event]}
    shown = {"entryId": "r1", "userId": "u0", "mediaId": "d", "title": "Deck", "kind": "slides"}
    more: list[dict[str, Any]] = [
        shown
        | {"id": f"{name}{at}{page}", "name": name, "sessionId": session, "page": page, "time": at + page * 60_000}
        for session, start in (("s1", START), ("s2", START + 2 * HOUR))
        for page in (2, 3)
        for name, at in (("mediaPresented", start), ("mediaRemoved", start + 30_000))
    ]
    return account_with(app, catalog, [*made_up(), *more]).partner_id


def test_an_event_has_its_own_times_and_the_order_of_its_agenda(app: Flask) -> None:
    account = two_sessions(app)
    agenda = get(app, account, "/events/77/agenda").text
    of_event, of_channel = ("\n".join(pages(get(app, account, path))) for path in (EVENT, RANGE))
    (times,) = re.findall(r'<p class="quiet">([^<]* – [^<]*) · Times', agenda)
    assert f"{times} · 2 sessions" in of_event
    assert agenda.index("Sooner") < agenda.index("Later")
    assert re.findall("Sooner|Later", of_event.partition("Attendees")[0]) == ["Sooner", "Later"]
    assert re.findall("Sooner|Later", of_channel.partition("Attendees")[0]) == ["Later", "Sooner"]
    assert "May 1, 2026 – June 1, 2026 · 2 sessions" in of_channel


def test_presented_media_stand_below_their_session_and_a_title_is_told_once(app: Flask) -> None:
    account = two_sessions(app)
    for path, order in ((EVENT, ["Sooner", "Later"]), (RANGE, ["Later", "Sooner"])):
        text = "\n".join(pages(get(app, account, path))).partition("Presented media")[2].partition("Recordings")[0]
        assert [line for line in text.splitlines() if line in ("Sooner", "Later")] == order
        assert (text.count("Deck"), text.count("Page 2"), text.count("Page 3")) == (2, 2, 2)


@pytest.mark.parametrize("path", [ROOM, RANGE, EVENT])
def test_labels_are_those_of_the_page(app: Flask, account: int, path: str) -> None:
    text = " ".join("\n".join(pages(get(app, account, path))).split())
    assert "Average live engagement rate" in text and re.search(r"Average minutes viewed \d", text)
    assert "On stage (min)" in text and "Total: 1 person" in text and "Total: 60 people" in text
    assert "■ Recording plays by " in text


def test_the_parts_of_a_persons_minutes_are_called_as_on_their_page(app: Flask, account: int) -> None:
    text = " ".join("\n".join(pages(get(app, account, PERSON))).split())
    parts = re.search(r"Total minutes viewed ([\d.]+) Live \(min\) ([\d.]+) Recordings \(min\) ([\d.]+)", text)
    assert parts and float(parts[1]) == float(parts[2]) + float(parts[3]) and "viewed (min)" not in text


def test_the_pages_lead_to_their_documents(app: Flask, account: int) -> None:
    for path in (
        "/media/r1/analytics?session=s1",
        "/channels/101/analytics/rooms",
        "/events/77/agenda",
        "/people/u1/analytics",
    ):
        html = get(app, account, path).text
        link = re.search(r'data-action="pdf" href="([^"]+summary\.pdf[^"]*)"', html)
        assert link, path


@pytest.mark.parametrize("path", [ROOM, RANGE, EVENT, PERSON])
@pytest.mark.parametrize(
    ("who", "refusal"),
    [({"permissions": ()}, "role"), ({"channel": "course-8"}, "scope"), ({"lifetime_ms": -1}, "launch")],
)
def test_the_gates_are_closed(app: Flask, account: int, path: str, who: dict[str, Any], refusal: str) -> None:
    assert f'data-refusal="{refusal}"' in get(app, account, path, **who).text


def test_a_part_of_the_session_is_told_and_counted(app: Flask, account: int) -> None:
    asked = "&from=15:35&to=15:36"
    html = get(app, account, PAGES[ROOM] + asked).text
    live = re.search(r'data-metric="unique_combined_live_viewers" data-value="(\d+)"', html)
    assert live and live[1] != "60"
    text = " ".join("".join(pages(get(app, account, ROOM + asked))).split())
    assert "15:35 - 15:36" in text and f"Live unique viewers {live[1]} " in text


def test_an_administrator_sees_a_document_of_another_course(app: Flask, account: int) -> None:
    assert pages(get(app, account, ROOM, permissions=(ACCOUNT_ANALYTICS,), channel=None))


def with_logo(app: Flask, account: int) -> None:
    made = BytesIO()
    Image.new("RGB", (600, 200), (200, 30, 60)).save(made, "PNG")
    with app.app_context():
        begin_write()
        set_logo(account, made.getvalue(), actor="test")
        db.session.commit()


@pytest.mark.parametrize("path", [ROOM, RANGE, EVENT, PERSON, "/media/r1/analytics/interactions.pdf?session=s1"])
def test_the_logo_stands_on_the_first_page_of_the_accounts_own(app: Flask, account: int, path: str) -> None:
    other = account_with(app, CATALOG, []).partner_id
    with_logo(app, other)
    assert logos(get(app, account, path)) == []
    with_logo(app, account)
    assert logos(get(app, account, path)) == [0]
    assert logos(get(app, account, path, locale="ar")) == [0]


def logos(answer: Any) -> list[int]:
    """The pages that have it."""
    return [
        number
        for number, page in enumerate(PdfReader(BytesIO(answer.data)).pages)
        for picture in page.images
        if picture.image and picture.image.size == (600, 200)
    ]
