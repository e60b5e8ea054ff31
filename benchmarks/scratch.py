"""A tool on an empty SQLite database in a folder of its own, and medians."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from config.settings import load
from lti_tool import migrations
from lti_tool.access.accounts import create_account
from lti_tool.app import create_app
from lti_tool.models import begin_write, db


@contextmanager
def account(**settings: str) -> Iterator[int]:
    """The id of a new account, inside of the application's context. ``settings`` are variables of the environment."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(load({"LTI_TOOL_DATA_DIR": str(Path(folder) / "data"), **settings}))
        with app.test_request_context():
            migrations.upgrade(db.engine)
            begin_write()
            made = create_account("Benchmark")
            db.session.commit()
            yield made.partner_id
            db.session.remove()
            db.engine.dispose()


def median(work: Callable[[], object], *, runs: int = 7) -> float:
    """Median seconds of several runs, after one that does not count."""
    work()
    return statistics.median(timed(work) for _ in range(runs))


def timed(work: Callable[[], object]) -> float:
    """Seconds that it takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
