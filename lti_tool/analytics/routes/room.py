"""HTTP of the room dashboard, its sections' own pages and charts, and what explains it."""

from __future__ import annotations

from flask import Response, abort, g, render_template, request, url_for
from flask_babel import gettext as _

from lti_tool.access.flags import ANALYTICS
from lti_tool.access.gate import gate
from lti_tool.analytics import audience, charts, dashboards, interactions, world
from lti_tool.analytics import recordings as recordings_of
from lti_tool.analytics.attendees import COLUMNS, Question
from lti_tool.analytics.numbers import INPUTS
from lti_tool.analytics.playback_charts import plays_chart, retention_chart
from lti_tool.analytics.queries import rooms
from lti_tool.analytics.routes import videos
from lti_tool.analytics.routes.blueprint import VIEWERS, blueprint, part_asked
from lti_tool.analytics.routes.pictures import drawn
from lti_tool.analytics.routes.ways import via
from lti_tool.analytics.timeline import MINUTE_METRICS
from lti_tool.analytics.timeline_charts import timeline_chart
from lti_tool.errors import ToolError
from lti_tool.models import Entry, RoomSession


@blueprint.get("/media/<entry_id>/analytics")
@gate(*VIEWERS, feature=ANALYTICS, entry=True)
def room(entry_id: str) -> str:
    if g.entry.video:
        return videos.video()
    page = dashboards.room_dashboard(g.actor.scope, g.entry, question())
    if page is None:
        raise _no_session(g.entry)
    session = page.session.external_id if page.session else None
    address = url_for(
        "analytics.explained", entry_id=entry_id, session=session, **part_asked(), via=via(session=session)
    )
    return render_template("room.html", page=page, explained=address, **session_shown(page))


@blueprint.get("/media/<entry_id>/analytics/interactions")
@blueprint.get("/media/<entry_id>/analytics/interactions/<poll_id>")
@gate(*VIEWERS, feature=ANALYTICS, entry=True, rooms_only=True)
def interaction(entry_id: str, poll_id: str | None = None) -> str:
    asked = request.args
    poll_id, number = poll_id or asked.get("poll", ""), asked.get("page", 1, type=int)
    page = interactions.interaction_page(g.actor.scope, g.entry, asked_session(), poll_id, number)
    return render_template("interaction.html", page=page or abort(404), metrics=interactions.ANSWER_METRICS)


@blueprint.get("/media/<entry_id>/analytics/explained")
@gate(*VIEWERS, feature=ANALYTICS, entry=True, rooms_only=True)
def explained(entry_id: str) -> str:
    asked = question()
    page = dashboards.explained(g.actor.scope, g.entry, asked_session(), asked.start, asked.end)
    back = url_for("analytics.room", entry_id=entry_id, session=page.session.external_id, **part_asked())
    return render_template("explained.html", page=page, inputs=INPUTS, back=back)


@blueprint.get("/media/<entry_id>/analytics/timeline.svg")
@gate(*VIEWERS, feature=ANALYTICS, entry=True, rooms_only=True)
def timeline(entry_id: str) -> Response:
    minutes = dashboards.session_timeline(g.actor.scope, g.entry, request.args.get("session", "")) or abort(404)
    return drawn(timeline_chart, minutes)


@blueprint.get("/media/<entry_id>/analytics/recordings")
@gate(*VIEWERS, feature=ANALYTICS, entry=True, rooms_only=True)
def recordings(entry_id: str) -> str:
    page = recordings_of.recordings_page(g.actor.scope, g.entry, asked_session(), request.args) or abort(404)
    drawings = charts.every(retention_chart, page.retention) if page.retention else {}
    return render_template("recordings.html", page=page, charts=drawings)


@blueprint.get("/media/<entry_id>/analytics/plays.svg")
@gate(*VIEWERS, feature=ANALYTICS, entry=True, rooms_only=True)
def plays(entry_id: str) -> Response:
    every = rooms.recordings(g.actor.scope, g.entry)
    made = recordings_of.plays_over_time(g.actor.scope, every, asked_session()) or abort(404)
    return drawn(plays_chart, made)


@blueprint.get("/media/<entry_id>/analytics/retention.svg")
@gate(*VIEWERS, feature=ANALYTICS, entry=True, rooms_only=True)
def retention(entry_id: str) -> Response:
    asked = request.args.get("recording", "")
    made = recordings_of.recording_retention(g.actor.scope, g.entry, asked_session(), asked) or abort(404)
    return drawn(retention_chart, made)


@blueprint.get("/media/<entry_id>/analytics/countries")
@gate(*VIEWERS, feature=ANALYTICS, entry=True, rooms_only=True)
def countries(entry_id: str) -> str:
    page = audience.countries_page(g.actor.scope, g.entry, asked_session(), request.args)
    return render_template("countries.html", page=page, world=world)


@blueprint.get("/media/<entry_id>/analytics/devices")
@gate(*VIEWERS, feature=ANALYTICS, entry=True, rooms_only=True)
def devices(entry_id: str) -> str:
    page = audience.devices_page(g.actor.scope, g.entry, asked_session(), request.args)
    if page is None:
        raise _no_device(g.entry)
    return render_template("devices.html", page=page, levels=audience.LEVELS)


def _no_session(entry: Entry) -> ToolError:
    if not rooms.sessions(g.actor.scope, entry):
        message = _("No session has taken place in this room yet. As soon as one has, its numbers appear here.")
        way_back = (_("Back to analytics"), url_for("analytics.room", entry_id=entry.external_id))
        return ToolError("no_session", message, status=404, link=way_back)
    return ToolError(
        "no_session",
        _("This room has no such session, or has it no longer."),
        _("Choose another of its sessions."),
        status=404,
        link=(_("Open the newest session"), url_for("analytics.room", entry_id=entry.external_id)),
    )


def _no_device(entry: Entry) -> ToolError:
    asked = request.args.get("session") or None
    way_back = (_("All devices"), url_for("analytics.devices", entry_id=entry.external_id, session=asked))
    return ToolError("no_device", _("Nobody used such a device."), status=404, link=way_back)


def session_shown(page: dashboards.RoomDashboard) -> dict[str, object]:
    """What the sections of a session need besides its page object."""
    shown: dict[str, object] = {
        "columns": COLUMNS,
        "minute_metrics": MINUTE_METRICS,
        "shapes": {name: charts.SHAPES[name] for name in charts.OF_PAGES},
    }
    if page.session:
        asked = interactions_order()
        shown["interactions"] = interactions.interactions(g.actor.scope, page.session, page.numbers, asked, page.part)
        shown["interaction_columns"] = interactions.COLUMNS
    if page.plays_over_time:
        shown["plays_charts"] = charts.every(plays_chart, page.plays_over_time)
    return {"charts": charts.every(timeline_chart, page.timeline), "world": world, **shown}


def question() -> Question:
    """Which session an address asks about, and which part of its attendees."""
    asked = request.args
    return Question(
        session_id=asked.get("session") or None,
        sort=asked.get("sort", "watched_seconds"),
        descending=asked.get("order", "desc") != "asc",
        page=asked.get("page", 1, type=int),
        search=asked.get("search", "").strip()[:100],
        start=asked.get("from", "")[:5],
        end=asked.get("to", "")[:5],
        stage_page=asked.get("stage_page", 1, type=int),
        presented_page=asked.get("presented_page", 1, type=int),
    )


def interactions_order(*, newest_first: bool = False) -> interactions.Order:
    """How an address wants the polls sorted; by time, if it does not say."""
    asked = request.args
    descending = asked.get("poll_order", "desc" if newest_first else "asc") == "desc"
    return interactions.Order(asked.get("poll_sort", "time_ms"), descending, asked.get("poll_page", 1, type=int))


def asked_session() -> RoomSession:
    """The session asked for, or the one to begin with."""
    session = dashboards.session_of(g.actor.scope, g.entry, request.args.get("session") or None)
    if session is None:
        raise _no_session(g.entry)
    return session
