"""A crash is a page with a reference, whatever has failed, and the log says where without saying of whom."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from lti_tool.access.actor import current_actor
from lti_tool.access.gate import public
from lti_tool.models import db
from tests.actors import make_account, visitor
from tests.lms import TOOL

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


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
