"""The file of the viewer engagement table, as it is mailed."""

from __future__ import annotations

from collections.abc import Iterator

from lti_tool.access.scope import Scope
from lti_tool.analytics import engagement
from lti_tool.analytics.engagement import Question
from lti_tool.analytics.metrics import data_value
from lti_tool.analytics.queries import engagement as people
from lti_tool.analytics.queries.engagement import Counted
from lti_tool.models import Export, db
from lti_tool.reports import csv, exports
from lti_tool.reports.exports import Sign


def content(export: Export, sign: Sign) -> Iterator[bytes] | None:
    """The file, piece by piece, or nothing if what it is about is there no longer."""
    scope = exports.as_actor(export).scope
    counted = engagement.counted(scope, Question.restored(export.question))
    return None if counted is None else _pieces(scope, counted, sign, descriptive=export.descriptive)


def _pieces(scope: Scope, counted: Counted, sign: Sign, *, descriptive: bool) -> Iterator[bytes]:
    signals, expected, written = engagement.signals(counted), people.count(scope, counted), 0
    db.session.rollback()
    with people.people(scope, counted) as chunks:
        yield csv.BOM + csv.line(engagement.header(descriptive=descriptive))
        for chunk in chunks:
            rows = engagement.rows(signals, [chunk])
            yield b"".join(csv.line(map(data_value, row)) for row in rows)
            written += len(chunk)
            sign(written, expected)
