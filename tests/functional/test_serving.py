"""``lti-tool serve`` as real processes: starts, heals, and leaves nobody behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config.settings import load
from lti_tool import queue

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
COMMAND = [sys.executable, "-m", "lti_tool"]
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def environ(tmp_path: Path, sqlite_template: Path) -> dict[str, str]:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "lti_tool.sqlite3").write_bytes(sqlite_template.read_bytes())
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LTI_TOOL_")}
    return {**clean, "LTI_TOOL_DATA_DIR": str(tmp_path / "data")}


@pytest.fixture
def start(environ: dict[str, str]) -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def start(*words: str, **more: str) -> subprocess.Popen[str]:
        process = subprocess.Popen([*COMMAND, *words], env={**environ, **more}, stderr=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        assert process.stderr
        process.stderr.close()


def address(process: subprocess.Popen[str]) -> str:
    assert process.stderr
    for line in process.stderr:
        if line.startswith("Serving on "):
            return line.split()[2]
    raise AssertionError("it ended without serving")


def fetch(url: str) -> tuple[int, dict]:
    try:
        with urllib.request.urlopen(url, timeout=10) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def children_of(pid: int) -> dict[int, str]:
    """Process id -> command line, of all descendants."""
    found: dict[int, str] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
            child = int(stat.parent.name)
            if int(fields[1]) == pid and fields[0] != "Z":
                found[child] = (stat.parent / "cmdline").read_text().replace("\0", " ").strip()
                found |= children_of(child)
        except OSError:
            continue
    return found


def child(pid: int, ending: str) -> int:
    return until(lambda: next((c for c, line in children_of(pid).items() if line.endswith(ending)), 0))


def until(true: Callable[[], int], seconds: float = 15) -> int:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := true():
            return value
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def enqueue(worker: int, *call: str) -> None:
    """With the address that the worker was given, which only its owner can read."""
    given = dict(part.split("=", 1) for part in Path(f"/proc/{worker}/environ").read_text().split("\0") if "=" in part)
    settings = replace(load({"LTI_TOOL_SECRET_KEY": "x" * 40}), redis_url=given["LTI_TOOL_REDIS_URL"])
    jobs = queue.queue(settings)
    queue.put(jobs, *call)
    jobs.connection.close()


def test_serve_answers_works_heals_and_ends_cleanly(start: Start, tmp_path: Path) -> None:
    serve = start("serve", "--port", "0")
    url = address(serve)
    assert fetch(f"{url}/healthz") == (200, {"status": "alive"})
    assert fetch(f"{url}/readyz")[0] == 200

    notes = tmp_path / "notes"
    notes.touch()
    first = child(serve.pid, "lti_tool worker")
    enqueue(first, "tests.jobs.note", str(notes), "first")
    until(lambda: "first" in notes.read_text())

    os.kill(first, signal.SIGKILL)
    until(lambda: not alive(first))
    second = child(serve.pid, "lti_tool worker")
    enqueue(second, "tests.jobs.note", str(notes), "second")
    until(lambda: "second" in notes.read_text())

    server = next(pid for pid, line in children_of(serve.pid).items() if "valkey-server" in line)
    os.kill(server, signal.SIGKILL)
    until(lambda: fetch(f"{url}/readyz")[0] == 503)
    until(lambda: fetch(f"{url}/readyz")[0] == 200)
    enqueue(child(serve.pid, "lti_tool worker"), "tests.jobs.note", str(notes), "third")
    until(lambda: "third" in notes.read_text(), 20)

    family = children_of(serve.pid)
    serve.send_signal(signal.SIGINT)
    _, said = serve.communicate(timeout=20)
    assert serve.returncode == 0, said
    assert "KeyboardInterrupt" not in said
    assert not [pid for pid in family if alive(pid)]


def test_kill_9_leaves_nobody_not_even_a_running_job(start: Start, tmp_path: Path) -> None:
    serve = start("serve", "--port", "0")
    address(serve)
    running = tmp_path / "running"
    enqueue(child(serve.pid, "lti_tool worker"), "tests.jobs.sleep", str(running))
    until(running.exists)
    family = children_of(serve.pid)
    assert len(family) == 4
    serve.kill()
    until(lambda: not any(alive(pid) for pid in family))


def test_a_taken_port_is_said_plainly(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        serve = start("serve", "--port", str(taken.getsockname()[1]))
        _, said = serve.communicate(timeout=20)
    assert serve.returncode == 1
    assert "--port" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("name", ["worker", "schedule"])
def test_without_a_queue_worker_and_schedule_leave_it_to_serve(start: Start, name: str) -> None:
    process = start(name)
    _, said = process.communicate(timeout=20)
    assert (process.returncode, "lti-tool serve" in said) == (0, True)


def test_production_refuses_what_is_unsafe_or_old(start: Start, tmp_path: Path) -> None:
    unsafe = start("serve", "--port", "0", LTI_TOOL_ENV="production")
    assert "LTI_TOOL_PUBLIC_URL" in unsafe.communicate(timeout=20)[1]
    assert unsafe.returncode == 1
    old = start(
        "serve",
        "--port",
        "0",
        LTI_TOOL_ENV="production",
        LTI_TOOL_PUBLIC_URL="https://tool.example",
        LTI_TOOL_SECRET_KEY="s" * 40,
        LTI_TOOL_DATABASE_URL=f"sqlite:///{tmp_path / 'empty.sqlite3'}",
    )
    assert "lti-tool db upgrade" in old.communicate(timeout=20)[1]
    assert old.returncode == 1


def test_readiness_names_what_is_missing(app: Flask, client: FlaskClient) -> None:
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["missing"]) == (503, ["queue"])
    assert answer.json["checks"]["queue"] == "not configured"
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], redis_url="redis://127.0.0.1:1/0")
    assert client.get("/readyz").json["checks"]["queue"] == "not reachable"
