"""How a chart is answered."""

from __future__ import annotations

from flask import Response, make_response, request

from lti_tool.analytics import charts
from lti_tool.models import db


def drawn(chart: charts.Chart) -> Response:
    """A chart as an image, kept once drawn. Only the address that names this very drawing may be kept for ever."""
    response = make_response(charts.picture(chart))
    db.session.commit()
    response.mimetype = "image/svg+xml"
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    immutable = request.args.get("v") == chart.key
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable" if immutable else "no-store"
    return response
