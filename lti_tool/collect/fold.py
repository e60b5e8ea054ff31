"""Folding: raw events -> facts, one entry at a time, in one transaction that also takes the events out of the inbox.

Where new events cannot change which session older ones belong to, only they are added; else the entry's facts are
thrown away and folded anew from all its events. Both ways end in the same rows, which a property test holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from sqlalchemy import delete, select, update

from lti_tool.collect import assign, audience, catalog, contract
from lti_tool.collect.assign import Known, Named
from lti_tool.collect.contract import belongs_to_session, may_open_session
from lti_tool.collect.deltas import Delta, Stored, add
from lti_tool.collect.finish import finish
from lti_tool.collect.write import write
from lti_tool.models import (
    Attendance,
    Entry,
    MediaEdge,
    Moment,
    NotUnderstood,
    Play,
    Playback,
    PlaybackQuarter,
    PlaybackRetention,
    PlaybackViewer,
    Poll,
    PresenceEdge,
    RawEvent,
    Reaction,
    RoomSession,
    SessionFacts,
    StageEdge,
    Vote,
    begin_write,
    db,
)

CHUNK = 20_000
# So many events are added at once; of more, the next transaction takes the rest.
BATCH = 100_000


def pending_entries(account_id: int) -> list[str]:
    """Outside ids of the entries with events in the inbox, or whose sessions changed."""
    waiting = select(RawEvent.entry_id).where(RawEvent.account_id == account_id, ~RawEvent.folded).distinct()
    stale = select(Entry.external_id).where(Entry.account_id == account_id, Entry.stale)
    return sorted({*db.session.scalars(waiting), *db.session.scalars(stale)})


def all_entries(account_id: int) -> list[str]:
    """Outside ids of all entries that have events."""
    return sorted(db.session.scalars(select(RawEvent.entry_id).where(RawEvent.account_id == account_id).distinct()))


def fold_entry(account_id: int, entry_id: str, *, rebuild: bool = False) -> None:
    """Fold what the inbox holds of one entry. Opens a writing transaction; the caller commits."""
    begin_write()
    entry = _locked(account_id, entry_id)
    if rebuild or entry.stale or not _fold_pending(entry):
        _rebuild(entry)


def _locked(account_id: int, entry_id: str) -> Entry:
    """The entry's row, locked, so that two workers never fold the same entry at once, and as it is from then on."""
    entry = catalog.entry(account_id, entry_id, type="video")
    locked = select(Entry).where(Entry.id == entry.id).with_for_update()
    return db.session.scalars(locked, execution_options={"populate_existing": True}).one()


def _stream(entry: Entry, *, pending_only: bool) -> Iterator[list[tuple[Stored, bool]]]:
    """The entry's events in chunks, by id: (event, folded before)."""
    last = 0
    while True:
        query = (
            select(RawEvent.id, RawEvent.source, RawEvent.body, RawEvent.folded)
            .where(RawEvent.account_id == entry.account_id, RawEvent.entry_id == entry.external_id, RawEvent.id > last)
            .order_by(RawEvent.id)
            .limit(CHUNK)
        )
        rows = db.session.execute(query.where(~RawEvent.folded) if pending_only else query).all()
        if rows:
            last = rows[-1].id
            yield [(Stored(pk, source, contract.stored(body)), folded) for pk, source, body, folded in rows]
        if len(rows) < CHUNK:
            return


def _fold_pending(entry: Entry) -> bool:
    """Add what is new, if older events stay where they are; else do nothing and say so."""
    sessions = _sessions(entry)
    events: list[Stored] = []
    for chunk in _stream(entry, pending_only=True):
        events += [stored for stored, _folded in chunk]
        if len(events) >= BATCH:
            break
    placed = _place_new(entry, events, sessions)
    if placed is None:
        return False
    keys, changed = placed
    _save_sessions(entry, changed)
    delta = Delta()
    rows = _session_keys(entry)
    for stored, session_id in zip(events, keys, strict=True):
        add(delta, rows[session_id] if session_id else None, stored)
    touched = write(entry, delta)
    for session_key in touched:
        finish(session_key)
    began = {session.session_id: session.start_ms for session in sessions}
    moved = {rows[session.session_id] for session in changed if session.start_ms != began[session.session_id]}
    audience.recount(entry, moved)
    audience.recount(entry, touched - moved, users=())
    if delta.viewers:
        audience.recount_rooms(entry, delta.viewers)
    _take_out(np.array([stored.pk for stored in events], dtype=np.int64))
    return True


def _place_new(
    entry: Entry, events: list[Stored], sessions: list[Known]
) -> tuple[list[str | None], list[Known]] | None:
    """The session of each new event and the sessions that grew; nothing if older events might have to move."""
    explicit = {s.session_id: s for s in sessions if s.origin != "opened"}
    opened = sorted((s for s in sessions if s.origin == "opened"), key=lambda s: s.start_ms)
    keys: list[str | None] = [None] * len(events)
    grown: dict[str, Known] = {}
    loose: list[int] = []
    for place, stored in enumerate(events):
        event = stored.event
        if not belongs_to_session(event):
            continue
        named = explicit.get(event.session_id) if event.session_id else None
        if named is None:
            if event.session_id:
                return None  # a name we have not seen may open a session
            loose.append(place)
            continue
        keys[place] = named.session_id
        if named.origin == "named":
            grown[named.session_id] = _grow(grown.get(named.session_id, named), event.time)
    grew = {key: session for key, session in grown.items() if session != explicit[key]}
    times = np.array([events[place].event.time for place in loose], dtype=np.int64)
    reach = _loose_reach(entry, times)
    if reach and any(_near(session, reach) for session in grew.values()):
        return None  # an event of that time may have to move there
    known = list(explicit.values())
    order = sorted(zip(loose, assign.choose(times, known), strict=True), key=lambda one: events[one[0]].event.time)
    for place, chosen in order:
        if chosen >= 0:
            keys[place] = known[chosen].session_id
            continue
        time_ms = events[place].event.time
        inside = next((s for s in opened if s.start_ms <= time_ms <= (s.end_ms or 0)), None)
        if inside is None:
            last = opened[-1] if opened else None
            if last is None or not 0 <= time_ms - (last.end_ms or 0) < assign.QUIET:
                return None
            if entry.last_orphan_ms is not None and entry.last_orphan_ms > last.start_ms:
                return None
            inside = opened[-1] = _grow(last, time_ms)
            grew[inside.session_id] = inside
        keys[place] = inside.session_id
    if reach:
        entry.first_loose_ms, entry.last_loose_ms = reach
    return keys, list(grew.values())


def _loose_reach(entry: Entry, times: np.typing.NDArray[np.int64]) -> tuple[int, int] | None:
    """From when to when there are events without a known session's name, those of these times included."""
    known = [time for time in (entry.first_loose_ms, entry.last_loose_ms) if time is not None]
    every = [*known, *times.tolist()]
    return (min(every), max(every)) if every else None


def _near(session: Known, reach: tuple[int, int]) -> bool:
    return session.start_ms - assign.NEAR <= reach[1] and reach[0] <= (session.end_ms or reach[0]) + assign.NEAR


def _grow(session: Known, time_ms: int) -> Known:
    return Known(
        session.session_id, min(session.start_ms, time_ms), max(session.end_ms or time_ms, time_ms), session.origin
    )


def _rebuild(entry: Entry) -> None:
    """Throw the entry's facts away and fold all its events."""
    told = [session for session in _sessions(entry) if session.origin == "catalog"]
    survey = _Survey({session.session_id for session in told})
    for chunk in _stream(entry, pending_only=False):
        for stored, folded in chunk:
            survey.look(stored, folded)
    explicit = told + assign.named_sessions(told, survey.named)
    opened = survey.opened(explicit)
    _forget(entry)
    _save_sessions(entry, explicit + opened, all_of_them=True)
    if survey.live and entry.type == "video" and entry.name == entry.external_id:
        entry.type = "room"  # nobody has named this entry yet, and something live happened in it
    rows = _session_keys(entry)
    pending = survey.pending()
    touched: set[int] = set()
    for chunk in _stream(entry, pending_only=False):
        # What arrived since the survey waits for its own turn.
        seen = [stored for stored, folded in chunk if folded or _within(pending, stored.pk)]
        delta = Delta()
        for stored, session_id in zip(seen, sessions_of(seen, explicit, opened), strict=True):
            add(delta, rows[session_id] if session_id else None, stored)
        touched |= write(entry, delta)
    for session_key in touched:
        finish(session_key)
    audience.recount(entry)
    audience.recount_rooms(entry)
    entry.first_loose_ms, entry.last_loose_ms = survey.loose
    entry.last_orphan_ms, entry.stale = survey.last_orphan, False
    _take_out(pending)


def _within(pks: np.typing.NDArray[np.int64], pk: int) -> bool:
    place = int(np.searchsorted(pks, pk))
    return place < len(pks) and pks[place] == pk


class _Survey:
    """One look at all events of an entry: which sessions they make. It keeps times, not events."""

    def __init__(self, catalog: set[str]) -> None:
        self.catalog = catalog
        self.named: dict[str, Named] = {}
        self.unplaced: list[tuple[int, bool]] = []
        # Events that name an unknown session, as long as none of them may open it.
        self.waiting: defaultdict[str, list[int]] = defaultdict(list)
        self.new: list[int] = []
        self.live = False
        self.last_orphan: int | None = None

    def look(self, stored: Stored, folded: bool) -> None:
        if not folded:
            self.new.append(stored.pk)
        event = stored.event
        if not belongs_to_session(event):
            return
        self.live = True
        opens = may_open_session(event)
        name = event.session_id
        if name in self.catalog:
            return
        if not name:
            self.unplaced.append((event.time, opens))
            return
        if name in self.named:
            self.named[name].add(event.time, opens)
        else:
            self.named[name] = Named(event.time, event.time, opens)
        if self.named[name].opens:
            self.waiting.pop(name, None)
        else:
            self.waiting[name].append(event.time)

    @property
    def loose(self) -> tuple[int | None, int | None]:
        """The first and last time of events that name no known session."""
        times = [time for time, _opens in self.unplaced] + [time for some in self.waiting.values() for time in some]
        return (min(times), max(times)) if times else (None, None)

    def opened(self, explicit: list[Known]) -> list[Known]:
        """The sessions that events without one open; notes the last event that belongs to none."""
        unplaced = self.unplaced + [(time, False) for times in self.waiting.values() for time in times]
        times = np.array([time for time, _ in unplaced], dtype=np.int64)
        left = [one for one, place in zip(unplaced, assign.choose(times, explicit), strict=True) if place < 0]
        left.sort(key=lambda one: (one[0], not one[1]))
        opened = assign.open_sessions(left)
        left_times = np.array([time for time, _ in left], dtype=np.int64)
        orphans = left_times[assign.choose(left_times, opened) < 0]
        self.last_orphan = int(orphans.max()) if len(orphans) else None
        return opened

    def pending(self) -> np.typing.NDArray[np.int64]:
        return np.array(self.new, dtype=np.int64)


def sessions_of(events: Sequence[Stored], explicit: list[Known], opened: list[Known]) -> list[str | None]:
    """The session of each event, by rules 1 to 4: ``opened`` are those that events without one opened."""
    names = {session.session_id for session in explicit}
    keys: list[str | None] = [None] * len(events)
    loose: list[int] = []
    for place, stored in enumerate(events):
        if belongs_to_session(stored.event):
            if stored.event.session_id in names:
                keys[place] = stored.event.session_id
            else:
                loose.append(place)
    times = np.array([events[place].event.time for place in loose], dtype=np.int64)
    first, second = assign.choose(times, explicit), assign.choose(times, opened)
    for place, in_explicit, in_opened in zip(loose, first, second, strict=True):
        if in_explicit >= 0:
            keys[place] = explicit[in_explicit].session_id
        elif in_opened >= 0:
            keys[place] = opened[in_opened].session_id
    return keys


def _sessions(entry: Entry) -> list[Known]:
    rows = db.session.execute(
        select(RoomSession.external_id, RoomSession.start_ms, RoomSession.end_ms, RoomSession.origin).where(
            RoomSession.entry_id == entry.id
        )
    )
    return [Known(*row) for row in rows]


def _session_keys(entry: Entry) -> dict[str, int]:
    rows = db.session.execute(select(RoomSession.external_id, RoomSession.id).where(RoomSession.entry_id == entry.id))
    return {row.external_id: row.id for row in rows}


def _save_sessions(entry: Entry, sessions: Iterable[Known], *, all_of_them: bool = False) -> None:
    """Write the sessions that events made; with ``all_of_them`` those that are no longer made go."""
    rows = {
        row.external_id: row for row in db.session.scalars(select(RoomSession).where(RoomSession.entry_id == entry.id))
    }
    made = {session.session_id: session for session in sessions if session.origin != "catalog"}
    for session_id, session in made.items():
        row = rows.get(session_id)
        if row is None:
            row = RoomSession(account_id=entry.account_id, entry_id=entry.id, external_id=session_id)
            db.session.add(row)
        row.start_ms, row.end_ms, row.origin = session.start_ms, session.end_ms, session.origin
    if all_of_them:
        for session_id, row in rows.items():
            if row.origin != "catalog" and session_id not in made:
                db.session.delete(row)
    db.session.flush()


def _forget(entry: Entry) -> None:
    mine = select(RoomSession.id).where(RoomSession.entry_id == entry.id)
    for of_session in (SessionFacts, Attendance, PresenceEdge, Reaction, Moment, StageEdge, MediaEdge, Poll, Vote):
        db.session.execute(delete(of_session).where(of_session.session_id.in_(mine)))
    db.session.execute(update(RoomSession).where(RoomSession.entry_id == entry.id).values(last_ms=None))
    for of_entry in (Playback, PlaybackQuarter, PlaybackRetention, Play, PlaybackViewer, NotUnderstood):
        db.session.execute(delete(of_entry).where(of_entry.entry_id == entry.id))


def _take_out(pks: np.typing.NDArray[np.int64]) -> None:
    """Take these events out of the inbox."""
    if len(pks):
        mark = "?" if db.engine.dialect.name == "sqlite" else "%s"
        statement = f"UPDATE raw_event SET folded = {'1' if mark == '?' else 'true'} WHERE id = {mark}"  # noqa: S608
        db.session.connection().exec_driver_sql(statement, [(int(pk),) for pk in pks])
