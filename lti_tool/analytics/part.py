"""A part of a session: the same facts as of the whole, from the same spans and rows, for the minutes asked about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from lti_tool.access.scope import Scope
from lti_tool.analytics.queries import people as queries
from lti_tool.models import Attendance, RoomSession, SessionFacts, spans
from lti_tool.models.facts import NO_RATE, engagement_rate

COUNTERS = ("reactions", "chat_messages", "polls_answered", "threads", "downloads", "raised_hands")


def part(
    scope: Scope, session: RoomSession, facts: SessionFacts, start_ms: int, end_ms: int
) -> tuple[SessionFacts, list[Attendance]]:
    """Facts and attendances of [start, end), epoch milliseconds at whole minutes. They are never stored.

    Everybody of the session has an attendance, who did nothing in the part with zeros. Who logged in to the chat at
    any time of the session could chat in this part too.
    """
    counted = queries.counts(scope, session, start_ms, end_ms)
    found = [
        _attendance(session, row, counted, start_ms // 1000, end_ms // 1000)
        for row in queries.everybody(scope, session)
    ]
    sums: dict[str, Any] = {
        name: sum(getattr(one, name) for one in found)
        for name in ("watched_seconds", "rated_seconds", "engaged_seconds", *COUNTERS)
    }
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


def _by_client(viewers: Sequence[Attendance]) -> tuple[list[list[Any]], list[list[Any]]]:
    """These people by country, and by device, operating system and browser, as ``SessionFacts`` keeps them."""
    countries, devices = Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
    for one in viewers:
        countries[(one.country or "",)] += 1
        path = (one.device or "", one.operating_system or "", one.browser or "")
        devices.update(path[:depth] for depth in (1, 2, 3))
    by_country, by_device = ([[list(path), n] for path, n in sorted(by.items())] for by in (countries, devices))
    return by_country, by_device


def _attendance(session: RoomSession, row: Any, counted: Counter[tuple[int, str]], start: int, end: int) -> Attendance:
    watched = spans.within(spans.decode(row.watched if row.rated_seconds else row.presence), start, end)
    rated = watched if row.rated_seconds else 0
    engaged = spans.within(spans.decode(row.engaged), start, end) if row.rated_seconds else 0
    rate = engagement_rate(engaged, rated)
    return Attendance(
        session_id=session.id,
        person_id=row.person_id,
        name_key=row.name_key,
        role=row.role,
        country=row.country,
        device=row.device,
        operating_system=row.operating_system,
        browser=row.browser,
        watched_seconds=watched,
        rated_seconds=rated,
        engaged_seconds=engaged,
        rate=NO_RATE if rate is None else rate,
        **{name: counted[row.person_id, name] for name in COUNTERS},
    )
