"""Start a command that cannot outlive the process that wanted it: ``python leash.py PARENT SIGNAL COMMAND …``.

On Linux the kernel sends SIGNAL when the parent goes, even by ``kill -9``, and the command replaces this process.
Elsewhere this process stays beside the command and watches. Only the standard library, no package of ours: it is
started as a file, in 20 ms.
"""

from __future__ import annotations

import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int, sign: int) -> None:
    """Linux: have this process sent ``sign`` when ``parent`` ends; ends it now if the parent has gone already."""
    if sys.platform != "linux":
        return
    import ctypes  # noqa: PLC0415 - only where it is used: half of the start-up time

    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, sign)
    if os.getppid() != parent:  # it went between our start and the line above
        os._exit(1)


def _watch(parent: int, sign: int, command: list[str]) -> int:
    import subprocess  # noqa: PLC0415

    child = subprocess.Popen(command)  # noqa: S603 - the command of our own parent
    signal.signal(signal.SIGTERM, lambda number, _frame: child.send_signal(number))
    while os.getppid() == parent:
        try:
            return child.wait(timeout=1)
        except subprocess.TimeoutExpired:
            continue
    child.send_signal(sign)
    return child.wait()


def main() -> None:
    parent, sign, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    if sys.platform == "linux":
        die_with_parent(parent, sign)
        os.execv(command[0], command)  # noqa: S606
    sys.exit(_watch(parent, sign, command))


if __name__ == "__main__":
    main()
