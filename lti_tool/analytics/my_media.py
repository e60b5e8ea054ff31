"""My Media: a person's entries, searched, filtered and sorted, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _

from lti_tool.access.scope import Scope
from lti_tool.analytics.metrics import METRICS, Reading
from lti_tool.analytics.numbers import Numbers
from lti_tool.analytics.paging import PAGE_SIZE, asked_page, page_of
from lti_tool.analytics.queries import media as queries
from lti_tool.models import Entry, Person

SORTS = ("title", "kind", "plays", "created")


@dataclass(frozen=True)
class Filter:
    """A choice that leaves a part of the media. ``options``: what addresses say, and what people read."""

    name: str
    label: Any
    options: tuple[tuple[str, Any], ...]


FILTERS = (
    Filter("kind", _("Media type"), (("", _("All media")), ("room", _("Rooms")), ("video", _("Videos")))),
    Filter(
        "status",
        _("Publish status"),
        (
            ("", _("All statuses")),
            ("published", _("Published")),
            ("unlisted", _("Unlisted")),
            ("private", _("Private")),
        ),
    ),
    Filter(
        "schedule",
        _("Sessions"),
        (("", _("With or without")), ("upcoming", _("Upcoming")), ("past", _("Took place")), ("none", _("None"))),
    ),
    Filter("owner", _("Ownership"), (("", _("Any role")), ("owner", _("I own")), ("host", _("I hosted")))),
)


@dataclass(frozen=True)
class Item:
    """An entry with the person's role in it, its status and its plays."""

    entry: Entry
    plays: Reading
    published: bool
    owned: bool
    hosted: bool


@dataclass(frozen=True)
class MyMedia:
    """Page ``page`` of ``pages``; ``found`` of the person's media are left by what was ``asked``."""

    items: tuple[Item, ...]
    asked: dict[str, str]
    sort: str
    descending: bool
    found: int
    page: int
    pages: int

    @property
    def filtered(self) -> bool:
        return any(self.asked.values())

    @property
    def entries(self) -> list[Entry]:
        return [item.entry for item in self.items]


def my_media(scope: Scope, person: Person, arguments: Mapping[str, str]) -> MyMedia:
    """What an address asks for; what it says wrongly is as if it said nothing."""
    asked = {each.name: _known(each, arguments.get(each.name, "")) for each in FILTERS}
    asked["search"] = arguments.get("search", "").strip()[:100]
    sort = arguments.get("sort", "")
    sort = sort if sort in SORTS else "created"
    descending = arguments.get("order", "asc" if sort in ("title", "kind") else "desc") == "desc"
    found = queries.count(scope, person, asked)
    page, pages, start = page_of(found, asked_page(arguments.get("page", "")))
    rows = queries.page(scope, person, asked, sort=sort, descending=descending, limit=PAGE_SIZE, offset=start)
    items = tuple(
        Item(
            entry,
            METRICS["count_plays"].reading(Numbers(plays=plays)),
            published,
            entry.owner_id == person.external_id,
            hosted,
        )
        for entry, plays, published, hosted in rows
    )
    return MyMedia(items, asked, sort, descending, found, page, pages)


def _known(each: Filter, value: str) -> str:
    return value if value in dict(each.options) else ""
