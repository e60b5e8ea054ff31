"""A part of a session: the same facts as of the whole, from the same spans and rows, for the minutes asked about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lti_tool.access.scope import Scope
from lti_tool.analytics.queries import people as queries
from lti_tool.analytics.queries.engagement import DONE, LIVE
from lti_tool.models import RoomSession, SessionFacts, spans
from lti_tool.models.facts import NO_RATE, engagement_rate


@dataclass(slots=True)
class PartAttended:
    """What ``Attendance`` has of a session, of a part of it: there may be many, so it is no row of a table."""

    person_id: int
    name_key: str
    role: str | None
    country: str | None
    device: str | None
    operating_system: str | None
    browser: str | None
    watched_seconds: int
    rated_seconds: int
    engaged_seconds: int
    rate: float
    reactions: int
    chat_messages: int
    polls_answered: int
    threads: int
    downloads: int
    raised_hands: int


def part(
    scope: Scope, session: RoomSession, facts: SessionFacts, start_ms: int, end_ms: int
) -> tuple[SessionFacts, list[PartAttended]]:
    """Facts and attendances of [start, end), epoch milliseconds at whole minutes. They are never stored.

    Everybody of the session has an attendance, who did nothing in the part with zeros. Who logged in to the chat at
    any time of the session could chat in this part too.
    """
    found = attended(scope, session, start_ms, end_ms)
    sums: dict[str, Any] = {name: sum(getattr(one, name) for one in found) for name in LIVE}
    for name, counter in (
        ("reaction_people", "reactions"),
        ("chat_people", "chat_messages"),
        ("poll_people", "polls_answered"),
        ("thread_people", "threads"),
        ("download_people", "downloads"),
        ("viewers", "watched_seconds"),
    ):
        sums[name] = sum(getattr(one, counter) > 0 for one in found)
    launched = queries.polls_launched(scope, session, start_ms, end_ms)
    same = {name: getattr(facts, name) for name in ("reported", "has_heartbeats", "events", "people", "logged_in")}
    countries, devices = _by_client([one for one in found if one.watched_seconds])
    return SessionFacts(
        session_id=session.id,
        polls=launched,
        presented=facts.presented,
        countries=countries,
        devices=devices,
        **same,
        **sums,
    ), found


def attended(scope: Scope, session: RoomSession, start_ms: int, end_ms: int) -> list[PartAttended]:
    """What everybody of the session did in the part of it."""
    counted = queries.counts(scope, session, start_ms, end_ms)
    return _attended(queries.everybody(scope, session), counted, start_ms // 1000, end_ms // 1000)


def _by_client(viewers: Sequence[PartAttended]) -> tuple[list[list[Any]], list[list[Any]]]:
    """These people by country, and by device, operating system and browser, as ``SessionFacts`` keeps them."""
    countries, devices = Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
    for one in viewers:
        countries[(one.country or "",)] += 1
        path = (one.device or "", one.operating_system or "", one.browser or "")
        devices.update(path[:depth] for depth in (1, 2, 3))
    by_country, by_device = ([[list(path), n] for path, n in sorted(by.items())] for by in (countries, devices))
    return by_country, by_device


def _attended(rows: Sequence[Any], counted: Counter[tuple[int, str]], start: int, end: int) -> list[PartAttended]:
    watched = spans.within_each([row.watched if row.rated_seconds else row.presence for row in rows], start, end)
    engaged = spans.within_each([row.engaged if row.rated_seconds else b"" for row in rows], start, end)
    found = []
    for row, live, attentive in zip(rows, watched.tolist(), engaged.tolist(), strict=True):
        rated = live if row.rated_seconds else 0
        rate = engagement_rate(attentive, rated)
        found.append(
            PartAttended(
                row.person_id,
                row.name_key,
                row.role,
                row.country,
                row.device,
                row.operating_system,
                row.browser,
                live,
                rated,
                attentive,
                NO_RATE if rate is None else rate,
                *(counted[row.person_id, name] for name in DONE),
            )
        )
    return found
