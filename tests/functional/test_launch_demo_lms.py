"""The made-up LMS and the tool together: a person follows a link and lands on a page."""

import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from lti_tool.access.accounts import create_account
from lti_tool.demo.lms import Link, Platform, addresses, create_lms
from lti_tool.launch.registrations import NewPlatform, add_platform
from lti_tool.models import begin_write, db
from tests import lms
from tests.functional.test_launch import TA, launch_of, page_of
from tests.lms import TOOL

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

BRIGHTSPACE = Platform(
    key="brightspace",
    title="Example College (made up)",
    family="brightspace",
    client_id="a3f1c1de-0000-4000-8000-00000000c11e",
    deployment_id="b7e2d2ef-0000-4000-8000-0000000dep10",
)
CANVAS = Platform(
    key="canvas",
    title="Example University (made up)",
    family="canvas",
    client_id="10000000000001",
    deployment_id="9:89e331c2",
    deployment_parameter="deployment_id",
)
LINKS = [
    replace(lms.LINK, id="media", platform="brightspace", target_link_uri=f"{TOOL}/media/1_room0001"),
    replace(lms.LINK, id="assistant", platform="canvas", user=lms.user(roles=(TA, lms.INSTRUCTOR))),
    replace(lms.LINK, id="student", platform="canvas", user=lms.user(roles=(lms.LEARNER,))),
]


@pytest.fixture
def pretend(app: Flask) -> Iterator[Flask]:
    """The pretend LMS on a loopback port, both platforms registered at the tool."""
    server = make_server("127.0.0.1", 0, app)
    lms_url = f"http://127.0.0.1:{server.server_port}"
    pretend = create_lms([BRIGHTSPACE, CANVAS], LINKS, tool_url=TOOL, lms_url=lms_url)
    server.app = pretend  # its addresses need the port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    with app.app_context():
        begin_write()
        create_account("Demo", partner_id=77)
        for platform in (BRIGHTSPACE, CANVAS):
            known = addresses(platform, lms_url)
            deployments = (known.pop("deployment"),)
            add_platform(NewPlatform(account_id=77, deployments=deployments, **known), allow_loopback=True)
        db.session.commit()
    yield pretend
    server.shutdown()
    server.server_close()
    thread.join()


def follow(pretend: Flask, client: FlaskClient, link: Link):
    """Click the link, then do what a browser does: redirect, redirect, post the form."""
    browser = pretend.test_client()
    login = browser.get(f"/start/{link.id}")
    asked = client.get(login.location)
    assert asked.status_code == 302, asked.text
    parts = urlsplit(asked.location)
    posted = browser.get(f"{parts.path}?{parts.query}")
    fields = {name: unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', posted.text)}
    action = re.search(r'action="([^"]+)"', posted.text)
    assert action and action[1] == f"{TOOL}/lti/launch"
    return client.post(action[1], data=fields)


@pytest.mark.parametrize(
    ("link", "page", "rights"),
    [(LINKS[0], "/media/1_room0001", 3), (LINKS[1], "/channels/course-7", 1), (LINKS[2], "/channels/course-7", 0)],
    ids=["teacher", "assistant", "student"],
)
def test_each_link_ends_where_it_should(pretend, client, who, link, page, rights) -> None:
    landed = follow(pretend, client, link)
    assert page_of(landed) == page
    assert len(who(client, launch_of(landed))["permissions"]) == rights


def test_the_page_lists_the_links_and_says_that_it_is_made_up(pretend) -> None:
    text = pretend.test_client().get("/").text
    assert "made-up" in text
    assert re.findall(r'href="(/start/[^"]+)"', text) == ["/start/media", "/start/assistant", "/start/student"]


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_id": "other"}, 400, ""),
        ({"redirect_uri": "https://evil.example/"}, 400, ""),
        ({"response_type": "code"}, 200, "invalid_request"),
        ({"nonce": ""}, 200, "invalid_request"),
        ({"login_hint": "somebody"}, 200, "login_required"),
        ({"lti_message_hint": "student"}, 200, "login_required"),
    ],
)
def test_the_pretend_lms_checks_what_it_is_asked(pretend, client, changes, status, error) -> None:
    login = pretend.test_client().get("/start/media").location
    asked = lms.asked_of(client.get(login).location) | changes
    answer = pretend.test_client().get("/brightspace/authorize", query_string=asked)
    assert answer.status_code == status
    assert "id_token" not in answer.text
    assert error in answer.text
