"""HTTP of the analytics of a channel's rooms: one of its sessions, or all in a range of dates."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from lti_tool.access.flags import ANALYTICS
from lti_tool.access.gate import channel_refusal, gate
from lti_tool.analytics import charts, dashboards, over_sessions, world
from lti_tool.analytics.numbers import INPUTS
from lti_tool.analytics.period import PRESETS, asked_period
from lti_tool.analytics.playback_charts import plays_chart
from lti_tool.analytics.queries import over_sessions as queries
from lti_tool.analytics.queries import rooms
from lti_tool.analytics.routes.blueprint import VIEWERS, blueprint
from lti_tool.analytics.routes.pictures import drawn
from lti_tool.analytics.routes.room import interactions_order, question, session_shown
from lti_tool.analytics.routes.ways import via
from lti_tool.analytics.session_charts import sessions_chart
from lti_tool.errors import ToolError
from lti_tool.models import Channel, Entry, RoomSession


@blueprint.get("/channels/<channel_id>/analytics/rooms")
@gate(*VIEWERS, feature=ANALYTICS)
def channel_rooms(channel_id: str) -> str | Answer:
    if "show" in request.args:
        return redirect(url_for("analytics.channel_rooms", channel_id=channel_id, **_chosen()), 303)
    channel = asked_channel(channel_id)
    return _session_page(channel) if request.args.get("session") else _range_page(channel)


@blueprint.get("/channels/<channel_id>/analytics/rooms/explained")
@gate(*VIEWERS, feature=ANALYTICS)
def channel_rooms_explained(channel_id: str) -> str:
    channel, asked = asked_channel(channel_id), _asked()
    back = url_for("analytics.channel_rooms", channel_id=channel_id, **asked)
    if "session" in asked:
        session, entry = asked_session(channel)
        page = dashboards.explained(g.actor.scope, entry, session, question().start, question().end)
        return render_template("explained.html", page=page, inputs=INPUTS, back=back)
    of_range = over_sessions.range_explained(g.actor.scope, queries.of_channel(channel), asked_period(request.args))
    return render_template("over_explained.html", page=of_range, inputs=INPUTS, back=back, about=channel.name)


@blueprint.get("/channels/<channel_id>/analytics/rooms/sessions.svg")
@gate(*VIEWERS, feature=ANALYTICS)
def channel_sessions_chart(channel_id: str) -> Response:
    where, period = queries.of_channel(asked_channel(channel_id)), asked_period(request.args)
    held = over_sessions.held_sessions(g.actor.scope, where, period)
    return drawn(sessions_chart, held)


@blueprint.get("/channels/<channel_id>/analytics/rooms/plays.svg")
@gate(*VIEWERS, feature=ANALYTICS)
def channel_plays_chart(channel_id: str) -> Response:
    where, period = queries.of_channel(asked_channel(channel_id)), asked_period(request.args)
    made = over_sessions.plays_by_day(g.actor.scope, where, period) or abort(404)
    return drawn(plays_chart, made)


def _range_page(channel: Channel) -> str:
    period = asked_period(request.args)
    page = over_sessions.range_dashboard(
        g.actor.scope,
        queries.of_channel(channel),
        period,
        question(),
        interactions_order(newest_first=True),
        request.args,
    )
    shown: dict[str, object] = {"columns": over_sessions.ATTENDEE_COLUMNS, "world": world}
    if page.sessions:
        shown["charts"] = charts.every(sessions_chart, page.sessions)
    if page.plays_over_time:
        shown["plays_charts"] = charts.every(plays_chart, page.plays_over_time)
    pictures = {"sessions": "analytics.channel_sessions_chart", "plays": "analytics.channel_plays_chart"}
    shown |= {"pictures": pictures, "place": {"channel_id": channel.external_id, **period.arguments}}
    return render_template("channel_rooms.html", page=page, **_head(channel), **shown)


def _session_page(channel: Channel) -> str:
    session, entry = asked_session(channel)
    page = dashboards.room_dashboard(g.actor.scope, entry, question()) or abort(404)
    return render_template("channel_session.html", page=page, session=session, **_head(channel), **session_shown(page))


def _head(channel: Channel) -> dict[str, object]:
    """What both pages show at their top, and where their numbers are explained."""
    explained = url_for("analytics.channel_rooms_explained", channel_id=channel.external_id, **_asked(), via=via())
    every = queries.every_session(g.actor.scope, queries.of_channel(channel))
    return {"channel": channel, "every_session": every, "presets": PRESETS, "explained": explained}


def asked_channel(channel_id: str) -> Channel:
    """The channel, if whoever asks may open it."""
    found = rooms.channel(g.actor.scope, channel_id)
    if found is None:
        raise channel_refusal()
    return found


def asked_session(channel: Channel) -> tuple[RoomSession, Entry]:
    """The session asked for; where rooms have sessions of one id, ``room`` says which."""
    session_id, room_id = request.args.get("session"), request.args.get("room")
    every = queries.every_session(g.actor.scope, queries.of_channel(channel))
    same = [(session, room) for session, room in every if session.external_id == session_id]
    named = [(session, room) for session, room in same if room.external_id == room_id]
    if not same:
        raise ToolError(
            "no_session",
            _("This channel's rooms have no such session, or have it no longer."),
            _("Choose another of their sessions."),
            status=404,
            link=(
                _("Open the last 30 days"),
                url_for("analytics.channel_rooms", channel_id=channel.external_id),
            ),
        )
    return (named or same)[0]


def _asked() -> dict[str, Any]:
    """What the address asks about: a session, or a part of it by times, or a range of dates."""
    names = ("session", "room", "from", "to") if request.args.get("session") else ("range", "from", "to")
    return {name: request.args[name] for name in names if request.args.get(name)}


def _chosen() -> dict[str, Any]:
    """The same for what was sent with the form: the dates if they were changed, whatever its list says; else what was
    chosen of the list.
    """
    sent = request.args
    dates = {name: sent.get(name, "") for name in ("from", "to")}
    kind, _colon, value = sent["show"].partition(":")
    changed = any(dates.values()) and "/".join(dates.values()) != sent.get("were")
    if kind == "dates" or changed:
        return dates  # empty ones are told to be none
    if kind == "session":
        room, _slash, session = value.partition("/")
        return {"session": session, "room": room, "via": sent.get("via")}
    return {"range": value}
