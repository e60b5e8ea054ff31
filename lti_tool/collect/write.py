"""Writing what a batch adds into the fact tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Row, Text, cast, delete, func, insert, select, tuple_, update

from lti_tool.collect.deltas import CONTEXT, Context, Delta, PersonDelta, SessionDelta
from lti_tool.collect.registry import SOURCES
from lti_tool.models import (
    Attendance,
    Entry,
    MediaEdge,
    Moment,
    NotUnderstood,
    Person,
    Play,
    Playback,
    PlaybackQuarter,
    PlaybackRetention,
    PlaybackViewer,
    Poll,
    PresenceEdge,
    Reaction,
    RoomSession,
    SessionFacts,
    StageEdge,
    Vote,
    db,
    percentiles,
    spans,
)
from lti_tool.models.database import dialect_insert
from lti_tool.models.facts import QUARTER
from lti_tool.models.names import name_key

# By the quarter in which plays were started: how many more there are, and by how many more each percentile was watched.
Started = dict[int, percentiles.Counts]
COUNTERS = ("reactions", "chat_messages", "threads", "downloads", "raised_hands")


def write(entry: Entry, delta: Delta) -> set[int]:
    """Add a batch to the facts; returns the keys of the sessions that it touched."""
    users = {user for session in delta.sessions.values() for user in session.people}
    users |= set(delta.viewers)
    people = _people(entry.account_id, users)
    for key, session in delta.sessions.items():
        _session(key, session)
        _attendance(key, session, people)
        _rows(key, session, people)
    _playback(entry, delta, people)
    started = _plays(entry, delta, people)
    _quarters(entry, delta, started)
    _retention(entry, started)
    _viewers(entry, delta, people)
    for name, count in delta.not_understood.items():
        row = db.session.get(NotUnderstood, (entry.id, name))
        if row is None:
            row = NotUnderstood(entry_id=entry.id, name=name, events=0)
            db.session.add(row)
        row.events += count
    db.session.flush()
    db.session.expire_all()
    return set(delta.sessions)


def _chunks(items: Iterable[Any], size: int = 500) -> Iterator[list[Any]]:
    listed = list(items)
    return (listed[start : start + size] for start in range(0, len(listed), size))


def _people(account_id: int, users: set[str]) -> dict[str, Person]:
    """The people with these outside ids; who is not in the catalogue is taken in, named by the id."""
    found: dict[str, Person] = {}
    for some in _chunks(sorted(users)):
        new = dialect_insert(Person.__table__).on_conflict_do_nothing()
        query = select(Person).where(Person.account_id == account_id, Person.external_id.in_(some))
        known = {person.external_id: person for person in db.session.scalars(query)}
        if missing := [user for user in some if user not in known]:
            db.session.execute(new, [{"account_id": account_id, "external_id": user} for user in missing])
            known |= {person.external_id: person for person in db.session.scalars(query)}
        found |= known
    return found


def _session(key: int, session: SessionDelta) -> None:
    facts = db.session.get(SessionFacts, key)
    if facts is None:
        facts = SessionFacts(session_id=key, reported=[], events=0, has_heartbeats=False)
        db.session.add(facts)
    reports = {signal.value for source in session.sources for signal in SOURCES[source].reports}
    facts.reported = sorted(reports | set(facts.reported))
    facts.events += session.events
    of_session = db.session.get_one(RoomSession, key)
    of_session.last_ms = max(of_session.last_ms or 0, session.last_ms) or None
    facts.has_heartbeats = facts.has_heartbeats or session.heartbeats
    db.session.flush()


def _attendance(key: int, session: SessionDelta, people: dict[str, Person]) -> None:
    for users in _chunks(session.people):
        ids = {people[user].id: user for user in users}
        known = {
            row.person_id: row
            for row in db.session.execute(
                select(Attendance.__table__).where(Attendance.session_id == key, Attendance.person_id.in_(ids))
            )
        }
        rows = [_merged(key, people[user], session.people[user], known.get(pk)) for pk, user in ids.items()]
        _upsert(Attendance, rows)


def _merged(key: int, person: Person, delta: PersonDelta, row: Row[Any] | None) -> dict[str, Any]:
    """One attendance row with the batch added; the derived columns are ``finish``'s."""
    values: dict[str, Any] = {
        "session_id": key,
        "person_id": person.id,
        "name_key": name_key(person.name),
        "logged_in": delta.logged_in or bool(row and row.logged_in),
        "watched": _union(row.watched if row else b"", delta.watched),
        "engaged": _union(row.engaged if row else b"", delta.engaged),
        **{name: delta.counts[name] + (getattr(row, name) if row else 0) for name in COUNTERS},
    }
    return values | _context(delta.context, row)


def _context(new: Context, row: Row[Any] | None) -> dict[str, Any]:
    """The context columns, where the earliest event that says something wins."""
    known = dict(row.context_from) if row else {}
    values: dict[str, Any] = {name: getattr(row, name) if row else None for name in CONTEXT}
    for name, (time_ms, event_id, value) in new.items():
        if name not in known or [time_ms, event_id] < known[name]:
            known[name] = [time_ms, event_id]
            values[name] = value
    return {**values, "context_from": known}


def _union(stored: bytes, new: Sequence[tuple[int, int]]) -> bytes:
    if not new:
        return stored
    return spans.encode(spans.union(np.concatenate((spans.decode(stored), np.array(new, dtype=np.int64)))))


def _upsert(model: Any, rows: list[dict[str, Any]]) -> None:
    """Insert rows, or set the same columns where the primary key is known. All rows have the same keys."""
    if not rows:
        return
    statement = dialect_insert(model.__table__)
    keys = [column.name for column in model.__table__.primary_key]
    changes = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    db.session.execute(statement.on_conflict_do_update(index_elements=keys, set_=changes), rows)


def _rows(key: int, session: SessionDelta, people: dict[str, Person]) -> None:
    every: tuple[tuple[Any, list[dict[str, Any]]], ...] = (
        (PresenceEdge, session.edges),
        (Reaction, session.reactions),
        (Moment, session.moments),
        (StageEdge, session.stage),
        (MediaEdge, session.media),
    )
    for model, rows in every:
        if rows:
            db.session.execute(
                insert(model),
                [
                    {
                        "session_id": key,
                        "person_id": people[row["user"]].id,
                        **{name: value for name, value in row.items() if name != "user"},
                    }
                    for row in rows
                ],
            )
    _upsert(Poll, list(_polls(key, session)))
    _upsert(Vote, list(_votes(key, session, people)))
    _count_answers(key, {*session.polls, *(poll_id for poll_id, _user in session.votes)})


def _polls(key: int, session: SessionDelta) -> Iterator[dict[str, Any]]:
    for poll_id, event in session.polls.items():
        known = db.session.get(Poll, (key, poll_id))
        if known is None or (event.time, event.id) < (known.time_ms, known.event_id):
            options = [{"id": str(o.id), "text": o.text, "isCorrect": o.is_correct} for o in event.options]
            yield {
                "session_id": key,
                "poll_id": poll_id,
                "time_ms": event.time,
                "event_id": event.id,
                "question": event.question,
                "type": event.type,
                "options": options,
            }


def _votes(key: int, session: SessionDelta, people: dict[str, Person]) -> Iterator[dict[str, Any]]:
    for (poll_id, user), event in session.votes.items():
        known = db.session.get(Vote, (key, poll_id, people[user].id))
        if known is None or (event.time, event.id) > (known.time_ms, known.event_id):
            yield {
                "session_id": key,
                "poll_id": poll_id,
                "person_id": people[user].id,
                "time_ms": event.time,
                "event_id": event.id,
                "option_ids": [str(option) for option in event.option_ids or []],
                "text": event.text,
            }


def _count_answers(key: int, polls: Iterable[str]) -> None:
    """Count anew who answered these polls, and what. The database counts: as many rows come out as ways to answer."""
    chosen = cast(Vote.option_ids, Text)
    for poll_id in polls:
        of_poll = (Vote.session_id == key, Vote.poll_id == poll_id)
        rows = db.session.execute(select(chosen, func.count()).where(*of_poll).group_by(chosen))
        choices = sorted([ids, people] for ids, people in rows)
        db.session.execute(
            update(Poll)
            .where(Poll.session_id == key, Poll.poll_id == poll_id)
            .values(choices=choices, participants=sum(people for _ids, people in choices))
        )


def _playback(entry: Entry, delta: Delta, people: dict[str, Person]) -> None:
    _add(
        Playback,
        [
            {
                "entry_id": entry.id,
                "quarter": quarter,
                "person_id": people[user].id,
                "impressions": row.impressions,
                "watched_ms": row.watched_ms,
            }
            for (quarter, user), row in delta.playback.items()
        ],
    )


def _quarters(entry: Entry, delta: Delta, started: Started) -> None:
    names = ("impressions", "watched_ms", "plays", "measured_plays", "percentiles")
    sums: defaultdict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(names, 0))
    for (quarter, _user), row in delta.playback.items():
        sums[quarter]["impressions"] += row.impressions
        sums[quarter]["watched_ms"] += row.watched_ms
    for quarter, (plays, *curve) in started.items():
        sums[quarter]["plays"] = int(plays)
        sums[quarter]["measured_plays"] = int(plays) if entry.duration_ms else 0
        sums[quarter]["percentiles"] = int(sum(curve))
    _add(PlaybackQuarter, [{"entry_id": entry.id, "quarter": quarter, **row} for quarter, row in sums.items()])
    if any(counts[0] < 0 for counts in started.values()):  # a quarter may have lost its only play
        q = PlaybackQuarter
        empty = (q.impressions == 0, q.watched_ms == 0, q.plays == 0)
        db.session.execute(delete(q).where(q.entry_id == entry.id, *empty))


def _retention(entry: Entry, started: Started) -> None:
    r = PlaybackRetention
    for quarters in _chunks(quarter for quarter, counts in started.items() if counts[1:].any()):
        mine = (r.entry_id == entry.id, r.quarter.in_(quarters))
        known = {row.quarter: row.plays for row in db.session.execute(select(r.quarter, r.plays).where(*mine))}
        curves = {
            quarter: started[quarter][1:] + percentiles.total([known[quarter]] if quarter in known else [])
            for quarter in quarters
        }
        if gone := [quarter for quarter, curve in curves.items() if not curve.any()]:
            db.session.execute(delete(r).where(r.entry_id == entry.id, r.quarter.in_(gone)))
        rows = [
            {"entry_id": entry.id, "quarter": quarter, "plays": percentiles.encode(curve)}
            for quarter, curve in curves.items()
            if curve.any()
        ]
        _upsert(r, rows)


def _add(model: Any, rows: list[dict[str, Any]]) -> None:
    """Insert rows, or add to their columns where the primary key is known."""
    if not rows:
        return
    statement = dialect_insert(model.__table__)
    keys = [column.name for column in model.__table__.primary_key]
    sums = {name: model.__table__.c[name] + statement.excluded[name] for name in rows[0] if name not in keys}
    db.session.execute(statement.on_conflict_do_update(index_elements=keys, set_=sums), rows)


def _plays(entry: Entry, delta: Delta, people: dict[str, Person]) -> Started:
    """Returns what is new of the quarters; less than nothing where a play turns out to be older."""
    started: Started = defaultdict(lambda: np.zeros(101, dtype=np.int64))
    for keys in _chunks(delta.plays):
        ids = {(people[user].id, play_id): (user, play_id) for user, play_id in keys}
        known = {
            (row.person_id, row.play_id): row
            for row in db.session.execute(
                select(Play.__table__).where(
                    Play.entry_id == entry.id, tuple_(Play.person_id, Play.play_id).in_(list(ids))
                )
            )
        }
        rows = []
        for (person, play_id), key in ids.items():
            row, new = known.get((person, play_id)), delta.plays[key]
            times = (row.time_ms if row else None, new.time_ms)
            stored = np.frombuffer(row.positions if row else b"", dtype="<f8").reshape(-1, 2)
            positions = spans.union(np.concatenate((stored, np.array(new.positions).reshape(-1, 2))))
            rows.append(
                {
                    "entry_id": entry.id,
                    "person_id": person,
                    "play_id": play_id,
                    "time_ms": min((time for time in times if time is not None), default=None),
                    "positions": positions.astype("<f8").tobytes(),
                }
            )
        for sign, some in ((-1, [row._asdict() for row in known.values()]), (1, rows)):
            for play, curve in zip(some, _curves(entry, some), strict=True):
                play["percentiles"] = int(curve.sum()) if entry.duration_ms else None
                if play["time_ms"] is not None:
                    started[play["time_ms"] // QUARTER] += sign * np.concatenate(([1], curve))
        _upsert(Play, rows)
    return started


def _curves(entry: Entry, plays: Sequence[dict[str, Any]]) -> percentiles.Counts:
    """Which percentiles each of these plays watched; none, as long as nobody knows how long the entry is."""
    if not entry.duration_ms:
        return np.zeros((len(plays), 100), dtype=np.int64)
    return percentiles.watched([play["positions"] for play in plays], entry.duration_ms / 1000)


def _viewers(entry: Entry, delta: Delta, people: dict[str, Person]) -> None:
    watched: dict[str, int] = {}
    for (quarter, user), played in delta.playback.items():
        if played.watched_ms:
            watched[user] = max(quarter, watched.get(user, quarter))
    for users in _chunks(delta.viewers):
        ids = {people[user].id: user for user in users}
        known = {
            row.person_id: row
            for row in db.session.execute(
                select(PlaybackViewer.__table__).where(
                    PlaybackViewer.entry_id == entry.id, PlaybackViewer.person_id.in_(ids)
                )
            )
        }
        rows = []
        for pk, user in ids.items():
            row = known.get(pk)
            quarters = (row.last_watched_quarter if row else None, watched.get(user))
            last = max((quarter for quarter in quarters if quarter is not None), default=None)
            context = _context(delta.viewers[user], row)
            rows.append({"entry_id": entry.id, "person_id": pk, "last_watched_quarter": last, **context})
        _upsert(PlaybackViewer, rows)
