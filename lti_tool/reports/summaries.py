"""Summary reports: what a dashboard shows, as a document, from the page's own object with all rows of its lists."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import render_template
from flask_babel import gettext as _

from lti_tool import formats
from lti_tool.access.scope import Scope
from lti_tool.analytics import over_sessions
from lti_tool.analytics.attendees import COLUMNS, Question
from lti_tool.analytics.audience import COUNTRIES, DEVICES
from lti_tool.analytics.charts import Chart, Look, Shown, look, picture
from lti_tool.analytics.dashboards import RoomDashboard, room_dashboard
from lti_tool.analytics.interactions import Order, interactions
from lti_tool.analytics.paging import EVERY
from lti_tool.analytics.period import Period
from lti_tool.analytics.person import PersonDashboard, person_dashboard
from lti_tool.analytics.playback_charts import plays_chart
from lti_tool.analytics.queries import events
from lti_tool.analytics.queries import over_sessions as queries
from lti_tool.analytics.recordings import recordings_page
from lti_tool.analytics.session_charts import sessions_chart
from lti_tool.analytics.timeline_charts import timeline_chart
from lti_tool.errors import ToolError
from lti_tool.models import Channel, Entry, VirtualEvent, now_ms
from lti_tool.reports import pdf

MOST_PEOPLE = 20_000  # half a minute
# What an address asks of each of the shorter tables, but for all their rows.
_WHOLE: dict[str, Any] = {
    f"{name}_page": EVERY for name in ("stage", "recordings", "countries", "devices", "sessions", "videos", "downloads")
}


def of_session(scope: Scope, entry: Entry, question: Question) -> str | None:
    """The document of one session, or of a part of it; nothing if the room has no such session."""
    everything = replace(question, page=EVERY, search="", stage_page=EVERY, presented_page=EVERY)
    page = room_dashboard(scope, entry, everything)
    if page is None or page.session is None:
        return None
    _listed(page)
    recorded = recordings_page(scope, entry, page.session, _WHOLE)
    by_country, by_device = page.audiences
    return _document(
        "room",
        page,
        columns=COLUMNS,
        polls=interactions(scope, page.session, page.numbers, Order(page=EVERY), page.part),
        recordings=recorded.recordings if recorded else None,
        countries=by_country.table(COUNTRIES, COUNTRIES.asked(_WHOLE)),
        devices=by_device.table(DEVICES, DEVICES.asked(_WHOLE)),
        chart=_picture(timeline_chart, page.timeline) if page.timeline.minutes else None,
        plays=_plays(page),
    )


def of_sessions(scope: Scope, where: queries.Where, period: Period, question: Question, *, kind: str, name: str) -> str:
    """The document of the sessions of several rooms. ``kind``: ``channel`` or ``event``, which is called ``name``."""
    everything = replace(question, page=EVERY, search="", presented_page=EVERY)
    page = over_sessions.range_dashboard(scope, where, period, everything, Order(page=EVERY), _WHOLE)
    _listed(page)
    return _document(
        "over",
        page,
        kind=kind,
        name=name,
        columns=over_sessions.ATTENDEE_COLUMNS,
        session_metrics=over_sessions.SESSION_METRICS,
        chart=_picture(sessions_chart, page.sessions) if page.sessions else None,
        plays=_plays(page),
    )


def period_of_event(scope: Scope, event: VirtualEvent) -> Period:
    """From the day of the event's first session until today, or that of the last: its recordings are played later."""
    zone = formats.zone()
    starts = [session.start_ms for session, _entry in events.agenda(scope, event)]
    days = [formats.moment(start).date() for start in (*starts, now_ms())]
    return Period(min(days), max(days), zone)


def of_person(
    scope: Scope, event: VirtualEvent | None, course: Channel | None, user_id: str, *, of: str
) -> tuple[PersonDashboard, str] | None:
    """A person's page and its document; nothing if nobody of that id is seen from there. ``of``: as the page's."""
    page = person_dashboard(scope, event, course, user_id, {**_WHOLE, "of": of})
    return None if page is None else (page, _document("person", page))


def _listed(page: RoomDashboard | over_sessions.RangeDashboard) -> None:
    """Raises ``ToolError``: more people than whoever asks would wait for."""
    if len(page.attendees.rows) > MOST_PEOPLE:
        raise ToolError(
            "too_many_people",
            _("%(count)s people are more than a PDF can list.", count=formats.count(len(page.attendees.rows))),
            _("Export the report instead: its file holds them all."),
            status=413,
        )


def _plays(page: RoomDashboard | over_sessions.RangeDashboard) -> str | None:
    over = page.plays_over_time
    return _picture(plays_chart, over) if over else None


def _picture(make: Callable[[Shown, Look], Chart], shown: Shown) -> str:
    """The page's own drawing, in the document."""
    return "data:image/svg+xml;base64," + b64encode(picture(make(shown, look("light", "wide")))).decode()


def _document(template: str, page: Any, **shown: Any) -> str:
    return render_template(f"reports/{template}_summary.html", page=page, own=pdf.own, now_ms=now_ms(), **shown)
