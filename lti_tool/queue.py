"""The job queue: its address, its name and how jobs are put in. Any room may enqueue; ``processes`` runs the jobs.

A job is a function path and plain arguments (text, numbers, lists): they travel as JSON. It must be safe to repeat,
because a job whose worker died runs again. Enqueue after the commit: the worker may be faster than the transaction.
"""

from __future__ import annotations

import logging
import secrets
from typing import Any

from flask import current_app
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry as Retries
from rq import Queue
from rq.job import Job, Retry
from rq.serializers import JSONSerializer

from config.settings import Settings

log = logging.getLogger(__name__)

NAME = "lti-tool"
PATIENCE = 2.0
TIMEOUT = 30 * 60
FAILURES_KEPT = 30 * 24 * 3600
BACK_OFF = (10, 60, 300, 1800)


class NoQueueError(Exception):
    """No queue is configured: neither ``serve`` gave one nor the settings."""


def connection(settings: Settings, *, patience: float | None = None) -> Redis:
    """A client of the queue's server. ``patience`` bounds every answer, in seconds. Raises ``NoQueueError``."""
    if settings.redis_url is None:
        raise NoQueueError("no queue: run 'lti-tool serve', or set LTI_TOOL_REDIS_URL.")
    bounds: dict[str, Any] = {"health_check_interval": 30, "socket_connect_timeout": patience or 5}
    if patience:
        bounds |= {"socket_timeout": patience, "retry": Retries(NoBackoff(), 0)}  # else each time-out counts four times
    client: Redis = Redis.from_url(settings.redis_url, **bounds)
    return client


def queue(settings: Settings, *, patience: float | None = None) -> Queue:
    """The queue. Raises ``NoQueueError``."""
    client = connection(settings, patience=patience)
    return Queue(NAME, connection=client, serializer=JSONSerializer, default_timeout=TIMEOUT)


def enqueue(function_path: str, *args: Any) -> Job:
    """Have the worker call a function. A failure is tried again after a pause, four times, longer each time."""
    return put(_of_application(), function_path, *args)


def hint(function_path: str, *args: str | int) -> None:
    """Have the worker do what the schedule would find anyway: without a queue it is only done later.

    One call that waits is enough. One that runs is not: it may have passed by what is new.
    """
    name = "-".join([function_path.rpartition(".")[2], *map(str, args), ""])
    try:
        jobs = _of_application()
        if not any(waiting.startswith(name) for waiting in jobs.get_job_ids()):
            put(jobs, function_path, *args, retry=False, job_id=name + secrets.token_hex(8))
    except (NoQueueError, RedisError) as error:
        log.warning("not enqueued, left to the schedule: %s (%s)", function_path, type(error).__name__)


def _of_application() -> Queue:
    """The application's queue: a server that hangs must not hold the web server's threads."""
    jobs = current_app.extensions.get("lti_tool_queue")
    if jobs is None:
        settings = current_app.config["SETTINGS"]
        jobs = current_app.extensions["lti_tool_queue"] = queue(settings, patience=PATIENCE)
    assert isinstance(jobs, Queue)
    return jobs


def put(jobs: Queue, function_path: str, *args: Any, retry: bool = True, job_id: str | None = None) -> Job:
    """``enqueue`` for whoever holds the queue already."""
    return jobs.enqueue_call(
        function_path,
        args=args,
        job_id=job_id,
        result_ttl=600,
        failure_ttl=FAILURES_KEPT,
        retry=Retry(max=len(BACK_OFF), interval=list(BACK_OFF)) if retry else None,
    )
