"""The dashboard of several sessions: of a channel's rooms, or of an event's, in a range of dates.

People are counted once, seconds and counts are added up session by session; no average is ever made of averages.
"""

from lti_tool.analytics.over_sessions.attendees import COLUMNS as ATTENDEE_COLUMNS
from lti_tool.analytics.over_sessions.dashboard import (
    RangeDashboard,
    RangeExplained,
    range_dashboard,
    range_explained,
)
from lti_tool.analytics.over_sessions.held import SESSION_METRICS, Held, held_sessions
from lti_tool.analytics.over_sessions.recordings import plays_by_day

__all__ = [
    "ATTENDEE_COLUMNS",
    "SESSION_METRICS",
    "Held",
    "RangeDashboard",
    "RangeExplained",
    "held_sessions",
    "plays_by_day",
    "range_dashboard",
    "range_explained",
]
