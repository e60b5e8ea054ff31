"""(h) The PDF of a session's summary at 60 and at 5,000 people, beside ReportLab's own LongTable of the same rows:
a floor, which writes one font from the left, breaks no word, has no chart and counts no pages.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

import matplotlib
from flask import g
from sqlalchemy import text, update

from benchmarks.reports import EMPTY, FILL, SERIES, START
from benchmarks.scratch import account, median
from lti_tool.access.actor import Actor
from lti_tool.access.roles import ACCOUNT_ANALYTICS, PEOPLE
from lti_tool.analytics.attendees import COLUMNS
from lti_tool.models import Person, RoomSession, SessionFacts, begin_write, db
from lti_tool.reports import documents, pdf
from lti_tool.reports.documents import Asked
from lti_tool.reports.summaries import untold

ASKED = Asked(of="session", id="room", session="session-1")
# As ours, it runs in a process of its own: loading it is part of the price.
PEER = """
import json, sys
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import LongTable, SimpleDocTemplate
pdfmetrics.registerFont(TTFont("Text", sys.argv[1]))
table = LongTable(json.load(sys.stdin), repeatRows=1, style=[("FONTNAME", (0, 0), (-1, -1), "Text")])
SimpleDocTemplate(sys.stdout.buffer, pagesize=A4).build([table])
"""


def run(runs: int = 3) -> None:
    for people in (60, 5_000):
        with account() as account_id:
            _fill(account_id, people)
            person = db.session.query(Person).first()
            assert person is not None
            rights = frozenset((ACCOUNT_ANALYTICS, PEOPLE))
            g.actor = Actor("", account_id, 0, person, rights, None, "en", "UTC")
            _measure(people, runs)


def _measure(people: int, runs: int) -> None:
    html: list[str] = []
    writing = median(lambda: html.append(_document()), runs=runs)
    drawing = median(lambda: pdf.make(html[-1], documents.CSS), runs=runs)
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> (20 if sys.platform == "darwin" else 10)
    made = pdf.make(html[-1], documents.CSS)
    rows = json.dumps(_rows()).encode()
    peer = median(lambda: _peer(rows), runs=runs)
    line = f"PDF of a session with {people:5,} people: {writing + drawing:5.1f} s ({writing:.1f} s its document)"
    line += f", {len(made) >> 10:,} KiB, {children:,} MiB; a bare LongTable {peer:5.1f} s"
    print(f"{line} = {(writing + drawing) / peer:4.1f} x as long", flush=True)


def _document() -> str:
    db.session.rollback()
    found = documents.find(g.actor, ASKED)
    made = found.make(untold) if found else None
    assert made
    return made


def _rows() -> list[list[str]]:
    """The same table, as it would be had from the database by hand."""
    head = ["Name", *(str(column.metric.label) for column in COLUMNS if column.metric)]
    query = """SELECT p.first_name || ' ' || p.last_name, a.watched_seconds / 60.0, a.reactions, a.chat_messages,
      a.polls_answered, a.raised_hands, a.rate FROM attendance a JOIN person p ON p.id = a.person_id"""
    return [head, *([str(cell) for cell in row] for row in db.session.execute(text(query)))]


def _peer(rows: bytes) -> None:
    font = Path(matplotlib.get_data_path()) / "fonts/ttf/DejaVuSans.ttf"
    subprocess.run([sys.executable, "-c", PEER, str(font)], input=rows, capture_output=True, check=True)


def _fill(account_id: int, people: int) -> None:
    begin_write()
    filled = {"account": account_id, "start": START, "empty": EMPTY["sqlite"]}
    filled |= {"people": SERIES["sqlite"].format(people), "sessions": SERIES["sqlite"].format(1)}
    for statement in FILL:
        db.session.execute(text(statement.format(**filled)))
    db.session.execute(update(SessionFacts).values(people=people, viewers=people))
    db.session.execute(update(RoomSession).values(last_ms=START + 3_600_000))
    db.session.commit()
