"""Jobs for the tests of the queue: a worker imports them by path."""

import os
import time
from pathlib import Path

from flask import current_app
from sqlalchemy import text

from lti_tool.models import db


def note(path: str, words: str) -> None:
    """Prove that a job runs in the application's context, with a working database."""
    one = db.session.scalar(text("SELECT 1"))
    with Path(path).open("a") as file:
        file.write(f"{current_app.name} {one} {words}\n")


def fail() -> None:
    raise RuntimeError("this job always fails")


def sleep(path: str) -> None:
    Path(path).write_text(str(os.getpid()))
    time.sleep(600)
