"""Facts folded from events: what pages and reports read. Each can be thrown away and rebuilt from the raw events."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.models.catalog import ID
from lti_tool.models.database import BigId, Model

QUARTER = 15 * 60_000  # what is watched of recordings is kept by the quarter of an hour
# Where nothing was rated. A number, so that it sorts below 0 on every database.
NO_RATE = -1.0


def engagement_rate(engaged_seconds: float, rated_seconds: float) -> float | None:
    """Engaged / watched seconds whose source reports engagement; nothing, where there are none."""
    return engaged_seconds / rated_seconds if rated_seconds else None


def completion_rate(percentiles: float, measured_plays: float) -> float | None:
    """Percentiles watched in each play, summed / plays of recordings whose length is known; nothing without any."""
    return percentiles / measured_plays if measured_plays else None


class SessionFacts(Model):
    """A session as a whole: totals of its attendance, its minutes, and what its sources report.

    ``reported`` lists the signals (names of ``collect/contract.py``) that any of its sources can report.
    ``curve`` holds one row of five little-endian 32-bit numbers per minute in which anybody watched: minute since the
    epoch, people with a watched second, watched seconds, rated seconds (whose source reports engagement), engaged
    seconds.
    """

    __tablename__ = "session_facts"

    session_id: Mapped[int] = mapped_column(ForeignKey("room_session.id", ondelete="CASCADE"), primary_key=True)
    reported: Mapped[list[str]] = mapped_column(JSON, default=list)
    has_heartbeats: Mapped[bool] = mapped_column(default=False)
    events: Mapped[int] = mapped_column(default=0)
    people: Mapped[int] = mapped_column(default=0)
    viewers: Mapped[int] = mapped_column(default=0)
    watched_seconds: Mapped[int] = mapped_column(BigInteger, default=0)
    rated_seconds: Mapped[int] = mapped_column(BigInteger, default=0)
    engaged_seconds: Mapped[int] = mapped_column(BigInteger, default=0)
    logged_in: Mapped[int] = mapped_column(default=0)
    reactions: Mapped[int] = mapped_column(default=0)
    reaction_people: Mapped[int] = mapped_column(default=0)
    chat_messages: Mapped[int] = mapped_column(default=0)
    chat_people: Mapped[int] = mapped_column(default=0)
    polls: Mapped[int] = mapped_column(default=0)
    polls_answered: Mapped[int] = mapped_column(default=0)
    poll_people: Mapped[int] = mapped_column(default=0)
    threads: Mapped[int] = mapped_column(default=0)
    thread_people: Mapped[int] = mapped_column(default=0)
    downloads: Mapped[int] = mapped_column(default=0)
    download_people: Mapped[int] = mapped_column(default=0)
    raised_hands: Mapped[int] = mapped_column(default=0)
    raised_hand_people: Mapped[int] = mapped_column(default=0)
    curve: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    # Reactions by minute: [[minute since the epoch, reaction, count], …], in order.
    reaction_minutes: Mapped[list[list[Any]]] = mapped_column(JSON, default=list)
    # What was presented, by start: see ``collect/presented.py``.
    presented: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    # Live viewers by where and on what they watched, in the form of ``SessionPlayback``.
    countries: Mapped[list[list[Any]]] = mapped_column(JSON, default=list)
    devices: Mapped[list[list[Any]]] = mapped_column(JSON, default=list)


class SessionPlayback(Model):
    """The people who watched a recording of the room since the quarter of an hour in which a session began, once each.

    No row: nobody. ``both``: those of them who watched the session too. ``countries`` and ``devices``: [[path, people],
    …] by path, where a path is [country], or [device], [device, operating system], [device, operating system, browser];
    what is not known is an empty text. Somebody may be in several: where and on what is known by recording.
    """

    __tablename__ = "session_playback"

    session_id: Mapped[int] = mapped_column(ForeignKey("room_session.id", ondelete="CASCADE"), primary_key=True)
    viewers: Mapped[int] = mapped_column(default=0)
    both: Mapped[int] = mapped_column(default=0)
    countries: Mapped[list[list[Any]]] = mapped_column(JSON, default=list)
    devices: Mapped[list[list[Any]]] = mapped_column(JSON, default=list)


class SessionViewer(Model):
    """What a person played of the room's recordings since a session began. No row: nothing.

    Loading and watching count from the quarter of an hour in which it began, plays from its start: ``measured_plays``
    are those of recordings whose length is known, ``percentiles`` what they watched, summed. These are what pages sort
    by; ``completion`` is the completion rate, or ``NO_RATE``.
    """

    __tablename__ = "session_viewer"
    __table_args__ = (
        *(
            Index(f"ix_session_viewer_{column}", "session_id", column, "person_id")
            for column in ("name_key", "impressions", "plays", "watched_ms", "completion")
        ),
        {"sqlite_with_rowid": False},
    )

    session_id: Mapped[int] = mapped_column(ForeignKey("room_session.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True)
    name_key: Mapped[str] = mapped_column(Text)
    impressions: Mapped[int] = mapped_column(default=0)
    watched_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    plays: Mapped[int] = mapped_column(default=0)
    measured_plays: Mapped[int] = mapped_column(default=0)
    percentiles: Mapped[int] = mapped_column(default=0)
    completion: Mapped[float] = mapped_column(default=NO_RATE)


class Attendance(Model):
    """A person in a session.

    ``watched`` and ``engaged`` are span sets from heartbeats, ``presence`` from joins and leaves: sorted, disjoint,
    half-open spans of clock seconds, as pairs of little-endian unsigned 32-bit numbers (``models/spans.py``). The
    seconds and the counters are what pages sort by; ``rate`` is engaged / rated seconds, or ``NO_RATE``.
    """

    __tablename__ = "attendance"
    __table_args__ = tuple(
        Index(f"ix_attendance_{column}", "session_id", column, "person_id")
        for column in (
            "name_key",
            "watched_seconds",
            "reactions",
            "chat_messages",
            "polls_answered",
            "raised_hands",
            "rate",
        )
    )

    session_id: Mapped[int] = mapped_column(ForeignKey("room_session.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True)
    # The person's name as it sorts and is searched: lower case, without accents.
    name_key: Mapped[str] = mapped_column(Text, default="")
    watched_seconds: Mapped[int] = mapped_column(default=0)
    rated_seconds: Mapped[int] = mapped_column(default=0)
    engaged_seconds: Mapped[int] = mapped_column(default=0)
    rate: Mapped[float] = mapped_column(default=NO_RATE)
    logged_in: Mapped[bool] = mapped_column(default=False)
    reactions: Mapped[int] = mapped_column(default=0)
    chat_messages: Mapped[int] = mapped_column(default=0)
    polls_answered: Mapped[int] = mapped_column(default=0)
    threads: Mapped[int] = mapped_column(default=0)
    downloads: Mapped[int] = mapped_column(default=0)
    raised_hands: Mapped[int] = mapped_column(default=0)
    role: Mapped[str | None] = mapped_column(String(32))
    country: Mapped[str | None] = mapped_column(String(2))
    device: Mapped[str | None] = mapped_column(String(64))
    operating_system: Mapped[str | None] = mapped_column(String(64))
    browser: Mapped[str | None] = mapped_column(String(64))
    # Which event each of the five above was taken from: {field: [time, event id]}; the earliest wins.
    context_from: Mapped[dict[str, list[Any]]] = mapped_column(JSON, default=dict)
    watched: Mapped[bytes] = mapped_column(LargeBinary, default=b"", deferred=True)
    engaged: Mapped[bytes] = mapped_column(LargeBinary, default=b"", deferred=True)
    presence: Mapped[bytes] = mapped_column(LargeBinary, default=b"", deferred=True)


class PresenceEdge(Model):
    """A join or a leave, for sessions whose source has no heartbeats."""

    __tablename__ = "presence_edge"

    event_pk: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    session_id: Mapped[int] = mapped_column(ForeignKey("room_session.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    time_ms: Mapped[int] = mapped_column(BigInteger)
    joined: Mapped[bool]
    connection: Mapped[str | None] = mapped_column(ID)


class Reaction(Model):
    """A reaction somebody sent."""

    __tablename__ = "reaction"

    event_pk: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    session_id: Mapped[int] = mapped_column(ForeignKey("room_session.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    time_ms: Mapped[int] = mapped_column(BigInteger)
    reaction: Mapped[str] = mapped_column(String(64))


class Moment(Model):
    """What a person did at a moment. ``kind``: ``message`` (in the group chat), ``raised_hand``, ``thread`` (opened a
    Q&A thread), ``download``. ``about``: the message, thread or attachment, by its outside id.
    """

    __tablename__ = "moment"

    event_pk: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    session_id: Mapped[int] = mapped_column(ForeignKey("room_session.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    time_ms: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(16))
    about: Mapped[str | None] = mapped_column(ID)


class StageEdge(Model):
    """Somebody's ``kind`` (``stage``, ``mic``, ``camera``, ``screen``, ``talk``) went on or off."""

    __tablename__ = "stage_edge"

    event_pk: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    session_id: Mapped[int] = mapped_column(ForeignKey("room_session.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    time_ms: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(8))
    on: Mapped[bool]


class MediaEdge(Model):
    """Something was presented (``on``) or taken away. ``media_id`` is the title where the source gives no id."""

    __tablename__ = "media_edge"

    event_pk: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    session_id: Mapped[int] = mapped_column(ForeignKey("room_session.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    time_ms: Mapped[int] = mapped_column(BigInteger)
    media_id: Mapped[str] = mapped_column(ID)
    title: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str | None] = mapped_column(String(64))
    page: Mapped[int | None] = mapped_column(BigInteger)
    on: Mapped[bool]


class Poll(Model):
    """A poll launched in a session; launched again, the earliest launch describes it."""

    __tablename__ = "poll"

    session_id: Mapped[int] = mapped_column(ForeignKey("room_session.id", ondelete="CASCADE"), primary_key=True)
    poll_id: Mapped[str] = mapped_column(ID, primary_key=True)
    time_ms: Mapped[int] = mapped_column(BigInteger)
    event_id: Mapped[str] = mapped_column(ID)
    question: Mapped[str] = mapped_column(Text, default="")
    type: Mapped[str] = mapped_column(String(16), default="single")
    options: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    # People who answered; and [[options chosen together as a JSON list, people], …], by options.
    participants: Mapped[int] = mapped_column(default=0)
    choices: Mapped[list[list[Any]]] = mapped_column(JSON, default=list)


class Vote(Model):
    """A person's answer to a poll; a later one (by time, then id) replaces the earlier."""

    __tablename__ = "vote"
    __table_args__ = (Index("ix_vote_time", "session_id", "poll_id", "time_ms", "event_id"),)

    session_id: Mapped[int] = mapped_column(ForeignKey("room_session.id", ondelete="CASCADE"), primary_key=True)
    poll_id: Mapped[str] = mapped_column(ID, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    time_ms: Mapped[int] = mapped_column(BigInteger)
    event_id: Mapped[str] = mapped_column(ID)
    option_ids: Mapped[list[str]] = mapped_column(JSON, default=list)
    text: Mapped[str | None] = mapped_column(Text)


class Playback(Model):
    """What a person played of an entry in a quarter of an hour (counted from the epoch; every zone of today is a
    whole number of quarters from UTC, so a day in any zone is a whole number of rows).
    """

    __tablename__ = "playback"
    __table_args__ = ({"sqlite_with_rowid": False},)  # a person's rows lie together

    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    quarter: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    impressions: Mapped[int] = mapped_column(default=0)
    watched_ms: Mapped[int] = mapped_column(BigInteger, default=0)


class PlaybackQuarter(Model):
    """What everybody together played of an entry in a quarter of an hour.

    ``plays``: those started in it; ``measured_plays`` are as many, or none as long as the entry's length is not known;
    ``percentiles``: what they watched, summed.
    """

    __tablename__ = "playback_quarter"
    __table_args__ = ({"sqlite_with_rowid": False},)  # rows lie in the order in which they are summed

    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True)
    quarter: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    impressions: Mapped[int] = mapped_column(default=0)
    watched_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    plays: Mapped[int] = mapped_column(default=0)
    measured_plays: Mapped[int] = mapped_column(default=0)
    percentiles: Mapped[int] = mapped_column(default=0)


class PlaybackRetention(Model):
    """Of the plays of an entry that were started in a quarter of an hour, how many watched each hundredth of it.

    ``plays``: 100 little-endian 32-bit numbers (``models/percentiles.py``). No row: no play, or its length is not
    known.
    """

    __tablename__ = "playback_retention"

    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True)
    quarter: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    plays: Mapped[bytes] = mapped_column(LargeBinary)


class Play(Model):
    """A playback of an entry: one per ``playId``, however often it was sent.

    ``play_id`` is the event's id where the source gives none. ``time_ms``: when it was started, first; nothing, as long
    as no event says that it was started. ``positions``: what was watched of the media, a span set in seconds, as pairs
    of little-endian 64-bit floats. ``percentiles``: in how many hundredths of the entry they lie; nothing, as long as
    its length is not known.
    """

    __tablename__ = "play"
    __table_args__ = (Index("ix_play_time", "entry_id", "time_ms"),)

    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True)
    play_id: Mapped[str] = mapped_column(ID, primary_key=True)
    time_ms: Mapped[int | None] = mapped_column(BigInteger)
    percentiles: Mapped[int | None]
    positions: Mapped[bytes] = mapped_column(LargeBinary, default=b"", deferred=True)


class PlaybackViewer(Model):
    """Where and on what a person played an entry: the earliest event that says so, as in ``Attendance``.

    ``last_watched_quarter``: the last of ``Playback`` with watching: who watched since a time is one comparison.
    """

    __tablename__ = "playback_viewer"
    __table_args__ = (Index("ix_playback_viewer_watched", "entry_id", "last_watched_quarter", "person_id"),)

    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True)
    last_watched_quarter: Mapped[int | None]
    role: Mapped[str | None] = mapped_column(String(32))
    country: Mapped[str | None] = mapped_column(String(2))
    device: Mapped[str | None] = mapped_column(String(64))
    operating_system: Mapped[str | None] = mapped_column(String(64))
    browser: Mapped[str | None] = mapped_column(String(64))
    context_from: Mapped[dict[str, list[Any]]] = mapped_column(JSON, default=dict)


class NotUnderstood(Model):
    """How often an entry sent an event whose name we do not know."""

    __tablename__ = "not_understood"

    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(ID, primary_key=True)
    events: Mapped[int] = mapped_column(default=0)


class Drawing(Model):
    """A chart that was drawn, kept under the digest of everything that went into it."""

    __tablename__ = "drawing"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    svg: Mapped[bytes] = mapped_column(LargeBinary)
    drawn_at: Mapped[int] = mapped_column(BigInteger)
