"""What all addresses of analytics share: who may come, and what their templates may call."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, request, url_for

from lti_tool.access.gate import analytics_on, may_open_analytics
from lti_tool.access.roles import ACCOUNT_ANALYTICS, COURSE_ANALYTICS
from lti_tool.analytics.metrics import data_value
from lti_tool.analytics.queries import media
from lti_tool.analytics.routes.ways import dates_asked, question_asked, via, way_back
from lti_tool.models import Entry

blueprint = Blueprint("analytics", __name__)
VIEWERS = (COURSE_ANALYTICS, ACCOUNT_ANALYTICS)


@blueprint.app_context_processor
def _for_templates() -> dict[str, object]:
    return {
        "data_value": data_value,
        "analytics_entries": _analytics_entries,
        "analytics_in_scope": lambda found: _analytics_entries(media.in_scope(g.actor.scope, found)),
        "analytics_is_on": lambda: analytics_on(g.actor),
        "dates_asked": dates_asked,
        "here": _here,
        "part_asked": part_asked,
        "via": via,
        "way_back": way_back,
    }


def _here(anchor: str, changes: dict[str, object]) -> str:
    """This page again, with the same question but for ``changes``."""
    return url_for(
        str(request.endpoint), _anchor=anchor, **{**question_asked(), **(request.view_args or {}), **changes}
    )


def part_asked() -> dict[str, Any]:
    """Which part of the session this page is asked about, for the addresses of pages that follow it."""
    return {name: request.args[name] for name in ("from", "to") if ":" in request.args.get(name, "")}


def _analytics_entries(entries: list[Entry]) -> set[int]:
    """Keys of the entries whose menu holds Analytics."""
    on = analytics_on(g.actor)
    return {entry.id for entry in entries if may_open_analytics(g.actor, entry, feature_on=on)}
