"""Storing the catalogue: everything is updated by id, in any order, and says whether anything changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

from msgspec import UNSET
from sqlalchemy import delete, select, update

from lti_tool.collect import audience
from lti_tool.collect.sources import CatalogItem, Seen, SeenPerson, SeenRoom, SeenSession
from lti_tool.collect.sources.catalog import (
    AttachmentItem,
    ChannelItem,
    EntryItem,
    PersonItem,
    RegistrationItem,
    SessionItem,
    VirtualEventItem,
)
from lti_tool.models import (
    Attachment,
    Attendance,
    Channel,
    Entry,
    EntryChannel,
    EntryRecording,
    EventRegistration,
    Person,
    Play,
    RoomSession,
    SessionViewer,
    VirtualEvent,
    db,
)
from lti_tool.models.database import dialect_insert
from lti_tool.models.names import name_key


def store(account_id: int, found: Sequence[Seen]) -> tuple[int, int]:
    """Store catalogue items and what sources said in passing. Returns (changed, unchanged) of the catalogue items."""
    changed = unchanged = 0
    by_kind: dict[str, list[Any]] = {}
    for item in found:
        if isinstance(item, CatalogItem):
            by_kind.setdefault(item.kind, []).append(item.item)
    # Entries before sessions, because a session of an entry nobody named yet makes a room of it.
    for kind, store_kind in _STORES.items():
        for start in range(0, len(by_kind.get(kind, [])), 500):
            for one in store_kind(account_id, by_kind[kind][start : start + 500]):
                changed, unchanged = (changed + 1, unchanged) if one else (changed, unchanged + 1)
    for item in found:
        if isinstance(item, SeenRoom):
            _seen_room(account_id, item)
        elif isinstance(item, SeenSession):
            _seen_session(account_id, item)
    _seen_people(account_id, [item for item in found if isinstance(item, SeenPerson)])
    db.session.flush()
    return changed, unchanged


def entry(account_id: int, entry_id: str, *, type: str = "room") -> Entry:
    """The entry with this id; if the catalogue has not told of it yet, it is named by its id and of this type."""
    found = find_entry(account_id, entry_id)
    if found is None:  # another worker may be as fast
        new = {"account_id": account_id, "external_id": entry_id, "name": entry_id, "type": type}
        db.session.execute(dialect_insert(Entry.__table__).on_conflict_do_nothing(), new)
        found = find_entry(account_id, entry_id)
        assert found is not None
    return found


def find_entry(account_id: int, entry_id: str) -> Entry | None:
    """The entry with this id, if anything told of it."""
    return db.session.scalar(select(Entry).where(Entry.account_id == account_id, Entry.external_id == entry_id))


def adopt(account_id: int, entry_id: str, channel_id: str) -> bool:
    """Put a room that is in no channel and belongs to nobody into a channel; whether that was so."""
    found = find_entry(account_id, entry_id)
    if found is None or not found.room or found.owner_id:
        return False
    published = select(EntryChannel).where(EntryChannel.account_id == account_id, EntryChannel.entry_id == entry_id)
    if found.parent_id or db.session.scalar(published.limit(1)) is not None:
        return False
    link = {"account_id": account_id, "entry_id": entry_id, "channel_id": channel_id}
    db.session.execute(dialect_insert(EntryChannel.__table__).on_conflict_do_nothing(), link)
    return True


def _existing(model: Any, account_id: int, ids: Iterable[Any]) -> dict[Any, Any]:
    rows = db.session.scalars(select(model).where(model.account_id == account_id, model.external_id.in_(set(ids))))
    return {row.external_id: row for row in rows}


def _write(row: Any, values: dict[str, Any]) -> bool:
    """Set attributes, but for those that a file left out; whether any differed."""
    given = {name: value for name, value in values.items() if value is not UNSET}
    before = {name: getattr(row, name) for name in given}
    for name, value in given.items():
        setattr(row, name, value)
    return before != given


def _new(values: dict[str, Any]) -> dict[str, Any]:
    """The same for a new row, where what was left out is empty."""
    return {name: None if value is UNSET else value for name, value in values.items()}


def _upsert(model: Any, account_id: int, items: Sequence[Any], values: Callable[[Any], dict[str, Any]]) -> list[bool]:
    """Insert or update rows by outside id, in file order; one answer an item: did it change anything."""
    ids = [item.id for item in items]
    rows = _existing(model, account_id, ids)
    new = {item.id: values(item) for item in reversed(items) if item.id not in rows}
    if new:  # another worker may be as fast
        made = [{"account_id": account_id, "external_id": id, **_new(fields)} for id, fields in new.items()]
        db.session.execute(dialect_insert(model.__table__).on_conflict_do_nothing(), made)
        rows = _existing(model, account_id, ids)
    changes = []
    for item in items:
        changed = _write(rows[item.id], values(item))
        changes.append(changed or new.pop(item.id, None) is not None)
    db.session.flush()
    return changes


def _channels(account_id: int, items: list[ChannelItem]) -> list[bool]:
    changes = _upsert(Channel, account_id, items, lambda c: {"name": c.name, "context_id": c.context_id})
    contexts = {item.context_id: item.id for item in items if item.context_id}
    # A course that launched before the catalogue told of it has a channel already: the catalogue's is its channel now.
    query = select(Channel).where(Channel.account_id == account_id, Channel.context_id.in_(contexts))
    for channel in db.session.scalars(query):
        if channel.external_id != contexts[cast(str, channel.context_id)]:
            channel.context_id = None
    return changes


_PERSON_FIELDS = ("first_name", "last_name", "email", "title", "company", "industry", "country", "role")


def _people(account_id: int, items: list[PersonItem]) -> list[bool]:
    def values(item: PersonItem) -> dict[str, Any]:
        # An empty text is no value.
        fields = {name: None if getattr(item, name) == "" else getattr(item, name) for name in _PERSON_FIELDS}
        country = fields["country"]
        return {**fields, "country": country.upper() if country else country}

    changes = _upsert(Person, account_id, items, values)
    renamed(list(_existing(Person, account_id, (item.id for item in items)).values()))
    return changes


def renamed(people: Iterable[Person]) -> None:
    """Facts sort and are searched by a copy of the name: call this for people whose name may have changed."""
    for person in people:
        key = name_key(person.name)
        for model in (Attendance, SessionViewer):
            mine = (model.person_id == person.id, model.name_key != key)
            db.session.execute(update(model).where(*mine).values(name_key=key))


def _entries(account_id: int, items: list[EntryItem]) -> list[bool]:
    def values(item: EntryItem) -> dict[str, Any]:
        seconds = item.duration_seconds
        return {
            "name": item.name,
            "type": item.type,
            "owner_id": item.owner_id,
            "parent_id": item.parent_entry_id,
            "virtual_event_id": item.virtual_event_id,
            "privacy": item.privacy,
            "duration_ms": round(seconds * 1000) if isinstance(seconds, float) else seconds,
            "created_at": item.created_at,
        }

    _lock_recordings(account_id, items)
    ids = [item.id for item in items]
    before = {id: row.duration_ms for id, row in _existing(Entry, account_id, ids).items()}
    changes = _upsert(Entry, account_id, items, values)
    for id, row in _existing(Entry, account_id, ids).items():
        played = select(Play.entry_id).where(Play.entry_id == row.id).limit(1)
        if row.duration_ms != before.get(id) and db.session.scalar(played):
            _mark_stale(row.id)  # what its plays watched is kept in hundredths of its length
    for place, item in enumerate(items):
        linked = _link(EntryChannel, account_id, "entry_id", item.id, "channel_id", item.channel_ids)
        recorded = _link(EntryRecording, account_id, "room_id", item.id, "recording_id", item.recording_entry_ids)
        changes[place] = changes[place] or linked or recorded
        if recorded:
            db.session.flush()
            audience.recount(entry(account_id, item.id))
    return changes


def _lock_recordings(account_id: int, items: list[EntryItem]) -> None:
    """Before their rooms, as folding does: whoever folds one now has finished then, or will see the new link."""
    ids = sorted({id for item in items if item.recording_entry_ids is not UNSET for id in item.recording_entry_ids})
    for start in range(0, len(ids), 5000):
        mine = (Entry.account_id == account_id, Entry.external_id.in_(ids[start : start + 5000]))
        db.session.execute(select(Entry.id).where(*mine).order_by(Entry.id).with_for_update())


def _link(model: Any, account_id: int, owner: str, owner_id: str, target: str, target_ids: Any) -> bool:  # noqa: PLR0917
    """Make the links of one owner exactly these, unless the file left them out; whether any differed."""
    if target_ids is UNSET:
        return False
    mine = {"account_id": account_id, owner: owner_id}
    targets = getattr(model, target)
    before = set(db.session.scalars(select(targets).filter_by(**mine)))
    wanted = set(target_ids)
    if gone := before - wanted:
        db.session.execute(delete(model).filter_by(**mine).where(targets.in_(gone)))
    db.session.add_all(model(**mine, **{target: target_id}) for target_id in sorted(wanted - before))
    return before != wanted


def _sessions(account_id: int, items: list[SessionItem]) -> list[bool]:
    rows = {
        row.external_id: row
        for row in db.session.scalars(
            select(RoomSession)
            .where(RoomSession.account_id == account_id, RoomSession.external_id.in_({item.id for item in items}))
            .order_by(RoomSession.origin == "catalog", RoomSession.id)  # the catalogue's own row wins over others
        )
    }
    changes = []
    for item in items:
        of_room = entry(account_id, item.entry_id)
        row = rows.get(item.id)
        values = {
            "entry_id": of_room.id,
            "name": item.name,
            "start_ms": item.start_time,
            "end_ms": item.end_time,
            "host_id": item.host_id,
            "origin": "catalog",
        }
        whole = {name: getattr(row, name) if row and value is UNSET else value for name, value in values.items()}
        changes.append(_write_session(account_id, row, item.id, _new(whole)))
        if row is None:
            rows[item.id] = _session_of(of_room.id, item.id)
    return changes


def _session_of(entry_pk: int, session_id: str) -> RoomSession:
    db.session.flush()
    return db.session.scalars(
        select(RoomSession).where(RoomSession.entry_id == entry_pk, RoomSession.external_id == session_id)
    ).one()


def _write_session(account_id: int, row: RoomSession | None, session_id: str, values: dict[str, Any]) -> bool:
    """Insert or update one session; its entry's facts are folded anew if its times or its room changed."""
    if row is None:
        db.session.add(RoomSession(account_id=account_id, external_id=session_id, **values))
        _mark_stale(values["entry_id"])
        return True
    moved = [row.entry_id] if row.entry_id != values["entry_id"] else []
    if moved:  # events may have made a session of that name there already; folding anew makes it this one
        same = (RoomSession.entry_id == values["entry_id"], RoomSession.external_id == session_id)
        db.session.execute(delete(RoomSession).where(*same, RoomSession.id != row.id))
    timing = (row.start_ms, row.end_ms, row.origin) != (values["start_ms"], values["end_ms"], values["origin"])
    changed = _write(row, values)
    if moved or timing:
        for entry_pk in {*moved, values["entry_id"]}:
            _mark_stale(entry_pk)
    return changed


def _mark_stale(entry_pk: int) -> None:
    """Always a write, which waits for whoever folds the entry at this moment."""
    db.session.flush()
    db.session.execute(update(Entry).where(Entry.id == entry_pk).values(stale=True))


def _attachments(account_id: int, items: list[AttachmentItem]) -> list[bool]:
    return _upsert(Attachment, account_id, items, lambda a: {"name": a.name, "entry_id": a.entry_id})


def _virtual_events(account_id: int, items: list[VirtualEventItem]) -> list[bool]:
    return _upsert(
        VirtualEvent, account_id, items, lambda e: {"name": e.name, "start_ms": e.start_time, "end_ms": e.end_time}
    )


def _registrations(account_id: int, items: list[RegistrationItem]) -> list[bool]:
    changes = []
    for item in items:
        key = (account_id, item.virtual_event_id, item.person_id, item.entry_id or "")
        values = {"status": item.status, "role": item.role, "created_at": item.created_at}
        row = db.session.get(EventRegistration, key)
        if row is None:
            names = ("account_id", "virtual_event_id", "person_id", "entry_id")
            db.session.add(EventRegistration(**dict(zip(names, key, strict=True)), **_new(values)))
        changes.append(row is None or _write(row, values))
    return changes


_STORES: dict[str, Callable[[int, list[Any]], list[bool]]] = {
    "channels": _channels,
    "people": _people,
    "entries": _entries,
    "sessions": _sessions,
    "attachments": _attachments,
    "virtualEvents": _virtual_events,
    "registrations": _registrations,
}


def _seen_room(account_id: int, seen: SeenRoom) -> None:
    found = entry(account_id, seen.entry_id)
    if found.name == found.external_id:
        found.name = seen.name
        found.type = "breakout" if seen.breakout else found.type


def _seen_session(account_id: int, seen: SeenSession) -> None:
    """A session only grows: half a recording, read after the whole one, takes nothing away."""
    found = entry(account_id, seen.entry_id)
    row = db.session.scalar(
        select(RoomSession).where(RoomSession.entry_id == found.id, RoomSession.external_id == seen.session_id)
    )
    values = {
        "entry_id": found.id,
        "name": seen.name or (row and row.name),
        "start_ms": min(seen.start_ms, row.start_ms) if row else seen.start_ms,
        "end_ms": max(seen.end_ms, row.end_ms or 0) if row else seen.end_ms,
        "host_id": seen.host_id or (row and row.host_id),
        "origin": "catalog",
    }
    _write_session(account_id, row, seen.session_id, values)


def _seen_people(account_id: int, seen: list[SeenPerson]) -> None:
    rows = cast(dict[str, Person], _existing(Person, account_id, (item.person_id for item in seen)))
    for item in seen:
        row = rows.get(item.person_id)
        if row is None:
            row = rows[item.person_id] = Person(account_id=account_id, external_id=item.person_id)
            db.session.add(row)
        row.display_name = item.name or row.display_name
        row.role = row.role or item.role
    db.session.flush()
    renamed(rows.values())
