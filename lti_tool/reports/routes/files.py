"""HTTP of files of what a page shows, answered at once: PDF, CSV."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

from flask import Response, abort, g, render_template, request, send_file, stream_with_context

from lti_tool.access.flags import ANALYTICS
from lti_tool.access.gate import gate, names_refusal
from lti_tool.analytics.interactions import ANSWER_METRICS, interaction_report
from lti_tool.analytics.period import asked_period
from lti_tool.analytics.queries.videos import Where, of_channel, of_entry
from lti_tool.analytics.routes import VIEWERS
from lti_tool.analytics.routes.room import asked_session
from lti_tool.analytics.routes.videos import channel_of, video_of
from lti_tool.models import db, now_ms
from lti_tool.reports import csv, pdf, videos
from lti_tool.reports.routes.blueprint import blueprint, file_name

CSS = Path(pdf.__file__).with_name("report.css")
# One blue point, which a document stretches into the bar of a share.
BAR = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGOQj98PAAHeAT6KpYphAAAAAElFTkSuQmCC"
)


@blueprint.get("/media/<entry_id>/analytics/interactions.pdf")
@gate(*VIEWERS, feature=ANALYTICS, entry=True, rooms_only=True)
def interactions(entry_id: str) -> Response:
    page = interaction_report(g.actor.scope, g.entry, asked_session())
    shown = {"metrics": ANSWER_METRICS, "own": pdf.own, "bar": BAR, "now_ms": now_ms()}
    document = render_template("reports/interactions.html", page=page, **shown)
    name = file_name(g.entry.name, "interactions.pdf")
    db.session.rollback()  # a long document need not keep a connection
    return send_file(BytesIO(pdf.make(document, CSS)), "application/pdf", as_attachment=True, download_name=name)


@blueprint.get("/channels/<channel_id>/analytics/videos.csv")
@gate(*VIEWERS, feature=ANALYTICS)
def channel_videos(channel_id: str) -> Response:
    channel = channel_of(channel_id)
    return _sheet(videos.OF_CHANNEL, of_channel(channel), channel.name)


@blueprint.get("/media/<entry_id>/analytics/video.csv")
@gate(*VIEWERS, feature=ANALYTICS, entry=True)
def video(entry_id: str) -> Response:
    entry = video_of(g.entry)
    return _sheet(videos.OF_VIDEO, of_entry(entry), entry.name)


def _sheet(tables: Mapping[str, videos.Make], where: Where, about: str) -> Response:
    """The file of the ``table`` asked for, else of the first; names only for who may see them."""
    asked = request.args
    name = asked.get("table") or next(iter(tables))
    if name == "viewers" and not g.actor.scope.people:
        raise names_refusal()
    sheet = (tables.get(name) or abort(404))(g.actor.scope, where, asked_period(asked))
    lines = stream_with_context(csv.lines(sheet, descriptive=asked.get("descriptive") == "1"))
    response = Response(lines, content_type="text/csv; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", **_names(file_name(about, f"{sheet.name}.csv")))
    return response


def _names(name: str) -> dict[str, str]:
    """A file's name in a header (RFC 6266): in ASCII for who knows nothing else, and as it is."""
    simple = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return (
        {"filename": simple} if simple == name else {"filename": simple, "filename*": f"UTF-8''{quote(name, safe='')}"}
    )
