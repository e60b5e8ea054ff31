"""Media in lists: a person's (what they own, and the rooms whose sessions they hosted), and a channel's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, exists, func, not_, or_, select
from sqlalchemy.orm import aliased

from lti_tool.access.scope import Scope
from lti_tool.models import Channel, Entry, EntryChannel, EntryRecording, Person, Play, RoomSession, db, now_ms

ROOMS = ("room", "breakout", "live", "legacyMeeting")


def published() -> ColumnElement[bool]:
    """Whether an entry is in any channel."""
    return exists().where(EntryChannel.account_id == Entry.account_id, EntryChannel.entry_id == Entry.external_id)


def hosted(person: Person) -> ColumnElement[bool]:
    """Whether the person hosted any session of an entry."""
    return exists().where(RoomSession.entry_id == Entry.id, RoomSession.host_id == person.external_id)


def plays() -> ScalarSelect[Any]:
    """How often an entry was played; of a room, how often its recordings were."""
    recording = aliased(Entry)
    made = select(EntryRecording.recording_id).where(
        EntryRecording.account_id == Entry.account_id, EntryRecording.room_id == Entry.external_id
    )
    recordings = select(recording.id).where(
        recording.account_id == Entry.account_id, recording.external_id.in_(made.correlate(Entry))
    )
    played = or_(Play.entry_id == Entry.id, Play.entry_id.in_(recordings.correlate(Entry)))
    return select(func.count()).where(Play.time_ms.is_not(None), played).correlate(Entry).scalar_subquery()


def conditions(person: Person, asked: dict[str, str]) -> list[ColumnElement[bool]]:
    """What ``asked`` leaves of a person's media; an unknown choice leaves all."""
    now = now_ms()
    took_place = exists().where(RoomSession.entry_id == Entry.id, RoomSession.start_ms <= now)
    upcoming = exists().where(RoomSession.entry_id == Entry.id, RoomSession.start_ms > now)
    owned = Entry.owner_id == person.external_id
    choices = {
        ("kind", "room"): Entry.type.in_(ROOMS),
        ("kind", "video"): not_(Entry.type.in_(ROOMS)),
        ("status", "published"): published(),
        ("status", "private"): and_(not_(published()), func.coalesce(Entry.privacy, "") != "unlisted"),
        ("status", "unlisted"): Entry.privacy == "unlisted",
        ("schedule", "past"): took_place,
        ("schedule", "upcoming"): upcoming,
        ("schedule", "none"): not_(or_(took_place, upcoming)),
        ("owner", "owner"): owned,
        ("owner", "host"): hosted(person),
    }
    chosen = [choices[pair] for pair in asked.items() if pair in choices]
    if asked.get("search"):
        chosen.append(Entry.name.icontains(asked["search"], autoescape=True))
    return [or_(owned, hosted(person)), *chosen]


def count(scope: Scope, person: Person, asked: dict[str, str]) -> int:
    """How many of a person's media are left."""
    query = select(func.count()).select_from(Entry).where(scope.entries(), *conditions(person, asked))
    return db.session.scalar(query) or 0


def page(
    scope: Scope, person: Person, asked: dict[str, str], *, sort: str, descending: bool, limit: int, offset: int
) -> Sequence[Any]:
    """(entry, plays, published, hosted) of a page. ``sort``: title, kind, plays or created."""
    played = plays()
    order = _order(sort, played, descending=descending)
    query = select(Entry, played, published(), hosted(person)).where(scope.entries(), *conditions(person, asked))
    return db.session.execute(query.order_by(*order).limit(limit).offset(offset)).all()


def in_scope(scope: Scope, found: Sequence[Entry]) -> list[Entry]:
    """Those of these entries that lie in the scope: a room's recording need not."""
    if not found:
        return []
    mine = set(db.session.scalars(select(Entry.id).where(scope.entries(), Entry.id.in_([entry.id for entry in found]))))
    return [entry for entry in found if entry.id in mine]


def _order(sort: str, played: ScalarSelect[Any], *, descending: bool) -> list[Any]:
    columns: dict[str, Any] = {"title": func.lower(Entry.name), "kind": Entry.type, "plays": played}
    column = columns.get(sort, func.coalesce(Entry.created_at, 0))
    return [key.desc() if descending else key.asc() for key in (column, Entry.id)]


def _in_channel(scope: Scope, channel: Channel, search: str) -> list[ColumnElement[bool]]:
    """Conditions on ``Entry``: published in the channel, in the scope, and found by the search."""
    names = select(EntryChannel.entry_id).where(
        EntryChannel.account_id == scope.account_id, EntryChannel.channel_id == channel.external_id
    )
    wanted = [scope.entries(), Entry.external_id.in_(names)]
    return [*wanted, Entry.name.icontains(search, autoescape=True)] if search else wanted


def count_published(scope: Scope, channel: Channel, search: str) -> int:
    """How many media of a channel a search leaves."""
    query = select(func.count()).select_from(Entry).where(*_in_channel(scope, channel, search))
    return db.session.scalar(query) or 0


def published_in(
    scope: Scope, channel: Channel, search: str, *, sort: str, descending: bool, limit: int, offset: int
) -> Sequence[Any]:
    """(entry, plays) of a page of a channel's media. ``sort``: title, kind, plays or created."""
    played = plays()
    query = select(Entry, played).where(*_in_channel(scope, channel, search))
    return db.session.execute(
        query.order_by(*_order(sort, played, descending=descending)).limit(limit).offset(offset)
    ).all()
