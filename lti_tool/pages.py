"""What all pages share: language and zone of the visitor, response headers, error pages, number formats."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, jsonify, render_template, request
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from jinja2 import pass_context
from jinja2.runtime import Context
from sqlalchemy import select
from werkzeug.exceptions import HTTPException

from lti_tool import formats
from lti_tool.access.actor import LAUNCH_PARAMETER, current_actor
from lti_tool.access.gate import Gate
from lti_tool.errors import Refusal, ToolError
from lti_tool.models import Registration, db
from lti_tool.platforms import family

log = logging.getLogger(__name__)

LANGUAGES = ("en", "de", "es", "fr", "ar", "he")
OLD_CODES = {"iw": "he"}  # some systems still send it
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
)


def init_app(app: Flask) -> None:
    """Hang headers, error pages and template globals on the application."""
    app.before_request(_reference)
    app.after_request(_headers)
    app.url_defaults(_carry_launch)
    app.register_error_handler(ToolError, _tool_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _crash)
    app.context_processor(_template_globals)
    app.jinja_env.filters.update(formats.FILTERS)
    app.jinja_env.globals["ngettext"] = _counting(app.jinja_env.globals["ngettext"])


def _counting(ngettext: Any) -> Any:
    """``ngettext`` of templates, whose ``%(num)s`` is written as every count is."""

    @pass_context
    def counting(context: Context, singular: str, plural: str, number: int, **variables: Any) -> Any:
        return ngettext(context, singular, plural, number, **{"num": formats.count(number), **variables})

    return counting


def locale() -> str:
    """The launch's locale, else the browser's, as far as we speak it."""
    actor = current_actor()
    asked = actor.locale.replace("-", "_").split("_")[0].lower() if actor else ""
    wanted = [OLD_CODES.get(asked, asked)]
    best = request.accept_languages.best_match(LANGUAGES) if request else None
    return next((code for code in [*wanted, best] if code in LANGUAGES), LANGUAGES[0])


def timezone() -> str:
    """The zone of whoever a page is about, if it says so; the launch's, else UTC."""
    if "timezone" in g:
        return str(g.timezone)
    actor = current_actor()
    return actor.timezone if actor else "UTC"


def _reference() -> None:
    g.reference = secrets.token_hex(4)


def _carry_launch(endpoint: str, values: dict[str, Any]) -> None:
    """Every address of a gated page names the launch it belongs to, so that tabs do not mix."""
    if "actor" not in g or g.actor is None or LAUNCH_PARAMETER in values:
        return
    view = current_app.view_functions.get(endpoint)
    if isinstance(getattr(view, "access", None), Gate):
        values[LAUNCH_PARAMETER] = g.actor.launch_id


def _template_globals() -> dict[str, Any]:
    language = str(get_locale() or "en")
    return {
        "actor": g.get("actor"),
        "timezone_name": formats.zone_name(),
        "language": language.replace("_", "-"),
        "direction": "rtl" if language.split("_", maxsplit=1)[0] in RIGHT_TO_LEFT else "ltr",
    }


def frame_ancestors(status: int) -> str:
    """Who may frame a page: ourselves and the LMS that it was opened from.

    That is the LMS of the login or launch under way, which the launch's routes name, else that of the visitor's launch;
    the other tenants' LMSs are nobody's business. A refusal to somebody unknown belongs to no LMS that we know of, yet
    mostly stands in the frame of one (the visit has ended, the launch was not for us). It tells nothing about anybody
    and has nothing to press, so anyone may frame it; else people would see a blank frame instead of what to do.
    """
    actor = g.get("actor")
    registration_id = g.get("registration_id") or (actor.registration_id if actor else None)
    if registration_id is None:
        return "*" if status >= 400 else "'self'"
    found = select(Registration.issuer, Registration.auth_url, Registration.family)
    issuer, auth_url, name = db.session.execute(found.where(Registration.id == registration_id)).one()
    return " ".join(sorted({"'self'", *_origins(issuer, auth_url), *family(name).frame_origins}))


def _origins(*addresses: str) -> Iterator[str]:
    for address in addresses:
        parts = urlsplit(address)
        if parts.scheme in ("http", "https") and parts.netloc and not set(parts.netloc) & set(" ;,'\""):
            yield f"{parts.scheme}://{parts.netloc}"


def _headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "no-referrer")
    if request.endpoint == "static" and response.status_code == 200 and "v" in request.args:  # names what it holds
        headers["Cache-Control"] = "public, max-age=31536000, immutable"
    if response.mimetype == "text/html":
        if "Content-Security-Policy" not in headers and not response.location:  # a redirect shows nothing
            headers["Content-Security-Policy"] = POLICY.format(ancestors=frame_ancestors(response.status_code))
        headers.setdefault("Cache-Control", "no-store")
    if request.scheme == "https":
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def wants_json() -> bool:
    """Machines get JSON: the collect addresses, and whoever asks for it."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return request.path.startswith("/collect/") or best == "application/json"


def _tool_error(error: ToolError) -> tuple[Response | str, int]:
    log.warning(
        "refused reason=%s status=%s reference=%s endpoint=%s %s",
        error.code,
        error.status,
        g.reference,
        request.endpoint,
        error.detail,
    )
    if wants_json():
        body = {
            "code": error.code,
            "message": error.message,
            "advice": error.advice,
            "reference": g.reference,
        }
        return jsonify(body), error.status
    page = render_template("error.html", error=error, refusal=isinstance(error, Refusal), reference=g.reference)
    return page, error.status


def _http_error(error: HTTPException) -> Any:
    if error.response is not None or (error.code or 500) < 400:
        return error
    messages = {
        400: (_("The request could not be understood."), _("Go back and try again.")),
        404: (_("There is no such page."), _("Open the page again from your course.")),
        405: (_("This address does not take that kind of request."), _("Open the page again from your course.")),
        413: (_("That is too large."), _("Send at most 10 MB at a time.")),
    }
    if request.path.startswith("/lti/"):
        messages[405] = (messages[405][0], _("This address is opened by your LMS. Open the tool from your course."))
    if isinstance(error, CSRFError):
        messages[400] = (_("This form has expired."), _("Reload the page and send it again."))
    message, advice = messages.get(error.code or 500, (error.name, ""))
    known = ToolError(f"http_{error.code}", message, advice, status=error.code)
    return _tool_error(known)


def _crash(error: Exception) -> tuple[Response | str, int]:
    """Ours, not the visitor's: say so without details, and log where it happened under the reference."""
    g.actor = g.registration_id = None  # the page must not ask a database that may be what failed
    db.session.rollback()
    log.error("crash reference=%s endpoint=%s", g.reference, request.endpoint, exc_info=error)
    known = ToolError(
        "internal",
        _("Something went wrong on our side."),
        _("Try again. If it happens again, send the reference below to your LMS administrator."),
        status=500,
    )
    if wants_json():
        return jsonify(code="internal", message=known.message, reference=g.reference), 500
    return render_template("error.html", error=known, refusal=False, reference=g.reference), 500
