"""HTML to PDF, with the letters of most of the world.

The PDF is made by a process of its own, ``pdf_process``: the makers of PDFs take a second to load and a lot of
memory, keep every font for ever, and hold up everybody else in their process.

Fonts: DejaVu Sans (from matplotlib) has Latin, Cyrillic, Greek, Arabic and Hebrew; Noto Sans CJK, of which only the
letters in use are taken, has Chinese, Japanese and Korean.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryFile
from threading import BoundedSemaphore

_PROCESS = ("-m", "lti_tool.reports.pdf_process")
LONGEST_SECONDS = 900
HEAR_EVERY = 1.0
# Each takes a processor and some hundred megabytes: others wait.
_AT_ONCE = BoundedSemaphore(2)
_SHARE = re.compile(r"[01]\.\d+")
_MARKS = re.compile(r"[\u200e\u200f\u202a-\u202e]")


class NoPdf(RuntimeError):
    """The PDF could not be made."""


def direction(text: str) -> str:
    """``rtl`` if the first letter that has a direction runs from right to left, else ``ltr``."""
    for letter in text:
        if (kind := unicodedata.bidirectional(letter)) in ("L", "R", "AL"):
            return "ltr" if kind == "L" else "rtl"
    return "ltr"


def own(text: str, around: str) -> str:
    """A text of somebody's in its own direction, in a document that runs ``around``: neither stirs the other.

    Its own marks of direction are left out: what they open would go on behind the text.
    """
    text = _MARKS.sub("", text)
    way = direction(text)
    if way == around == "ltr" and not any(unicodedata.bidirectional(letter) in ("R", "AL", "AN") for letter in text):
        return text
    edge = "\u200f" if around == "rtl" else "\u200e"
    return f"{edge}{chr(0x202B) if way == 'rtl' else chr(0x202A)}{text}\u202c{edge}"


def make(document: str, css: Path, progress: Callable[[float], None] = lambda _share: None) -> bytes:
    """The PDF of an HTML document, laid out by a style sheet.

    ``progress`` hears every second which share of it is done; what it raises ends the process that makes the PDF.
    """
    with TemporaryFile() as given, TemporaryFile() as made, TemporaryFile() as said, _AT_ONCE:
        given.write(document.encode())
        given.seek(0)
        command = [sys.executable, "-P", *_PROCESS, str(css)]
        process = subprocess.Popen(command, stdin=given, stdout=made, stderr=said)  # noqa: S603
        try:
            _wait(process, lambda: progress(_share(said.fileno())))
        finally:
            process.kill()
            process.wait()
        made.seek(0)
        content = made.read()
        if process.returncode or not content.startswith(b"%PDF"):
            said.seek(0)
            raise NoPdf(said.read().decode(errors="replace")[-2000:])
    return content


def _wait(process: subprocess.Popen[bytes], tick: Callable[[], None]) -> None:
    """Until it has ended. Raises ``NoPdf`` if that takes too long."""
    ends = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < ends:
        try:
            process.wait(HEAR_EVERY)
        except subprocess.TimeoutExpired:
            tick()
        else:
            return
    raise NoPdf(f"not made within {LONGEST_SECONDS} seconds")


def _share(said: int) -> float:
    """What the process wrote last: a share, in a line of its own. Reading must not move where it writes."""
    size = os.fstat(said).st_size
    *_before, last, _rest = ["", *os.pread(said, 64, max(0, size - 64)).decode(errors="replace").split("\n")]
    return float(last) if _SHARE.fullmatch(last) else 0.0
