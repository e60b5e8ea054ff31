"""The job queue: its address, its name and how jobs are put in. Any room may enqueue; ``processes`` runs the jobs.

A job is a function path and plain arguments (text, numbers, lists): they travel as JSON. It must be safe to repeat,
because a job whose worker died runs again. Enqueue after the commit: the worker may be faster than the transaction.
"""

from __future__ import annotations

import logging
from typing import Any

from flask import current_app
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.job import Job, Retry
from rq.serializers import JSONSerializer

from config.settings import Settings

log = logging.getLogger(__name__)

NAME = "lti-tool"
TIMEOUT = 30 * 60
FAILURES_KEPT = 30 * 24 * 3600
BACK_OFF = (10, 60, 300, 1800)


class NoQueueError(Exception):
    """No queue is configured: neither ``serve`` gave one nor the settings."""


def connection(settings: Settings, *, patience: float | None = None) -> Redis:
    """A client of the queue's server. ``patience`` bounds every answer, in seconds. Raises ``NoQueueError``."""
    if settings.redis_url is None:
        raise NoQueueError("no queue: run 'lti-tool serve', or set LTI_TOOL_REDIS_URL.")
    client: Redis = Redis.from_url(
        settings.redis_url, socket_connect_timeout=patience or 5, socket_timeout=patience, health_check_interval=30
    )
    return client


def queue(settings: Settings) -> Queue:
    """The queue. Raises ``NoQueueError``."""
    return Queue(NAME, connection=connection(settings), serializer=JSONSerializer, default_timeout=TIMEOUT)


def enqueue(function_path: str, *args: Any, retry: bool = True) -> Job:
    """Have the worker call a function. A failure is tried again after a pause, four times, longer each time."""
    jobs = current_app.extensions.get("lti_tool_queue")
    if jobs is None:
        jobs = current_app.extensions["lti_tool_queue"] = queue(current_app.config["SETTINGS"])
    return put(jobs, function_path, *args, retry=retry)


def hint(function_path: str, *args: Any) -> None:
    """``enqueue`` for work that the schedule would find anyway: without a queue it is only done later."""
    try:
        enqueue(function_path, *args, retry=False)
    except (NoQueueError, RedisError) as error:
        log.warning("not enqueued, left to the schedule: %s (%s)", function_path, type(error).__name__)


def put(jobs: Queue, function_path: str, *args: Any, retry: bool = True) -> Job:
    """``enqueue`` for whoever holds the queue already."""
    return jobs.enqueue_call(
        function_path,
        args=args,
        result_ttl=600,
        failure_ttl=FAILURES_KEPT,
        retry=Retry(max=len(BACK_OFF), interval=list(BACK_OFF)) if retry else None,
    )
