"""Names that may hold anything, where only some letters are safe: in files and in lines."""

from __future__ import annotations

import re

_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')


def of_file(name: str) -> str:
    """The name without what no system or header takes in the name of a file."""
    return _UNSAFE.sub("_", name).strip(" .")[:120]


def in_line(name: str) -> str:
    """The name in one line, short, of letters that can be printed."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())[:120]
