"""``lti-tool demo`` as a real process: from nothing to an LMS page, and gone by Ctrl-C."""

import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.ports import free_port

pytest.importorskip("lti_tool.demo.lms")


@pytest.mark.xdist_group("demo")
def test_demo_from_nothing_to_a_page_of_links(tmp_path: Path) -> None:
    port = free_port()
    environ = {**os.environ, "LTI_TOOL_DATA_DIR": str(tmp_path)}
    demo = subprocess.Popen(
        [sys.executable, "-m", "lti_tool", "demo", "--port", str(port)],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert demo.stdout
        lines = [demo.stdout.readline().strip() for _ in range(4)]
        lms = re.fullmatch(r"LMS +(http://127\.0\.0\.1:\d+)", lines[0])
        assert lms, (lines, demo.stderr and demo.stderr.read())
        outbox = tmp_path / "demo" / "outbox"
        assert lines[1:] == [f"Tool  http://127.0.0.1:{port}", f"Mail  {outbox} (a file a mail)", "Ctrl-C ends it"]
        with urllib.request.urlopen(lms[1]) as answer:
            page = answer.read().decode()
        assert "A made-up LMS for trying the tool" in page
        assert page.count("data-link=") >= 8
        assert str(outbox) in page
        assert f"LTI_TOOL_DATA_DIR=&#39;{tmp_path / 'demo'}&#39;" in page
        assert "style=" not in page
        assert "<script" not in page
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz") as answer:
            assert answer.status == 200
        demo.send_signal(signal.SIGINT)
        out, said = demo.communicate(timeout=30)
        assert (demo.returncode, out) == (0, "")
        assert "Traceback" not in said
        assert "Warning" not in said
    finally:
        demo.kill()
        demo.wait()
