"""HTTP of reports: files of what the pages show."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    g,
    redirect,
    render_template,
    request,
    send_file,
    stream_with_context,
    url_for,
)
from flask_babel import gettext as _
from sqlalchemy import and_
from werkzeug.wrappers import Response as Answer

from lti_tool import formats
from lti_tool.access.flags import ANALYTICS
from lti_tool.access.gate import (
    channel_refusal,
    event_refusal,
    gate,
    names_refusal,
    person_refusal,
    public,
    require_actor,
)
from lti_tool.analytics.dashboards import session_of
from lti_tool.analytics.engagement import Question
from lti_tool.analytics.interactions import ANSWER_METRICS, interaction_report
from lti_tool.analytics.paging import PAGE_SIZE, asked_page, page_of
from lti_tool.analytics.period import asked_period
from lti_tool.analytics.queries import engagement, events, person, rooms
from lti_tool.analytics.queries.videos import Where, of_channel, of_entry
from lti_tool.analytics.routes import VIEWERS
from lti_tool.analytics.routes.room import asked_session
from lti_tool.analytics.routes.videos import channel_of, video_of
from lti_tool.errors import Refusal, ToolError
from lti_tool.models import Channel, Entry, Export, RoomSession, begin_write, db, now_ms
from lti_tool.queue import hint
from lti_tool.reports import csv, exports, mail, mails, pdf, queries, storage, videos
from lti_tool.reports.tasks import LEASE, RUN

blueprint = Blueprint("reports", __name__)
CSS = Path(__file__).with_name("report.css")
# One blue point, which a document stretches into the bar of a share.
BAR = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGOQj98PAAHeAT6KpYphAAAAAElFTkSuQmCC"
)
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')


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
    sheet = (tables.get(name) or abort(404))(g.actor.scope, where, asked_period(asked), asked)
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


def file_name(name: str, kind: str) -> str:
    """``<name>_<kind>`` without what no system or header takes in a name."""
    return f"{_UNSAFE.sub('_', name).strip(' .')[:120]}_{kind}"


@blueprint.route("/media/<entry_id>/analytics/export", methods=["GET", "POST"])
@gate(*VIEWERS, feature=ANALYTICS, entry=True, rooms_only=True)
def export_session(entry_id: str) -> str | Answer:
    session = session_of(g.actor.scope, g.entry, request.args.get("session") or None) or abort(404)
    question = Question(room=entry_id, session=session.external_id)
    back = url_for("analytics.room", entry_id=entry_id, session=session.external_id, event=request.args.get("event"))
    return _export(question, g.entry.name, formats.date_and_time(session.start_ms), back)


@blueprint.route("/channels/<channel_id>/analytics/export", methods=["GET", "POST"])
@gate(*VIEWERS, feature=ANALYTICS)
def export_channel(channel_id: str) -> str | Answer:
    channel = rooms.channel(g.actor.scope, channel_id)
    if channel is None:
        raise channel_refusal()
    asked: dict[str, Any] = {
        n: request.args[n] for n in ("session", "room", "range", "from", "to") if n in request.args
    }
    back = url_for("analytics.channel_rooms", channel_id=channel_id, **asked)
    if request.args.get("session"):
        session, room = _session_of(channel)
        question = Question(room=room.external_id, session=session.external_id)
        return _export(question, room.name, formats.date_and_time(session.start_ms), back)
    period = asked_period(request.args)
    question = Question(channel=channel_id, start_ms=period.start_ms, end_ms=period.end_ms)
    days = f"{formats.day(period.start_ms)} – {formats.day(period.end_ms - 1)}"
    return _export(question, channel.name, days, back)


def _session_of(channel: Channel) -> tuple[RoomSession, Entry]:
    """The session asked for; where rooms have sessions of one id, ``room`` says which."""
    where, room = rooms.of_channel(channel.account_id, channel.external_id), request.args.get("room")
    if room:
        where = and_(where, Entry.external_id == room)
    return engagement.session(g.actor.scope, where, request.args["session"]) or abort(404)


@blueprint.route("/events/<event_id>/analytics/export", methods=["GET", "POST"])
@gate(*VIEWERS, feature=ANALYTICS)
def export_event(event_id: str) -> str | Answer:
    event = events.event(g.actor.scope, event_id)
    if event is None:
        raise event_refusal()
    back = url_for("analytics.agenda", event_id=event_id)
    return _export(Question(event=event.external_id), event.name, "", back)


# Ids of people are opaque: some are addresses, with slashes in them.
@blueprint.route("/people/<path:user_id>/analytics/export", methods=["GET", "POST"], merge_slashes=False)
@gate(*VIEWERS, feature=ANALYTICS)
def export_person(user_id: str) -> str | Answer:
    asked = request.args.get("event")
    event = events.event(g.actor.scope, asked) if asked else None
    if event is None and asked:
        raise event_refusal()
    found = person.person(g.actor.scope, event, user_id)
    if found is None:
        raise person_refusal() if g.actor.scope.people else names_refusal()
    question = Question(person=user_id, event=event.external_id if event else None)
    back = url_for("analytics.person", user_id=user_id, event=asked)
    return _export(question, found.name, event.name if event else "", back)


def _export(question: Question, name: str, part: str, back: str) -> str | Answer:
    """The dialog, or what it asks for. ``part``: which part of what is named, if not all of it."""
    actor = g.actor
    if not actor.scope.people:
        raise names_refusal()
    if request.method == "GET":
        address = mail.masked(actor.person.email) if mail.is_address(actor.person.email) else None
        shown = {"about": name, "part": part, "back": back, "address": address, "form": exports.new_form()}
        return render_template("reports/export.html", without=exports.no_address(), **shown)
    sent = request.form
    asked = exports.ask(
        actor,
        question,
        about=name,
        part=part,
        name=file_name(name, f"{exports.VIEWER_ENGAGEMENT}.csv"),
        descriptive=sent.get("descriptive") == "1",
        form=sent.get("form", ""),
    )
    export_id = asked.id
    db.session.commit()
    hint(RUN, export_id)
    return redirect(url_for("reports.my_exports", asked=export_id, launch=request.args.get("launch")), 303)


@blueprint.get("/exports")
@gate(*VIEWERS)
def my_exports() -> str:
    asker, settings = g.actor.person, current_app.config["SETTINGS"]
    found = queries.count_own(asker)
    number, pages, start = page_of(found, asked_page(request.args.get("page", "")))
    rows = queries.own(asker, limit=PAGE_SIZE, offset=start)
    asked = next((export for export in rows if export.id == request.args.get("asked")), None)
    links = {export.id: exports.token(settings, export.id) for export in rows if export.state == "done"}
    page = {"rows": rows, "found": found, "page": number, "pages": pages}
    return render_template(
        "reports/my_exports.html", page=page, asked=asked, links=links, masked=mail.masked, what_to_do=mails.what_to_do
    )


@blueprint.post("/exports/<export_id>/cancel")
@gate(*VIEWERS)
def cancel_export(export_id: str) -> Answer:
    person_id = require_actor().person.id
    db.session.rollback()
    begin_write()
    if not queries.cancel(person_id, export_id, cleared_at=now_ms() + LEASE):
        raise Refusal(
            "scope",
            _("There is no such report of yours that could be cancelled."),
            _("It may be ready already: look at your exports."),
        )
    db.session.commit()
    return redirect(url_for("reports.my_exports", launch=request.args.get("launch")), 303)


@blueprint.get("/exports/<token>")
@public("an emailed link: whoever holds its unguessable token may see and have that one file")
def exported(token: str) -> str:
    return render_template("reports/exported.html", export=exports.found(token), token=token)


@blueprint.get("/exports/<token>/file")
@public("an emailed link: whoever holds its unguessable token may see and have that one file")
def exported_file(token: str) -> Response:
    export = exports.found(token)
    response = Response(_content(export), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = attachment(export.name)
    response.headers["Content-Length"] = str(export.size)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    db.session.rollback()  # a slow reader need not keep a connection
    return response


def _content(export: Export) -> Iterator[bytes]:
    try:
        return storage.read(current_app.config["SETTINGS"], export.storage_key or "")
    except (storage.StorageError, storage.NoFile) as error:
        raise ToolError(
            "storage",
            _("The file cannot be reached just now."),
            _("Try again in a few minutes."),
            status=503,
            detail=f"export={export.id} {type(error).__name__} {error}",
        ) from error


def attachment(name: str) -> str:
    """The header that has a file saved under a name of ``file_name``, in letters that any browser and proxy takes."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


@blueprint.after_request
def _not_for_search_engines(response: Response) -> Response:
    """Nothing of a link that is a secret is kept or found by anybody else."""
    if request.endpoint in ("reports.exported", "reports.exported_file"):
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        response.headers["Cache-Control"] = "no-store"
    return response
