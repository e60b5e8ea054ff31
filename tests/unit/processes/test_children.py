"""Children: started again when they die, ended with us."""

import sys
import time
from pathlib import Path

import pytest

from lti_tool.processes import children
from lti_tool.processes.children import Child, Family

COUNT = "import sys, pathlib; p = pathlib.Path(sys.argv[1]); p.write_text(p.read_text() + 'x')"


def test_a_child_that_dies_is_started_again_later_and_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "FIRST_PAUSE", 0.05)
    count = tmp_path / "count"
    count.write_text("")
    child = Child("short", [sys.executable, "-c", COUNT, str(count)], pause=0.05)
    family = Family()
    family.add(child)
    family.watch()
    deadline = time.monotonic() + 5
    while len(count.read_text()) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    family.close()
    assert len(count.read_text()) >= 3
    assert child.pause >= 0.2


def test_a_child_that_does_not_listen_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "GRACE", 0.3)
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    family = Family()
    family.add(Child("deaf", [sys.executable, "-c", deaf]))
    time.sleep(0.3)
    family.close()
    process = family.children[0].process
    assert process is not None
    assert process.returncode is not None


def test_the_last_one_added_ends_first(tmp_path: Path) -> None:
    polite = "\n".join(
        (
            "import signal, sys",
            "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])",
            "signal.sigwait([signal.SIGTERM])",
            "open(sys.argv[1], 'a').write(sys.argv[2])",
        )
    )
    family = Family()
    for name in "abc":
        family.add(Child(name, [sys.executable, "-c", polite, str(tmp_path / "ends"), name]))
    time.sleep(0.5)
    family.close()
    assert (tmp_path / "ends").read_text() == "cba"
