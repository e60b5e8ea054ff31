"""One person over many sessions, recordings and videos: as far as the scope of whoever asks goes.

``where`` is a condition on ``Entry``: the rooms and media that are asked about.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased, load_only

from lti_tool.access.scope import Scope
from lti_tool.analytics.queries import events, rooms
from lti_tool.models import (
    Attachment,
    Attendance,
    Channel,
    Entry,
    EntryRecording,
    EventRegistration,
    Moment,
    Person,
    Play,
    Playback,
    PlaybackViewer,
    RoomSession,
    SessionFacts,
    VirtualEvent,
    db,
)

_NO_LEGACY = Entry.type != "legacyMeeting"  # such rooms are in no report


def asked_about(scope: Scope, event: VirtualEvent | None, course: Channel | None = None) -> ColumnElement[bool]:
    """The entries of an event or of a course with its breakout rooms, or all: as far as they lie in the scope."""
    if event:
        return events.of_event(scope, event)
    return and_(scope.entries(), rooms.of_channel(scope.account_id, course.external_id)) if course else scope.entries()


def person(scope: Scope, event: VirtualEvent | None, user_id: str) -> Person | None:
    """Somebody who came to a room, played a medium or is registered where the scope goes; an account has everybody."""
    if not scope.people:
        return None
    query = select(Person).where(Person.account_id == scope.account_id, Person.external_id == user_id)
    found = db.session.scalar(query)
    if found is None or (scope.whole_account and event is None):
        return found
    if took_part(scope, asked_about(scope, event), found):
        return found
    if event is None:
        return None
    mine = (EventRegistration.person_id == found.external_id, events.registered(scope, event))
    return found if db.session.scalar(select(exists().where(*mine))) else None


def took_part(scope: Scope, where: ColumnElement[bool], person: Person) -> bool:
    """Whether somebody came to any of the rooms that are asked about, or played any of the media."""
    sessions = select(RoomSession.id).join(Entry, Entry.id == RoomSession.entry_id).where(where, _NO_LEGACY)
    media = (PlaybackViewer.entry_id.in_(recordings(scope, where)), PlaybackViewer.entry_id.in_(videos(scope, where)))
    ways = (
        exists().where(Attendance.person_id == person.id, Attendance.session_id.in_(sessions)),
        exists().where(PlaybackViewer.person_id == person.id, or_(*media)),
    )
    return bool(db.session.scalar(select(or_(*ways))))


def recordings(scope: Scope, where: ColumnElement[bool]) -> Any:
    """Keys of the recordings that are asked about, and of those of the rooms that are."""
    named = select(EntryRecording.recording_id).where(EntryRecording.account_id == scope.account_id)
    of_rooms = named.where(EntryRecording.room_id.in_(select(Entry.external_id).where(where)))
    made = aliased(Entry)
    theirs = select(made.id).where(made.account_id == scope.account_id, made.external_id.in_(of_rooms))
    return theirs.union(select(Entry.id).where(where, Entry.external_id.in_(named)))


def videos(scope: Scope, where: ColumnElement[bool]) -> Any:
    """Keys of the content on demand that is asked about: whatever is neither a room nor the recording of one."""
    named = select(EntryRecording.recording_id).where(EntryRecording.account_id == scope.account_id)
    return select(Entry.id).where(where, Entry.type.in_(("video", "live")), Entry.external_id.not_in(named))


def attendances(where: ColumnElement[bool], person: Person) -> Sequence[Any]:
    """(attendance, session, room, its facts with what is reported) of the person, newest first."""
    query = (
        select(Attendance, RoomSession, Entry, SessionFacts)
        .join(RoomSession, RoomSession.id == Attendance.session_id)
        .join(Entry, Entry.id == RoomSession.entry_id)
        .join(SessionFacts, SessionFacts.session_id == Attendance.session_id)
        .options(load_only(SessionFacts.reported, SessionFacts.has_heartbeats))
        .where(where, _NO_LEGACY, Attendance.person_id == person.id)
    )
    return db.session.execute(query.order_by(RoomSession.start_ms.desc(), RoomSession.id.desc())).all()


def played(entries: Any, person: Person) -> Sequence[Any]:
    """(entry, impressions, watched milliseconds) of what the person loaded or watched."""
    sums = (func.sum(Playback.impressions).label("impressions"), func.sum(Playback.watched_ms).label("watched_ms"))
    mine = select(Playback.entry_id, *sums).where(Playback.person_id == person.id, Playback.entry_id.in_(entries))
    made = mine.group_by(Playback.entry_id).subquery()
    query = select(Entry, made.c.impressions, made.c.watched_ms).join(made, made.c.entry_id == Entry.id)
    return db.session.execute(query.order_by(Entry.name, Entry.id)).all()


def positions(entries: Any, person: Person) -> Sequence[Any]:
    """(entry's key, watched positions) of each play that the person started."""
    started = (Play.person_id == person.id, Play.time_ms.is_not(None), Play.entry_id.in_(entries))
    return db.session.execute(select(Play.entry_id, Play.positions).where(*started)).all()


def downloads(scope: Scope, where: ColumnElement[bool], person: Person) -> Sequence[Any]:
    """(attachment's outside id, its name, event's key, time, session, room) of each download, newest first."""
    same = and_(Attachment.account_id == scope.account_id, Attachment.external_id == Moment.about)
    query = (
        select(Moment.about, Attachment.name, Moment.event_pk, Moment.time_ms, RoomSession, Entry)
        .join(RoomSession, RoomSession.id == Moment.session_id)
        .join(Entry, Entry.id == RoomSession.entry_id)
        .outerjoin(Attachment, same)
        .where(where, _NO_LEGACY, Moment.person_id == person.id, Moment.kind == "download")
    )
    return db.session.execute(query.order_by(Moment.time_ms.desc(), Moment.event_pk.desc())).all()
