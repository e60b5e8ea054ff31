"""HTTP of custom reports: of a room and of a channel, a page to ask and the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, g, render_template, request, stream_with_context, url_for
from flask_babel import gettext as _
from sqlalchemy import or_

from lti_tool.access.flags import ANALYTICS
from lti_tool.access.gate import channel_refusal, gate, names_refusal
from lti_tool.analytics.period import PRESETS, Period, asked_period
from lti_tool.analytics.queries import over_sessions, rooms
from lti_tool.analytics.routes import VIEWERS
from lti_tool.errors import ToolError
from lti_tool.models import Channel, Entry
from lti_tool.reports.custom import OF_ROOM, REPORTS, Asked, Report, choices, lines, read_filters, unusable
from lti_tool.reports.custom.asked import Where

blueprint = Blueprint("custom_reports", __name__)
FILTERS = ("entry_ids", "cue_point_ids", "user_ids", "virtual_event_ids")  # that the form has


@dataclass(frozen=True)
class Form:
    """What may be asked, and what the address asks already."""

    reports: Mapping[str, Report]
    report: str
    period: Period
    custom: bool
    descriptive: bool
    sessions: tuple[tuple[Any, Entry], ...]
    rooms: tuple[Entry, ...]
    events: tuple[Any, ...]
    asked: Mapping[str, str]


@blueprint.get("/media/<entry_id>/analytics/custom")
@gate(*VIEWERS, feature=ANALYTICS, entry=True, rooms_only=True)
def room(entry_id: str) -> str:
    return render_template("custom_room.html", entry=g.entry, presets=PRESETS, form=_form(OF_ROOM, _of_room(g.entry)))


@blueprint.get("/media/<entry_id>/analytics/custom.csv")
@gate(*VIEWERS, feature=ANALYTICS, entry=True, rooms_only=True)
def room_file(entry_id: str) -> Response:
    return _file(OF_ROOM, _of_room(g.entry), url_for("custom_reports.room", entry_id=entry_id))


@blueprint.get("/channels/<channel_id>/analytics/custom")
@gate(*VIEWERS, feature=ANALYTICS)
def channel(channel_id: str) -> str:
    found = _channel(channel_id)
    return render_template(
        "custom_channel.html", channel=found, presets=PRESETS, form=_form(REPORTS, over_sessions.of_channel(found))
    )


@blueprint.get("/channels/<channel_id>/analytics/custom.csv")
@gate(*VIEWERS, feature=ANALYTICS)
def channel_file(channel_id: str) -> Response:
    where = over_sessions.of_channel(_channel(channel_id))
    return _file(REPORTS, where, url_for("custom_reports.channel", channel_id=channel_id))


def _of_room(entry: Entry) -> Where:
    """The room and its breakout rooms."""
    return or_(Entry.id == entry.id, Entry.parent_id == entry.external_id)


def _channel(channel_id: str) -> Channel:
    found = rooms.channel(g.actor.scope, channel_id)
    if found is None:
        raise channel_refusal()
    return found


def _form(reports: Mapping[str, Report], where: Where) -> Form:
    _only_with_names()
    asked, period = request.args, asked_period(_dates())
    report = asked.get("report", "")
    return Form(
        reports=reports,
        report=report if report in reports else next(iter(reports)),
        period=period,
        custom=period.preset is None,
        descriptive=asked.get("descriptive") == "1",
        sessions=choices.sessions(g.actor.scope, where),
        rooms=choices.rooms(g.actor.scope, where),
        events=choices.events(g.actor.scope, where),
        asked={name: asked.get(name, "") for name in FILTERS},
    )


def _file(reports: Mapping[str, Report], where: Where, back: str) -> Response:
    _only_with_names()
    try:
        report, period, filters = _asked(reports)
    except ToolError as error:
        error.link = (_("Custom report"), back)
        raise
    question = Asked(g.actor.scope, period.start_ms, period.end_ms, where, filters)
    body = stream_with_context(lines(report, question, descriptive=request.args.get("descriptive") == "1"))
    response = Response(body, content_type="text/csv; charset=utf-8")
    name = f"{report.name}_{period.first.isoformat()}_{period.last.isoformat()}.csv"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Cache-Control"] = "no-store"
    return response


def _asked(reports: Mapping[str, Report]) -> tuple[Report, Period, dict[str, frozenset[str]]]:
    """The report, its dates and filters; raises ``ToolError`` that names what is wrong."""
    asked, period = request.args, asked_period(_dates())
    report = reports.get(asked.get("report") or next(iter(reports)))
    if report is None:
        raise unusable("report", _("there are %(names)s", names=", ".join(reports)))
    if period.misread:
        raise unusable(
            "from, to, range",
            _("the dates must exist, the first must not come after the last, and at most three years may lie between"),
        )
    return report, period, read_filters({name: asked[name] for name in FILTERS if name in asked}, report.filters)


def _only_with_names() -> None:
    if not g.actor.scope.people:
        raise names_refusal()


def _dates() -> dict[str, str]:
    """Dates that were filled in win over the range that was chosen; empty fields say nothing."""
    dates = {name: request.args[name] for name in ("from", "to") if request.args.get(name)}
    chosen = request.args.get("range", "")
    if dates or chosen == "dates":
        return {"from": "", **dates}
    return {"range": chosen} if chosen else {}
