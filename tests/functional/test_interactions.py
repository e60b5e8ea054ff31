"""Interactions over HTTP: what is shown of polls equals a plain count of the events that were sent; and their PDF."""

from __future__ import annotations

import json
import random
import re
from html import unescape
from io import BytesIO
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from pypdf import PdfReader

from lti_tool.access.roles import ACCOUNT_ANALYTICS, COURSE_ANALYTICS
from lti_tool.collect import tasks
from lti_tool.collect.registry import SOURCES
from lti_tool.models import db
from tests.actors import make_account, visitor

BASE = "https://tool.example"
START = 1_778_600_000_000
ROOM = "Πλατεία / 教室"
WEIRD = "a/b?c #1&é"
PEOPLE = ["ada", "bo", "cy", "di", "ed", "fi", "gus", "hal", "ida", "jo", "kim", "lea"]
NAMES = {"ada": ("Ada", "Byron"), "bo": ("נועה", "ברק"), "cy": ("陽菜", "中村"), "di": ("민준", "오")}
OPTIONS = [{"id": "1", "text": "Yes"}, {"id": "2", "text": "No"}, {"id": "3", "text": "Perhaps"}]
QUIZ = [{"id": "x", "text": "in 1871", "isCorrect": False}, {"id": "y", "text": "in 1920", "isCorrect": True}]
SCALE = [{"id": str(n), "text": str(n)} for n in range(1, 6)]
POLLS: list[dict[str, Any]] = [
    {"pollId": "single", "type": "single", "question": "Ready?", "options": OPTIONS},
    {"pollId": "multiple", "type": "multiple", "question": "وأين؟ <b>&amp;", "options": OPTIONS},
    {"pollId": "open", "type": "open", "question": "問題は？"},
    {"pollId": "quiz", "type": "quiz", "question": "Когда?", "options": QUIZ},
    {"pollId": "rating", "type": "ratingScale", "question": "Πόσο;", "options": SCALE},
    {"pollId": WEIRD, "type": "crowdVote", "question": "다음 주?", "options": OPTIONS},
    *({"pollId": f"more{n}", "type": "single", "question": f"More {n}?", "options": OPTIONS} for n in range(7)),
]
LABELS = [
    "Single answer",
    "Multiple answer",
    "Open ended question",
    "Correct answer (quiz)",
    "Rating scale",
    "Crowd vote",
]
Event = dict[str, Any]


def made_up() -> list[Event]:
    """Polls, answers, second thoughts, a poll launched twice, a choice that was not on offer."""
    dice = random.Random(3)
    events: list[Event] = []

    def add(name: str, user: str, second: int, **more: Any) -> None:
        body = {"id": f"e{len(events):03}", "name": name, "time": START + second * 1000, "entryId": "1_room"}
        events.append(body | {"userId": user, "sessionId": "cp1"} | more)

    for user in PEOPLE:
        add("view", user, 10, tabFocused=True)
    for number, poll in enumerate(POLLS):
        add("pollLaunched", "ada", 20 + number, **poll)
        ids = [option["id"] for option in poll.get("options", ())]
        for user in dice.sample(PEOPLE, dice.randint(6, 12)):
            for again in range(dice.choice((1, 1, 2))):
                chosen = dice.sample(ids, dice.randint(0, 3) if poll["type"] == "multiple" else 1) if ids else None
                answer = {"optionIds": chosen} if ids else {"text": f"答え <i>{user}</i> {again}"}
                add("pollAnswered", user, 60 + number + 20 * again, pollId=poll["pollId"], **answer)
    add("pollLaunched", "ada", 300, pollId="single", type="open", question="Launched again?")
    add("pollAnswered", "kim", 310, pollId="single", optionIds=["9", "9"])
    add("pollEnded", "ada", 320, pollId="single")
    dice.shuffle(events)
    return events


EVENTS = made_up()


def plainly(poll_id: str) -> tuple[dict[str, Event], dict[str, int]]:
    """(each person's last answer, how many chose each option) by plain loops over the events."""
    last: dict[str, Event] = {}
    for event in sorted(EVENTS, key=lambda one: (one["time"], one["id"])):
        if event["name"] == "pollAnswered" and event["pollId"] == poll_id:
            last[event["userId"]] = event
    people: dict[str, int] = {}
    for event in last.values():
        for option in {*event.get("optionIds", ())}:
            people[option] = people.get(option, 0) + 1
    return last, people


def send(app: Flask, account: Any, events: list[Event]) -> None:
    sent = app.test_client().post(
        "/collect/events",
        data="\n".join(json.dumps(event) for event in events).encode(),
        headers={"Authorization": f"Bearer {account.collect_token}"},
        base_url=BASE,
    )
    assert (sent.status_code, sent.json["rejected"]) == (202, 0)
    with app.app_context():
        tasks.fold_account(account.partner_id)
        db.session.remove()


@pytest.fixture
def account(app: Flask) -> Any:
    made = make_account(app)
    catalog = {
        "channels": [{"id": "101", "name": "Training", "contextId": "course-7"}],
        "people": [{"id": user, "firstName": NAMES[user][0], "lastName": NAMES[user][1]} for user in NAMES],
        "entries": [{"id": "1_room", "name": ROOM, "type": "room", "channelIds": ["101"]}],
        "sessions": [
            {"id": "cp0", "entryId": "1_room", "startTime": START - 9_000_000, "endTime": START - 8_000_000},
            {"id": "cp1", "entryId": "1_room", "startTime": START, "endTime": START + 600_000},
        ],
    }
    with app.app_context():
        lines = SOURCES["catalog"].read(BytesIO(json.dumps(catalog).encode()), None)
        tasks.store(made.partner_id, lines, "catalog")
    send(app, made, EVENTS)
    return made


def get(app: Flask, account: Any, path: str, **who: Any) -> Any:
    somebody = visitor(app, account.partner_id, **{"channel": "course-7", **who})
    return somebody.client.get(path, base_url=BASE)


def address(poll_id: str) -> str:
    return f"/media/1_room/analytics/interactions?session=cp1&poll={quote(poll_id, safe='')}"


def table(html: str, name: str) -> list[tuple[str, str]]:
    """(data-row, the row's HTML) of the rows of a table."""
    body = html[html.index(f'data-table="{name}"') :].partition("<tbody>")[2].partition("</tbody>")[0]
    return [(unescape(row), rest) for row, rest in re.findall(r'<tr data-row="([^"]*)">(.*?)</tr>', body, re.S)]


def value(html: str, metric: str) -> str:
    found = re.search(rf'data-metric="{metric}" data-value="([^"]*)"', html)
    assert found, metric
    return found[1]


def test_the_table_has_every_poll_once_in_pages_of_ten(app: Flask, account: Any) -> None:
    first = get(app, account, "/media/1_room/analytics?session=cp1").text
    assert f"{len(POLLS)} launched interactions" in first
    assert value(first, "count_poll_launched") == str(len(POLLS))
    rows = table(first, "interactions")
    assert len(rows) == 10
    second = get(app, account, "/media/1_room/analytics?session=cp1&poll_page=2").text
    rows += table(second, "interactions")
    assert [row for row, _html in rows] == [poll["pollId"] for poll in POLLS]
    for (poll_id, html), poll in zip(rows, POLLS, strict=True):
        assert value(html, "poll_participants") == str(len(plainly(poll_id)[0]))
        assert poll["question"] in unescape(html)  # of the first launch
    assert [label for label, (_row, html) in zip(LABELS, rows, strict=False) if f"<td>{label}</td>" in html] == LABELS
    too_far = get(app, account, "/media/1_room/analytics?session=cp1&poll_page=99").text
    assert len(table(too_far, "interactions")) == 3


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_the_table_sorts(app: Flask, account: Any, order: str) -> None:
    def sorted_by(name: str) -> list[str]:
        pages = (f"/media/1_room/analytics?poll_sort={name}&poll_order={order}&poll_page={page}" for page in (1, 2))
        return [row for path in pages for row, _html in table(get(app, account, path).text, "interactions")]

    counts = [len(plainly(poll_id)[0]) for poll_id in sorted_by("participants")]
    assert counts == sorted(counts, reverse=order == "desc")
    assert sorted(sorted_by("question")) == sorted(sorted_by("nonsense")) == sorted(poll["pollId"] for poll in POLLS)
    types = {poll["pollId"]: poll["type"] for poll in POLLS}
    found = [types[poll_id] for poll_id in sorted_by("type")]
    assert found == sorted(found, reverse=order == "desc")


@pytest.mark.parametrize("poll", [poll for poll in POLLS if poll["type"] != "open"], ids=lambda poll: poll["pollId"])
def test_the_answers_are_those_of_the_events(app: Flask, account: Any, poll: dict[str, Any]) -> None:
    page = get(app, account, address(poll["pollId"])).text
    last, people = plainly(poll["pollId"])
    assert value(page, "poll_options") == str(len(poll["options"]))
    assert value(page, "poll_participants") == str(len(last))
    rows = table(page, "answers")
    ids = [option["id"] for option in poll["options"]]
    assert [row for row, _html in rows] == ids + sorted(set(people) - set(ids))
    for option, html in rows:
        assert value(html, "poll_option_participants") == str(people.get(option, 0))
        assert float(value(html, "poll_rate")) == pytest.approx(people.get(option, 0) / len(last))
    right = {option["id"] for option in poll["options"] if option.get("isCorrect")}
    assert {row for row, html in rows if "Correct answer" in html} == right
    assert ("more than 100 percent" in page) == (poll["type"] == "multiple")


def test_a_poll_is_found_by_path_and_by_parameter(app: Flask, account: Any) -> None:
    somebody = visitor(app, account.partner_id, channel="course-7")
    page = somebody.client.get("/media/1_room/analytics?session=cp1", base_url=BASE).text
    links = {row: unescape(re.findall(r'href="([^"]+)"', html)[0]) for row, html in table(page, "interactions")}
    assert links["single"].startswith("/media/1_room/analytics/interactions/single?")
    for link in links.values():
        assert somebody.client.get(link, base_url=BASE).status_code == 200
    assert "다음 주?" in somebody.client.get(links[WEIRD], base_url=BASE).text


@pytest.mark.parametrize("query", ["session=cp1&poll=none", "session=cp0&poll=single", "session=none&poll=single", ""])
def test_no_such_poll(app: Flask, account: Any, query: str) -> None:
    assert get(app, account, f"/media/1_room/analytics/interactions?{query}").status_code == 404


def test_open_answers_come_in_pages_in_the_order_of_their_time(app: Flask, account: Any) -> None:
    last, _people = plainly("open")
    expected = [e["userId"] for e in sorted(last.values(), key=lambda e: (e["time"], e["id"]))]
    rows = table(get(app, account, address("open")).text, "words")
    rows += table(get(app, account, address("open") + "&page=2").text, "words") if len(expected) > 10 else []
    assert [row for row, _html in rows] == expected
    for user, html in rows:
        assert last[user]["text"] in unescape(html)
        assert " ".join(NAMES.get(user, (user,))) in unescape(html)


def test_who_may_not_see_people_sees_answers_without_names(app: Flask, account: Any) -> None:
    page = get(app, account, address("open"), permissions=(COURSE_ANALYTICS,)).text
    assert "答え" in page
    assert "data-row" not in page.partition("<main")[2]
    pdf = get(app, account, "/media/1_room/analytics/interactions.pdf?session=cp1", permissions=(COURSE_ANALYTICS,))
    text = pdf_text(pdf.data)
    for first, second in NAMES.values():
        assert first not in page and second not in page and first not in text


def test_a_session_without_polls_and_answers_without_a_launch(app: Flask, account: Any) -> None:
    page = get(app, account, "/media/1_room/analytics?session=cp0").text
    assert "0 launched interactions" in page
    assert "interactions.pdf" not in page
    lost = {"name": "pollAnswered", "userId": "ada", "entryId": "1_room", "sessionId": "cp0", "pollId": "lost"}
    send(app, account, [lost | {"id": "lost", "time": START - 8_500_000, "optionIds": ["1"]}])
    assert "their launch was not reported" in get(app, account, "/media/1_room/analytics?session=cp0").text


def pdf_text(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(data)).pages)


def test_the_pdf_has_all_questions_in_real_letters(app: Flask, account: Any) -> None:
    answer = get(app, account, "/media/1_room/analytics/interactions.pdf?session=cp1", timezone="Europe/Athens")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    named = quote("Πλατεία _ 教室_interactions.pdf", safe="")
    assert f"filename*=UTF-8''{named}" in answer.headers["Content-Disposition"]
    reader = PdfReader(BytesIO(answer.data))
    text = pdf_text(answer.data)
    for question in ("Ready?", "問題は？", "Когда?", "Πόσο;", "다음 주?", *(f"More {n}?" for n in range(7))):
        assert text.count(question) == 1, question
    assert "Launched again?" not in text
    names = [" ".join(NAMES[user]) for user in ("ada", "cy", "di") if user in plainly("open")[0]]
    for words in (*names, "<i>", "Europe/Athens", "Correct answer", "more than 100 percent"):
        assert words in text, words  # nobody writes HTML into it
    for number, page in enumerate(reader.pages, 1):
        assert f"Page {number} of {len(reader.pages)}" in page.extract_text()
    embedded = {str(font["/BaseFont"]).partition("+")[2] for page in reader.pages for font in fonts(page)}
    assert {"DejaVuSans", "NotoSansCJKjp-Regular"} <= embedded


def fonts(page: Any) -> list[Any]:
    return [font.get_object() for font in page["/Resources"]["/Font"].values()]


@pytest.mark.parametrize("path", ["interactions.pdf?session=cp1", "interactions/single?session=cp1"])
@pytest.mark.parametrize(
    ("who", "refusal"),
    [({"permissions": ()}, "role"), ({"channel": "course-8"}, "scope"), ({"lifetime_ms": -1}, "launch")],
)
def test_the_gates_are_closed(app: Flask, account: Any, path: str, who: dict[str, Any], refusal: str) -> None:
    page = get(app, account, f"/media/1_room/analytics/{path}", **who)
    assert f'data-refusal="{refusal}"' in page.text


def test_another_account_with_the_same_ids_sees_none_of_it(app: Flask, account: Any) -> None:
    stranger = make_account(app, "Another")
    path = "/media/1_room/analytics/interactions.pdf?session=cp1"
    assert get(app, stranger, path, permissions=(ACCOUNT_ANALYTICS,), channel=None).status_code == 403


def test_the_pdf_lists_every_answer_to_an_open_question(app: Flask, account: Any) -> None:
    asked = {"entryId": "1_room", "sessionId": "cp1", "pollId": "long"}
    launch = {"name": "pollLaunched", "type": "open", "question": "What else?", "userId": "ada", "time": START}
    events: list[Event] = [asked | launch | {"id": "long"}]
    for number in range(130):
        answer = {"name": "pollAnswered", "userId": f"w{number}", "text": f"Words{number:03}", "time": START + number}
        events.append(asked | answer | {"id": f"long{number}"})
    send(app, account, events)
    text = pdf_text(get(app, account, "/media/1_room/analytics/interactions.pdf?session=cp1").data)
    assert re.findall(r"Words\d{3}", text) == [f"Words{number:03}" for number in range(130)]
