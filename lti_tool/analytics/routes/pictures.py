"""How a chart is answered."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, make_response, request

from lti_tool.analytics.charts import Chart, Look, Shown, look, picture
from lti_tool.models import db


def drawn(make: Callable[[Shown, Look], Chart], shown: Shown) -> Response:
    """The chart of something as an image, kept once drawn. Only the address that names this very drawing may be kept
    for ever.
    """
    chart = make(shown, look(request.args.get("theme", ""), request.args.get("shape", "")))
    response = make_response(picture(chart))
    db.session.commit()
    response.mimetype = "image/svg+xml"
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    immutable = request.args.get("v") == chart.key
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable" if immutable else "no-store"
    return response
