"""Custom reports: nine files of rows, each made from one list of columns."""

from __future__ import annotations

from lti_tool.reports.custom.asked import FILTERS, Asked, Unusable, quoted, read_filters, read_period
from lti_tool.reports.custom.columns import Column, Report
from lti_tool.reports.custom.files import lines
from lti_tool.reports.custom.group_chat import GROUP_CHAT_TRANSCRIPTS
from lti_tool.reports.custom.polls import POLLS_ACTIVITY
from lti_tool.reports.custom.private_chat import CHAT_USER_ACTIVITY
from lti_tool.reports.custom.questions import CHAT_MODERATION, MODERATOR_TRANSCRIPT
from lti_tool.reports.custom.rsvp import RSVP
from lti_tool.reports.custom.sessions import ATTENDEES_DATA, BREAKOUT_ROOM_SESSIONS, ROOM_DATA

__all__ = [
    "FILTERS",
    "OF_EVENT",
    "OF_ROOM",
    "REPORTS",
    "Asked",
    "Column",
    "Report",
    "Unusable",
    "lines",
    "quoted",
    "read_filters",
    "read_period",
]

# In the order of a channel's page, of a room's, and of an event's.
REPORTS = {
    report.name: report
    for report in (
        GROUP_CHAT_TRANSCRIPTS,
        CHAT_MODERATION,
        CHAT_USER_ACTIVITY,
        MODERATOR_TRANSCRIPT,
        POLLS_ACTIVITY,
        ROOM_DATA,
        ATTENDEES_DATA,
        BREAKOUT_ROOM_SESSIONS,
        RSVP,
    )
}
OF_ROOM = {
    report.name: report
    for report in (
        ROOM_DATA,
        ATTENDEES_DATA,
        BREAKOUT_ROOM_SESSIONS,
        GROUP_CHAT_TRANSCRIPTS,
        CHAT_MODERATION,
        CHAT_USER_ACTIVITY,
        MODERATOR_TRANSCRIPT,
        POLLS_ACTIVITY,
    )
}
OF_EVENT = {RSVP.name: RSVP} | OF_ROOM
