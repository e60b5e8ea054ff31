"""HTTP of files of what a page shows, answered at once: PDF, CSV."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from flask import Response, abort, g, render_template, request, stream_with_context

from lti_tool.access.flags import ANALYTICS
from lti_tool.access.gate import gate, names_refusal, person_refusal
from lti_tool.analytics.interactions import ANSWER_METRICS, interaction_report
from lti_tool.analytics.period import asked_period
from lti_tool.analytics.queries import events, over_sessions
from lti_tool.analytics.queries.videos import Where, of_channel, of_entry
from lti_tool.analytics.routes import VIEWERS
from lti_tool.analytics.routes.channels import asked_channel
from lti_tool.analytics.routes.channels import asked_session as session_of_channel
from lti_tool.analytics.routes.events import asked_event
from lti_tool.analytics.routes.room import asked_session, question
from lti_tool.analytics.routes.videos import channel_of, video_of
from lti_tool.models import db, now_ms
from lti_tool.reports import csv, names, pdf, summaries, videos
from lti_tool.reports.routes.blueprint import asked_part, blueprint, file_name, pdf_file

CSS = Path(pdf.__file__).with_name("report.css")
# One blue point, which a document stretches into the bar of a share.
BAR = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGOQj98PAAHeAT6KpYphAAAAAElFTkSuQmCC"
)


@blueprint.get("/media/<entry_id>/analytics/interactions.pdf")
@gate(*VIEWERS, feature=ANALYTICS, entry=True, rooms_only=True)
def interactions(entry_id: str) -> Response:
    session = asked_session()
    page = interaction_report(g.actor.scope, g.entry, session, asked_part(session))
    shown = {"metrics": ANSWER_METRICS, "own": pdf.own, "bar": BAR, "now_ms": now_ms()}
    document = render_template("reports/interactions.html", page=page, **shown)
    name = file_name(g.entry.name, "interactions.pdf")
    db.session.rollback()  # a long document need not keep a connection
    return pdf_file(pdf.make(document, CSS), name)


@blueprint.get("/media/<entry_id>/analytics/summary.pdf")
@gate(*VIEWERS, feature=ANALYTICS, entry=True, rooms_only=True)
def session_summary(entry_id: str) -> Response:
    asked = replace(question(), session_id=asked_session().external_id)
    return _summary(summaries.of_session(g.actor.scope, g.entry, asked) or abort(404), g.entry.name)


@blueprint.get("/channels/<channel_id>/analytics/rooms/summary.pdf")
@gate(*VIEWERS, feature=ANALYTICS)
def channel_summary(channel_id: str) -> Response:
    channel = asked_channel(channel_id)
    if request.args.get("session"):
        session, entry = session_of_channel(channel)
        asked = replace(question(), session_id=session.external_id)
        return _summary(summaries.of_session(g.actor.scope, entry, asked) or abort(404), entry.name)
    where, period = over_sessions.of_channel(channel), asked_period(request.args)
    document = summaries.of_sessions(g.actor.scope, where, period, question(), kind="channel", name=channel.name)
    return _summary(document, channel.name)


@blueprint.get("/events/<event_id>/analytics/summary.pdf")
@gate(*VIEWERS, feature=ANALYTICS)
def event_summary(event_id: str) -> Response:
    event, scope = asked_event(event_id), g.actor.scope
    where, period = events.of_event(scope, event), summaries.period_of_event(scope, event)
    return _summary(summaries.of_sessions(scope, where, period, question(), kind="event", name=event.name), event.name)


# Ids of people are opaque: some are addresses, with slashes in them.
@blueprint.get("/people/<path:user_id>/analytics/summary.pdf", merge_slashes=False)
@gate(*VIEWERS, feature=ANALYTICS)
def person_summary(user_id: str) -> Response:
    if not g.actor.scope.people:
        raise names_refusal()
    asked = request.args.get("event")
    event, of = asked_event(asked) if asked else None, request.args.get("of", "")
    found = summaries.of_person(g.actor.scope, event, g.actor.channel, user_id, of=of)
    if found is None:
        raise person_refusal()
    page, document = found
    return _summary(document, page.person.name)


def _summary(document: str, name: str) -> Response:
    db.session.commit()  # the charts, kept once drawn
    return pdf_file(pdf.make(document, CSS), file_name(name, "summary_report.pdf"))


@blueprint.get("/channels/<channel_id>/analytics/videos.csv")
@gate(*VIEWERS, feature=ANALYTICS)
def channel_videos(channel_id: str) -> Response:
    channel = channel_of(channel_id)
    return _sheet(videos.OF_CHANNEL, of_channel(channel), channel.name)


@blueprint.get("/media/<entry_id>/analytics/video.csv")
@gate(*VIEWERS, feature=ANALYTICS, entry=True)
def video(entry_id: str) -> Response:
    entry = video_of(g.entry)
    return _sheet(videos.of_video(entry), of_entry(entry), entry.name)


def _sheet(tables: Mapping[str, videos.Make], where: Where, about: str) -> Response:
    """The file of the ``table`` asked for, else of the first; names only for who may see them."""
    asked = request.args
    name = asked.get("table") or next(iter(tables))
    if name == "viewers" and not g.actor.scope.people:
        raise names_refusal()
    sheet = (tables.get(name) or abort(404))(g.actor.scope, where, asked_period(asked), asked)
    lines = stream_with_context(csv.lines(sheet, descriptive=asked.get("descriptive") == "1"))
    response = Response(lines, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = names.attachment(file_name(about, f"{sheet.name}.csv"))
    return response
