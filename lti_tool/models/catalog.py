"""The catalogue: channels, people, entries, sessions, attachments, events.

Outside ids (``external_id``) are opaque strings, unique in an account. References to what a catalogue may name later
(an owner, a parent room, a recording) are kept as outside ids, so that files can arrive in any order.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.models.database import BigId, Model, now_ms
from lti_tool.models.names import full_name, name_key

ID = String(255)
QUIET_MS = 30 * 60_000  # so long without an event, and a session of unknown end is over


class Channel(Model):
    """A channel or course media gallery; a course is the channel with the launch's context id."""

    __tablename__ = "channel"
    __table_args__ = (
        UniqueConstraint("account_id", "external_id"),
        Index("ix_channel_context", "account_id", "context_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    external_id: Mapped[str] = mapped_column(ID)
    name: Mapped[str] = mapped_column(Text)
    context_id: Mapped[str | None] = mapped_column(ID)


def _key_of_new(context: Any) -> str:
    """The name key of a person who is being inserted, however that is done."""
    given = context.get_current_parameters()
    names = ("external_id", "first_name", "last_name", "display_name")
    return name_key(Person(**{name: given.get(name) for name in names}).name)


class Person(Model):
    """Somebody of the catalogue, of a launch or of an event; named by id until the catalogue says more."""

    __tablename__ = "person"
    __table_args__ = (
        UniqueConstraint("account_id", "external_id"),
        Index("ix_person_email", "account_id", "email"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    external_id: Mapped[str] = mapped_column(ID)
    first_name: Mapped[str | None] = mapped_column(Text)
    last_name: Mapped[str | None] = mapped_column(Text)
    # What a source calls the person where it has one name only; the catalogue's names come first.
    display_name: Mapped[str | None] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(String(320))
    title: Mapped[str | None] = mapped_column(Text)
    company: Mapped[str | None] = mapped_column(Text)
    industry: Mapped[str | None] = mapped_column(Text)
    country: Mapped[str | None] = mapped_column(String(2))
    role: Mapped[str | None] = mapped_column(String(32))
    # The name as it sorts and is searched; whoever changes a name calls ``collect/catalog.py``'s ``renamed``.
    name_key: Mapped[str] = mapped_column(Text, default=_key_of_new)

    @property
    def name(self) -> str:
        """First and last name, else what the source calls the person, else the id."""
        return full_name(self.first_name, self.last_name, self.display_name, self.external_id)


ROOMS = ("room", "breakout")  # the types of entries in which people meet; legacy rooms are in no report


class Entry(Model):
    """A room, breakout room, video, live entry or legacy meeting room."""

    __tablename__ = "entry"
    __table_args__ = (
        UniqueConstraint("account_id", "external_id"),
        Index("ix_entry_owner", "account_id", "owner_id"),
        Index("ix_entry_parent", "account_id", "parent_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    external_id: Mapped[str] = mapped_column(ID)
    name: Mapped[str] = mapped_column(Text)
    type: Mapped[str] = mapped_column(String(16))
    owner_id: Mapped[str | None] = mapped_column(ID)
    parent_id: Mapped[str | None] = mapped_column(ID)
    virtual_event_id: Mapped[int | None] = mapped_column(BigInteger)
    privacy: Mapped[str | None] = mapped_column(String(32))
    duration_ms: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[int | None] = mapped_column(BigInteger)
    # From when to when some of its events name no session that is known: where they belong depends on the others.
    first_loose_ms: Mapped[int | None] = mapped_column(BigInteger)
    last_loose_ms: Mapped[int | None] = mapped_column(BigInteger)
    # The last event that belongs to no session.
    last_orphan_ms: Mapped[int | None] = mapped_column(BigInteger)
    # The facts of this entry no longer follow from its events alone (its sessions changed): fold it anew.
    stale: Mapped[bool] = mapped_column(default=False)

    @property
    def legacy(self) -> bool:
        return self.type == "legacyMeeting"

    @property
    def room(self) -> bool:
        return self.type in ROOMS

    @property
    def video(self) -> bool:
        return self.type in ("video", "live")


class EntryChannel(Model):
    """An entry is published in a channel (outside ids on both sides)."""

    __tablename__ = "entry_channel"
    __table_args__ = (Index("ix_entry_channel_channel", "account_id", "channel_id"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    entry_id: Mapped[str] = mapped_column(ID, primary_key=True)
    channel_id: Mapped[str] = mapped_column(ID, primary_key=True)


class EntryRecording(Model):
    """A room's recording is a video entry (outside ids on both sides)."""

    __tablename__ = "entry_recording"
    __table_args__ = (Index("ix_entry_recording_recording", "account_id", "recording_id"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    room_id: Mapped[str] = mapped_column(ID, primary_key=True)
    recording_id: Mapped[str] = mapped_column(ID, primary_key=True)


class RoomSession(Model):
    """One meeting in a room. ``origin``: ``catalog``, ``named`` (events name it, the catalogue does not) or
    ``opened`` (events without a session opened it). Times are epoch milliseconds; a catalogue session without an
    end takes whatever comes. ``last_ms``: its last event so far.
    """

    __tablename__ = "room_session"
    __table_args__ = (
        UniqueConstraint("entry_id", "external_id"),
        Index("ix_room_session_start", "entry_id", "start_ms"),
        Index("ix_room_session_external", "account_id", "external_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"))
    external_id: Mapped[str] = mapped_column(ID)
    name: Mapped[str | None] = mapped_column(Text)
    start_ms: Mapped[int] = mapped_column(BigInteger)
    end_ms: Mapped[int | None] = mapped_column(BigInteger)
    host_id: Mapped[str | None] = mapped_column(ID)
    origin: Mapped[str] = mapped_column(String(8))

    last_ms: Mapped[int | None] = mapped_column(BigInteger)

    entry: Mapped[Entry] = relationship()

    @property
    def running(self) -> bool:
        """Its end has not come, if the catalogue tells one, and something happened within the last half hour."""
        told = self.end_ms is not None and self.origin == "catalog"
        if told and (self.last_ms is None or now_ms() >= (self.end_ms or 0)):
            return False
        return self.start_ms <= now_ms() < (self.last_ms or self.start_ms) + QUIET_MS

    @property
    def until_ms(self) -> int:
        """Its end; where nobody has told it, its last event so far."""
        return self.end_ms if self.end_ms is not None else max(self.last_ms or 0, self.start_ms)

    @property
    def so_far_ms(self) -> int:
        """Its end; as long as it is running, its last event so far."""
        return max(self.last_ms or 0, self.start_ms) if self.running else self.until_ms


class Attachment(Model):
    """A file offered in a room."""

    __tablename__ = "attachment"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    external_id: Mapped[str] = mapped_column(ID, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    entry_id: Mapped[str | None] = mapped_column(ID)


class VirtualEvent(Model):
    """An event of several rooms; its id is a number."""

    __tablename__ = "virtual_event"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    external_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(Text)
    start_ms: Mapped[int | None] = mapped_column(BigInteger)
    end_ms: Mapped[int | None] = mapped_column(BigInteger)


class EventRegistration(Model):
    """A person's registration for an event, or for one entry of it (``entry_id`` empty: the whole event)."""

    __tablename__ = "event_registration"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    virtual_event_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    person_id: Mapped[str] = mapped_column(ID, primary_key=True)
    entry_id: Mapped[str] = mapped_column(ID, primary_key=True, default="")
    status: Mapped[str] = mapped_column(String(32))
    role: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[int | None] = mapped_column(BigInteger, default=now_ms)
