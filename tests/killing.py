"""A worker that is killed wherever chance has it: ``python -m tests.killing SEED``, ids of exports on standard input.

Each export is worked on in a process of its own, which kills itself (SIGKILL) before some line of the package
``reports`` or of the table that it writes. Prints how many were killed.
"""

from __future__ import annotations

import json
import logging
import os
import random
import signal
import sys
from collections.abc import Callable
from typing import Any

from lti_tool.analytics.queries import engagement
from lti_tool.app import create_app
from lti_tool.reports import tasks

PLACES = ("/lti_tool/reports/", "/lti_tool/analytics/engagement.py", "/lti_tool/analytics/queries/engagement.py")


def at_line(number: int, act: Callable[[], None]) -> Callable[..., Any]:
    """A trace function that acts before the ``number``-th line of these places."""
    left = number

    def local(_frame: Any, event: str, _argument: Any) -> Any:
        nonlocal left
        if event == "line":
            left -= 1
            if left == 0:
                act()
        return local

    def trace(frame: Any, _event: str, _argument: Any) -> Any:
        return local if any(place in frame.f_code.co_filename for place in PLACES) else None

    return trace


def lines_of(run: Callable[[], None]) -> int:
    """How many lines of these places it runs."""
    count = 0

    def local(_frame: Any, event: str, _argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return local

    sys.settrace(lambda frame, *_: local if any(place in frame.f_code.co_filename for place in PLACES) else None)
    run()
    sys.settrace(None)
    return count


def main() -> None:
    logging.disable()
    dice, ids, app = random.Random(int(sys.argv[1])), json.load(sys.stdin), create_app()
    engagement.CHUNK, tasks.SIGN_EVERY = 2, 0  # several pieces, and a sign after each

    def run(export_id: str) -> None:
        with app.app_context():
            tasks.run_export(export_id)

    def forked(act: Callable[[], None]) -> int:
        child = os.fork()
        if child == 0:
            act()
            os._exit(0)
        return os.waitpid(child, 0)[1]

    reading, writing = os.pipe()
    forked(lambda: (os.write(writing, str(lines_of(lambda: run(ids[0]))).encode()), None)[1])
    whole, killed = int(os.read(reading, 20)), 0

    for export_id in ids[1:]:
        trace = at_line(dice.randrange(1, whole), lambda: os.kill(os.getpid(), signal.SIGKILL))
        status = forked(lambda trace=trace, one=export_id: (sys.settrace(trace), run(one), None)[2])
        killed += os.WIFSIGNALED(status)
    print(json.dumps({"killed": killed, "lines": whole}))  # noqa: T201


if __name__ == "__main__":
    main()
