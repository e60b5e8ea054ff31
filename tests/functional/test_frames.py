"""Who may frame a page: the LMS that it was opened from and no other; a refusal to somebody unknown is readable."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import lms
from tests.functional.test_launch_browser import begin_with_storage, without_cookies
from tests.lms import TOOL, TestPlatform

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def framed_by(response: Any) -> set[str]:
    found = re.search(r"frame-ancestors ([^;]*)", response.headers["Content-Security-Policy"])
    assert found
    return set(found[1].split())


@pytest.fixture
def stranger(app: Flask, keys: lms.KeyServer) -> TestPlatform:
    """Another tenant's LMS."""
    return TestPlatform(keys, issuer="https://stranger.example", client_id="other", account_id=78).register(app)


def test_a_page_is_framed_by_the_lms_of_its_launch(
    client: FlaskClient, platform: TestPlatform, stranger: TestPlatform
) -> None:
    page = client.get(platform.launch(client).location, base_url=TOOL)
    assert (page.status_code, framed_by(page)) == (200, {"'self'", "https://lms.example"})
    missing = client.get("/no/such/page", base_url=TOOL)
    assert (missing.status_code, framed_by(missing)) == (404, {"'self'", "https://lms.example"})


def test_two_lmss_of_one_account_are_told_apart(app: Flask, platform: TestPlatform, keys: lms.KeyServer) -> None:
    other = TestPlatform(keys, issuer="https://second.example", client_id="client-2").register(app)
    browser = app.test_client()
    assert framed_by(browser.get(other.launch(browser).location, base_url=TOOL)) == {"'self'", "https://second.example"}


def test_the_pages_of_a_launch_are_framed_by_its_lms(
    app: Flask, platform: TestPlatform, stranger: TestPlatform
) -> None:
    frame = without_cookies(app)
    login, _, launched = begin_with_storage(platform, frame)
    code = re.search(r'name="code" value="([^"]+)"', launched.text)
    assert code
    silent = frame.post("/lti/launch/verify", data={"code": code[1], "value": ""}, base_url=TOOL)
    refused = platform.launch(frame, version="1.2.0")
    for response in (login, launched, silent, refused):
        assert framed_by(response) == {"'self'", "https://lms.example"}


@pytest.mark.parametrize("address", ["/my-media", "/no/such/page", "/lti/enter?code=t-x", "/lti/continue?code=t-x"])
def test_a_refusal_to_somebody_unknown_is_readable_in_any_frame_and_names_no_lms(
    client: FlaskClient, platform: TestPlatform, address: str
) -> None:
    response = client.get(address, base_url=TOOL)
    assert 400 <= response.status_code < 500
    assert framed_by(response) == {"*"}
    assert not re.search(r"<(a(?! class=.skip)|button|form|nav|script)\b", response.text)  # nothing to press


@pytest.mark.parametrize(
    ("family", "issuer", "more"),
    [
        ("canvas", "https://canvas.instructure.com", {"https://*.instructure.com"}),
        ("brightspace", "https://school.brightspace.com", set()),
        ("moodle", "https://moodle.example", set()),
    ],
)
def test_families_whose_frames_have_other_origins(
    app: Flask, client: FlaskClient, keys: lms.KeyServer, family: str, issuer: str, more: set[str]
) -> None:
    known = TestPlatform(keys, issuer=issuer, family=family).register(app)
    page = client.get(known.launch(client).location, base_url=TOOL)
    assert framed_by(page) == {"'self'", issuer} | more
