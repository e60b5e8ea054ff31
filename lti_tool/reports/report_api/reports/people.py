"""Reports by person, sorted in the database."""

from __future__ import annotations

from lti_tool.analytics import engagement
from lti_tool.analytics.attendees import person_numbers
from lti_tool.analytics.dashboards import signals
from lti_tool.analytics.queries import engagement as by_person
from lti_tool.analytics.queries import selected as queries
from lti_tool.analytics.queries.engagement import PLAYED
from lti_tool.reports.report_api.filters import Asked
from lti_tool.reports.report_api.reports.report import Order, Page, Report, Rows, cell

_SORTS = {
    "user_id": "external_id",
    "user_name": "name_key",
    "full_name": "name_key",
    "name": "name_key",
    "vod_view_time": "watched_ms",
    "sum_vod_view_period": "watched_ms",
    "sum_view_period": "watched_ms",
    "vod_avg_play_time": "watched_ms",
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
    active, order = _ACTIVE[report.id], order or Order(report.order, True)
    of = queries.counted(asked.selection, live=_LIVE[0] in active, played="plays" in active)
    sort, told = _SORTS.get(order.column, order.column), engagement.signals(of)
    found, count = by_person.page(
        asked.selection.scope,
        of,
        active=active,
        sort=sort,
        descending=order.descending,
        limit=page.size,
        start=page.start,
    )
    return Rows([engagement.row(told, one, report.columns) for one in found], count)


def attendees(report: Report, asked: Asked, _order: Order | None, page: Page) -> Rows:
    """Each person in each session."""
    found, count = queries.attended(queries.counted(asked.selection), limit=page.size, start=page.start)
    cells = []
    for attendance, person, session, entry, reported, has_heartbeats in found:
        keys = {
            "entry_id": entry.external_id,
            "cue_point_id": session.external_id,
            "user_id": person.external_id,
            "user_name": person.name,
            "user_email": person.email,
            "user_type": attendance.role or person.role,
        }
        numbers = person_numbers(attendance, signals(reported, has_heartbeats=has_heartbeats))
        cells.append([cell(column, keys, numbers) for column in report.columns])
    return Rows(cells, count)
