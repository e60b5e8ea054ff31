"""LTI Platform Storage in a real Chromium: the tool in a frame of another site, where its cookies are not kept.

The tool is reached as localhost and the LMS as 127.0.0.1, which for browsers are two sites; on plain http the tool's
cookies are SameSite=Lax, so the frame's cross-site launch comes without.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from flask import Flask, Response
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from config.settings import Settings
from lti_tool.access.accounts import create_account
from lti_tool.app import create_app
from lti_tool.demo.lms import Platform, addresses, create_lms
from lti_tool.launch.registrations import NewPlatform, add_platform
from lti_tool.models import begin_write, db
from tests import lms

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.xdist_group("browser"),
]

PLATFORM = Platform(key="lms", title="LMS", family="canvas", client_id="c", deployment_id="d", storage_target="_parent")
# A platform's half of the protocol; it keeps a list of what it was asked.
STORAGE = """
window.kept = {}; window.asked = [];
window.addEventListener("message", (event) => {
  const { subject, message_id, key, value } = event.data;
  window.asked.push(subject);
  if (subject === "lti.put_data") window.kept[key] = value;
  const answer = { subject: subject + ".response", message_id, key, value: window.kept[key] };
  event.source.postMessage(answer, event.origin);
});
"""


@contextmanager
def serving(host: str) -> Iterator[tuple[str, object]]:
    server = make_server("127.0.0.1", 0, Flask("not yet"), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.server_port}", server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def page(settings: Settings, browser: Browser) -> Iterator[Page]:
    """A page of the LMS that frames the tool, not yet opened."""
    with serving("localhost") as (tool_url, tool_server), serving("127.0.0.1") as (lms_url, lms_server):
        tool = create_app(replace(settings, public_url=tool_url))
        link = replace(lms.LINK, platform="lms", target_link_uri=f"{tool_url}/lti/launch")
        pretend = create_lms([PLATFORM], [link], tool_url=tool_url, lms_url=lms_url)
        scripts = {"yes": STORAGE, "no": ""}
        pretend.add_url_rule(
            "/script/<answers>", "script", lambda answers: Response(scripts[answers], mimetype="text/javascript")
        )
        pretend.add_url_rule(
            "/frame/<answers>",
            "frame",
            lambda answers: f'<script src="/script/{answers}"></script><iframe src="/start/{link.id}"></iframe>',
        )
        with tool.app_context():
            begin_write()
            create_account("A", partner_id=7)
            known = addresses(PLATFORM, lms_url)
            new = NewPlatform(account_id=7, deployments=(known.pop("deployment"),), **known)
            add_platform(new, allow_loopback=True)
            db.session.commit()
        tool_server.app, lms_server.app = tool, pretend  # type: ignore[attr-defined]
        context = browser.new_context(base_url=lms_url)
        yield context.new_page()
        context.close()
        with tool.app_context():
            db.session.remove()
            db.engine.dispose()


def continued(page: Page) -> str:
    """Press the button in the frame; where the new tab ends."""
    button = page.frame_locator("iframe").locator("[data-action=new-tab]")
    expect(button).to_be_visible(timeout=15_000)
    with page.expect_popup() as popup:
        button.click()
    popup.value.wait_for_load_state()
    return popup.value.url


def test_the_platforms_storage_proves_the_browser(page: Page) -> None:
    page.goto("/frame/yes")
    address = continued(page)
    assert "/channels/course-7?launch=" in address
    asked = page.evaluate("asked")
    assert asked[:3] == ["lti.put_data", "lti.get_data", "lti.put_data"]
    assert list(page.evaluate("kept").values()) == [None]  # nothing stays behind


def test_a_platform_that_never_answers_only_costs_time(page: Page) -> None:
    page.goto("/frame/no")
    assert "/channels/course-7?launch=" in continued(page)
