"""A crash is a page with a reference, whatever has failed, and the log says where without saying of whom."""

import logging
from io import StringIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from config.logging import Redacting, redacted
from lti_tool.access.actor import current_actor
from lti_tool.access.gate import public
from lti_tool.cli import main
from lti_tool.models import Person, db
from tests.actors import make_account, visitor
from tests.lms import TOOL


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_crash_is_a_page_even_when_the_database_has_failed(app: Flask) -> None:
    def broken(*_args: Any) -> None:
        raise ConnectionError("the database is away")

    @app.get("/test/crash")
    @public("a page of the tests")
    def crash() -> str:
        assert current_actor()
        event.listen(db.engine, "before_cursor_execute", broken)
        raise ConnectionError("the database is away")

    somebody = visitor(app, make_account(app).partner_id, channel="course-7")
    page = somebody.client.get("/test/crash", base_url=TOOL)
    with app.app_context():
        event.remove(db.engine, "before_cursor_execute", broken)
    assert (page.status_code, "Reference:" in page.text) == (500, True)
    assert "frame-ancestors *" in page.headers["Content-Security-Policy"]


def refused_row(account_id: int) -> None:
    for _ in range(2):
        row = Person(account_id=account_id, external_id="grace-hopper", email="grace@example.edu", last_name="Hopper")
        db.session.add(row)
    db.session.flush()


def test_the_log_of_a_crash_names_nobody(app: Flask) -> None:
    account_id = make_account(app).partner_id

    @app.get("/test/crash")
    @public("a page of the tests")
    def crash() -> None:
        refused_row(account_id)

    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(Redacting())
    logging.getLogger("lti_tool").addHandler(handler)
    try:
        assert app.test_client().get("/test/crash", base_url=TOOL).status_code == 500
    finally:
        logging.getLogger("lti_tool").removeHandler(handler)
    assert "IntegrityError" in written.getvalue()
    assert "in refused_row" in written.getvalue()
    for personal in ("grace-hopper", "grace@", "'Hopper'"):
        assert personal not in written.getvalue()


def test_a_command_that_crashes_names_nobody(
    app: Flask, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    account_id = make_account(app).partner_id

    def crash(**_options: Any) -> None:
        with app.app_context():
            refused_row(account_id)

    monkeypatch.setattr("lti_tool.cli.cli.main", crash)
    monkeypatch.setattr("lti_tool.cli.configure", lambda _level: None)
    with pytest.raises(SystemExit):
        main()
    said = capsys.readouterr().err
    assert "IntegrityError" in said
    for personal in ("grace-hopper", "grace@", "Hopper"):
        assert personal not in said


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("to grace.hopper+x@mail.example.edu, now", "to [redacted], now"),
        ("redis://:pass@127.0.0.1:6379/0 is away", "redis://:[redacted]:6379/0 is away"),
        ("id_token=eyJ.x.y&b=1", "id_token=[redacted]&b=1"),
        ("@gate(ROLE) a@b", "@gate(ROLE) a@b"),
    ],
)
def test_what_is_redacted(text: str, clean: str) -> None:
    assert redacted(text) == clean
