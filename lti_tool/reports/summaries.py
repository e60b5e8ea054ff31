"""Summary reports: what a dashboard shows, as a document, from the page's own object with all rows of its lists."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from typing import Any

from flask import render_template

from lti_tool import formats
from lti_tool.access import logo
from lti_tool.access.scope import Scope
from lti_tool.analytics import over_sessions
from lti_tool.analytics.attendees import COLUMNS, Question
from lti_tool.analytics.audience import COUNTRIES, DEVICES
from lti_tool.analytics.charts import Chart, Look, Shown, look
from lti_tool.analytics.dashboards import RoomDashboard, room_dashboard
from lti_tool.analytics.interactions import ANSWER_METRICS, InteractionReport, Order, interactions
from lti_tool.analytics.over_sessions import Held
from lti_tool.analytics.paging import EVERY
from lti_tool.analytics.period import Period
from lti_tool.analytics.person import PersonDashboard, person_dashboard
from lti_tool.analytics.playback_charts import plays_chart
from lti_tool.analytics.queries import events
from lti_tool.analytics.queries import over_sessions as queries
from lti_tool.analytics.recordings import recordings_page
from lti_tool.analytics.session_charts import sessions_chart
from lti_tool.analytics.timeline_charts import timeline_chart
from lti_tool.models import AccountLogo, Channel, Entry, VirtualEvent, now_ms
from lti_tool.reports import pdf

# One blue point, which a document stretches into the bar of a share.
BAR = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGOQj98PAAHeAT6KpYphAAAAAElFTkSuQmCC"
)
LOGO = (200, 52)  # at most so wide and high; a document's point is three quarters of it
Told = Callable[[float], None]  # hears which share of the list of people is written
# What an address asks of each of the shorter tables, but for all their rows.
_WHOLE: dict[str, Any] = {
    f"{name}_page": EVERY for name in ("stage", "recordings", "countries", "devices", "sessions", "videos", "downloads")
}


@dataclass(frozen=True)
class _Logo:
    """The account's logo in a document."""

    address: str
    width: int
    height: int

    @classmethod
    def of(cls, found: AccountLogo) -> _Logo:
        scale = min(1.0, LOGO[0] / found.width, LOGO[1] / found.height)
        size = (max(1, round(side * scale)) for side in (found.width, found.height))
        return cls(logo.address(found), *size)


def untold(_share: float) -> None:
    """Nobody wants to know."""


def of_session(scope: Scope, entry: Entry, question: Question, told: Told) -> str | None:
    """The document of one session, or of a part of it; nothing if the room has no such session."""
    everything = replace(question, page=EVERY, search="", stage_page=EVERY, presented_page=EVERY)
    page = room_dashboard(scope, entry, everything)
    if page is None or page.session is None:
        return None
    recorded = recordings_page(scope, entry, page.session, _WHOLE)
    by_country, by_device = page.audiences
    return _document(
        scope,
        "room",
        page,
        told=told,
        columns=COLUMNS,
        polls=interactions(scope, page.session, page.numbers, Order(page=EVERY), page.part),
        recordings=recorded.recordings if recorded else None,
        countries=by_country.table(COUNTRIES, COUNTRIES.asked(_WHOLE)),
        devices=by_device.table(DEVICES, DEVICES.asked(_WHOLE)),
        chart=_picture(timeline_chart, page.timeline) if page.timeline.minutes else None,
        plays=_plays(page),
    )


def of_sessions(
    scope: Scope,
    where: queries.Where,
    period: Period,
    question: Question,
    told: Told,
    *,
    name: str,
    event: VirtualEvent | None = None,
) -> str:
    """The document of a channel's sessions, newest first, or of an event's, in the order of its agenda."""
    everything = replace(question, page=EVERY, search="", presented_page=EVERY)
    page = over_sessions.range_dashboard(scope, where, period, everything, Order(page=EVERY), _WHOLE)
    return _document(
        scope,
        "over",
        page,
        told=told,
        name=name,
        event=event,
        sessions=page.sessions[::-1] if event else page.sessions,
        polls=_by_session(page.polls.rows),
        presented=_by_session(page.presented.showings)[:: -1 if event else 1],
        columns=over_sessions.ATTENDEE_COLUMNS,
        session_metrics=over_sessions.SESSION_METRICS,
        chart=_picture(sessions_chart, page.sessions) if page.sessions else None,
        plays=_plays(page),
    )


def _by_session(rows: Sequence[tuple[Any, Held]]) -> list[tuple[Held, list[Any]]]:
    """(session, what belongs to it), in order."""
    runs = groupby(rows, key=lambda row: row[1].session.id)
    return [(of_session[0][1], [one for one, _held in of_session]) for of_session in (list(run) for _key, run in runs)]


def period_of_event(scope: Scope, event: VirtualEvent) -> Period:
    """From the day of the event's first session until today, or that of the last: its recordings are played later."""
    zone = formats.zone()
    starts = [session.start_ms for session, _entry in events.agenda(scope, event)]
    days = [formats.moment(start).date() for start in (*starts, now_ms())]
    return Period(min(days), max(days), zone)


def person_page(
    scope: Scope, event: VirtualEvent | None, course: Channel | None, user_id: str, *, of: str
) -> PersonDashboard | None:
    """A person's page with all rows of its lists; nothing if nobody of that id is seen from there. ``of``: as asked."""
    return person_dashboard(scope, event, course, user_id, {**_WHOLE, "of": of})


def of_person(scope: Scope, page: PersonDashboard) -> str:
    """The document of a person's page."""
    return _document(scope, "person", page)


def of_interactions(scope: Scope, page: InteractionReport) -> str:
    """The document of all interactions of a session."""
    return _rendered(scope, "interactions", page=page, metrics=ANSWER_METRICS, bar=BAR)


def _plays(page: RoomDashboard | over_sessions.RangeDashboard) -> str | None:
    over = page.plays_over_time
    return _picture(plays_chart, over) if over else None


def _picture(make: Callable[[Shown, Look], Chart], shown: Shown) -> str:
    """The page's drawing for paper. It is not kept: writing would have everything read anew."""
    chart = make(shown, look("light", "paper"))
    return "data:image/svg+xml;base64," + b64encode(chart.draw()).decode()


def _document(scope: Scope, template: str, page: Any, told: Told = untold, **shown: Any) -> str:
    return _rendered(scope, f"{template}_summary", page=page, told=partial(_telling, told), **shown)


def _rendered(scope: Scope, template: str, **shown: Any) -> str:
    """The document, with what all have."""
    found = logo.logo(scope.account_id)
    shown |= {"own": pdf.own, "now_ms": now_ms(), "logo": _Logo.of(found) if found else None}
    return render_template(f"reports/{template}.html", **shown)


def _telling(told: Told, rows: Sequence[Any]) -> Iterator[Any]:
    """The same rows."""
    for done, row in enumerate(rows):
        told(done / len(rows))
        yield row
