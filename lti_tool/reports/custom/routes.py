"""HTTP of custom reports: of a room, a channel and an event, a page to ask and the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, stream_with_context, url_for
from flask_babel import gettext as _
from sqlalchemy import or_, select
from werkzeug.wrappers import Response as Answer

from lti_tool.access.flags import ANALYTICS
from lti_tool.access.gate import gate, names_refusal
from lti_tool.analytics.period import PRESETS, USUAL, Period, asked_period
from lti_tool.analytics.queries import events, over_sessions
from lti_tool.analytics.routes import VIEWERS
from lti_tool.analytics.routes.channels import asked_channel
from lti_tool.analytics.routes.events import asked_event
from lti_tool.models import Channel, Entry, VirtualEvent
from lti_tool.reports import names
from lti_tool.reports.custom import (
    OF_EVENT,
    OF_ROOM,
    REPORTS,
    Asked,
    Report,
    Unusable,
    choices,
    lines,
    quoted,
    read_filters,
    read_period,
)
from lti_tool.reports.custom.asked import Where
from lti_tool.reports.custom.rsvp import RSVP

blueprint = Blueprint("custom_reports", __name__)
FILTERS = ("entry_ids", "cue_point_ids", "user_ids", "virtual_event_ids")  # that the form has
ASKED = ("report", "range", "from", "to", *FILTERS, "descriptive")


@dataclass(frozen=True)
class Place:
    """What the reports are of: its name, which reports there are of it, and of which entries. ``event``: only what is
    of this event. ``usual``: days of the time frame that is offered first.
    """

    name: str
    reports: Mapping[str, Report]
    where: Where
    event: int | None = None
    usual: int = USUAL


@dataclass(frozen=True)
class Form:
    """What may be asked, and what the address asks already. ``wrong``: what of it cannot be, and what can, by field."""

    reports: Mapping[str, Report]
    report: str
    period: Period
    custom: bool
    dates: Mapping[str, str]
    descriptive: bool
    sessions: tuple[tuple[Any, Entry], ...]
    rooms: tuple[Entry, ...]
    events: tuple[Any, ...]
    asked: Mapping[str, str]
    wrong: Mapping[str, str]


@blueprint.get("/media/<entry_id>/analytics/custom")
@gate(*VIEWERS, feature=ANALYTICS, entry=True, rooms_only=True)
def room(entry_id: str) -> tuple[str, int] | Answer:
    return _page("custom_room.html", _of_room(g.entry), entry=g.entry)


@blueprint.get("/media/<entry_id>/analytics/custom.csv")
@gate(*VIEWERS, feature=ANALYTICS, entry=True, rooms_only=True)
def room_file(entry_id: str) -> Response:
    return _file(_of_room(g.entry), url_for("custom_reports.room", entry_id=entry_id))


@blueprint.get("/channels/<channel_id>/analytics/custom")
@gate(*VIEWERS, feature=ANALYTICS)
def channel(channel_id: str) -> tuple[str, int] | Answer:
    found = asked_channel(channel_id)
    return _page("custom_channel.html", _of_channel(found), channel=found)


@blueprint.get("/channels/<channel_id>/analytics/custom.csv")
@gate(*VIEWERS, feature=ANALYTICS)
def channel_file(channel_id: str) -> Response:
    return _file(_of_channel(asked_channel(channel_id)), url_for("custom_reports.channel", channel_id=channel_id))


@blueprint.get("/events/<event_id>/analytics/custom")
@gate(*VIEWERS, feature=ANALYTICS)
def event(event_id: str) -> tuple[str, int] | Answer:
    found = asked_event(event_id)
    return _page("custom_event.html", _of_event(found), page={"event": found})


@blueprint.get("/events/<event_id>/analytics/custom.csv")
@gate(*VIEWERS, feature=ANALYTICS)
def event_file(event_id: str) -> Response:
    return _file(_of_event(asked_event(event_id)), url_for("custom_reports.event", event_id=event_id))


def _of_room(entry: Entry) -> Place:
    """The room and its breakout rooms."""
    return Place(entry.name, OF_ROOM, or_(Entry.id == entry.id, Entry.parent_id == entry.external_id))


def _of_channel(found: Channel) -> Place:
    return Place(found.name, REPORTS, over_sessions.of_channel(found))


def _of_event(found: VirtualEvent) -> Place:
    """The event's entries and their breakout rooms. People register for it weeks ahead."""
    mine = events.of_event(g.actor.scope, found)
    where = or_(mine, Entry.parent_id.in_(select(Entry.external_id).where(mine)))
    return Place(found.name, OF_EVENT, where, event=found.external_id, usual=PRESETS[-1])


def _page(template: str, place: Place, **shown: Any) -> tuple[str, int] | Answer:
    """The form. What was sent with it is the way to the file, or the form again with what is wrong."""
    _only_with_names()
    form, sent = _form(place), "download" in request.args
    if sent and not form.wrong:
        asked: dict[str, Any] = {name: request.args[name] for name in ASKED if request.args.get(name)}
        return redirect(url_for(f"{request.endpoint}_file", **(request.view_args or {}), **asked), 303)
    return render_template(template, form=form, presets=PRESETS, quoted=quoted, **shown), 400 if sent else 200


def _form(place: Place) -> Form:
    asked, period, scope = request.args, asked_period(_dates(place)), g.actor.scope
    sessions = choices.sessions(scope, place.where)
    report = asked.get("report", "")
    report = report if report in place.reports else next(iter(place.reports))
    custom = any(asked.get(name) for name in ("from", "to")) or asked.get("range") == "dates"
    days = (("from", period.first), ("to", period.last))
    dates = {name: asked.get(name, "") if period.misread else day.isoformat() for name, day in days if custom}
    return Form(
        reports=place.reports,
        report=report,
        period=period,
        custom=custom,
        dates=dates,
        descriptive=asked.get("descriptive") == "1",
        sessions=sessions,
        rooms=choices.rooms(scope, place.where),
        events=() if place.event is not None else choices.events(scope, place.where),
        asked={name: asked.get(name, "") for name in FILTERS},
        wrong=_wrong(place, place.reports[report], sessions),
    )


def _wrong(place: Place, report: Report, sessions: tuple[tuple[Any, Entry], ...]) -> dict[str, str]:
    """By field of the form what it takes, of those that hold something else."""
    found, filters = {}, _filters()
    try:
        read_period(_dates(place))
    except Unusable as error:
        found["dates"] = _sentence(error)
    for name, text in filters.items():
        try:
            if read_filters({name: text}, FILTERS) and name not in report.filters:
                found[name] = _(
                    "'%(report)s' cannot be narrowed by this. Clear it, or choose another report.", report=report.title
                )
        except Unusable as error:
            found[name] = _sentence(error)
    return found or _apart(sessions)


def _apart(sessions: tuple[tuple[Any, Entry], ...]) -> dict[str, str]:
    """Whether the session that is chosen is not of the room that is: the file would be empty."""
    ids = read_filters(_filters(), FILTERS)
    chosen, entries = ids.get("cue_point_ids"), ids.get("entry_ids")
    if not chosen or not entries or any(s.external_id in chosen and e.external_id in entries for s, e in sessions):
        return {}
    return {"cue_point_ids": _("This session is not of the room that is chosen.")}


def _sentence(error: Unusable) -> str:
    return f"{error.allowed[:1].upper()}{error.allowed[1:]}."


def _file(place: Place, back: str) -> Response:
    _only_with_names()
    try:
        report, period, filters = _asked(place)
    except Unusable as error:
        error.link = (_("Custom report"), back)
        raise
    where: Where | None = place.where
    if place.event is not None and report is RSVP:  # who registers for an event need not do so for an entry of it
        where, filters["virtual_event_ids"] = None, frozenset([str(place.event)])
    question = Asked(g.actor.scope, period.start_ms, period.end_ms, where, filters)
    body = stream_with_context(lines(report, question, descriptive=request.args.get("descriptive") == "1"))
    response = Response(body, content_type="text/csv; charset=utf-8")
    name = f"{report.name}_{names.of_file(place.name)}_{period.first.isoformat()}_{period.last.isoformat()}.csv"
    response.headers["Content-Disposition"] = names.attachment(name)
    response.headers["Cache-Control"] = "no-store"
    return response


def _asked(place: Place) -> tuple[Report, Period, dict[str, frozenset[str]]]:
    """The report, its dates and filters; raises ``Unusable``. Sessions that are chosen are of their own dates."""
    report = place.reports.get(request.args.get("report") or next(iter(place.reports)))
    if report is None:
        raise Unusable("report", _("there are %(names)s", names=", ".join(place.reports)))
    period, filters = read_period(_dates(place)), read_filters(_filters(), report.filters)
    ids = filters.get("cue_point_ids")
    of_sessions = choices.days_of(g.actor.scope, place.where, ids) if ids else None
    return report, of_sessions or period, filters


def _only_with_names() -> None:
    if not g.actor.scope.people:
        raise names_refusal()


def _filters() -> dict[str, str]:
    return {name: request.args[name] for name in FILTERS if name in request.args}


def _dates(place: Place) -> dict[str, str]:
    """Dates that were filled in win over the range that was chosen; empty fields say nothing."""
    dates = {name: request.args[name] for name in ("from", "to") if request.args.get(name)}
    chosen = request.args.get("range", "")
    if dates or chosen == "dates":
        return {"from": "", **dates}
    return {"range": chosen or str(place.usual)}
