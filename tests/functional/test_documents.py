"""PDFs of long lists: not made while somebody waits, but as an export, for whoever asked, in their words."""

from __future__ import annotations

import random
import re
from collections import Counter
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import event, update

from lti_tool.access.roles import ACCOUNT_ANALYTICS, COURSE_ANALYTICS
from lti_tool.models import Export, begin_write, db, now_ms
from lti_tool.reports import documents, exports, pdf, tasks
from lti_tool.reports.documents import Asked
from tests.actors import INSTRUCTOR, Visitor, account_with, visitor
from tests.functional import test_exports, test_summaries
from tests.functional.test_exports import BASE, DAY, app, ask, everything_is_due, exports_of, link, mails, work
from tests.functional.test_exports_killed import kill
from tests.functional.test_summaries import EVENT, PERSON, RANGE, ROOM, pages

__all__ = ["app"]  # a fixture
INTERACTIONS = "/media/r1/analytics/interactions.pdf?session=s1"
LONG = (ROOM, RANGE, EVENT, PERSON, INTERACTIONS)
SENDER = {"id": "teacher", "firstName": "Tess", "lastName": "Teacher", "email": "jane.doe@example.edu.in"}
CATALOG = test_summaries.CATALOG | {"people": [*test_summaries.CATALOG["people"], SENDER]}


@pytest.fixture
def account(app: Flask) -> int:
    return account_with(app, CATALOG, test_summaries.made_up()).partner_id


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of one row is long already."""
    monkeypatch.setattr(documents, "AT_ONCE", 0)


def teacher(app: Flask, account: int, **who: Any) -> Visitor:
    return visitor(app, account, **{"permissions": INSTRUCTOR, "channel": "c-101", **who})


def get(somebody: Visitor, path: str) -> Any:
    return somebody.client.get(path, base_url=BASE)


def made(app: Flask, somebody: Visitor, path: str) -> tuple[Export, Any]:
    """The newest export, asked for at an address and made, and the answer of its link."""
    assert ask(somebody, path).status_code == 303
    work(app)
    export = exports_of(app)[-1]
    token = exports.token(app.config["SETTINGS"], export.id)
    return export, app.test_client().get(f"/exports/{token}/file", base_url=BASE)


@pytest.mark.parametrize(
    ("path", "rows", "name"),
    [
        (ROOM, "60 people", "教室 _ one_summary_report.pdf"),
        (RANGE, "60 people", "Statistics_summary_report.pdf"),
        ("/channels/101/analytics/rooms/summary.pdf?session=s1", "60 people", "教室 _ one_summary_report.pdf"),
        (EVENT, "60 people", "Open day_summary_report.pdf"),
        (PERSON, "1 item", "Анна Ахматова_summary_report.pdf"),
        (INTERACTIONS, "1 item", "教室 _ one_interactions.pdf"),
    ],
)
def test_a_long_one_is_asked_for_made_mailed_and_downloaded(
    app: Flask, account: int, monkeypatch: pytest.MonkeyPatch, path: str, rows: str, name: str
) -> None:
    somebody = teacher(app, account)
    page = get(somebody, path).text
    assert f"This report is long ({rows}) and takes a while to make." in page
    assert "its link will be mailed to j…@…n." in page and "jane.doe" not in page
    export, file = made(app, somebody, path)
    (mailed,) = mails(app)
    assert link(mailed) == f"/exports/{exports.token(app.config['SETTINGS'], export.id)}"
    assert (export.name, export.size, export.progress) == (name, len(file.data), 100)
    assert rows in app.test_client().get(link(mailed), base_url=BASE).text
    listed = get(somebody, "/exports").text
    assert link(mailed) in listed and rows in listed
    # The same, word for word, as it would have been at once, but for the minute in which it was made.
    monkeypatch.setattr(documents, "AT_ONCE", 1000)
    minute = re.compile(r"\d\d:\d\d")
    at_once = [minute.sub("", text) for text in pages(get(somebody, path))]
    assert [minute.sub("", text) for text in pages(file)] == at_once


def test_short_ones_and_those_without_names_answer_at_once(
    app: Flask, account: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "AT_ONCE", 60)
    for path in LONG:
        assert pages(get(teacher(app, account), path))
    monkeypatch.setattr(documents, "AT_ONCE", 59)
    for path in (ROOM, RANGE, EVENT):
        assert "This report is long" in get(teacher(app, account), path).text
        assert pages(get(teacher(app, account, permissions=(COURSE_ANALYTICS,)), path))
    assert exports_of(app) == []


def test_what_no_worker_makes_is_refused(app: Flask, account: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MOST", 59)
    answer = get(teacher(app, account), ROOM)
    assert answer.status_code == 413 and "60 people are more than a PDF can list." in answer.text


def test_without_an_address_it_is_on_the_page_of_exports_and_no_mail_is_owed(app: Flask, account: int) -> None:
    somebody = teacher(app, account, person="no-address")
    page = get(somebody, ROOM).text
    assert "It will be on My exports." in page and "mailed" not in page
    asked = ask(somebody, ROOM)
    assert "Your report is being prepared. It will be here." in get(somebody, asked.location).text
    work(app)
    (export,) = exports_of(app)
    assert (export.email, export.state, export.due_at, mails(app)) == ("", "done", None, [])
    opened = re.search(r'href="(/exports/[\w-]{43})', get(somebody, "/exports").text)
    assert opened and app.test_client().get(f"{opened[1]}/file", base_url=BASE).data.startswith(b"%PDF")


def test_a_failure_without_an_address_owes_no_mail_either(app: Flask, account: int) -> None:
    somebody = teacher(app, account, person="no-address")
    ask(somebody, ROOM)
    with app.app_context():
        begin_write()
        db.session.execute(update(Export).values(question=Asked(of="session", id="gone").stored()))
        db.session.commit()
    work(app)
    (export,) = exports_of(app)
    assert (export.state, export.problem, export.due_at, mails(app)) == ("failed", "gone", None, [])
    assert "What it is about is there no longer" in get(somebody, "/exports").text


def test_in_the_language_and_zone_of_whoever_asked(app: Flask, account: int) -> None:
    _export, file = made(app, teacher(app, account, locale="de", timezone="Asia/Tokyo"), ROOM + "&from=00:35&to=00:36")
    text = " ".join("".join(pages(file)).split())
    assert "Asia/Tokyo" in text and "00:35 - 00:36" in text and "Übersichtsbericht zur Sitzung" in text


def test_it_holds_what_the_asker_may_see(app: Flask, account: int) -> None:
    somebody = teacher(app, account)
    ask(somebody, EVENT)
    ask(somebody, PERSON)
    with app.app_context():
        begin_write()
        db.session.execute(update(Export).values(channel_id=None, permissions=[COURSE_ANALYTICS]))
        db.session.commit()
    work(app)
    assert {one.problem for one in exports_of(app)} == {"gone"}


def test_another_account_of_the_same_ids_is_not_in_it(app: Flask, account: int) -> None:
    other = account_with(app, CATALOG, test_summaries.made_up()[:5]).partner_id
    admin = visitor(app, other, permissions=(ACCOUNT_ANALYTICS, *INSTRUCTOR))
    _export, file = made(app, admin, ROOM)
    assert "Guest50" not in "".join(pages(file))


@pytest.mark.parametrize("path", LONG)
def test_the_gates_are_closed_to_requests_too(app: Flask, account: int, path: str) -> None:
    somebody = teacher(app, account, permissions=())
    token = test_exports.form_token(teacher(app, account, client=somebody.client), ROOM)
    sent = somebody.client.post(f"{path}&launch={somebody.launch}", data={"csrf_token": token}, base_url=BASE)
    assert sent.status_code in (400, 403, 404) and exports_of(app) == []


def test_a_request_without_its_token_is_refused(app: Flask, account: int) -> None:
    assert teacher(app, account).client.post(ROOM, base_url=BASE).status_code == 400
    assert exports_of(app) == []


def test_the_same_form_sent_twice_asks_once(app: Flask, account: int) -> None:
    somebody, form = teacher(app, account), exports.new_form()
    for _ in range(2):
        assert ask(somebody, ROOM, form=form).status_code == 303
    assert len(exports_of(app)) == 1


def test_after_eight_days_the_link_says_so_and_the_file_is_gone(
    app: Flask, account: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(app, teacher(app, account), ROOM)
    folder = tasks.storage._folder(app.config["SETTINGS"])
    assert folder and len(list(folder.rglob("*.pdf"))) == 1
    later = now_ms() + 8 * DAY
    monkeypatch.setattr("lti_tool.models.exports.now_ms", lambda: later)
    monkeypatch.setattr("lti_tool.reports.tasks.now_ms", lambda: later)
    with app.app_context():
        tasks.forget_expired()
        db.session.remove()
    assert list(folder.rglob("*")) == []
    assert app.test_client().get(f"{link(mails(app)[0])}/file", base_url=BASE).status_code == 410


def slow(monkeypatch: pytest.MonkeyPatch, told: list[int]) -> None:
    """Signs are given at once, and what they say is kept."""
    monkeypatch.setattr(tasks, "SIGN_EVERY", 0)
    monkeypatch.setattr(pdf, "HEAR_EVERY", 0.02)
    keep = tasks._keep

    def kept(export: Export, **values: Any) -> bool:
        told.append(values.get("progress", -1))
        return keep(export, **values)

    monkeypatch.setattr(tasks, "_keep", kept)


def test_the_worker_says_how_far_it_is(app: Flask, account: int, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    slow(monkeypatch, told)
    made(app, teacher(app, account), ROOM)
    said = [progress for progress in told if progress >= 0]
    assert said == sorted(said) and said[-1] == 100
    assert any(0 < progress < 30 for progress in said)  # while it is written
    assert any(30 <= progress < 100 for progress in said)  # while it is drawn


def test_signs_do_not_have_every_row_read_anew(app: Flask, account: int, monkeypatch: pytest.MonkeyPatch) -> None:
    slow(monkeypatch, [])
    read: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda _c, _d, statement, *_more: read.append(statement))
    for path in (ROOM, RANGE):
        read.clear()
        made(app, teacher(app, account), path)
        assert sum("FROM person" in statement for statement in read) < 20  # of sixty people


def test_cancelling_ends_the_process(app: Flask, account: int, monkeypatch: pytest.MonkeyPatch) -> None:
    slow(monkeypatch, [])
    ask(teacher(app, account), ROOM)
    started: list[Any] = []
    start = pdf.subprocess.Popen

    def cancelling(*given: Any, **more: Any) -> Any:
        started.append(start(*given, **more))
        writer = db.engine.connect().execution_options(lti_tool_write=True)
        with writer.begin():
            writer.execute(update(Export).values(state="cancelled", due_at=None))
        writer.close()
        return started[-1]

    monkeypatch.setattr(pdf.subprocess, "Popen", cancelling)
    work(app)
    (process,) = started
    assert process.returncode == -9
    folder = tasks.storage._folder(app.config["SETTINGS"])
    assert folder and [path for path in folder.rglob("*") if path.is_file()] == []
    assert (exports_of(app)[0].state, mails(app)) == ("cancelled", [])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_worker_killed_anywhere_makes_one_file_and_one_mail(
    app: Flask, account: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "OF_PERSON", 100)
    somebody = teacher(app, account)
    for _ in range(7):
        assert ask(somebody, INTERACTIONS).status_code == 303
    ids = [export.id for export in exports_of(app)]
    random.Random(5).shuffle(ids)
    assert kill(app, ids, seed=3) >= 5
    everything_is_due(app)  # long afterwards
    work(app)
    assert Counter(str(one["Message-ID"]) for one in mails(app)) == Counter(
        f"<export.{one}@tool.example>" for one in ids
    )
    assert {(one.state, one.due_at) for one in exports_of(app)} == {("done", None)}
    for one in mails(app):
        file = app.test_client().get(f"{link(one)}/file", base_url=BASE)
        assert len(PdfReader(BytesIO(file.data)).pages) == 1
