"""Finishing a session: presence, the seconds of each person, the totals and the minutes, from what is in the facts.

Everything is computed anew from the spans and rows, so that nothing can drift.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import bindparam, func, select, update

from lti_tool.collect import audience
from lti_tool.collect.presented import presented
from lti_tool.models import (
    Attendance,
    Poll,
    PresenceEdge,
    Reaction,
    RoomSession,
    SessionFacts,
    Vote,
    db,
    spans,
)
from lti_tool.models.facts import NO_RATE, engagement_rate

Ints = NDArray[np.int64]
# A leave that comes later than a week after its join belongs to another visit: the one between was lost.
LONGEST_STAY = 7 * 24 * 3_600_000


def finish(session_key: int) -> None:
    """Bring the derived columns of a session's attendance and its facts up to date."""
    session = db.session.get_one(RoomSession, session_key)
    facts = db.session.get_one(SessionFacts, session_key)
    presence = {} if facts.has_heartbeats else _presence(session)
    _people(session_key, facts.has_heartbeats, presence)
    db.session.flush()
    _totals(facts)
    facts.curve = _curve(session_key)
    facts.reaction_minutes = _reaction_minutes(session_key)
    facts.presented = presented(session)
    facts.countries, facts.devices = audience.live(session_key)
    db.session.flush()


def _presence(session: RoomSession) -> dict[int, bytes]:
    """Span sets from joins and leaves: a join runs to the next leave of its connection (without one: of its person);
    what is open at the end closes at the session's end.
    """
    joins: defaultdict[tuple[int, str | None], list[int]] = defaultdict(list)
    leaves: defaultdict[tuple[int, str | None], list[int]] = defaultdict(list)
    last = session.end_ms
    for person, connection, time_ms, joined in db.session.execute(
        select(PresenceEdge.person_id, PresenceEdge.connection, PresenceEdge.time_ms, PresenceEdge.joined).where(
            PresenceEdge.session_id == session.id
        )
    ):
        (joins if joined else leaves)[person, connection].append(time_ms)
        if session.end_ms is None:  # still running: so far
            last = max(last or 0, time_ms)
    found: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for (person, connection), times in joins.items():
        ends = sorted(leaves[person, connection])
        for start in times:
            place = bisect_right(ends, start)
            end = ends[place] if place < len(ends) else (last or start)
            end = min(end, start + LONGEST_STAY)
            found[person].append((-(-start // 1000), -(-end // 1000)))
    return {person: spans.encode(spans.union(np.array(pairs, dtype=np.int64))) for person, pairs in found.items()}


def _people(session_key: int, heartbeats: bool, presence: dict[int, bytes]) -> None:
    """Watched, rated and engaged seconds, rate and polls answered of everybody; writes only what changed."""
    rows = db.session.execute(
        select(
            Attendance.person_id,
            Attendance.watched,
            Attendance.engaged,
            Attendance.presence,
            Attendance.watched_seconds,
            Attendance.rated_seconds,
            Attendance.engaged_seconds,
            Attendance.polls_answered,
        ).where(Attendance.session_id == session_key)
    ).all()
    answered = dict(
        db.session.execute(
            select(Vote.person_id, func.count()).where(Vote.session_id == session_key).group_by(Vote.person_id)
        ).all()
    )
    watched = _seconds([row.watched if heartbeats else presence.get(row.person_id, b"") for row in rows])
    engaged = _seconds([row.engaged if heartbeats else b"" for row in rows])
    changes = []
    for row, seconds, attentive in zip(rows, watched.tolist(), engaged.tolist(), strict=True):
        rated = seconds if heartbeats else 0
        new = (presence.get(row.person_id, b""), seconds, rated, attentive, answered.get(row.person_id, 0))
        if new != (row.presence, row.watched_seconds, row.rated_seconds, row.engaged_seconds, row.polls_answered):
            names = ("presence", "watched_seconds", "rated_seconds", "engaged_seconds", "polls_answered")
            change: dict[str, Any] = dict(zip(names, new, strict=True))
            rate = engagement_rate(attentive, rated)
            changes.append({**change, "rate": NO_RATE if rate is None else rate, "pk": row.person_id})
    if changes:
        statement = update(Attendance).where(
            Attendance.session_id == session_key, Attendance.person_id == bindparam("pk")
        )
        values: dict[str, Any] = {name: bindparam(name) for name in changes[0] if name != "pk"}
        db.session.connection().execute(statement.values(values), changes)


def _joined(blobs: Sequence[bytes]) -> tuple[spans.Spans, Ints]:
    """All spans of many people in one array, and to which of them each belongs."""
    counts = np.array([len(blob) // 8 for blob in blobs], dtype=np.int64)
    return spans.decode(b"".join(blobs)), np.repeat(np.arange(len(blobs)), counts)


def _seconds(blobs: Sequence[bytes]) -> Ints:
    """The seconds of each of many span sets."""
    every, owner = _joined(blobs)
    return np.bincount(owner, weights=every[:, 1] - every[:, 0], minlength=len(blobs)).astype(np.int64)


def _totals(facts: SessionFacts) -> None:
    """Sums over the attendance, in one statement. People count where they have at least one."""
    a = Attendance

    def people(column: Any) -> Any:
        return func.count().filter(column > 0)

    def total(column: Any) -> Any:
        return func.coalesce(func.sum(column), 0)

    columns = {
        "people": func.count(),
        "viewers": people(a.watched_seconds),
        "watched_seconds": total(a.watched_seconds),
        "rated_seconds": total(a.rated_seconds),
        "engaged_seconds": total(a.engaged_seconds),
        "logged_in": func.count().filter(a.logged_in),
        "reactions": total(a.reactions),
        "reaction_people": people(a.reactions),
        "chat_messages": total(a.chat_messages),
        "chat_people": people(a.chat_messages),
        "polls_answered": total(a.polls_answered),
        "poll_people": people(a.polls_answered),
        "threads": total(a.threads),
        "thread_people": people(a.threads),
        "downloads": total(a.downloads),
        "download_people": people(a.downloads),
        "raised_hands": total(a.raised_hands),
        "raised_hand_people": people(a.raised_hands),
    }
    row = db.session.execute(
        select(*(column.label(name) for name, column in columns.items())).where(a.session_id == facts.session_id)
    ).one()
    for name in columns:
        setattr(facts, name, int(getattr(row, name)))
    facts.polls = db.session.scalar(select(func.count()).where(Poll.session_id == facts.session_id)) or 0


def _curve(session_key: int) -> bytes:
    """Per minute in which anybody watched: minute, people, watched seconds, rated seconds, engaged seconds."""
    rows = db.session.execute(
        select(Attendance.watched, Attendance.presence, Attendance.engaged, Attendance.rated_seconds).where(
            Attendance.session_id == session_key, Attendance.watched_seconds > 0
        )
    ).all()
    watched, owner = _joined([row.watched if row.rated_seconds else row.presence for row in rows])
    if not len(watched):
        return b""
    minutes, people, seconds = _per_minute(watched, owner)
    rated = _lookup(minutes, *_per_minute(*_joined([row.watched for row in rows if row.rated_seconds])))
    engaged = _lookup(minutes, *_per_minute(*_joined([row.engaged for row in rows if row.rated_seconds])))
    return np.stack((minutes, people, seconds, rated, engaged), axis=1).astype("<u4").tobytes()


def _per_minute(every: spans.Spans, owner: Ints) -> tuple[Ints, Ints, Ints]:
    """Minutes that the spans touch, how many owners and how many seconds each has. An owner's spans are in order."""
    if not len(every):
        return (np.empty(0, dtype=np.int64),) * 3
    first, last = every[:, 0] // 60, (every[:, 1] - 1) // 60
    length = last - first + 1
    span = np.repeat(np.arange(len(every)), length)
    minute = first[span] + np.arange(len(span)) - np.repeat(np.cumsum(length) - length, length)
    seconds = np.minimum(every[span, 1], (minute + 1) * 60) - np.maximum(every[span, 0], minute * 60)
    minutes, place = np.unique(minute, return_inverse=True)
    # An owner with two spans in one minute counts once: the second follows the first at once.
    again = np.zeros(len(span), dtype=bool)
    again[1:] = (owner[span[1:]] == owner[span[:-1]]) & (minute[1:] == minute[:-1])
    people = np.bincount(place, weights=~again, minlength=len(minutes)).astype(np.int64)
    return minutes, people, np.bincount(place, weights=seconds, minlength=len(minutes)).astype(np.int64)


def _lookup(minutes: Ints, own: Ints, _people: Ints, seconds: Ints) -> Ints:
    """The seconds at these minutes; 0 where there are none."""
    found = np.zeros(len(minutes), dtype=np.int64)
    found[np.searchsorted(minutes, own)] = seconds
    return found


def _reaction_minutes(session_key: int) -> list[list[Any]]:
    minute = Reaction.time_ms // 60_000
    rows = db.session.execute(
        select(minute.label("minute"), Reaction.reaction, func.count())
        .where(Reaction.session_id == session_key)
        .group_by(minute, Reaction.reaction)
    )
    return sorted([int(at), reaction, count] for at, reaction, count in rows)
