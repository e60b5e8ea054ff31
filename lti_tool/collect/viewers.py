"""What each person played of a room's recordings since each of its sessions began, added up at folding."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Select, delete, func, insert, literal, select, union_all

from lti_tool.models import Person, Play, Playback, SessionViewer, db
from lti_tool.models.facts import NO_RATE, QUARTER, completion_rate
from lti_tool.models.names import name_key

CHUNK = 500


def recount(
    account_id: int, recordings: Select[Any], starts: Mapping[int, int], users: Collection[str] | None = None
) -> None:
    """Add up anew for sessions, given by key and start: for the people with these outside ids, or for all.

    ``recordings`` selects the keys of the room's recordings.
    """
    if users is None:
        db.session.execute(delete(SessionViewer).where(SessionViewer.session_id.in_(starts)))
        users = list(db.session.scalars(_users(recordings, min(starts.values()))))
    ordered = sorted(users)
    for place in range(0, len(ordered), CHUNK):
        named = (Person.account_id == account_id, Person.external_id.in_(ordered[place : place + CHUNK]))
        names = {person.id: name_key(person.name) for person in db.session.scalars(select(Person).where(*named))}
        for key, start_ms in starts.items():
            _recount(key, recordings, start_ms, names)


def _users(recordings: Select[Any], since_ms: int) -> Select[Any]:
    """The outside ids of all who may have played anything since then."""
    loaded = select(Playback.person_id).where(
        Playback.entry_id.in_(recordings), Playback.quarter >= since_ms // QUARTER
    )
    started = select(Play.person_id).where(Play.entry_id.in_(recordings), Play.time_ms >= since_ms)
    return select(Person.external_id).where(Person.id.in_(loaded.union(started)))


def _recount(session_key: int, recordings: Select[Any], start_ms: int, names: Mapping[int, str]) -> None:
    """Add up for one session and the people with these keys."""
    mine = (SessionViewer.session_id == session_key, SessionViewer.person_id.in_(names))
    db.session.execute(delete(SessionViewer).where(*mine))
    rows = [
        {
            "session_id": session_key,
            "person_id": person,
            "name_key": names[person],
            "impressions": int(impressions),
            "watched_ms": int(watched_ms),
            "plays": int(plays),
            "measured_plays": int(measured),
            "percentiles": int(percentiles),
            "completion": NO_RATE if (rate := completion_rate(int(percentiles), int(measured))) is None else rate,
        }
        for person, impressions, watched_ms, plays, measured, percentiles in db.session.execute(
            _sums(recordings, start_ms, names)
        )
    ]
    if rows:
        db.session.execute(insert(SessionViewer), rows)


def _sums(recordings: Select[Any], start_ms: int, people: Collection[int]) -> Select[Any]:
    """(person's key, impressions, watched milliseconds, plays, measured plays, percentiles) since then."""
    none = literal(0)
    played = select(
        Playback.person_id,
        Playback.impressions.label("impressions"),
        Playback.watched_ms.label("watched_ms"),
        none.label("plays"),
        none.label("measured"),
        none.label("percentiles"),
    ).where(Playback.entry_id.in_(recordings), Playback.person_id.in_(people), Playback.quarter >= start_ms // QUARTER)
    # Plus nothing, or SQLite takes the index by time and reads the plays of everybody.
    since = Play.time_ms + 0 >= start_ms
    started = (
        select(Play.person_id, none, none, func.count(), func.count(Play.percentiles), func.sum(Play.percentiles))
        .where(Play.entry_id.in_(recordings), Play.person_id.in_(people), since)
        .group_by(Play.person_id)
    )
    every = union_all(played, started).subquery()
    sums = (func.coalesce(func.sum(column), 0) for column in list(every.c)[1:])
    return select(every.c.person_id, *sums).group_by(every.c.person_id)
