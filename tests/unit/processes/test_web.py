"""The web server finishes what it has begun."""

import threading
import time
import urllib.request

from flask import Flask

from lti_tool.processes.web import WebServer


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
