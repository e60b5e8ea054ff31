"""HTTP of video analytics: of a channel's videos, and of one video."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, g, render_template, request

from lti_tool.access.flags import ANALYTICS
from lti_tool.access.gate import channel_refusal, gate
from lti_tool.analytics import charts, videos, world
from lti_tool.analytics.period import PRESETS, asked_period
from lti_tool.analytics.playback_charts import retention_chart
from lti_tool.analytics.queries import rooms
from lti_tool.analytics.queries import videos as queries
from lti_tool.analytics.routes.blueprint import VIEWERS, blueprint
from lti_tool.analytics.routes.pictures import drawn
from lti_tool.analytics.video_charts import over_time_chart
from lti_tool.analytics.videos.pages import video_retention
from lti_tool.models import Channel, Entry

# What pages of either kind link to.
_OF_CHANNEL = {
    "page": "analytics.channel_videos",
    "table": "analytics.channel_videos_table",
    "chart": "analytics.channel_videos_chart",
    "csv": "reports.channel_videos",
}
_OF_VIDEO = {
    "page": "analytics.room",
    "table": "analytics.video_table",
    "chart": "analytics.video_chart",
    "csv": "reports.video",
}


@blueprint.get("/channels/<channel_id>/analytics/videos")
@gate(*VIEWERS, feature=ANALYTICS)
def channel_videos(channel_id: str) -> str:
    channel = channel_of(channel_id)
    page = videos.channel_videos(g.actor.scope, channel, asked_period(request.args), request.args)
    return render_template(
        "channel_videos.html", page=page, charts=charts.every(over_time_chart, page.over_time), **_of_channel(channel)
    )


@blueprint.get("/channels/<channel_id>/analytics/videos/<any(countries, devices):table>")
@gate(*VIEWERS, feature=ANALYTICS)
def channel_videos_table(channel_id: str, table: str) -> str:
    channel = channel_of(channel_id)
    return _table(queries.of_channel(channel), table, channel.name, _of_channel(channel))


@blueprint.get("/channels/<channel_id>/analytics/videos/over-time.svg")
@gate(*VIEWERS, feature=ANALYTICS)
def channel_videos_chart(channel_id: str) -> Response:
    return _chart(queries.of_channel(channel_of(channel_id)))


def video() -> str:
    """The page of ``g.entry``, which is a video; its address is that of any medium's analytics."""
    page = videos.video_page(g.actor.scope, g.entry, asked_period(request.args), request.args)
    shown: dict[str, Any] = {"charts": charts.every(over_time_chart, page.over_time), "retention_charts": {}}
    if page.retention and page.retention.percentiles:
        shown["retention_charts"] = charts.every(retention_chart, page.retention)
    return render_template("video.html", page=page, entry=g.entry, **shown, **_of_video(g.entry))


@blueprint.get("/media/<entry_id>/analytics/video/<any(countries, devices):table>")
@gate(*VIEWERS, feature=ANALYTICS, entry=True)
def video_table(entry_id: str, table: str) -> str:
    entry = video_of(g.entry)
    return _table(queries.of_entry(entry), table, entry.name, _of_video(entry))


@blueprint.get("/media/<entry_id>/analytics/video/over-time.svg")
@gate(*VIEWERS, feature=ANALYTICS, entry=True)
def video_chart(entry_id: str) -> Response:
    return _chart(queries.of_entry(video_of(g.entry)))


@blueprint.get("/media/<entry_id>/analytics/video/retention.svg")
@gate(*VIEWERS, feature=ANALYTICS, entry=True)
def video_retention_chart(entry_id: str) -> Response:
    made = video_retention(g.actor.scope, video_of(g.entry), asked_period(request.args))
    if not made.percentiles:
        abort(404)
    return drawn(retention_chart, made)


def channel_of(channel_id: str) -> Channel:
    """The channel; raises ``Refusal`` if it is not the visitor's to see."""
    return rooms.channel(g.actor.scope, channel_id) or _refuse()


def video_of(entry: Entry) -> Entry:
    """The entry, if it is a video; else nothing is to be found."""
    return entry if entry.video else abort(404)


def _refuse() -> Channel:
    raise channel_refusal()


def _table(where: queries.Where, name: str, about: str, shown: dict[str, Any]) -> str:
    page = videos.audience_page(g.actor.scope, where, asked_period(request.args), name, request.args)
    return render_template("video_audience.html", page=page, name=name, about=about, **shown)


def _chart(where: queries.Where) -> Response:
    asked, period = request.args, asked_period(request.args)
    made = videos.over_time(g.actor.scope, where, period, asked, compare=asked.get("compare") == "1")
    return drawn(over_time_chart, made)


def _of_channel(channel: Channel) -> dict[str, Any]:
    return {"channel": channel, "place": {"channel_id": channel.external_id}, "links": _OF_CHANNEL, **_SHOWN}


def _of_video(entry: Entry) -> dict[str, Any]:
    return {"place": {"entry_id": entry.external_id}, "links": _OF_VIDEO, **_SHOWN}


_SHOWN = {"presets": PRESETS, "metrics": videos.DAYS.columns, "world": world}
