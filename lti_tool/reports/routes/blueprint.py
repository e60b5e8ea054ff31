"""What all addresses of reports share: the blueprint, and how a file is named."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, Response, g, request, send_file
from flask_babel import gettext as _

from lti_tool.analytics.dashboards import part_of
from lti_tool.models import RoomSession
from lti_tool.reports import names
from lti_tool.reports.custom import Unusable

blueprint = Blueprint("reports", __name__)


def asked_part(session: RoomSession) -> tuple[int, int] | None:
    """The part of the session that an address asks for, in epoch milliseconds; nothing for the whole.

    Raises ``ToolError`` for what is no part of it, where a page would say so and show the whole.
    """
    start, end = (request.args.get(name, "") for name in ("from", "to"))
    part, lies_in = part_of(g.actor.scope, session, start, end)
    if not lies_in:
        raise Unusable("from, to", _("they are times of day within the session, as 09:05, the first before the second"))
    return part


def file_name(name: str, kind: str) -> str:
    """``<name>_<kind>`` without what no system or header takes in a name."""
    return f"{names.of_file(name)}_{kind}"


def pdf_file(content: bytes, name: str) -> Response:
    """The answer that is saved under a name of ``file_name``."""
    answer = send_file(BytesIO(content), "application/pdf", as_attachment=True, download_name=name)
    answer.headers["Content-Disposition"] = names.attachment(name)
    return answer
