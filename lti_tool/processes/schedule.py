"""The clock: puts the jobs of ``config/schedule.py`` into the queue, and failed jobs whose pause is over.

A plain loop that only enqueues. One process is meant to run it; a second does no harm, because the jobs are safe to
repeat and RQ's lock lets one clock move the retries.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from typing import Any

from redis.exceptions import RedisError
from rq import Queue
from rq.exceptions import NoSuchJobError
from rq.job import Job, JobStatus
from rq.scheduler import RQScheduler
from rq.serializers import JSONSerializer

from config.schedule import SCHEDULE, Periodic
from config.settings import Settings
from lti_tool import queue

log = logging.getLogger(__name__)

TICK = 1.0
LOCK_EVERY = 30.0  # RQ's lock lasts a minute


def keep_time(settings: Settings, stop: threading.Event, jobs: Sequence[Periodic] = SCHEDULE) -> None:
    """Run until ``stop`` is set. A queue that is away for a while is waited for."""
    clock = Clock(queue.queue(settings), jobs)
    away = False
    while not stop.wait(TICK):
        try:
            clock.tick(time.monotonic())
            if away:
                log.warning("the queue is back")
            away = False
        except RedisError as error:
            if not away:
                log.warning("the queue cannot be reached (%s); trying on", type(error).__name__)
            away = True


class Clock:
    """When each job is due next, and the last job enqueued for it."""

    def __init__(self, jobs: Queue, periodic: Sequence[Periodic]) -> None:
        self.jobs = jobs
        self.periodic = periodic
        self.due = {each.name: 0.0 for each in periodic}
        self.last: dict[str, str] = {}
        self.locked_at = -LOCK_EVERY
        self.retries: Any = RQScheduler(
            [jobs], connection=jobs.connection, serializer=JSONSerializer, logging_level=logging.WARNING
        )

    def tick(self, now: float) -> None:
        """Enqueue what is due at ``now`` (seconds of a steady clock). Raises ``RedisError``."""
        for each in self.periodic:
            if now >= self.due[each.name] and not self._waiting(each.name):
                # The next round is the retry: a sweep that failed is not worth keeping.
                self.last[each.name] = queue.put(self.jobs, each.function, retry=False).id
                self.due[each.name] = now + each.seconds
        if now - self.locked_at >= LOCK_EVERY:
            self.retries.acquire_locks()
            self.locked_at = now
        self.retries.enqueue_scheduled_jobs()

    def _waiting(self, name: str) -> bool:
        """Whether the last one still waits for a worker: rounds must not pile up while there is none."""
        if name not in self.last:
            return False
        try:
            job = Job.fetch(self.last[name], connection=self.jobs.connection, serializer=JSONSerializer)
        except NoSuchJobError:
            return False
        return bool(job.get_status(refresh=False) == JobStatus.QUEUED)
