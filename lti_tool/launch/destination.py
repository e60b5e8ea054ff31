"""Where a launch leads: only ever to a page of ours, by the signed address, else by custom parameters, else by role."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from lti_tool.access.actor import LAUNCH_PARAMETER
from lti_tool.access.roles import ACCOUNT_ANALYTICS
from lti_tool.launch.claims import LaunchMessage
from lti_tool.launch.refusals import course_refusal, refuse
from lti_tool.platforms import Family

# The pages of contract 4. An id is anything but a separator; dots alone would climb.
_PAGES = re.compile(
    r"/(?:my-media|admin|(?:media|channels|events|people)/(?!\.{1,2}(?:/|\Z))[^/\\?#\x00-\x20]{1,400}(?:/[a-z-]+){0,2})/?"
)


_IDS = ("entry_id", "event_id", "channel_id")


def on_our_origin(address: str, public_url: str) -> bool:
    """Whether the address has our scheme, host and port, and nothing that could make a browser read it otherwise."""
    try:
        theirs, ours = urlsplit(address), urlsplit(public_url)
        same = (theirs.scheme, theirs.hostname, theirs.port) == (ours.scheme, ours.hostname, ours.port)
    except ValueError:
        return False
    return same and "@" not in theirs.netloc and not re.search(r"[\\\x00-\x20]", address)


def destination(
    message: LaunchMessage, *, channel_id: str | None, permissions: frozenset[str], family: Family, public_url: str
) -> str:
    """Path and query of the page. Raises ``Refusal``."""
    if not on_our_origin(message.target_link_uri, public_url):
        raise refuse("target_foreign")
    parts = urlsplit(message.target_link_uri)
    if _PAGES.fullmatch(parts.path):
        return parts.path + (f"?{parts.query}" if parts.query else "")
    named = _by_custom(message.custom, channel_id=channel_id, family=family)
    if named:
        return named
    if channel_id is not None:
        return _path("channels", channel_id)
    return "/admin" if ACCOUNT_ANALYTICS in permissions else "/my-media"


def entry_of(address: str) -> str | None:
    """The entry that a page of ours is about, if it is about one."""
    found = re.match(r"/media/([^/?]+)", address)
    return unquote(found[1]) if found else None


def _by_custom(custom: Mapping[str, str], *, channel_id: str | None, family: Family) -> str | None:
    page = custom.get("page")
    ids = {name: custom[name] for name in _IDS if 0 < len(custom.get(name, "")) <= 255}
    if page == "media" and "entry_id" in ids:
        return _path("media", ids["entry_id"])
    if page == "event" and "event_id" in ids:
        return _path("events", ids["event_id"]) + "/agenda"
    if page == "channel":
        wanted = ids.get("channel_id") or channel_id
        if wanted is None:
            raise course_refusal(family.course_missing)
        return _path("channels", wanted)
    return {"my_media": "/my-media", "admin": "/admin"}.get(page or "")


def _path(page: str, identifier: str) -> str:
    if identifier in (".", ".."):
        raise refuse("target_foreign")
    return f"/{page}/{quote(identifier, safe='')}"


def with_launch(address: str, launch_id: str) -> str:
    """The address with the launch that it belongs to; the rest of its query stays."""
    path, _, query = address.partition("?")
    kept = [pair for pair in query.split("&") if pair and pair.partition("=")[0] != LAUNCH_PARAMETER]
    return f"{path}?{'&'.join([*kept, urlencode({LAUNCH_PARAMETER: launch_id})])}"


def origin(address: str) -> str:
    """Scheme, host and port, as browsers compare them."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower()


def add_query(address: str, parameters: Mapping[str, str]) -> str:
    """An address of a platform with parameters added; a query that it already has stays."""
    parts = urlsplit(address)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *parameters.items()])
    return parts._replace(query=query, fragment="").geturl()
