"""All processes of one machine: the web server here; queue server, worker and schedule as children where needed."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from flask import Flask

from config.settings import Settings
from lti_tool.processes.children import Child, Family
from lti_tool.processes.embedded import queue_server
from lti_tool.processes.web import WebServer


@contextmanager
def background(settings: Settings) -> Iterator[Settings]:
    """Queue server, worker and schedule for ``settings`` without a queue; yields the settings that name it.

    With an outside queue nothing is started: worker and schedule are processes of their own.
    """
    if settings.redis_url is not None:
        yield settings
        return
    server = queue_server(settings.data_dir)
    settings = replace(settings, redis_url=server.url)
    family = Family()
    try:
        family.add(server.child)
        server.wait()
        for name in ("worker", "schedule"):
            command = [sys.executable, "-m", "lti_tool", name]
            family.add(Child(name, command, environment=settings.environment()))
        family.watch()
        yield settings
    finally:
        family.close()


def serve(app: Flask, web: WebServer, *, stop: threading.Event, ready: Callable[[], None]) -> None:
    """Serve ``app`` by ``web`` until ``stop`` is set; ``ready`` is called when everything runs.

    Raises ``QueueServerError``.
    """
    with background(app.config["SETTINGS"]) as settings:
        app.config["SETTINGS"] = settings
        ready()
        web.run(stop)
