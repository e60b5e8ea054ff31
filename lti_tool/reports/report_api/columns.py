"""The columns of the reports, in the order in which the API has always had them. Numbers come from the catalogue."""

from __future__ import annotations

from lti_tool.analytics.engagement import COLUMNS, OF_LIVE, OF_VIDEOS, Column
from lti_tool.analytics.metrics import METRICS
from lti_tool.analytics.metrics.metric import counted
from lti_tool.analytics.numbers import INPUTS
from lti_tool.analytics.selected import REACTIONS

# What an exported file calls a column if it is asked for descriptive headers; others keep their names.
_FRIENDLY = {column.name: column.header for column in (*OF_VIDEOS, *OF_LIVE, *COLUMNS)} | {
    "object_id": "Object ID",
    "entry_name": "Entry Title",
    "creator_name": "Entry Creator Name",
    "created_at": "Creation Time",
    "media_type": "Media Type",
    "duration_msecs": "Entry Duration (Milliseconds)",
    "total_completion_rate": "Total Completion Rate (Interval-Based)",
    "engagement_ranking": "Engagement Ranking (1-10)",
    "sum_view_period": "Total Minutes Viewed (Interval-Based)",
    "unique_viewers": "Unique Viewers Count",
    "unique_videos": "Unique Videos Viewed Count",
    "date_id": "Date",
}


def _keys(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, _FRIENDLY.get(name, name)) for name in names)


def _metrics(*names: str, **called: str) -> tuple[Column, ...]:
    """Metrics of the catalogue by their own names; ``called``: by another one that the API has for them."""
    every = {name: name for name in names} | called
    return tuple(Column(name, _FRIENDLY.get(name, name), METRICS[metric]) for name, metric in every.items())


def _count(name: str, field: str, signal: str | None = None) -> tuple[Column, ...]:
    """A count as it is: an input of formulas that no page shows by itself."""
    return (Column(name, _FRIENDLY.get(name, name), counted(name, INPUTS[field], field, INPUTS[field], signal=signal)),)


_RATE = "combined_live_engaged_users_play_time_ratio"
_VIEWERS = _metrics("unique_vod_viewers", "unique_combined_live_viewers")
_SESSION = ("session_start_time", "session_end_time")

ROOM_DATA = (
    *_keys("entry_id", "entry_name", "parent_entry_id", "cue_point_id", *_SESSION, "session_host_user_id"),
    *_metrics(
        meeting_view_period_unique_users="unique_combined_live_viewers", meeting_engaged_play_time_ratio=_RATE
    ),
)  # fmt: skip
ATTENDEES_DATA = (
    *_keys("entry_id", "cue_point_id", "user_id", "user_name", "user_email", "user_type"),
    *_metrics(meeting_view_time="live_view_time", meeting_engaged_play_time_ratio=_RATE),
)
BREAKOUT_SESSIONS = (
    *_keys("parent_entry_id", "parent_entry_name", "breakout_entry_id", "breakout_entry_name", "cue_point_id"),
    *_keys("session_initiator", *_SESSION, "duration"),
    *_metrics(participant_count="unique_combined_live_viewers", engagement_rate=_RATE),
)
HIGHLIGHTS = _metrics("vod_avg_play_time", "combined_live_avg_play_time", "vod_live_avg_view_time")
UNIQUE_USERS = _metrics("unique_vod_viewers", "unique_combined_live_viewers", "unique_vod_live_viewers")
ENGAGEMENT = (
    *_metrics(_RATE),
    *_count("download_attachment_unique_users", "download_people", "attachments"),
    *_metrics("count_download_attachment_clicked", "unique_combined_live_viewers"),
    *_count("reaction_clicked_unique_users", "reaction_people", "reactions"),
    *_metrics("count_reaction_clicked"),
)
TIMELINE = (
    *_keys("position"),
    *_metrics("combined_live_view_period_count", "combined_live_engaged_users_ratio"),
    *_keys(*(f"reaction_{kind.lower()}_clicked" for kind in REACTIONS)),
)
TOP_RECORDING = (
    *_keys("entry_id", "entry_name"),
    *_metrics("count_plays", "count_loads", "sum_vod_view_period", "unique_viewers", "avg_completion_rate"),
)
PLATFORMS = (*_keys("device"), *_VIEWERS)
COUNTRIES = (*_keys("object_id", "country", "coordinates"), *_VIEWERS)
REGIONS = (*_keys("object_id", "country", "region", "coordinates"), *_VIEWERS)
CITIES = (*_keys("object_id", "country", "region", "city", "coordinates"), *_VIEWERS)
LEVELS = _keys("position", "user_engagement", "count_viewers")
TOP_MOMENTS = (*_keys("entry_id", "entry_name", "position"), *_metrics("combined_live_view_period_count"))
TOP_SESSIONS = (
    *_keys("event_session_context_id", "name"),
    *_metrics("unique_combined_live_viewers", "combined_live_engaged_users_ratio", "unique_vod_viewers"),
    *_metrics(avg_vod_completion_rate="avg_completion_rate", union_live_meeting_vod_view_time="total_view_time"),
    *_metrics(_RATE),
)
DOWNLOADS = _keys(
    "extract_time",
    "entry_id",
    "entry_name",
    "attachment_id",
    "attachment_name",
    "attachment_ext",
    "count_download_attachment_clicked",
)
PARTICIPATION = (
    *_metrics("count_reaction_clicked"),
    *_count("reaction_clicked_unique_users", "reaction_people", "reactions"),
    *_metrics(count_cnc_group_message_sent="count_group_chat_messages_sent"),
    *_count("unique_users_sent_group_message", "chat_people", "chat"),
    *_count("unique_users_answered_poll", "poll_people", "polls"),
    *_count("unique_users_q_and_a_thread", "thread_people", "questions"),
    *_metrics("q_and_a_threads_count"),
    *_count("unique_users_sent_private_message", "private_people", "chat"),
    *_count("unique_logged_in_users", "chat_audience"),
)

_PLAYED = _metrics("count_plays", "count_loads", "unique_viewers", sum_view_period="sum_vod_view_period")
_COMPLETION = _metrics("avg_completion_rate")
VIDEO_HIGHLIGHTS = (*_PLAYED, *_metrics("unique_videos", "unique_contributors"), *_COMPLETION)
_ABOUT_VIDEO = _keys("object_id", "entry_name", "creator_name", "created_at", "media_type", "duration_msecs")
TOP_VIDEOS = (*_ABOUT_VIDEO, *_PLAYED, *_COMPLETION, *_metrics("total_completion_rate", "engagement_ranking"))
TOP_VIEWERS = (
    *_keys("name", "full_name"),
    *_metrics("count_plays", "count_loads", sum_view_period="sum_vod_view_period"),
    *_COMPLETION,
)
OVER_TIME = (*_keys("date_id"), *_PLAYED, *_COMPLETION)
VIDEO_COUNTRIES = (*_keys("object_id", "country", "coordinates"), *_PLAYED, *_COMPLETION)
VIDEO_DEVICES = (*_keys("device"), *_PLAYED, *_COMPLETION)
