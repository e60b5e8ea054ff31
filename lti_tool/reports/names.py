"""Names that may hold anything, where only some letters are safe: in files and in lines."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from werkzeug.http import dump_options_header

_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')


def of_file(name: str) -> str:
    """The name without what no system or header takes in the name of a file."""
    return _UNSAFE.sub("_", name).strip(" .")[:120]


def attachment(name: str) -> str:
    """The header (RFC 6266) that has a file saved under a name of ``of_file`` and what follows it: in ASCII for who
    knows nothing else, where only what follows may be left, and as it is.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lstrip(" ._-")
    also = {} if plain == name else {"filename*": f"UTF-8''{quote(name, safe='')}"}
    return dump_options_header("attachment", {"filename": plain, **also})


def in_line(name: str) -> str:
    """The name in one line, short, of letters that can be printed."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())[:120]
