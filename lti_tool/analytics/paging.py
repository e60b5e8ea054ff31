"""Which page of a list is shown, and where it begins: one rule for every list of every page."""

from __future__ import annotations

from typing import Final

PAGE_SIZE = 10


class _Every(int):
    """A page that no address can ask for: it is known by what it is, not by its number."""


# The page that holds all rows: what a file asks for.
EVERY: Final = _Every(1)


def asked_page(text: str | int) -> int:
    """The page that an address asks for; the first, if it is no number that could be one. A file asks for a number."""
    if isinstance(text, int):
        return text
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 1


def page_of(found: int, asked: int, size: int = PAGE_SIZE) -> tuple[int, int, int]:
    """The page that there is, how many there are, and the place of its first row, of ``found`` rows."""
    if asked is EVERY:
        return 1, 1, 0
    pages = max(1, -(-found // size))
    page = min(max(asked, 1), pages)
    return page, pages, (page - 1) * size


def size_of(found: int, asked: int) -> int:
    """How many rows the page has, at most."""
    return found if asked is EVERY else PAGE_SIZE
