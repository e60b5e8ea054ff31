"""The reports by their numbers."""

from __future__ import annotations

from functools import partial

from lti_tool.analytics.engagement import COLUMNS, OF_LIVE, OF_VIDEOS
from lti_tool.reports.report_api import columns
from lti_tool.reports.report_api.filters import Asked
from lti_tool.reports.report_api.reports import audience, minutes, people, sessions, videos
from lti_tool.reports.report_api.reports.report import Order, Page, Report, Row, Rows, short

__all__ = ["REPORTS", "Order", "Page", "Report", "Row", "Rows"]

_PLAIN = (
    Report(60001, columns.HIGHLIGHTS, short(audience.one)),
    Report(60002, columns.UNIQUE_USERS, short(audience.one)),
    Report(60003, columns.ENGAGEMENT, short(audience.one)),
    Report(60004, columns.TIMELINE, short(minutes.timeline), sums=minutes.timeline_total, check=minutes.check),
    Report(60005, columns.TOP_RECORDING, short(videos.recordings), "count_plays", "entries"),
    Report(60006, columns.PLATFORMS, short(audience.devices), "unique_combined_live_viewers"),
    Report(60007, columns.COUNTRIES, short(audience.countries), "unique_combined_live_viewers"),
    Report(60008, columns.REGIONS, short(audience.countries), "unique_combined_live_viewers"),
    Report(60009, columns.CITIES, short(audience.countries), "unique_combined_live_viewers"),
    Report(60010, OF_LIVE, people.people, "live_view_time", "people", long=people.people_for_file),
    Report(60011, columns.LEVELS, short(minutes.levels), sums=minutes.levels_total, check=minutes.check),
    Report(60012, OF_VIDEOS, people.people, "count_plays", "people", long=people.people_for_file),
    Report(60013, COLUMNS, people.people, "live_view_time", "people", long=people.people_for_file),
    Report(60016, columns.TOP_MOMENTS, short(minutes.moments), "combined_live_view_period_count", "entries"),
    Report(60017, columns.TOP_SESSIONS, short(sessions.sessions), "unique_combined_live_viewers"),
    Report(60019, columns.DOWNLOADS, short(sessions.downloads), sums=sessions.downloads_total),
    Report(
        70001, columns.PARTICIPATION, short(lambda asked: [audience.participation(asked)]), sums=audience.participation
    ),
    Report(52, columns.VIDEO_HIGHLIGHTS, short(lambda asked: [videos.played(asked)]), sums=videos.played),
    Report(38, columns.TOP_VIDEOS, short(videos.videos), "engagement_ranking", "entries", videos.videos_total),
    Report(13, columns.TOP_VIEWERS, people.people, "count_plays", "people", videos.played, long=people.people_for_file),
    Report(34, columns.OVER_TIME, short(videos.over_time), sums=videos.played, check=Asked.buckets),
    Report(
        36, columns.VIDEO_COUNTRIES, short(partial(audience.countries, live=False)), "count_plays", sums=videos.played
    ),
    Report(21, columns.VIDEO_DEVICES, short(partial(audience.devices, live=False)), "count_plays", sums=videos.played),
    Report(6000, columns.ROOM_DATA, short(sessions.room_data), sums=sessions.room_data_total),
    Report(6001, columns.ATTENDEES_DATA, people.attendees, long=people.attendees_for_file),
    Report(6002, columns.BREAKOUT_SESSIONS, short(sessions.breakouts), sums=sessions.breakouts_total),
)
REPORTS: dict[int, Report] = {report.id: report for report in _PLAIN}
