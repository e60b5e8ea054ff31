"""HTTP of reports by mail: asking for one, one's own, and what a mailed link opens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from flask import Response, current_app, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import refresh
from werkzeug.wrappers import Response as Answer

from lti_tool.access.flags import ANALYTICS
from lti_tool.access.gate import gate, names_refusal, person_refusal, public, require_actor
from lti_tool.analytics.engagement import Question
from lti_tool.analytics.paging import PAGE_SIZE, asked_page, page_of
from lti_tool.analytics.person import course_of_page
from lti_tool.analytics.queries import person
from lti_tool.analytics.routes import VIEWERS
from lti_tool.analytics.routes.channels import asked_channel
from lti_tool.analytics.routes.channels import asked_session as session_of_channel
from lti_tool.analytics.routes.events import asked_event
from lti_tool.analytics.routes.room import asked_session
from lti_tool.errors import Refusal, ToolError
from lti_tool.models import Entry, Export, RoomSession, begin_write, db, now_ms
from lti_tool.queue import hint
from lti_tool.reports import exports, mail, mails, moments, names, queries, storage
from lti_tool.reports.custom import read_period
from lti_tool.reports.kinds import KINDS, kind_of
from lti_tool.reports.routes.blueprint import asked_part, blueprint, file_name
from lti_tool.reports.tasks import LEASE, RUN


@blueprint.route("/media/<entry_id>/analytics/export", methods=["GET", "POST"])
@gate(*VIEWERS, feature=ANALYTICS, entry=True, rooms_only=True)
def export_session(entry_id: str) -> str | Answer:
    session = asked_session()
    asked: dict[str, Any] = {name: request.args.get(name) for name in ("event", "from", "to")}
    back = url_for("analytics.room", entry_id=entry_id, session=session.external_id, **asked)
    return _export_session(g.entry, session, back)


@blueprint.route("/channels/<channel_id>/analytics/export", methods=["GET", "POST"])
@gate(*VIEWERS, feature=ANALYTICS)
def export_channel(channel_id: str) -> str | Answer:
    channel = asked_channel(channel_id)
    asked: dict[str, Any] = {
        n: request.args[n] for n in ("session", "room", "range", "from", "to") if n in request.args
    }
    back = url_for("analytics.channel_rooms", channel_id=channel_id, **asked)
    if request.args.get("session"):
        session, room = session_of_channel(channel)
        return _export_session(room, session, back)
    period = read_period(request.args)
    question = Question(channel=channel_id, start_ms=period.start_ms, end_ms=period.end_ms)
    return _export(question, channel.name, moments.days(period), back)


def _export_session(room: Entry, session: RoomSession, back: str) -> str | Answer:
    """Of a session, or of the part of it that the address asks for."""
    part = asked_part(session)
    question = Question(room=room.external_id, session=session.external_id)
    if part:
        question = replace(question, start_ms=part[0], end_ms=part[1])
    return _export(question, room.name, moments.of_session(session, part), back)


@blueprint.route("/events/<event_id>/analytics/export", methods=["GET", "POST"])
@gate(*VIEWERS, feature=ANALYTICS)
def export_event(event_id: str) -> str | Answer:
    event = asked_event(event_id)
    back = url_for("analytics.agenda", event_id=event_id)
    return _export(Question(event=event.external_id), event.name, "", back)


# Ids of people are opaque: some are addresses, with slashes in them.
@blueprint.route("/people/<path:user_id>/analytics/export", methods=["GET", "POST"], merge_slashes=False)
@gate(*VIEWERS, feature=ANALYTICS)
def export_person(user_id: str) -> str | Answer:
    asked = request.args.get("event")
    event = asked_event(asked) if asked else None
    found = person.person(g.actor.scope, event, user_id)
    if found is None:
        raise person_refusal() if g.actor.scope.people else names_refusal()
    of = request.args.get("of", "")
    course, _in_course = course_of_page(g.actor.scope, event, g.actor.channel, found, of=of)
    question = Question(
        person=user_id,
        event=event.external_id if event else None,
        channel=course.external_id if course else None,
    )
    back = url_for("analytics.person", user_id=user_id, event=asked, of=of or None)
    return _export(question, found.name, event.name if event else course.name if course else "", back)


def _export(question: Question, name: str, part: str, back: str) -> str | Answer:
    """The dialog, or what it asks for. ``part``: which part of what is named, as ``moments`` keep it."""
    if not g.actor.scope.people:
        raise names_refusal()
    kind = exports.VIEWER_ENGAGEMENT
    if request.method == "GET":
        only = bool(question.session and question.start_ms)
        return export_page(kind, about=name, part=part, back=back, only=only)
    named, descriptive = file_name(name, f"{kind}.csv"), request.form.get("descriptive") == "1"
    return ask_for(kind, question.stored(), about=name, part=part, name=named, descriptive=descriptive)


def export_page(kind: str, *, about: str, part: str, back: str, rows: int = 0, only: bool = False) -> str:
    """The dialog before a request. ``rows``: of a report that is only an export because it has so many; ``only``: it is
    of a part of a session.
    """
    email, of = g.actor.person.email, KINDS[kind]
    address = mail.masked(email) if mail.is_address(email) else None
    shown: dict[str, Any] = {"about": about, "part": part, "back": back, "address": address, "form": exports.new_form()}
    shown |= {"only": only, "written": moments.written}
    page = "reports/export_document.html" if rows else "reports/export.html"
    return render_template(page, kind=of, what=of.holds(rows), without=exports.no_address(), **shown)


def ask_for(kind: str, question: dict[str, Any], *, about: str, part: str, name: str, descriptive: bool) -> Answer:
    """Take in what the dialog asks for, and show it among one's own."""
    asked = exports.ask(
        g.actor,
        kind,
        question,
        about=about,
        part=part,
        name=name,
        descriptive=descriptive,
        form=request.form.get("form", ""),
    )
    export_id = asked.id
    db.session.commit()
    hint(RUN, export_id)
    return redirect(url_for("reports.my_exports", asked=export_id), 303)


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
        "reports/my_exports.html",
        page=page,
        asked=asked,
        links=links,
        masked=mail.masked,
        kind_of=kind_of,
        what_to_do=mails.what_to_do,
        written=moments.written,
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
    return redirect(url_for("reports.my_exports"), 303)


@blueprint.get("/exports/<token>")
@public("an emailed link: whoever holds its unguessable token may see and have that one file")
def exported(token: str) -> str:
    export = exports.found(token)
    g.timezone = export.timezone  # as its mail: nothing is known of whoever opens the link
    refresh()
    shown = {"kind_of": kind_of, "written": moments.written, "token": token}
    return render_template("reports/exported.html", export=export, **shown)


@blueprint.get("/exports/<token>/file")
@public("an emailed link: whoever holds its unguessable token may see and have that one file")
def exported_file(token: str) -> Response:
    export = exports.found(token)
    response = Response(_content(export), content_type=kind_of(export).content_type)
    response.headers["Content-Disposition"] = names.attachment(export.name)
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


@blueprint.after_request
def _not_for_search_engines(response: Response) -> Response:
    """Nothing of a link that is a secret is kept or found by anybody else."""
    if request.endpoint in ("reports.exported", "reports.exported_file"):
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        response.headers["Cache-Control"] = "no-store"
    return response
