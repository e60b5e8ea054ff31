"""Reports as PDFs: what is asked, how long its list would be, and the file: at once, or as an export if it is long."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from flask_babel import gettext as _

from lti_tool import formats
from lti_tool.access.actor import Actor
from lti_tool.access.gate import find_entry
from lti_tool.analytics.attendees import Question
from lti_tool.analytics.dashboards import part_of, session_of
from lti_tool.analytics.interactions import interaction_report
from lti_tool.analytics.period import Period
from lti_tool.analytics.queries import events, over_sessions, rooms
from lti_tool.errors import Refusal, ToolError
from lti_tool.models import Export, db
from lti_tool.reports import exports, moments, pdf, summaries
from lti_tool.reports.exports import Sign
from lti_tool.reports.summaries import Told

AT_ONCE = 1_000  # rows of its list that a document has at most which somebody waits for: three seconds
MOST = 50_000  # two minutes, half a gigabyte
WRITING = 0.3  # of the time goes into the document, the rest into its PDF
PIECE = 256 * 1024
CSS = Path(pdf.__file__).with_name("report.css")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a document is about, in plain values, so that a job can be asked the same as an address.

    ``of``: session, channel, event, person or interactions; ``id``: of the room, channel, event or person. ``start``
    and ``end``: times of day, of a part of a session; ``first`` and ``last``: days, of a channel's sessions.
    ``whose``: what of a person, as their page is asked.
    """

    of: str
    id: str
    session: str | None = None
    start: str = ""
    end: str = ""
    first: str = ""
    last: str = ""
    event: str | None = None
    whose: str = ""
    sort: str = "watched_seconds"
    descending: bool = True

    def stored(self) -> dict[str, Any]:
        """For the database, as JSON."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def restored(cls, stored: Mapping[str, Any]) -> Asked:
        """What ``stored`` made."""
        return cls(**stored)

    @property
    def kind(self) -> str:
        """Of which kind it is as an export."""
        return {"interactions": exports.INTERACTIONS, "person": exports.PERSON_SUMMARY}.get(self.of, exports.SUMMARY)

    @property
    def ending(self) -> str:
        """How the name of its file ends."""
        return "interactions.pdf" if self.of == "interactions" else "summary_report.pdf"

    @property
    def question(self) -> Question:
        order: dict[str, Any] = {"sort": self.sort, "descending": self.descending}
        return Question(session_id=self.session, start=self.start, end=self.end, **order)


@dataclass(frozen=True)
class Found:
    """What was asked about. ``part``: which part of what is named, as ``moments`` keep it; ``rows``: of its longest
    list; ``make``: the document, or nothing if it has vanished in between; it tells how much of it is written.
    """

    name: str
    part: str
    rows: int
    make: Callable[[Told], str | None]


def find(actor: Actor, asked: Asked) -> Found | None:
    """What somebody asks about, as far as they may see it; nothing if there is no such."""
    try:
        return _FIND[asked.of](actor, asked)
    except Refusal:
        return None


def too_long(kind: str, rows: int) -> ToolError:
    """More than even a worker makes."""
    people = _("%(count)s people are more than a PDF can list.", count=formats.count(rows))
    happened = people if kind == exports.SUMMARY else _("This report is too long for a PDF.")
    return ToolError("too_long", happened, _("Export the report instead: its file holds them all."), status=413)


def content(export: Export, sign: Sign) -> Iterator[bytes] | None:
    """The file, piece by piece, or nothing if what it is about is there no longer."""
    found = find(exports.as_actor(export), Asked.restored(export.question))
    if found is None:
        return None
    rows = found.rows

    def told(share: float) -> None:
        db.session.expunge_all()  # a sign commits, which would have every row of the page read anew
        sign(int(rows * share * WRITING), rows)

    document = found.make(told)
    db.session.rollback()  # a long document need not keep a connection
    return None if document is None else _pieces(document, rows, sign)


def _pieces(document: str, rows: int, sign: Sign) -> Iterator[bytes]:
    drawn = 1 - WRITING
    made = pdf.make(document, CSS, lambda share: sign(int(rows * (WRITING + drawn * share)), rows))
    sign(rows, rows)
    for start in range(0, len(made), PIECE):
        yield made[start : start + PIECE]


def _of_session(actor: Actor, asked: Asked) -> Found | None:
    entry, scope = find_entry(actor, asked.id), actor.scope
    session = session_of(scope, entry, asked.session)
    if session is None:
        return None
    facts = rooms.session_facts(scope, session) if scope.people else None
    part, _lies_in = part_of(scope, session, asked.start, asked.end)
    make = partial(summaries.of_session, scope, entry, asked.question)
    return Found(entry.name, moments.of_session(session, part), facts.people if facts else 0, make)


def _of_interactions(actor: Actor, asked: Asked) -> Found | None:
    entry, scope = find_entry(actor, asked.id), actor.scope
    session = session_of(scope, entry, asked.session)
    if session is None:
        return None
    part, _lies_in = part_of(scope, session, asked.start, asked.end)
    page = interaction_report(scope, entry, session, part)
    rows = sum(len(poll.answers) + len(poll.words) for poll in page.polls)
    kept = moments.of_session(session, part)
    return Found(entry.name, kept, rows, lambda _told: summaries.of_interactions(scope, page))


def _of_channel(actor: Actor, asked: Asked) -> Found | None:
    channel = rooms.channel(actor.scope, asked.id)
    if channel is None:
        return None
    period = Period(date.fromisoformat(asked.first), date.fromisoformat(asked.last), formats.zone())
    part = moments.days(period)
    return _of_sessions(actor, asked, over_sessions.of_channel(channel), period, part, name=channel.name)


def _of_event(actor: Actor, asked: Asked) -> Found | None:
    event = events.event(actor.scope, asked.id)
    if event is None:
        return None
    period = summaries.period_of_event(actor.scope, event)
    return _of_sessions(actor, asked, events.of_event(actor.scope, event), period, "", name=event.name, event=event)


def _of_sessions(
    actor: Actor, asked: Asked, where: over_sessions.Where, period: Period, part: str, **about: Any
) -> Found:
    scope = actor.scope
    rows = over_sessions.count_found(scope, where, period) if scope.people else 0
    make = partial(summaries.of_sessions, scope, where, period, asked.question, **about)
    return Found(about["name"], part, rows, make)


def _of_person(actor: Actor, asked: Asked) -> Found | None:
    event = events.event(actor.scope, asked.event) if asked.event else None
    if event is None and asked.event:
        return None
    page = summaries.person_page(actor.scope, event, actor.channel, asked.id, of=asked.whose)
    if page is None:
        return None
    rows = page.sessions.found + page.recordings.found + page.videos.found + page.downloads.found
    part = event or page.course
    name = part.name if part else ""
    return Found(page.person.name, name, rows, lambda _told: summaries.of_person(actor.scope, page))


_FIND: dict[str, Callable[[Actor, Asked], Found | None]] = {
    "session": _of_session,
    "channel": _of_channel,
    "event": _of_event,
    "person": _of_person,
    "interactions": _of_interactions,
}
