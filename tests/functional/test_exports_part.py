"""Exports of a part of a session: the numbers of the page's table and of plain code, named by the part."""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader

from tests.actors import INSTRUCTOR, Visitor, account_with, visitor
from tests.functional import test_sections
from tests.functional.test_exports import BASE, app, ask, exported, exports_of, link, mails, work  # noqa: F401
from tests.functional.test_sections import END, MINUTE, PAGE, START, rows
from tests.properties import plain

TEACHER = {"id": "teacher", "firstName": "Tess", "lastName": "Teacher", "email": "tess@example.edu"}
CATALOG = {**test_sections.CATALOG, "people": [TEACHER]}
CATALOG["entries"] = [{"durationSeconds": 100, **entry} for entry in CATALOG["entries"]]


def more() -> list[dict[str, Any]]:
    """Chat, polls and raised hands spread over the session, somebody who only reacted early, and the recording."""
    live = {"entryId": "1_room", "sessionId": "cp1"}
    events: list[dict[str, Any]] = []
    for minute in range(1, 40):
        user = f"u{minute % 12:02}"
        at = {"time": START + minute * MINUTE - 30_000, "userId": user} | live
        events.append({"name": "groupMessageSent", "messageId": f"m{minute}", "text": "Hello"} | at)
        events.append({"name": "raiseHand"} | at)
        if minute % 10 == 0:
            poll = {"pollId": f"q{minute}", "question": f"Question {minute}?", "options": [{"id": 1}]}
            events.append({"name": "pollLaunched"} | poll | at)
            events.append(at | {"name": "pollAnswered", "pollId": f"q{minute}", "optionIds": [1], "userId": "u02"})
    events.append({"name": "reactionClicked", "reaction": "Clap", "time": START + MINUTE, "userId": "early"} | live)
    for user in ("early", "u03", "later"):
        played = {"entryId": "1_rec", "userId": user, "playId": f"p{user}", "time": END + MINUTE}
        events.append({"name": "play"} | played)
        events.append({"name": "view", "playbackType": "vod", "fromPosition": 0, "toPosition": 25} | played)
    return [{"id": f"more{place}"} | event for place, event in enumerate(events)]


EVENTS = test_sections.made_up() + more()
# What is asked for, and which minutes of the session these are.
PARTS = {"from=15:59": (25, 40), "to=15:54": (0, 20), "from=15:44&to=15:59": (10, 25)}
KINDS = {
    "count_reaction_clicked": "reactionClicked",
    "count_raise_hand_clicked": "raiseHand",
    "count_group_chat_messages_sent": "groupMessageSent",
    "count_poll_answered": "pollAnswered",
    "count_q_and_a_threads": "questionAnswerMessageSent",
    "count_download_attachment_clicked": "downloadAttachmentClicked",
}
CHANNEL = "/channels/101/analytics/rooms?session=cp1&room=1_room"


@pytest.fixture
def account(app: Flask) -> int:  # noqa: F811
    return account_with(app, CATALOG, EVENTS).partner_id


@pytest.fixture
def teacher(app: Flask, account: int) -> Visitor:  # noqa: F811
    return visitor(app, account, permissions=INSTRUCTOR, channel="course-7")


def page(somebody: Visitor, address: str) -> str:
    answer = somebody.client.get(address, base_url=BASE)
    assert answer.status_code == 200, address
    return str(answer.text)


def to(html: str, action: str) -> str:
    found = re.search(rf'data-action="{action}" href="([^"]+)"', html)
    assert found
    return unescape(found[1])


def wanted(first: int, last: int) -> dict[str, dict[str, float | None]]:
    """Person -> what the file should say of these minutes; recordings are those of the whole session."""
    start, end = START + first * MINUTE, START + last * MINUTE
    seconds = set(range(start // 1000, end // 1000))
    live = [event for event in EVENTS if event["entryId"] == "1_room"]
    people = plain.session_numbers(live, END).people
    found = {}
    for user in {event["userId"] for event in EVENTS}:
        watched, engaged = (
            (people[user].watched & seconds, people[user].engaged & seconds) if user in people else ((), ())
        )
        mine = [event for event in live if event["userId"] == user and start <= event["time"] < end]
        played = [e for e in EVENTS if e["entryId"] == "1_rec" and e["userId"] == user and e["name"] == "view"]
        vod = sum(event["toPosition"] - event["fromPosition"] for event in played)
        row: dict[str, float | None] = {
            "vod_view_time": vod / 60,
            "live_view_time": len(watched) / 60,
            "total_view_time": (vod + len(watched)) / 60,
            "avg_completion_rate": 25 if played else None,
            "combined_live_engaged_users_play_time_ratio": len(engaged) / len(watched) if watched else None,
        }
        row |= {name: sum(event["name"] == kind for event in mine) for name, kind in KINDS.items()}
        if any(row.values()):
            found[user] = row
    return found


@pytest.mark.parametrize("asked", PARTS)
@pytest.mark.parametrize("where", [PAGE, CHANNEL])
def test_the_file_of_a_part_has_the_numbers_of_the_page_and_of_the_events(
    app: Flask,  # noqa: F811
    teacher: Visitor,
    asked: str,
    where: str,
) -> None:
    html = page(teacher, f"{where}&{asked}")
    header, *lines = exported(app, teacher, to(html, "export"))
    found = {
        line[0]: {name: float(cell) if cell else None for name, cell in list(zip(header, line, strict=True))[8:]}
        for line in lines
    }
    expected = wanted(*PARTS[asked])
    assert found.keys() == expected.keys() and len(lines) == len(found)
    for name, values in expected.items():
        assert found[name] == pytest.approx(values), name
    order = [(-(found[line[0]]["live_view_time"] or 0), line[0]) for line in lines]
    assert order == sorted(order)
    shown = dict(rows(html, "attendees"))
    shown |= dict(rows(page(teacher, f"{where}&{asked}&page=2"), "attendees"))
    whole = shown.pop("total")
    assert float(whole["live_view_time"]) == pytest.approx(sum(one["live_view_time"] or 0 for one in found.values()))
    same = {"count_poll_answered", "live_view_time", "combined_live_engaged_users_play_time_ratio"}
    for user, values in shown.items():
        for name in same | {name for name in KINDS if name in values}:
            in_file = found.get(user, {}).get(name)
            assert (in_file or 0) == pytest.approx(float(values[name] or 0)), (user, name)
    assert ("early" in found, "later" in found) == (True, True)  # they played the recording
    assert found["early"]["count_reaction_clicked"] == (1 if asked.startswith("to") else 0)


@pytest.mark.parametrize(("where", "back"), [(PAGE, "/media/1_room/analytics?"), (CHANNEL, "/channels/101/")])
def test_the_dialog_the_mail_the_link_and_the_list_name_the_part(
    app: Flask,  # noqa: F811
    teacher: Visitor,
    where: str,
    back: str,
) -> None:
    address = to(page(teacher, f"{where}&from=15:44&to=15:59"), "export")
    dialog = page(teacher, address)
    part, note = "May 12, 2026 15:44 - 15:59", "Live numbers are of this part only"
    assert part in dialog and note in dialog
    way = to(dialog, "back")
    assert way.startswith(back) and "from=15" in way and "to=15" in way
    assert ask(teacher, address).status_code == 303
    work(app)
    (made,) = mails(app)
    assert part in str(made["Subject"]) and part in made.get_content()
    assert part in app.test_client().get(link(made), base_url=BASE).text
    assert part in page(teacher, "/exports")
    assert exports_of(app)[0].question["start_ms"] == START + 10 * MINUTE
    whole = page(teacher, to(page(teacher, where), "export"))
    assert "May 12, 2026 15:34" in whole and note not in whole


@pytest.mark.parametrize("where", [PAGE, CHANNEL])
@pytest.mark.parametrize("asked", ["from=99:99", "from=15:59&to=15:44", "to=15:30"])
def test_where_the_page_shows_the_whole_its_links_ask_for_the_whole(teacher: Visitor, where: str, asked: str) -> None:
    html = page(teacher, f"{where}&{asked}")
    assert "does not lie in this session" in html
    for action in ("export", "pdf"):
        assert (
            "from=" not in to(html, action).partition("via=")[0] and "to=" not in to(html, action).partition("via=")[0]
        )
    page(teacher, to(html, "export"))


MUST = "'from, to' cannot be used: the dates must exist, the first must not come after the last"
TIMES = "'from, to' cannot be used: they are times of day within the session, as 09:05, the first before the second."
DAYS = "'range' cannot be used: it takes 7, 30, 120, 365, the days until today."


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("range=abc", DAYS),
        ("range=9", DAYS),
        ("from=2026-06-01&to=2026-05-01", MUST),
        ("from=0001-01-01&to=9999-12-31", MUST),
        ("from=2026-02-30", MUST),
        ("session=cp1&room=1_room&from=99:99", TIMES),
        ("session=cp1&room=1_room&from=15:59&to=15:44", TIMES),
        ("session=cp1&room=1_room&from=2026-05-12", TIMES),
    ],
)
def test_what_cannot_be_asked_of_a_file_is_named_with_what_is_allowed(teacher: Visitor, asked: str, told: str) -> None:
    of_channel, of_room = "/channels/101/analytics", "/media/1_room/analytics"
    files = [f"{of_channel}/export", f"{of_channel}/rooms/summary.pdf"]
    if told == TIMES:
        files += [f"{of_room}/{file}" for file in ("export", "summary.pdf", "interactions.pdf")]
    else:
        files += [f"{of_channel}/videos.csv", "/media/1_rec/analytics/video.csv"]
    for file in files:
        answer = teacher.client.get(f"{file}?{asked}", base_url=BASE)
        assert (answer.status_code, told in unescape(answer.text)) == (400, True), file


def questions(somebody: Visitor, address: str) -> list[str]:
    answer = somebody.client.get(address, base_url=BASE)
    assert answer.mimetype == "application/pdf"
    text = "\n".join(sheet.extract_text() for sheet in PdfReader(BytesIO(answer.data)).pages)
    assert ("15:44 - 15:59" in text) == ("from=15" in address)
    return re.findall(r"(Question \d+|Why so)\?", text)


def test_all_questions_as_a_pdf_are_those_of_the_part(teacher: Visitor) -> None:
    def address(asked: str) -> str:
        found = re.search(r'href="([^"]+interactions\.pdf[^"]*)"', page(teacher, f"{PAGE}&{asked}"))
        assert found
        return unescape(found[1])

    assert questions(teacher, address("from=15:44&to=15:59")) == ["Why so", "Question 20"]
    every = ["Question 10", "Why so", "Question 20", "Question 30"]
    assert questions(teacher, address("")) == every
    assert questions(teacher, address("from=15:34&to=15:36")) == every  # none in it: all there are
