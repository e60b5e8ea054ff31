"""The worker: runs jobs one after the other, each in a process of its own, inside the application's context."""

from __future__ import annotations

import os
import signal
from typing import Any

from flask import Flask
from rq import Queue, Worker
from rq.job import Job
from rq.serializers import JSONSerializer

from lti_tool import queue
from lti_tool.models import db
from lti_tool.processes.leash import die_with_parent


class AppWorker(Worker):
    """RQ's worker with our application around every job."""

    app: Flask
    max_connection_wait_time = 5.0

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """First thing in the forked process: do not outlive the worker, and use no connection of its."""
        die_with_parent(self.pid or os.getppid(), signal.SIGKILL)
        with self.app.app_context():
            db.engine.dispose(close=False)
        super().main_work_horse(job, queue)

    def perform_job(self, job: Job, *args: Any, **kwargs: Any) -> bool:
        with self.app.app_context():
            try:
                done: bool = super().perform_job(job, *args, **kwargs)
            finally:
                db.session.remove()
                db.engine.dispose()  # the process ends without clean-up of its own
        return done


def work(app: Flask, *, burst: bool = False) -> None:
    """Run jobs until told to stop (SIGTERM, SIGINT: the running job is finished first). ``burst``: until none is left.

    RQ forks for every job, so no database connection may be open here when it does.
    """
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    jobs = queue.queue(app.config["SETTINGS"])
    worker = AppWorker([jobs], connection=jobs.connection, serializer=JSONSerializer, maintenance_interval=60)
    worker.app = app
    worker.log_result_lifespan = False
    worker.work(burst=burst, logging_level=None)
