"""HTTP of reports: files of what the pages show."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

from flask import Blueprint, Response, g, render_template, send_file

from lti_tool.access.flags import ANALYTICS
from lti_tool.access.gate import gate
from lti_tool.analytics.interactions import ANSWER_METRICS, interaction_report
from lti_tool.analytics.routes import VIEWERS
from lti_tool.analytics.routes.room import asked_session
from lti_tool.models import db, now_ms
from lti_tool.reports import pdf

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


def file_name(name: str, kind: str) -> str:
    """``<name>_<kind>`` without what no system or header takes in a name."""
    return f"{_UNSAFE.sub('_', name).strip(' .')[:120]}_{kind}"
