"""The whole way of a report by mail: Export, the dialog, the mail, its link, the file."""

from __future__ import annotations

import csv
import email
import re
import time
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.demo import Demo, check, launch, open_page, table

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


def next_mail(demo: Demo, before: set[Path]) -> EmailMessage:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if new := set(demo.folder.rglob("*.eml")) - before:
            (path,) = new
            made = email.message_from_bytes(path.read_bytes(), policy=default)
            assert isinstance(made, EmailMessage)
            return made
        time.sleep(0.05)
    raise AssertionError("no mail came")


def to_the_dialog(page: Page) -> None:
    page.locator('[data-action="export"]').click()
    page.wait_for_url("**/export?**")


@pytest.mark.parametrize(("width", "scheme", "script"), [(1280, "light", True), (360, "dark", False)])
def test_from_export_to_the_file(demo: Demo, browser: Browser, width: int, scheme: Any, script: bool) -> None:
    before = set(demo.folder.rglob("*.eml"))
    page = open_page(browser, width, scheme)
    launch(page, demo.lms, "brightspace-media")
    page.locator(".under-player summary").click()
    page.locator('[data-action="analytics"]').first.click()
    page.wait_for_url("**/analytics?**")
    shown = {key: row["live_view_time"] for key, row in table(page, "attendees").items() if "live_view_time" in row}
    if not script:  # the same visit, from now on without
        state, at = page.context.storage_state(), page.url
        page = browser.new_context(
            storage_state=state, java_script_enabled=False, viewport={"width": width, "height": 900}
        ).new_page()
        page.goto(at)
    to_the_dialog(page)
    if script:
        check(page)
    assert page.locator("#descriptive").is_checked()
    page.get_by_role("button", name="Export via email").click()
    page.wait_for_url("**/exports?**")
    mail = next_mail(demo, before)
    if script:  # the page sees by itself that it is done
        expect(page.locator(".exports li").first).to_have_attribute("data-state", "done", timeout=15_000)
        check(page)
    else:
        page.locator("main a", has_text="Reload the list").click()
        page.wait_for_url("**/exports?**")
    assert page.locator('.exports li[data-state="done"]').count() >= 1

    stranger = open_page(browser, width, scheme)
    found = re.search(r"http://\S+/exports/\S+", mail.get_content())
    assert found
    stranger.goto(found[0])
    check(stranger)
    with stranger.expect_download() as download:
        stranger.locator("a[download]").click()
    with Path(download.value.path()).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert download.value.suggested_filename.endswith("_viewer_engagement.csv")
    addresses = dict(demo.rows("SELECT external_id, email FROM person"))
    minutes = {row["Email Address "]: row["Live Minutes Viewed (Interval-Based)"] for row in rows}
    people = {key: value for key, value in shown.items() if key in addresses}
    assert (
        len(people) == 10
        and {addresses[key]: float(value) for key, value in people.items()}.items()
        <= {address: float(value) for address, value in minutes.items()}.items()
    )


def test_an_event_and_a_person_have_the_dialog_too(demo: Demo, browser: Browser) -> None:
    page = open_page(browser, 1280, "light")
    launch(page, demo.lms, "event")
    to_the_dialog(page)
    check(page)
    page.get_by_role("link", name="Cancel").click()
    page.wait_for_url("**/agenda?**")
    page.locator('.agenda [data-row] [data-action="analytics"]').first.click()
    page.wait_for_url("**/analytics?**")
    page.locator('[data-table="attendees"] tbody tr[data-row] a.person').nth(1).click()
    page.wait_for_url("**/people/**")
    to_the_dialog(page)
    check(page)
