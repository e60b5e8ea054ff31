"""The way back. A page puts itself into the addresses of those that it links to, as ``via``: so they lead back to it
with the same dates, session, part, search, order and page, and with its own way back.

``via`` holds the name of one of our pages and what it is asked, never an address: one is made of them anew.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import g, request, url_for
from werkzeug.routing import BuildError

from lti_tool.access.actor import LAUNCH_PARAMETER
from lti_tool.access.gate import find_entry
from lti_tool.analytics.queries import events, rooms
from lti_tool.errors import Refusal

PAGES = frozenset(("channel_rooms", "channel_videos", "people", "person", "room"))
DATES = ("range", "from", "to")
# What an address asks of a page is carried on; whatever else a query may hold is not, least of all to ``url_for``.
_QUESTION = re.compile("(?!(?:endpoint|self)$)[a-z][a-z_]*")
_LONGEST = 400  # letters of a way that is made part of another; each step escapes it once more


@dataclass(frozen=True)
class Way:
    """A page that the visitor came from: its name, its address, and what it was asked."""

    page: str
    address: str
    question: dict[str, str]


def question_asked() -> dict[str, Any]:
    """What this page is asked."""
    return {name: value for name, value in request.args.items() if _QUESTION.fullmatch(name)}


def via(anchor: str = "", **changes: str | None) -> str | None:
    """This page, at ``anchor``, for the address of one that it links to; a page of no such name hands on its own
    ``via``. A long way forgets where it began.
    """
    name, own = str(request.endpoint).rpartition(".")[2], request.args.get("via")
    if name not in PAGES:
        return own
    asked = {**question_asked(), **(request.view_args or {}), **changes}
    asked["via"] = own if own and len(own) <= _LONGEST else None
    asked.pop(LAUNCH_PARAMETER, None)
    question = urlencode({key: value for key, value in asked.items() if value is not None})
    return f"{name}?{question}#{anchor}" if anchor else f"{name}?{question}"


def way_back(**changes: str | None) -> Way | None:
    """The page that this one was opened from, asked the same but for ``changes``; nothing where it cannot be opened."""
    name, _mark, rest = request.args.get("via", "").partition("?")
    query, _sharp, anchor = rest.partition("#")
    asked = {key: value for key, value in parse_qsl(query) if _QUESTION.fullmatch(key) and "\0" not in value}
    asked.pop(LAUNCH_PARAMETER, None)
    if name not in PAGES or not _may_open(asked):
        return None
    question: dict[str, Any] = {**asked, **changes}
    try:
        address = url_for(f"analytics.{name}", _anchor=anchor or None, **question)
    except BuildError:
        return None
    return Way(name, address, asked)


def dates_asked() -> dict[str, str]:
    """The range of dates that this page is about, or from which its session was chosen."""
    way = way_back() if request.args.get("session") else None
    asked = way.question if way else {} if request.args.get("session") else request.args
    return {name: asked[name] for name in DATES if asked.get(name) and ":" not in asked[name]}


def _may_open(asked: dict[str, str]) -> bool:
    scope = g.actor.scope
    if "channel_id" in asked and not rooms.channel(scope, asked["channel_id"]):
        return False
    if "event_id" in asked and not (scope.people and events.event(scope, asked["event_id"])):
        return False
    if "user_id" in asked and not scope.people:
        return False
    if "entry_id" not in asked:
        return True
    try:
        return bool(find_entry(g.actor, asked["entry_id"]))
    except Refusal:
        return False
