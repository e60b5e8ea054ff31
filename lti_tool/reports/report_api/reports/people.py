"""Reports by person, sorted in the database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lti_tool.analytics import engagement
from lti_tool.analytics.attendees import person_numbers
from lti_tool.analytics.dashboards import signals
from lti_tool.analytics.engagement import Cell
from lti_tool.analytics.queries import engagement as by_person
from lti_tool.analytics.queries import selected as queries
from lti_tool.analytics.queries import selected_rows as listed
from lti_tool.analytics.queries.engagement import PLAYED, Counted, Who
from lti_tool.reports.report_api.filters import Asked
from lti_tool.reports.report_api.reports.report import Order, Page, Pieces, Report, Rows, cell

_SORTS = {
    "user_id": "external_id",
    "user_name": "name_key",
    "full_name": "name_key",
    "name": "external_id",
    "vod_view_time": "watched_ms",
    "sum_vod_view_period": "watched_ms",
    "sum_view_period": "watched_ms",
    "vod_avg_play_time": "average",
    "live_view_time": "watched_seconds",
    "total_view_time": "seconds",
    "avg_completion_rate": "completion",
    "combined_live_engaged_users_play_time_ratio": "rate",
    "count_reaction_clicked": "reactions",
    "count_raise_hand_clicked": "raised_hands",
    "count_group_chat_messages_sent": "chat_messages",
    "count_poll_answered": "polls_answered",
    "count_q_and_a_threads": "threads",
    "count_download_attachment_clicked": "downloads",
    "count_plays": "plays",
    "count_loads": "impressions",
}
_LIVE = ("watched_seconds", *by_person.DONE)
# What somebody has to have done to be in the report.
_ACTIVE = {60010: _LIVE, 60012: PLAYED, 60013: (*_LIVE, "watched_ms", "plays"), 13: PLAYED}


def people(report: Report, asked: Asked, order: Order | None, page: Page) -> Rows:
    """Who did anything of what the report is of."""
    of, who = _who(report, asked, order)
    told = engagement.signals(of)
    found, count = by_person.page(asked.selection.scope, of, who, limit=page.size, start=page.start)
    return Rows([engagement.row(told, one, report.columns) for one in found], count)


def people_for_file(report: Report, asked: Asked, order: Order | None, most: int | None) -> Pieces:
    """The same for a file."""
    scope, (of, who) = asked.selection.scope, _who(report, asked, order)
    told = engagement.signals(of)

    def pieces() -> Iterator[list[list[Cell]]]:
        with by_person.people(scope, of, who, most=most) as chunks:
            for chunk in chunks:
                yield [engagement.row(told, one, report.columns) for one in chunk]

    return pieces(), by_person.count(scope, of, who)


def _who(report: Report, asked: Asked, order: Order | None) -> tuple[Counted, Who]:
    active, order = _ACTIVE[report.id], order or Order(report.order, True)
    of = queries.counted(asked.selection, live=_LIVE[0] in active, played="plays" in active)
    return of, Who(active=active, sort=_SORTS.get(order.column, order.column), descending=order.descending)


def attendees(report: Report, asked: Asked, order: Order | None, page: Page) -> Rows:
    """Each person in each session."""
    of, sort = queries.counted(asked.selection), _sort(order)
    found, count = listed.attended(of, sort, limit=page.size, start=page.start)
    return Rows([_attendee(report, row) for row in found], count)


def attendees_for_file(report: Report, asked: Asked, order: Order | None, most: int | None) -> Pieces:
    """The same for a file."""
    of, sort = queries.counted(asked.selection), _sort(order)

    def pieces() -> Iterator[list[list[Cell]]]:
        with listed.attended_in_chunks(of, sort, most=most) as chunks:
            for chunk in chunks:
                yield [_attendee(report, row) for row in chunk]

    return pieces(), listed.count_attended(of)


def _sort(order: Order | None) -> tuple[str, bool] | None:
    return None if order is None else (order.column, order.descending)


def _attendee(report: Report, row: Any) -> list[Cell]:
    attendance, person, session, entry, reported, has_heartbeats = row
    keys = {
        "entry_id": entry.external_id,
        "cue_point_id": session.external_id,
        "user_id": person.external_id,
        "user_name": person.name,
        "user_email": person.email,
        "user_type": attendance.role or person.role,
    }
    numbers = person_numbers(attendance, signals(reported, has_heartbeats=has_heartbeats))
    return [cell(column, keys, numbers) for column in report.columns]
