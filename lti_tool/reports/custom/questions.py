"""Chat moderation and the moderator transcript: questions and answers, by room and by message."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from flask_babel import lazy_gettext as _

from lti_tool.collect.contract import QuestionMessage
from lti_tool.models import Entry, Person
from lti_tool.reports.custom import queries
from lti_tool.reports.custom.asked import FILTERS, Asked
from lti_tool.reports.custom.columns import Column, Report, iso
from lti_tool.reports.custom.messages import Said, in_chunks, said, speakers
from lti_tool.reports.custom.threads import FIRST_STATE, MODERATING, Survey, survey

CATALOGUE = "catalogue"
MESSAGE = "event questionAnswerMessageSent"
STATE = "events questionAnswerThreadState"
RESOLVED, UNRESOLVED = ("resolved", "done"), ("pending", "owned")


class Moderated(NamedTuple):
    """The questions and answers of a room."""

    entry: Entry
    last_ms: int
    states: Counter[str]
    messages: Counter[bool]  # by whether a moderator sent them
    owners: dict[str, Counter[str]]  # state -> e-mail address, else id -> threads


class Row(NamedTuple):
    """A question or an answer."""

    entry: Entry
    event: QuestionMessage
    sender: Person
    creator: Person | None
    recipient: Person | None
    state: str | None


def _rooms(asked: Asked) -> Iterator[Moderated]:
    for (entry,) in queries.stream(queries.entries(asked)):
        known = survey(asked, entry)
        if known.last_ms is not None:
            threads = [thread for thread in known.threads.values() if thread.active]
            people = queries.people(asked.scope.account_id, {thread.owner for thread in threads if thread.owner})
            owners: dict[str, Counter[str]] = {}
            for thread in threads:
                if thread.owner:
                    named = people[thread.owner].email or thread.owner
                    owners.setdefault(thread.state, Counter())[named] += 1
            states = Counter(thread.state for thread in threads)
            yield Moderated(entry, known.last_ms, states, _messages(asked, entry, known), owners)


def _included(asked: Asked, entry: Entry) -> Iterator[list[Said]]:
    return in_chunks(one for one in said(asked, entry, QuestionMessage) if one.included)


def _messages(asked: Asked, entry: Entry, known: Survey) -> Counter[bool]:
    moderators = known.moderators
    counts: Counter[bool] = Counter()
    for some in _included(asked, entry):
        for one, speaker in zip(some, speakers(asked, some), strict=True):
            counts[speaker.role in MODERATING or one.event.user_id in moderators] += 1
    return counts


def _owning(row: Moderated, states: tuple[str, ...]) -> str:
    """'ada@example.edu (2); grace@example.edu (1)', who has most first."""
    total: Counter[str] = sum((row.owners.get(state, Counter()) for state in states), Counter())
    ranked = sorted(total.items(), key=lambda one: (-one[1], one[0]))
    return "; ".join(f"{name} ({threads})" for name, threads in ranked)


def _transcript(asked: Asked) -> Iterator[Row]:
    for (entry,) in queries.stream(queries.entries(asked)):
        known = None
        for some in _included(asked, entry):
            known = known or survey(asked, entry)
            mine = [one for one in some if asked.person(one.event.user_id)]
            yield from _rows(asked, entry, known, mine)


def _rows(asked: Asked, entry: Entry, known: Survey, some: list[Said]) -> Iterator[Row]:
    threads = [known.threads.get(one.event.thread_id) for one in some]
    creators = [thread.creator if thread else None for thread in threads]
    ids = {user for one in some for user in (one.event.user_id, one.event.recipient_id)} | set(creators)
    people = queries.people(asked.scope.account_id, {user for user in ids if user})
    for one, thread, creator in zip(some, threads, creators, strict=True):
        event = one.event
        persons = (people[event.user_id], people.get(creator or ""), people.get(event.recipient_id or ""))
        yield Row(entry, event, *persons, thread.state if thread else None)


def _labels(event: QuestionMessage) -> str | None:
    return "; ".join(event.labels) if isinstance(event.labels, list) else event.labels


CHAT_MODERATION = Report(
    "chat-moderation",
    _("Chat moderation"),
    _("A row for each room with questions: how many threads are pending, owned, resolved and done, and who owns them."),
    (
        Column("contextId", "Context ID", "the room", "id", CATALOGUE, lambda r: r.entry.external_id),
        Column("contextName", "Context Name", "its name", "text", CATALOGUE, lambda r: r.entry.name),
        Column(
            "lastActivity",
            "Last Activity",
            "when the last question or answer was sent or a thread changed its state",
            "ISO 8601, UTC",
            f"{MESSAGE}; {STATE}",
            lambda r: iso(r.last_ms),
        ),
        Column(
            "pending",
            "Pending Threads Count",
            "threads that nobody took; a thread begins so",
            "threads",
            STATE,
            lambda r: r.states[FIRST_STATE],
        ),
        Column(
            "owned",
            "Owned Threads Count",
            "threads that a moderator took",
            "threads",
            STATE,
            lambda r: r.states["owned"],
        ),
        Column(
            "resolved",
            "Resolved Threads Count",
            "threads that were resolved",
            "threads",
            STATE,
            lambda r: r.states["resolved"],
        ),
        Column(
            "done",
            "Done Threads Count",
            "threads that were resolved and put away",
            "threads",
            STATE,
            lambda r: r.states["done"],
        ),
        Column(
            "blocked",
            "Blocked Threads Count",
            "threads that were blocked",
            "threads",
            STATE,
            lambda r: r.states["blocked"],
        ),
        Column(
            "userMessages",
            "User Messages Count",
            "questions and answers of all others",
            "messages",
            MESSAGE,
            lambda r: r.messages[False],
        ),
        Column(
            "moderatorMessages",
            "Moderator Messages Count",
            "questions and answers of hosts, moderators, and whoever is named as moderator of a thread or took one",
            "messages",
            f"{MESSAGE}; role as in attendees-data; {STATE}",
            lambda r: r.messages[True],
        ),
        Column(
            "moderatorsOwningResolvedThreads",
            "Moderators Owning Resolved Threads",
            "e-mail addresses (else ids) of who owns threads resolved or done, each with how many, joined with '; '",
            "text",
            f"{STATE}; catalogue",
            lambda r: _owning(r, RESOLVED),
        ),
        Column(
            "moderatorsOwningUnresolvedThreads",
            "Moderators Owning Unresolved Threads",
            "the same of threads pending or owned",
            "text",
            f"{STATE}; catalogue",
            lambda r: _owning(r, UNRESOLVED),
        ),
    ),
    ("entry_ids", "cue_point_ids", "virtual_event_ids", "parentEntryIds"),
    _rooms,
)

_NAME = "first and last name; else what the source calls the person, else the id"
MODERATOR_TRANSCRIPT = Report(
    "moderator-transcript",
    _("Moderator transcript"),
    _("A row for each question and answer: who sent it to whom, what it says, and the state of its thread."),
    (
        Column("contextId", "Context ID", "the room", "id", CATALOGUE, lambda r: r.entry.external_id),
        Column("contextName", "Context Name", "its name", "text", CATALOGUE, lambda r: r.entry.name),
        Column(
            "creator",
            "Creator",
            f"who opened the thread: {_NAME}",
            "text",
            MESSAGE,
            lambda r: r.creator and r.creator.name,
        ),
        Column("sender", "Sender", f"who sent the message: {_NAME}", "text", MESSAGE, lambda r: r.sender.name),
        Column("senderEmail", "Sender Email Address", "e-mail address", "text", CATALOGUE, lambda r: r.sender.email),
        Column(
            "recipient",
            "Recipient",
            f"to whom: {_NAME}",
            "text",
            MESSAGE,
            lambda r: r.recipient and r.recipient.name,
        ),
        Column(
            "recipientEmail",
            "Recipient Email Address",
            "e-mail address",
            "text",
            CATALOGUE,
            lambda r: r.recipient and r.recipient.email,
        ),
        Column("message", "Message", "what it says", "text", MESSAGE, lambda r: r.event.text),
        Column("time", "Time", "when it was sent", "ISO 8601, UTC", MESSAGE, lambda r: iso(r.event.time)),
        Column(
            "state",
            "State",
            "last state of the thread: pending, owned, resolved, done, blocked",
            "word",
            STATE,
            lambda r: r.state,
        ),
        Column("labels", "Labels", "labels, joined with '; '", "text", MESSAGE, lambda r: _labels(r.event)),
    ),
    FILTERS,
    _transcript,
)
