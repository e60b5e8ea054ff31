"""The queue: embedded server, jobs in the worker, retries, and the clock."""

import os
import socket
import stat
import threading
import time
from dataclasses import replace
from pathlib import Path
from pkgutil import resolve_name

import pytest
from flask import Flask
from redis import Redis
from redis.exceptions import AuthenticationError
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer

from config.logging import configure
from config.schedule import SCHEDULE, Periodic
from config.settings import Settings, load
from lti_tool import queue
from lti_tool.app import create_app
from lti_tool.models import db
from lti_tool.processes import embedded
from lti_tool.processes.embedded import QueueServer, QueueServerError, queue_server
from lti_tool.processes.schedule import Clock, keep_time
from lti_tool.processes.worker import work


@pytest.fixture
def worker_app(queue_settings: Settings):
    app = create_app(queue_settings)
    yield app
    with app.app_context():
        db.engine.dispose()


def run_jobs(app: Flask) -> None:
    """A worker in a process of its own, until the queue is empty."""
    pid = os.fork()
    if pid == 0:
        try:
            configure()
            work(app, burst=True)
        finally:
            os._exit(0)
    os.waitpid(pid, 0)


def job_of(settings: Settings, job: Job) -> Job:
    return Job.fetch(job.id, connection=queue.connection(settings), serializer=JSONSerializer)


def test_the_server_keeps_jobs_on_disk_and_never_drops_them(queue_service: QueueServer) -> None:
    with Redis.from_url(queue_service.url, decode_responses=True) as client:
        assert client.config_get("appendonly") == {"appendonly": "yes"}
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert client.config_get("bind") == {"bind": "127.0.0.1"}
    assert stat.S_IMODE(queue_service.folder.stat().st_mode) == 0o700


def test_the_server_wants_its_password_which_no_list_of_processes_shows(queue_service: QueueServer) -> None:
    bare = queue_service.url.split("@")[1]
    with Redis.from_url(f"redis://{bare}") as client, pytest.raises(AuthenticationError):
        client.ping()
    password = queue_service.url.split(":")[2].split("@")[0]
    assert queue_service.child.process
    assert password not in Path(f"/proc/{queue_service.child.process.pid}/cmdline").read_text()


def test_one_server_a_folder(queue_service: QueueServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "LOCK_WITHIN", 0.2)
    with pytest.raises(QueueServerError, match="another"):
        queue_server(tmp_path / "data")


def test_settings_survive_the_way_to_a_child(queue_settings: Settings) -> None:
    assert load(queue_settings.environment()) == queue_settings


def test_without_a_queue_enqueue_says_what_to_do(queue_settings: Settings, worker_app: Flask) -> None:
    worker_app.config["SETTINGS"] = load({"LTI_TOOL_DATA_DIR": str(queue_settings.data_dir)})
    with worker_app.app_context(), pytest.raises(queue.NoQueueError, match="LTI_TOOL_REDIS_URL"):
        queue.enqueue("tests.jobs.fail")


def test_a_job_runs_in_the_application_with_its_own_database_connection(worker_app: Flask, tmp_path: Path) -> None:
    with worker_app.app_context():
        db.session.connection()  # left open, as a careless caller would
        for words in ("one", "two"):
            queue.enqueue("tests.jobs.note", str(tmp_path / "notes"), words)
    run_jobs(worker_app)
    assert (tmp_path / "notes").read_text() == "lti_tool 1 one\nlti_tool 1 two\n"


def test_a_failure_is_logged_with_its_job_and_tried_again_after_a_pause(
    worker_app: Flask, queue_settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    with worker_app.app_context():
        job = queue.enqueue("tests.jobs.fail")
    run_jobs(worker_app)
    said = capfd.readouterr().err
    assert job.id in said
    assert "this job always fails" in said
    again = job_of(queue_settings, job)
    assert again.get_status() == JobStatus.SCHEDULED
    assert again.retries_left == len(queue.BACK_OFF) - 1


def test_a_hint_that_waits_is_enough_but_one_that_runs_is_not(worker_app: Flask, queue_settings: Settings) -> None:
    jobs = queue.queue(queue_settings)
    with worker_app.app_context():
        for _ in range(3):
            queue.hint("tests.jobs.note", "7")
        assert len(jobs) == 1
        queue.hint("tests.jobs.note", "77")
        assert len(jobs) == 2
        jobs.pop_job_id()  # a worker takes the first
        queue.hint("tests.jobs.note", "7")
    assert [job.args for job in jobs.jobs] == [["77"], ["7"]]


def test_a_queue_that_hangs_holds_nobody_up(
    worker_app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(queue, "PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent, worker_app.app_context():
        address = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        worker_app.config["SETTINGS"] = replace(worker_app.config["SETTINGS"], redis_url=address)
        before = time.monotonic()
        queue.hint("tests.jobs.note", "7")
        assert time.monotonic() - before < 1
    assert "left to the schedule" in caplog.text


def test_the_clock_moves_retries_that_are_due(worker_app: Flask, queue_settings: Settings) -> None:
    with worker_app.app_context():
        job = queue.enqueue("tests.jobs.fail")
    run_jobs(worker_app)
    jobs = queue.queue(queue_settings)
    jobs.connection.zadd(jobs.scheduled_job_registry.key, {job.id: time.time() - 1})
    Clock(jobs, []).tick(0.0)
    assert job_of(queue_settings, job).get_status() == JobStatus.QUEUED


def test_the_clock_enqueues_what_is_due_and_lets_nothing_pile_up(queue_settings: Settings) -> None:
    jobs = queue.queue(queue_settings)
    clock = Clock(jobs, [Periodic("sweep", "tests.jobs.fail", 10, ""), Periodic("daily", "tests.jobs.fail", 86400, "")])
    clock.tick(100.0)
    assert len(jobs) == 2
    clock.tick(111.0)
    assert len(jobs) == 2, "the first sweep still waits for a worker"
    jobs.empty()
    clock.tick(112.0)
    assert len(jobs) == 1
    clock.tick(113.0)
    assert len(jobs) == 1


def test_the_clock_waits_for_a_queue_that_went_away(queue_service: QueueServer, queue_settings: Settings) -> None:
    stop = threading.Event()
    periodic = [Periodic("sweep", "tests.jobs.fail", 1, "")]
    queue_service.child.end()
    clock = threading.Thread(target=keep_time, args=(queue_settings, stop, periodic))
    clock.start()
    time.sleep(1.5)
    queue_service.child.start()
    queue_service.wait()
    deadline = time.monotonic() + 5
    while not len(queue.queue(queue_settings)) and time.monotonic() < deadline:
        time.sleep(0.05)
    stop.set()
    clock.join()
    assert len(queue.queue(queue_settings)) == 1


def test_the_schedule_is_sound() -> None:
    assert len({each.name for each in SCHEDULE}) == len(SCHEDULE)
    assert all(callable(resolve_name(each.function)) for each in SCHEDULE)
    assert all(each.seconds >= 1 and each.sentence.endswith(".") for each in SCHEDULE)
