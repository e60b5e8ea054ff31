"""A channel: what is published in it, searched and sorted, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lti_tool.access.scope import Scope
from lti_tool.analytics.metrics import METRICS, Reading
from lti_tool.analytics.numbers import Numbers
from lti_tool.analytics.paging import PAGE_SIZE, asked_page, page_of
from lti_tool.analytics.queries import media as queries
from lti_tool.models import Channel, Entry

SORTS = ("title", "kind", "plays", "created")


@dataclass(frozen=True)
class ChannelPage:
    """Page ``page`` of ``pages``: (entry, its plays); ``found`` of the channel's media are left by the search."""

    channel: Channel
    items: tuple[tuple[Entry, Reading], ...]
    search: str
    sort: str
    descending: bool
    found: int
    page: int
    pages: int

    @property
    def entries(self) -> list[Entry]:
        return [entry for entry, _plays in self.items]


def channel_page(scope: Scope, channel: Channel, arguments: Mapping[str, str]) -> ChannelPage:
    """What an address asks for; what it says wrongly is as if it said nothing."""
    search, sort = arguments.get("search", "").strip()[:100], arguments.get("sort", "")
    sort = sort if sort in SORTS else "title"
    descending = arguments.get("order", "asc" if sort in ("title", "kind") else "desc") == "desc"
    found = queries.count_published(scope, channel, search)
    page, pages, start = page_of(found, asked_page(arguments.get("page", "")))
    rows = queries.published_in(scope, channel, search, sort=sort, descending=descending, limit=PAGE_SIZE, offset=start)
    items = tuple((entry, METRICS["count_plays"].reading(Numbers(plays=plays))) for entry, plays in rows)
    return ChannelPage(channel, items, search, sort, descending, found, page, pages)
