"""What all addresses of analytics share: who may come, and what their templates may call."""

from __future__ import annotations

from flask import Blueprint, current_app, g, request, url_for

from lti_tool.access.gate import analytics_on, may_open_analytics
from lti_tool.access.roles import ACCOUNT_ANALYTICS, COURSE_ANALYTICS
from lti_tool.analytics.metrics import data_value
from lti_tool.models import Entry

blueprint = Blueprint("analytics", __name__)
# What an address may ask of a page; anything else in it is not carried on.
_OF_PARTS = ("stage_page", "presented_page", "poll_sort", "poll_order", "poll_page", "from", "to")
_TABLES = ("recordings", "people", "countries", "devices", "stage")
_OF_TABLES = [f"{table}_{part}" for table in _TABLES for part in ("sort", "order", "page")]
_ABOUT = ("launch", "session", "room", "range", "recording", "device", "operating_system")
ASKED = (*_ABOUT, "sort", "order", "search", "page", *_OF_PARTS, *_OF_TABLES)
VIEWERS = (COURSE_ANALYTICS, ACCOUNT_ANALYTICS)


@blueprint.app_context_processor
def _for_templates() -> dict[str, object]:
    return {"data_value": data_value, "analytics_entries": _analytics_entries, "here": _here, "has_page": _has_page}


def _here(anchor: str, changes: dict[str, object]) -> str:
    """This page again, with the same question but for ``changes``."""
    asked = {name: value for name, value in request.args.items() if name in ASKED}
    return url_for(str(request.endpoint), _anchor=anchor, **{**(request.view_args or {}), **asked, **changes})


def _has_page(endpoint: str) -> bool:
    return endpoint in current_app.view_functions


def _analytics_entries(entries: list[Entry]) -> set[int]:
    """Keys of the entries whose menu holds Analytics."""
    on = analytics_on(g.actor)
    return {entry.id for entry in entries if may_open_analytics(g.actor, entry, feature_on=on)}
