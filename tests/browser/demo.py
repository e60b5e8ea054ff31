"""A running demo for browser tests: its pretend LMS, its launches, and the raw events in its database."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.ports import free_port


@dataclass(frozen=True)
class Demo:
    """``lms``: the address of its pretend LMS."""

    lms: str
    folder: Path

    def events(self, *entries: str) -> list[dict[str, Any]]:
        """The raw events of these entries, as they were taken in."""
        marks = ", ".join("?" for _entry in entries)
        with closing(sqlite3.connect(next(self.folder.rglob("lti_tool.sqlite3")))) as database:
            rows = database.execute(f"SELECT body FROM raw_event WHERE entry_id IN ({marks})", entries)
            return [json.loads(body) for (body,) in rows]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the demo's catalogue holds."""
        with closing(sqlite3.connect(next(self.folder.rglob("lti_tool.sqlite3")))) as database:
            return database.execute(query).fetchall()


@contextmanager
def running(folder: Path) -> Iterator[Demo]:
    command = [str(Path(sys.executable).with_name("lti-tool")), "demo", "--port", str(free_port())]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("LTI_TOOL_")}
    process = subprocess.Popen(
        command,
        env=environment | {"LTI_TOOL_DATA_DIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        bufsize=1,
    )
    try:
        yield Demo(_lms_address(process), folder)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)
        assert process.stdout
        process.stdout.close()


def _lms_address(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    said, deadline = "", time.monotonic() + 180
    while time.monotonic() < deadline and process.poll() is None:
        if select.select([process.stdout], [], [], 1)[0]:
            said += process.stdout.readline()
            if found := re.search(r"LMS\D*?(http://\S+)", said):
                return found[1].rstrip("/.")
    raise AssertionError(f"the demo did not start: {said}")


def open_page(browser: Browser, width: int, scheme: Any, *, script: bool = True) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=script
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    return page


def check(page: Page) -> None:
    """axe finds nothing, and no page is wider than its window."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


def launch(page: Page, lms: str, link: str) -> None:
    page.goto(lms)
    page.locator(f'[data-link="{link}"] a').first.click()
    page.wait_for_url(lambda url: not url.startswith(lms) and "/lti/" not in url)


def values(page: Page, inside: str = "body") -> dict[str, str]:
    """metric -> value of a part of a page, of several of one metric the first."""
    found = page.locator(f"{inside} [data-metric]").evaluate_all(
        "all => all.map(one => [one.dataset.metric, one.dataset.value])"
    )
    return dict(reversed(found))


def table(page: Page, name: str) -> dict[str, dict[str, str]]:
    """row -> metric -> value of a table."""
    rows = page.locator(f'[data-table="{name}"] tr[data-row]').evaluate_all(
        "all => all.map(row => [row.dataset.row,"
        " [...row.querySelectorAll('[data-metric]')].map(one => [one.dataset.metric, one.dataset.value])])"
    )
    return {row: dict(reversed(found)) for row, found in rows}
