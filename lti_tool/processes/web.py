"""The web server: waitress, which runs on every system and finishes what it has begun before it stops."""

from __future__ import annotations

import signal
import threading
import time
from typing import Any

from flask import Flask
from waitress import create_server, wasyncore

THREADS = 8
DRAIN = 10.0


class AddressError(Exception):
    """The address cannot be used; the message says which and why."""


class WebServer:
    """A server that listens already; ``run`` answers."""

    def __init__(self, app: Flask, *, host: str, port: int) -> None:
        """Bind. ``port`` 0 takes a free one. Raises ``AddressError``."""
        self.sockets: dict[int, Any] = {}
        body = app.config["MAX_CONTENT_LENGTH"] or 10 * 1024 * 1024
        try:
            self.server = create_server(
                app,
                map=self.sockets,
                host=host,
                port=port,
                threads=THREADS,
                ident="",
                # waitress would drop X-Forwarded-*; whether a proxy is believed is decided in one place, create_app.
                clear_untrusted_proxy_headers=False,
                max_request_body_size=body + 1024 * 1024,  # the application refuses first, with a page of its own
            )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise AddressError(f"cannot listen on {host} port {port}: {reason}. Choose another with --port.") from error
        listening = [each for each in self.sockets.values() if getattr(each, "accepting", False)]
        self.port = int(listening[0].effective_port)
        self.url = f"http://{host}:{self.port}"

    def run(self, stop: threading.Event) -> None:
        """Answer until ``stop`` is set, then finish the requests that are being answered."""
        while not stop.is_set():
            self._turn(0.5)
        for each in list(self.sockets.values()):
            if getattr(each, "accepting", False):
                each.accepting = False
                each.del_channel()
                each.socket.close()
        deadline = time.monotonic() + DRAIN
        while time.monotonic() < deadline and self._busy():
            self._turn(0.1)
        self.server.task_dispatcher.shutdown(timeout=1)
        wasyncore.close_all(self.sockets, ignore_all=True)

    def _turn(self, timeout: float) -> None:
        wasyncore.loop(timeout=timeout, use_poll=True, map=self.sockets, count=1)

    def _busy(self) -> bool:
        channels = list(self.sockets.values())
        return any(getattr(each, "requests", None) or getattr(each, "total_outbufs_len", 0) for each in channels)


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and Ctrl-C set. Call it in the main thread, once, early."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    return stop
