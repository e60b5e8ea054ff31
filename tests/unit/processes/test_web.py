"""The web server finishes what it has begun, and says nothing of its own about how a request came."""

import http.client
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from flask import Flask

from config.settings import Settings
from lti_tool.app import create_app
from lti_tool.models import db
from lti_tool.processes.web import WebServer


@contextmanager
def running(app: Flask) -> Iterator[WebServer]:
    stop = threading.Event()
    web = WebServer(app, host="127.0.0.1", port=0)
    serving = threading.Thread(target=web.run, args=(stop,))
    serving.start()
    yield web
    stop.set()
    serving.join(timeout=15)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("env", "forwarded", "refused"),
    [
        ("production", "https", "issuer_missing"),
        ("production", "http", "insecure"),
        ("development", "https", "insecure"),
    ],
)
def test_only_in_production_a_proxy_says_that_it_was_https(
    settings: Settings, env: str, forwarded: str, refused: str
) -> None:
    app = create_app(replace(settings, env=env))
    with running(app) as web:
        connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=10)
        connection.request("GET", "/lti/login", headers={"Host": "tool.example", "X-Forwarded-Proto": forwarded})
        page = connection.getresponse().read().decode()
        connection.close()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    assert f'data-refusal="{refused}"' in page


def test_a_request_that_is_being_answered_is_finished_before_the_stop() -> None:
    app = Flask("slow")
    begun, stop = threading.Event(), threading.Event()
    answers: list[bytes] = []

    @app.get("/slow")
    def slow() -> str:
        begun.set()
        time.sleep(0.8)
        return "finished"

    web = WebServer(app, host="127.0.0.1", port=0)
    serving = threading.Thread(target=web.run, args=(stop,))
    serving.start()

    def ask() -> None:
        with urllib.request.urlopen(f"{web.url}/slow") as response:
            answers.append(response.read())

    asking = threading.Thread(target=ask)
    asking.start()
    assert begun.wait(5)
    stop.set()
    asking.join(timeout=5)
    serving.join(timeout=5)
    assert answers == [b"finished"]
    assert not serving.is_alive()
