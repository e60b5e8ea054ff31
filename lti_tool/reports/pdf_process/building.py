"""The document: what its tags stand for, and the PDF of it all.

A table of the class ``rows`` holds text and nothing else. It is taken out, and drawn as ``Rows``.
"""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from reportlab.platypus import CondPageBreak
from xhtml2pdf import parser, pisa
from xhtml2pdf.config.resources import ResourceAccessPolicy
from xhtml2pdf.default import DEFAULT_CSS, INT, MUST, TAGS
from xhtml2pdf.tags import pisaTag

from lti_tool.reports.pdf_process import paragraphs
from lti_tool.reports.pdf_process.fonts import NoPdf, faces, with_drawn_letters
from lti_tool.reports.pdf_process.progress import PROGRESS
from lti_tool.reports.pdf_process.rows import read

# What XML has no place for, and what would leave a gap: marks that the fonts have no letter of.
_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2066-\u2069\ufe00-\ufe0f\ufeff\ufffe\uffff]")
_ROWS = re.compile(r'<table class="rows">(.*?)</table>', re.DOTALL)
ROOM = 120.0  # a heading and the first rows below it; less is left for the next page


class _RowsTag(pisaTag):  # type: ignore[misc]
    """``<pdf:rows at="0">``: where the first table of rows stood."""

    tables: list[str]

    def start(self, context: Any) -> None:
        rtl = "rtl" in (self.node.parentNode.getAttribute("class") or "")
        context.addPara()
        _keep_together(context.story)
        context.addStory(read(self.tables[self.attr.at], context.getFontNames(["Text", "Cjk"]), rtl=rtl))


def _keep_together(story: list[Any]) -> None:
    """The headings at the end of the story stay with the first rows of the table that follows, not with all of it."""
    at = len(story)
    while at and getattr(story[at - 1], "getKeepWithNext", bool)():
        at -= 1
        story[at].keepWithNext = 0
    story.insert(at, CondPageBreak(ROOM))


def _with_rows(document: str) -> str:
    """The document with a tag in the place of each table of rows."""
    _RowsTag.tables = _ROWS.findall(document)
    PROGRESS.of = 2 * sum(table.count("<tr") for table in _RowsTag.tables)  # laid out, and drawn
    TAGS["pdfrows"] = (0, {"at": (INT, MUST)})
    parser.pisaTagPDFROWS = _RowsTag  # where it looks for what a tag does
    places = iter(range(len(_RowsTag.tables)))
    return _ROWS.sub(lambda _table: f'<pdf:rows at="{next(places)}"></pdf:rows>', document)


def build(document: str, css: str) -> bytes:
    """The PDF of an HTML document. Raises ``NoPdf``."""
    paragraphs.mend()
    document = with_drawn_letters(_INVISIBLE.sub("", document))
    made = BytesIO()
    with TemporaryDirectory() as name:
        folder = Path(name)
        policy = ResourceAccessPolicy(allow_remote=False, base_dir=folder)
        sheet = DEFAULT_CSS + faces(document, folder) + css
        status = pisa.CreatePDF(_with_rows(document), dest=made, default_css=sheet, resource_policy=policy)
    if status.err:
        raise NoPdf(f"{status.err} errors")
    return made.getvalue()
