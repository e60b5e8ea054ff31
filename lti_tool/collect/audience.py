"""Who watched, where and on what, counted at folding: live, and the room's recordings since each session began."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Select, delete, func, select

from lti_tool.collect import viewers
from lti_tool.models import (
    Attendance,
    Entry,
    EntryRecording,
    PlaybackViewer,
    RoomSession,
    SessionPlayback,
    db,
)
from lti_tool.models.facts import QUARTER

# What ``countries`` and ``devices`` are counted by, as they come from a query.
FIELDS = ("country", "device", "operating_system", "browser")
# The first word of a path within this module: of which list it is.
Path = tuple[str, ...]


def live(session_key: int) -> tuple[list[list[Any]], list[list[Any]]]:
    """The live viewers of a session by country and by device, as ``SessionFacts`` keeps them."""
    values = [func.coalesce(getattr(Attendance, field), "") for field in FIELDS]
    of_session = (Attendance.session_id == session_key, Attendance.watched_seconds > 0)
    counts: Counter[Path] = Counter()
    for *context, people in db.session.execute(select(*values, func.count()).where(*of_session).group_by(*values)):
        for path in _paths(context):
            counts[path] += people
    return _listed(counts, "country"), _listed(counts, "device")


def recount_rooms(recording: Entry, users: Collection[str] | None = None) -> None:
    """After a recording was played: count anew for all sessions of the rooms whose recording it is.

    ``users``: the outside ids of those who did; else everybody's playback is counted anew.
    """
    named = select(EntryRecording.room_id).where(
        EntryRecording.account_id == recording.account_id, EntryRecording.recording_id == recording.external_id
    )
    rooms = select(Entry).where(Entry.account_id == recording.account_id, Entry.external_id.in_(named))
    # One after another, for two recordings of a room may be folded at the same time.
    for room in db.session.scalars(rooms.order_by(Entry.id).with_for_update()).all():
        recount(room, users=users)


def recount(room: Entry, sessions: Collection[int] | None = None, users: Collection[str] | None = None) -> None:
    """Count anew who watched the recordings, for all sessions of a room or for those with these keys.

    ``users``: the outside ids of those whose playback may have changed; else everybody's, as after a new start.
    """
    mine = select(RoomSession.id, RoomSession.start_ms).where(RoomSession.entry_id == room.id)
    starts = {key: start_ms for key, start_ms in db.session.execute(mine) if sessions is None or key in sessions}
    if not starts:
        return
    viewers.recount(room.account_id, _recordings(room), starts, users)
    began = {key: start_ms // QUARTER for key, start_ms in starts.items()}
    for key in began:
        db.session.execute(delete(SessionPlayback).where(SessionPlayback.session_id == key))
    last = _last_watched(room, min(began.values()))
    ordered = {path: sorted(quarters.values()) for path, quarters in last.items()}
    for key, quarter in began.items():
        counts = {path: len(quarters) - bisect_left(quarters, quarter) for path, quarters in ordered.items()}
        if counts.get((), 0):
            both = sum(last[()].get(person, -1) >= quarter for person in _attended(key))
            countries, devices = _listed(counts, "country"), _listed(counts, "device")
            db.session.add(
                SessionPlayback(session_id=key, viewers=counts[()], both=both, countries=countries, devices=devices)
            )
    db.session.flush()


def _last_watched(room: Entry, since: int) -> dict[Path, dict[int, int]]:
    """Path -> person -> the last quarter, not before ``since``, in which they watched a recording there.

    Of a person with several recordings it is the last of all; the empty path is everywhere.
    """
    values = [getattr(PlaybackViewer, field) for field in FIELDS]
    rows = db.session.execute(
        select(PlaybackViewer.person_id, func.max(PlaybackViewer.last_watched_quarter), *values)
        .where(PlaybackViewer.entry_id.in_(_recordings(room)), PlaybackViewer.last_watched_quarter >= since)
        .group_by(PlaybackViewer.person_id, *values)
    )
    last: defaultdict[Path, dict[int, int]] = defaultdict(dict)
    for person, quarter, *context in rows:
        for path in ((), *_paths([value or "" for value in context])):
            of_path = last[path]
            of_path[person] = max(quarter, of_path.get(person, quarter))
    return last


def _recordings(room: Entry) -> Select[Any]:
    """The keys of a room's recordings."""
    named = select(EntryRecording.recording_id).where(
        EntryRecording.account_id == room.account_id, EntryRecording.room_id == room.external_id
    )
    return select(Entry.id).where(Entry.account_id == room.account_id, Entry.external_id.in_(named))


def _attended(session_key: int) -> Iterable[int]:
    """Who watched a session."""
    watched = (Attendance.session_id == session_key, Attendance.watched_seconds > 0)
    return db.session.scalars(select(Attendance.person_id).where(*watched))


def _paths(context: Sequence[str]) -> Iterator[Path]:
    country, *device = context
    yield ("country", country)
    for depth in range(1, len(device) + 1):
        yield ("device", *device[:depth])


def _listed(counts: dict[Path, int], kind: str) -> list[list[Any]]:
    """[[path, people], …] of one of the lists, without those where nobody is."""
    return [[list(path[1:]), people] for path, people in sorted(counts.items()) if path[:1] == (kind,) and people]
