"""``catalog``: channels, people, entries, sessions, attachments, events and registrations, one JSON object a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, BinaryIO, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from lti_tool.collect.contract import Country, EventError, Id, time_ms
from lti_tool.collect.sources import CatalogItem, Item, Rejected, Source

MAX_FILE = 256 * 1024 * 1024
Name = Annotated[str, Meta(max_length=2000)]
Word = Annotated[str, Meta(max_length=32)]
Number = Annotated[int, Meta(ge=0, le=2**63 - 1)]


class _Item(Struct, kw_only=True, rename="camel"):
    """Times may be milliseconds or ISO 8601 in the file; after reading they are milliseconds. What a file leaves out
    stays as it is; ``null`` empties it. What must have a name and has an empty one is called by its id.
    """

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            if name in ("start_time", "end_time", "created_at") and getattr(self, name) not in (None, UNSET):
                setattr(self, name, time_ms(getattr(self, name)))
            if name == "name" and isinstance(given := getattr(self, name), str) and not given.strip():
                setattr(self, name, None if isinstance(self, SessionItem) else getattr(self, "id", None))


class ChannelItem(_Item):
    id: Id
    name: Name
    context_id: Id | UnsetType | None = UNSET


class PersonItem(_Item):
    id: Id
    first_name: Name | UnsetType | None = UNSET
    last_name: Name | UnsetType | None = UNSET
    email: Annotated[str, Meta(max_length=320)] | UnsetType | None = UNSET
    title: Name | UnsetType | None = UNSET
    company: Name | UnsetType | None = UNSET
    industry: Name | UnsetType | None = UNSET
    country: Country | UnsetType | None = UNSET
    role: Word | UnsetType | None = UNSET


class EntryItem(_Item):
    id: Id
    name: Name
    type: Literal["room", "breakout", "video", "live", "legacyMeeting"]
    owner_id: Id | UnsetType | None = UNSET
    channel_ids: list[Id] | UnsetType = UNSET
    recording_entry_ids: list[Id] | UnsetType = UNSET
    parent_entry_id: Id | UnsetType | None = UNSET
    virtual_event_id: Number | UnsetType | None = UNSET
    privacy: Word | UnsetType | None = UNSET
    duration_seconds: Annotated[float, Meta(ge=0, le=31_536_000)] | UnsetType | None = UNSET
    created_at: Any = UNSET


class SessionItem(_Item):
    id: Id
    entry_id: Id
    start_time: Any
    name: Name | UnsetType | None = UNSET
    end_time: Any = UNSET
    host_id: Id | UnsetType | None = UNSET

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.end_time not in (None, UNSET) and self.end_time < self.start_time:
            raise ValueError("endTime is before startTime")


class AttachmentItem(_Item):
    id: Id
    name: Name
    entry_id: Id | UnsetType | None = UNSET


class VirtualEventItem(_Item):
    id: Number
    name: Name
    start_time: Any = UNSET
    end_time: Any = UNSET


class RegistrationItem(_Item):
    virtual_event_id: Number
    person_id: Id
    status: Word
    entry_id: Id | UnsetType | None = UNSET
    role: Word | UnsetType | None = UNSET
    created_at: Any = UNSET


KINDS: dict[str, type[_Item]] = {
    "channels": ChannelItem,
    "people": PersonItem,
    "entries": EntryItem,
    "sessions": SessionItem,
    "attachments": AttachmentItem,
    "virtualEvents": VirtualEventItem,
    "registrations": RegistrationItem,
}


def _read(file: BinaryIO, _room: str | None) -> Iterator[Item]:
    data = file.read(MAX_FILE + 1)
    if len(data) > MAX_FILE:
        yield Rejected(1, "a catalogue file is at most 256 MB")
        return
    try:
        document = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
        data.decode()
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        yield Rejected(1, f"not a JSON object in UTF-8: {error}")
        return
    if not KINDS.keys() & document.keys():
        yield Rejected(1, f"holds none of a catalogue's lists: {', '.join(KINDS)}")
    for kind, struct in KINDS.items():
        if kind in document:
            yield from _items(data, kind, struct, bytes(document[kind]))


def _items(data: bytes, kind: str, struct: type[_Item], raw_list: bytes) -> Iterator[Item]:
    place = data.find(raw_list)
    line = 1 + data.count(b"\n", 0, place)
    try:
        raws = msgspec.json.decode(raw_list, type=list[msgspec.Raw])
    except msgspec.DecodeError:
        yield Rejected(line, f"{kind} is not a list")
        return
    for raw in raws:
        found = data.find(bytes(raw), place)
        line += data.count(b"\n", place, found)
        place = found
        try:
            if b"\\u0000" in bytes(raw):
                raise EventError("holds a NUL character")
            yield CatalogItem(line, kind, msgspec.json.decode(raw, type=struct))
        except (msgspec.DecodeError, EventError) as error:
            yield Rejected(line, f"{kind}: " + re.sub(r" - at `\$\.?(.*?)`$", r" (\1)", str(error)).replace(" ()", ""))


def _recognises(head: bytes) -> bool:
    return head.lstrip().startswith(b"{") and any(b'"%s"' % kind.encode() in head for kind in KINDS)


SOURCE = Source(name="catalog", recognises=_recognises, read=_read, reports=frozenset())
