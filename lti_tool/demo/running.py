"""Run the demo: the tool with all its processes on one port, the small LMS on the next."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask

from config.settings import Settings, load
from lti_tool.app import create_app
from lti_tool.demo import links
from lti_tool.demo import load as loading
from lti_tool.demo.lms import create_lms
from lti_tool.migrations import upgrade
from lti_tool.models import db
from lti_tool.processes import serving
from lti_tool.processes.web import AddressError, WebServer
from lti_tool.reports import mail

HOST = "127.0.0.1"
Ready = Callable[[str, str, Path], None]


def settings_of(folder: Path, port: int) -> Settings:
    """Embedded defaults in ``folder``, whatever the environment says; loopback platforms are allowed here only."""
    return load(
        {
            "LTI_TOOL_DATA_DIR": str(folder),
            "LTI_TOOL_PUBLIC_URL": f"http://{HOST}:{port}",
            "LTI_TOOL_ALLOW_LOOPBACK": "1",
        }
    )


def run(
    folder: Path, *, port: int, fresh: bool, stop: threading.Event, say: Callable[[str], None], ready: Ready
) -> None:
    """Run until ``stop`` is set. ``ready`` is told the addresses of the LMS and of the tool, and where mail goes.

    Raises ``DemoError``, ``AddressError`` and ``QueueServerError``.
    """
    with loading.held(folder):
        now = datetime.now(UTC)
        filling = loading.prepare(folder, now, fresh=fresh)
        app = create_app(settings_of(folder, port))
        web = WebServer(app, host=HOST, port=port)
        lms = _lms_server(folder, web.url, port)
        with app.app_context():
            upgrade(db.engine)
            if filling:
                say(f"{loading.fill(folder, now, say):,} events are in.")
            loading.register(lms.url)
            db.session.remove()
            db.engine.dispose()
        beside = threading.Thread(target=lms.run, args=(stop,), name="lms")
        beside.start()
        try:
            serving.serve(app, web, stop=stop, ready=lambda: ready(lms.url, web.url, outbox(folder)))
        finally:
            stop.set()
            beside.join()


def outbox(folder: Path) -> Path:
    """Where the demo's mail goes: a file a mail."""
    found = mail.outbox(settings_of(folder, 8000))
    assert found is not None
    return found


def _lms_server(folder: Path, tool_url: str, port: int) -> WebServer:
    """The LMS on the next free port. Its application learns its address after that is known."""
    for candidate in range(port + 1, port + 50):
        try:
            return WebServer(lms_app(folder, tool_url, f"http://{HOST}:{candidate}"), host=HOST, port=candidate)
        except AddressError:
            continue
    raise AddressError(f"none of the ports {port + 1} to {port + 49} is free for the LMS. Choose others with --port.")


def lms_app(folder: Path, tool_url: str, lms_url: str) -> Flask:
    """The small LMS with the demo's platforms and links."""
    rows = [replace(link, target_link_uri=tool_url + link.target_link_uri) for link in links.LINKS]
    app = create_lms(links.PLATFORMS, rows, tool_url=tool_url, lms_url=lms_url)
    given = {"import_command": links.import_command(folder.absolute()), "tool_url": tool_url, "outbox": outbox(folder)}
    app.jinja_env.globals.update(given)
    return app
