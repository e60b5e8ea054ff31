"""What a search for a name finds, whichever of the given and the family name is typed first."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import ColumnElement, func, or_

from lti_tool.models.names import name_key

LETTERS = 3
# Chinese, Japanese and Korean: a name may have two characters, and mostly no space between its parts.
_CJK = re.compile(
    "[\u1100-\u11ff\u3005-\u3007\u3040-\u318f\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7ff\uf900-\ufaff"
    "\uff66-\uffdc\U00020000-\U0003ffff]"
)
_MOST_ORDERS = 20  # longer than any name


def long_enough(search: str) -> bool:
    """Three letters, or one character of Chinese, Japanese or Korean."""
    return len(search) >= LETTERS or bool(_CJK.search(search))


def finds(column: Any, search: str) -> ColumnElement[bool]:
    """Whether the name whose key is in ``column`` holds the search: 'byron ada' finds Ada Byron, '佐藤蓮' 蓮 佐藤."""
    if not _CJK.search(search):
        return or_(*(_holds(column, order) for order in _turned(search.split(), " ")))
    # Nobody types where the family name ends, so it may end after any character.
    without_spaces = func.replace(column, " ", "")
    return or_(*(_holds(without_spaces, order) for order in _turned("".join(search.split()), "")))


def _turned(parts: Any, between: str) -> list[str]:
    """The parts, and with the first, the first two … of them put last."""
    turns = range(min(len(parts), _MOST_ORDERS))
    return [between.join((*parts[at:], *parts[:at])) for at in turns]


def _holds(column: Any, words: str) -> ColumnElement[bool]:
    return column.contains(name_key(words), autoescape=True)  # type: ignore[no-any-return]
