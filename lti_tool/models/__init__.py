"""Tables: columns, constraints, relationships. No queries, no formulas."""

from lti_tool.models.accounts import Account, AccountFlag, AuditEntry
from lti_tool.models.catalog import (
    Attachment,
    Channel,
    Entry,
    EntryChannel,
    EntryRecording,
    EventRegistration,
    Person,
    RoomSession,
    VirtualEvent,
)
from lti_tool.models.database import Model, begin_write, db, now_ms
from lti_tool.models.events import RawEvent
from lti_tool.models.facts import (
    Attendance,
    Drawing,
    NotUnderstood,
    Play,
    Playback,
    Poll,
    PresenceEdge,
    Reaction,
    SessionFacts,
    Vote,
)
from lti_tool.models.lti import Deployment, KeyPair, Launch, LoginAttempt, PlatformKeySet, Registration

__all__ = [
    "Account",
    "AccountFlag",
    "Attachment",
    "Attendance",
    "AuditEntry",
    "Channel",
    "Deployment",
    "Drawing",
    "Entry",
    "EntryChannel",
    "EntryRecording",
    "EventRegistration",
    "KeyPair",
    "Launch",
    "LoginAttempt",
    "Model",
    "NotUnderstood",
    "Person",
    "PlatformKeySet",
    "Play",
    "Playback",
    "Poll",
    "PresenceEdge",
    "RawEvent",
    "Reaction",
    "Registration",
    "RoomSession",
    "SessionFacts",
    "VirtualEvent",
    "Vote",
    "begin_write",
    "db",
    "now_ms",
]
