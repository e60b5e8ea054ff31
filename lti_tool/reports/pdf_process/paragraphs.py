"""What xhtml2pdf's paragraphs do with texts of two directions, mended."""

from __future__ import annotations

import re
from typing import Any

from xhtml2pdf.reportlab_paragraph import Paragraph

_MARK = re.compile("[\u202a-\u202e]")
_in_order = Paragraph.displayLines


def mend() -> None:
    """For every paragraph from now on."""
    Paragraph.displayLines = _display_lines


def _display_lines(paragraph: Any) -> Any:
    """As xhtml2pdf, which puts each line in order by itself: so what is open where a line ends is opened anew in the
    next one. Else a sign at the end of a long text would stand on the wrong side.
    """
    lines, still_open = paragraph.blPara.lines, ""
    if not hasattr(paragraph.blPara, "carried"):
        for at, line in enumerate(lines):
            before = still_open
            for word in line[1] if paragraph.blPara.kind == 0 else line.words:
                for mark in _MARK.findall(_text(word)):
                    still_open = still_open[:-1] if mark == "\u202c" else still_open + mark
            lines[at] = _opened(line, before) if before else line
        paragraph.blPara.carried = True
    return _in_order(paragraph)


def _text(word: Any) -> str:
    """What is written of a word, which may be one of several styles."""
    found = word if isinstance(word, str | bytes) else getattr(word, "text", None) or ""
    return found.decode() if isinstance(found, bytes) else found


def _opened(line: Any, marks: str) -> Any:
    """The line with these marks in front."""
    if isinstance(line, tuple):
        return line[0], [marks + _text(line[1][0]), *line[1][1:]]
    words = list(line.words)
    for at, word in enumerate(words):
        if not hasattr(word, "cbDefn"):  # no picture
            words[at] = word.clone(text=marks + _text(word))
            break
    return line.clone(words=words)
