"""HTTP of files of what a page shows, answered at once: PDF, CSV."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, abort, g, make_response, request, stream_with_context, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as Answer

from lti_tool.access.flags import ANALYTICS
from lti_tool.access.gate import gate, names_refusal, person_refusal
from lti_tool.analytics.queries.videos import Where, of_channel, of_entry
from lti_tool.analytics.routes import VIEWERS
from lti_tool.analytics.routes.blueprint import part_asked
from lti_tool.analytics.routes.channels import asked_channel
from lti_tool.analytics.routes.channels import asked_session as session_of_channel
from lti_tool.analytics.routes.events import asked_event
from lti_tool.analytics.routes.room import asked_session, question
from lti_tool.analytics.routes.videos import channel_of, video_of
from lti_tool.models import RoomSession, db
from lti_tool.reports import csv, documents, pdf, videos
from lti_tool.reports.custom import read_period
from lti_tool.reports.documents import Asked, Found
from lti_tool.reports.names import attachment
from lti_tool.reports.routes.blueprint import asked_part, blueprint, file_name, pdf_file
from lti_tool.reports.routes.exports import ask_for, export_page
from lti_tool.reports.summaries import untold

BOTH = ["GET", "POST"]


@blueprint.route("/media/<entry_id>/analytics/interactions.pdf", methods=BOTH)
@gate(*VIEWERS, feature=ANALYTICS, entry=True, rooms_only=True)
def interactions(entry_id: str) -> Answer:
    session = asked_session()
    back = url_for("analytics.room", entry_id=entry_id, session=session.external_id, **part_asked())
    return _document(_of_session(entry_id, session, of="interactions"), back)


@blueprint.route("/media/<entry_id>/analytics/summary.pdf", methods=BOTH)
@gate(*VIEWERS, feature=ANALYTICS, entry=True, rooms_only=True)
def session_summary(entry_id: str) -> Answer:
    session = asked_session()
    back = url_for("analytics.room", entry_id=entry_id, session=session.external_id, **part_asked())
    return _document(_of_session(entry_id, session), back)


@blueprint.route("/channels/<channel_id>/analytics/rooms/summary.pdf", methods=BOTH)
@gate(*VIEWERS, feature=ANALYTICS)
def channel_summary(channel_id: str) -> Answer:
    channel = asked_channel(channel_id)
    names = ("session", "room", "range", "from", "to")
    asked: dict[str, Any] = {name: request.args[name] for name in names if name in request.args}
    back = url_for("analytics.channel_rooms", channel_id=channel_id, **asked)
    if request.args.get("session"):
        session, entry = session_of_channel(channel)
        return _document(_of_session(entry.external_id, session), back)
    period = read_period(request.args)
    days: dict[str, Any] = {"first": period.first.isoformat(), "last": period.last.isoformat()}
    return _document(Asked(of="channel", id=channel_id, **days, **_order()), back)


@blueprint.route("/events/<event_id>/analytics/summary.pdf", methods=BOTH)
@gate(*VIEWERS, feature=ANALYTICS)
def event_summary(event_id: str) -> Answer:
    asked_event(event_id)
    return _document(Asked(of="event", id=event_id, **_order()), url_for("analytics.agenda", event_id=event_id))


# Ids of people are opaque: some are addresses, with slashes in them.
@blueprint.route("/people/<path:user_id>/analytics/summary.pdf", methods=BOTH, merge_slashes=False)
@gate(*VIEWERS, feature=ANALYTICS)
def person_summary(user_id: str) -> Answer:
    if not g.actor.scope.people:
        raise names_refusal()
    event, whose = request.args.get("event") or None, request.args.get("of", "")
    if event:
        asked_event(event)
    back = url_for("analytics.person", user_id=user_id, event=event, of=whose or None)
    return _document(Asked(of="person", id=user_id, event=event, whose=whose), back)


def _of_session(entry_id: str, session: RoomSession, of: str = "session") -> Asked:
    asked_part(session)  # what is none is told
    asked, session_id = question(), session.external_id
    return Asked(of=of, id=entry_id, session=session_id, start=asked.start, end=asked.end, **_order())


def _order() -> dict[str, Any]:
    asked = question()
    return {"sort": asked.sort, "descending": asked.descending}


def _document(asked: Asked, back: str) -> Answer:
    """The PDF, if its list is short; else the page that asks for it as an export, or what that page asked for."""
    found = documents.find(g.actor, asked)
    if found is None:
        raise person_refusal() if asked.of == "person" else NotFound()
    name = file_name(found.name, asked.ending)
    if found.rows > documents.AT_ONCE:
        return _export(asked, found, name, back)
    document = found.make(untold) or abort(404)
    db.session.rollback()  # a long document need not keep a connection
    return pdf_file(pdf.make(document, documents.CSS), name)


def _export(asked: Asked, found: Found, name: str, back: str) -> Answer:
    if found.rows > documents.MOST:
        raise documents.too_long(asked.kind, found.rows)
    if request.method == "POST":
        stored = asked.stored()
        return ask_for(asked.kind, stored, about=found.name, part=found.part, name=name, descriptive=True)
    return make_response(export_page(asked.kind, about=found.name, part=found.part, back=back, rows=found.rows))


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
    sheet = (tables.get(name) or abort(404))(g.actor.scope, where, read_period(asked), asked)
    lines = stream_with_context(csv.lines(sheet, descriptive=asked.get("descriptive") == "1"))
    response = Response(lines, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = attachment(file_name(about, f"{sheet.name}.csv"))
    return response
