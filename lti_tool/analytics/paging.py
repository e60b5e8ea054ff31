"""Which page of a list is shown, and where it begins: one rule for every list of every page."""

from __future__ import annotations

PAGE_SIZE = 10


def asked_page(text: str) -> int:
    """The page that an address asks for; the first, if it is no number that could be one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 1


def page_of(found: int, asked: int, size: int = PAGE_SIZE) -> tuple[int, int, int]:
    """The page that there is, how many there are, and the place of its first row, of ``found`` rows."""
    pages = max(1, -(-found // size))
    page = min(max(asked, 1), pages)
    return page, pages, (page - 1) * size
