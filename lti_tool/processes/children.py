"""Child processes that are started again when they die, and that end when we do, whatever ends us."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lti_tool.processes import leash

log = logging.getLogger(__name__)

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
LIVED_WELL = 60.0
GRACE = 10.0


@dataclass
class Child:
    """A command and its process. ``stdin`` is written to it at every start; ``farewell`` is what the kernel sends it
    when we die. ``keep_open`` are file descriptors that it inherits.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    stdin: bytes = b""
    farewell: signal.Signals = signal.SIGKILL
    keep_open: Sequence[int] = ()
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    start_at: float = 0.0
    pause: float = FIRST_PAUSE

    def start(self) -> None:
        """Start it on a leash, in a process group of its own: Ctrl-C is for us, and we tell the children."""
        leashed = [sys.executable, "-I", "-S", str(Path(leash.__file__)), str(os.getpid()), str(int(self.farewell))]
        self.process = subprocess.Popen(  # noqa: S603 - commands of our own
            [*leashed, *self.command],
            env={**os.environ, **self.environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            process_group=0,
            pass_fds=tuple(self.keep_open),
        )
        assert self.process.stdin
        try:
            self.process.stdin.write(self.stdin)
            self.process.stdin.close()
        except BrokenPipeError:
            log.warning("%s did not read its configuration", self.name)
        self.started = time.monotonic()

    def tend(self) -> None:
        """Start it again if it died, later and later if it keeps dying."""
        now = time.monotonic()
        if self.process is not None:
            if self.process.poll() is None:
                return
            self.pause = FIRST_PAUSE if now - self.started > LIVED_WELL else min(self.pause * 2, LONGEST_PAUSE)
            self.start_at = now + self.pause
            log.warning("%s ended (%s); it starts again in %.0f s", self.name, self.process.returncode, self.pause)
            self.process = None
        elif now >= self.start_at:
            self.start()

    def end(self) -> None:
        """Ask it to end, and insist after a while."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=GRACE)
        except subprocess.TimeoutExpired:
            log.warning("%s did not end in %.0f s; it is killed", self.name, GRACE)
            self.process.kill()
            self.process.wait()


class Family:
    """Children under one watch. The last one added is the first to end."""

    def __init__(self) -> None:
        self.children: list[Child] = []
        self._stop = threading.Event()
        # The kernel ties a child to the thread that started it, so the watching thread also sees the children off.
        self._watch = threading.Thread(target=self._tend, name="children", daemon=True)

    def add(self, child: Child) -> None:
        child.start()
        self.children.append(child)

    def watch(self) -> None:
        """From now on, start again what dies."""
        self._watch.start()

    def close(self) -> None:
        self._stop.set()
        if self._watch.is_alive():
            self._watch.join()
        else:
            self._end()

    def _tend(self) -> None:
        while not self._stop.wait(0.2):
            for child in self.children:
                try:
                    child.tend()
                except OSError as error:
                    child.start_at = time.monotonic() + LONGEST_PAUSE
                    log.error("%s cannot be started: %s", child.name, error)
        self._end()

    def _end(self) -> None:
        for child in reversed(self.children):
            child.end()
