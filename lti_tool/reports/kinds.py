"""What an export can be: how its file is made, and what kind of file that is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _
from flask_babel import ngettext

from lti_tool import formats
from lti_tool.models import Export
from lti_tool.reports import documents, engagement, exports
from lti_tool.reports.exports import Sign
from lti_tool.reports.report_api import mailed


@dataclass(frozen=True)
class Kind:
    """``make`` gives the file piece by piece, or nothing if what it is about is there no longer; while it works, it
    says how far it is. ``holds``: so many rows, in words. ``subject``: of the mail that it is ready, if not the usual.
    """

    label: Any
    content_type: str
    make: Callable[[Export, Sign], Iterator[bytes] | None]
    holds: Callable[[int], str]
    subject: Callable[[Export], str] | None = None


def _people(count: int) -> str:
    return str(ngettext("%(count)s person", "%(count)s people", count, count=formats.count(count)))


def _items(count: int) -> str:
    return str(ngettext("%(count)s item", "%(count)s items", count, count=formats.count(count)))


def _rows(count: int) -> str:
    return str(ngettext("%(count)s row", "%(count)s rows", count, count=formats.count(count)))


PDF = "application/pdf"
CSV = "text/csv; charset=utf-8"
KINDS: dict[str, Kind] = {
    exports.VIEWER_ENGAGEMENT: Kind(_("Viewer engagement"), CSV, engagement.content, _people),
    exports.SUMMARY: Kind(_("Summary report"), PDF, documents.content, _people),
    exports.PERSON_SUMMARY: Kind(_("Summary report"), PDF, documents.content, _items),
    exports.INTERACTIONS: Kind(_("Interactions"), PDF, documents.content, _items),
    exports.API_REPORT: Kind(_("Report API"), CSV, mailed.content, _rows, mailed.subject),
    exports.API_REPORTS: Kind(_("Report API"), "application/zip", mailed.content, _rows, mailed.subject),
}


def kind_of(export: Export) -> Kind:
    """The kind of an export."""
    return KINDS[export.kind]
