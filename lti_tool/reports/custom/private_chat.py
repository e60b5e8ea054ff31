"""Chat user activity: a row for each person who sent or received private messages or has connections."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from flask_babel import lazy_gettext as _

from lti_tool.collect.contract import PrivateChatApproved, PrivateMessage
from lti_tool.models import Person
from lti_tool.reports.custom import queries
from lti_tool.reports.custom.asked import FILTERS, Asked
from lti_tool.reports.custom.columns import Column, Report
from lti_tool.reports.custom.messages import said

SENT = "events privateMessageSent; company and e-mail address: catalogue"


class Row(NamedTuple):
    """What a person did in private chats. ``counts``: messages by ('sent' or 'received', whether internal)."""

    person: Person
    connections: int
    counts: Counter[tuple[str, bool]]


def internal(one: Person, other: Person) -> bool:
    """Whether two people belong together: the same company, or where one of them has none the same e-mail domain."""
    companies = [(person.company or "").strip().casefold() for person in (one, other)]
    domains = [(person.email or "").rpartition("@")[2].strip().casefold() for person in (one, other)]
    first, second = companies if all(companies) else domains
    return bool(first) and first == second


def _rows(asked: Asked) -> Iterator[Row]:
    messages, pairs = _happened(asked)
    connections = Counter(user for pair in pairs for user in pair)
    ids = connections.keys() | {user for pair in messages for user in pair}
    people = queries.people(asked.scope.account_id, ids)
    counts: dict[str, Counter[tuple[str, bool]]] = {user: Counter() for user in ids}
    for (sender, recipient), number in messages.items():
        same = internal(people[sender], people[recipient])
        counts[sender]["sent", same] += number
        counts[recipient]["received", same] += number
    for user in sorted(ids):
        if asked.person(user):
            yield Row(people[user], connections[user], counts[user])


def _happened(asked: Asked) -> tuple[Counter[tuple[str, str]], set[frozenset[str]]]:
    """(sender, recipient) -> messages; and the pairs of people with an approved private chat."""
    messages: Counter[tuple[str, str]] = Counter()
    pairs: set[frozenset[str]] = set()
    for (entry,) in queries.stream(queries.entries(asked)):
        for one in said(asked, entry, PrivateMessage, PrivateChatApproved):
            user, other = one.event.user_id, one.event.recipient_id
            if not one.included or not other:
                continue
            if isinstance(one.event, PrivateMessage):
                messages[user, other] += 1
            elif user != other:
                pairs.add(frozenset((user, other)))
    return messages, pairs


CHAT_USER_ACTIVITY = Report(
    "chat-user-activity",
    _("Chat user activity"),
    _("A row for each person with private chats: connections, and messages sent and received."),
    (
        Column("userId", "User ID", "the person", "id", "events", lambda r: r.person.external_id),
        Column("userEmail", "Email Address", "e-mail address", "text", "catalogue", lambda r: r.person.email),
        Column(
            "connections",
            "Connections Count",
            "different people with an approved private chat, whoever of the two approved it",
            "people",
            "events privateChatConnectionRequestApproved",
            lambda r: r.connections,
        ),
        Column(
            "internalReceived",
            "Internal Messages Received Count",
            "private messages from people of the same company; where one of the two has none: e-mail domain",
            "messages",
            SENT,
            lambda r: r.counts["received", True],
        ),
        Column(
            "internalSent",
            "Internal Messages Sent Count",
            "private messages to such people",
            "messages",
            SENT,
            lambda r: r.counts["sent", True],
        ),
        Column(
            "externalReceived",
            "External Messages Received Count",
            "private messages from all others",
            "messages",
            SENT,
            lambda r: r.counts["received", False],
        ),
        Column(
            "externalSent",
            "External Messages Sent Count",
            "private messages to all others; those that name no recipient are not counted",
            "messages",
            SENT,
            lambda r: r.counts["sent", False],
        ),
    ),
    FILTERS,
    _rows,
)
