"""Fixtures of the tests that speak HTTP."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, jsonify
from flask.testing import FlaskClient
from sqlalchemy import select

from lti_tool.access.actor import Actor
from lti_tool.access.gate import public, require_actor
from lti_tool.models import Launch, db
from tests import lms


@pytest.fixture
def keys() -> Iterator[lms.KeyServer]:
    with lms.key_server() as server:
        yield server


@pytest.fixture
def platform(app: Flask, keys: lms.KeyServer) -> lms.TestPlatform:
    """A registered platform of account 77."""
    return lms.TestPlatform(keys).register(app)


@pytest.fixture
def who(app: Flask) -> Callable[..., dict[str, Any]]:
    """Asks the tool, from a browser, whom it sees: by a page that only tests have."""

    @app.get("/test/who")
    @public("a page of the tests")
    def page() -> Any:
        actor: Actor = require_actor()
        return jsonify(
            account=actor.account_id,
            person=actor.person.external_id,
            channel=actor.channel.external_id if actor.channel else None,
            permissions=sorted(actor.permissions),
            locale=actor.locale,
            timezone=actor.timezone,
        )

    def who(client: FlaskClient, launch: str | None = None) -> dict[str, Any]:
        query = {"launch": launch} if launch else {}
        response = client.get("/test/who", query_string=query, base_url=lms.TOOL)
        return response.get_json() if response.status_code == 200 else {"refused": response.status_code}

    return who


@pytest.fixture
def only_launch(app: Flask) -> Callable[[], Launch]:
    """The one launch of the database, for looking at its columns."""

    def only_launch() -> Launch:
        with app.app_context():
            launch = db.session.scalars(select(Launch)).one()
            db.session.expunge(launch)
            return launch

    return only_launch
