"""HTML to PDF, with the letters of most of the world.

The PDF is made by a process of its own, ``pdf_process.py``: the makers of PDFs take a second to load and a lot of
memory, keep every font for ever, and hold up everybody else in their process.

Fonts: DejaVu Sans (from matplotlib) has Latin, Cyrillic, Greek, Arabic and Hebrew; Noto Sans CJK, of which only the
letters in use are taken, has Chinese, Japanese and Korean.
"""

from __future__ import annotations

import re
import subprocess
import sys
import unicodedata
from pathlib import Path
from threading import BoundedSemaphore

_PROCESS = Path(__file__).with_name("pdf_process.py")
LONGEST_SECONDS = 600
# Each takes a processor and some hundred megabytes: others wait.
_AT_ONCE = BoundedSemaphore(2)
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


def make(document: str, css: Path) -> bytes:
    """The PDF of an HTML document, laid out by a style sheet."""
    command = [sys.executable, "-P", str(_PROCESS), str(css)]
    with _AT_ONCE:
        done = subprocess.run(  # noqa: S603
            command, input=document.encode(), capture_output=True, timeout=LONGEST_SECONDS, check=False
        )
    if done.returncode or not done.stdout.startswith(b"%PDF"):
        raise NoPdf(done.stderr.decode(errors="replace")[-2000:])
    return done.stdout
