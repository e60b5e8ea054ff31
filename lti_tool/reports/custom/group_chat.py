"""Group chat transcripts: a row for each message, the deleted ones included."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from flask_babel import lazy_gettext as _

from lti_tool.collect.contract import GroupMessage, MessageDeleted, MessageLiked
from lti_tool.models import Entry, Person
from lti_tool.reports.custom import queries
from lti_tool.reports.custom.asked import FILTERS, Asked
from lti_tool.reports.custom.columns import FIRST_NAME, Column, Report, first_name, iso
from lti_tool.reports.custom.messages import Marks, in_chunks, said, speakers

EVENT = "event groupMessageSent"
CATALOGUE = "catalogue"


class Row(NamedTuple):
    """A message with who sent it."""

    event: GroupMessage
    person: Person
    role: str | None
    likes: int
    deleted: bool


def _rows(asked: Asked) -> Iterator[Row]:
    for entry in queries.stream(queries.entries(asked)):
        yield from _of_entry(asked, entry[0])


def _of_entry(asked: Asked, entry: Entry) -> Iterator[Row]:
    messages = (one for one in said(asked, entry, GroupMessage) if one.included and asked.person(one.event.user_id))
    likes = deletions = None
    for some in in_chunks(messages):
        if likes is None or deletions is None:
            likes, deletions = _marks(asked, entry)
        for one, speaker in zip(some, speakers(asked, some), strict=True):
            id = one.event.message_id
            yield Row(one.event, speaker.person, speaker.role, likes.count(id), deletions.count(id) > 0)


def _marks(asked: Asked, entry: Entry) -> tuple[Marks, Marks]:
    """Likes and deletions, whenever they came."""
    likes, deletions = Marks(), Marks()
    for one in said(asked, entry, MessageLiked, MessageDeleted):
        if one.event.message_id:
            marks = likes if isinstance(one.event, MessageLiked) else deletions
            marks.add(one.event.message_id, one.event.user_id)
    return likes, deletions


GROUP_CHAT_TRANSCRIPTS = Report(
    "group-chat-transcripts",
    _("Group chat transcripts"),
    _("A row for each message of the group chat: who sent it, what it says, its likes, and whether it was deleted."),
    (
        Column("userId", "User ID", "who sent the message", "id", EVENT, lambda r: r.event.user_id),
        Column("userFirstName", "First Name", FIRST_NAME, "text", CATALOGUE, lambda r: first_name(r.person)),
        Column("userLastName", "Last Name", "last name", "text", CATALOGUE, lambda r: r.person.last_name),
        Column("userEmail", "Email Address", "e-mail address", "text", CATALOGUE, lambda r: r.person.email),
        Column(
            "userRole",
            "Role",
            "role in the session, else the usual one: host, moderator, speaker, viewer",
            "word",
            "first event of the person in the session, by time, that has it; catalogue",
            lambda r: r.role,
        ),
        Column("messageId", "Message ID", "the message", "id", EVENT, lambda r: r.event.message_id),
        Column("sentAt", "Sent At", "when it was sent", "ISO 8601, UTC", EVENT, lambda r: iso(r.event.time)),
        Column("message", "Message", "what it says, also if it was deleted", "text", EVENT, lambda r: r.event.text),
        Column(
            "repliedToMessageId",
            "Replied to Message ID",
            "the message that it answers",
            "id",
            EVENT,
            lambda r: r.event.replied_to_message_id,
        ),
        Column("likes", "Likes Count", "people who liked it", "people", "events messageLiked", lambda r: r.likes),
        Column(
            "deleted",
            "Deleted",
            "whether it was deleted",
            "true or false",
            "events groupMessageDeleted",
            lambda r: r.deleted,
        ),
        Column(
            "subContext", "Sub-Context", "which part of the chat it is in", "text", EVENT, lambda r: r.event.sub_context
        ),
    ),
    FILTERS,
    _rows,
)
