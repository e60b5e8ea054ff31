"""What a batch of events adds to the facts, before it touches the database: plain sums, sets and spans.

Everything here commutes: seconds are unions, counters count events that are each folded once, and what can be said
twice (context, votes, launches) is decided by time and id, never by arrival.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lti_tool.collect.contract import (
    CameraOff,
    CameraOn,
    Download,
    GroupMessage,
    Impression,
    Join,
    Leave,
    LoggedIn,
    MediaPresented,
    MediaRemoved,
    MicOff,
    MicOn,
    NotUnderstoodEvent,
    Play,
    PollAnswered,
    PollLaunched,
    QuestionMessage,
    RaiseHand,
    ReactionClicked,
    RoomEvent,
    ScreenShareStarted,
    ScreenShareStopped,
    StageJoined,
    StageLeft,
    TalkStarted,
    TalkStopped,
    View,
)
from lti_tool.models.facts import QUARTER

CONTEXT = ("role", "country", "device", "operating_system", "browser")


class Stored(NamedTuple):
    """A raw event as the fold sees it."""

    pk: int
    source: str
    event: Any


# field -> (time, event id, value): the earliest event that has the field.
Context = dict[str, tuple[int, str, str]]


@dataclass
class PersonDelta:
    """What a batch adds to one person's attendance of one session."""

    watched: list[tuple[int, int]] = field(default_factory=list)
    engaged: list[tuple[int, int]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    logged_in: bool = False
    context: Context = field(default_factory=dict)


@dataclass
class SessionDelta:
    """What a batch adds to one session. ``user`` everywhere is the outside id."""

    people: defaultdict[str, PersonDelta] = field(default_factory=lambda: defaultdict(PersonDelta))
    sources: set[str] = field(default_factory=set)
    events: int = 0
    last_ms: int = 0
    heartbeats: bool = False
    edges: list[dict[str, Any]] = field(default_factory=list)
    # Rows of their tables, with ``user`` in the place of the person's key.
    reactions: list[dict[str, Any]] = field(default_factory=list)
    moments: list[dict[str, Any]] = field(default_factory=list)
    stage: list[dict[str, Any]] = field(default_factory=list)
    media: list[dict[str, Any]] = field(default_factory=list)
    polls: dict[str, PollLaunched] = field(default_factory=dict)
    votes: dict[tuple[str, str], PollAnswered] = field(default_factory=dict)


@dataclass
class PlaybackDelta:
    impressions: int = 0
    watched_ms: int = 0


@dataclass
class PlayDelta:
    """``time_ms``: when the play was started, if an event says so."""

    time_ms: int | None = None
    positions: list[tuple[float, float]] = field(default_factory=list)


@dataclass
class Delta:
    """What a batch of one entry's events adds, by session key, and outside of sessions."""

    sessions: defaultdict[int, SessionDelta] = field(default_factory=lambda: defaultdict(SessionDelta))
    # (quarter of an hour since the epoch, user)
    playback: defaultdict[tuple[int, str], PlaybackDelta] = field(default_factory=lambda: defaultdict(PlaybackDelta))
    plays: defaultdict[tuple[str, str], PlayDelta] = field(default_factory=lambda: defaultdict(PlayDelta))  # user, play
    viewers: defaultdict[str, Context] = field(default_factory=lambda: defaultdict(dict))
    not_understood: Counter[str] = field(default_factory=Counter)


Handler = Callable[[SessionDelta, PersonDelta, Stored], None]


def clock_span(event: View) -> tuple[int, int]:
    """The clock seconds k with time - seconds <= k < time, as a half-open span."""
    seconds = 10 if event.seconds is None else event.seconds
    end = int(event.time)
    if seconds == int(seconds):
        return -(-(end - int(seconds) * 1000) // 1000), -(-end // 1000)
    return math.ceil(end / 1000 - seconds), -(-end // 1000)


def add(delta: Delta, session: int | None, stored: Stored) -> None:
    """Add one event. ``session`` is its session's key, or nothing when it belongs to none."""
    event = stored.event
    kind = type(event)
    if kind is NotUnderstoodEvent:
        delta.not_understood[event.name] += 1
        return
    if kind is Play or kind is Impression or (kind is View and event.playback_type == "vod"):
        _add_playback(delta, event)
        return
    if session is None:
        return
    of_session = delta.sessions[session]
    of_session.events += 1
    of_session.last_ms = max(of_session.last_ms, event.time)
    of_session.sources.add(stored.source)
    person = of_session.people[event.user_id]  # whoever does anything in a session attends it
    _add_context(person.context, event)
    if handler := _HANDLERS.get(kind):
        handler(of_session, person, stored)


def _add_playback(delta: Delta, event: Any) -> None:
    _add_context(delta.viewers[event.user_id], event)
    if type(event) is Play:
        play = delta.plays[event.user_id, event.play_id or event.id]
        play.time_ms = int(event.time) if play.time_ms is None else min(play.time_ms, int(event.time))
        return
    if type(event) is View and event.play_id and event.from_position is not None and event.to_position is not None:
        delta.plays[event.user_id, event.play_id].positions.append((event.from_position, event.to_position))
    row = delta.playback[event.time // QUARTER, event.user_id]
    if type(event) is Impression:
        row.impressions += 1
    else:
        row.watched_ms += watched_ms(event)


def watched_ms(event: View) -> int:
    """Of a recording: the event's seconds, else the length of its span; whole milliseconds, so that sums are exact."""
    if event.seconds is not None:
        return round(event.seconds * 1000)
    if event.from_position is None or event.to_position is None:
        return 0
    return max(0, round((event.to_position - event.from_position) * 1000))


def _add_context(context: Context, event: RoomEvent) -> None:
    for name in CONTEXT:
        value = getattr(event, name)
        if value:
            said = (int(event.time), event.id, value.upper() if name == "country" else value)
            if name not in context or said < context[name]:
                context[name] = said


def _launch(session: SessionDelta, _person: PersonDelta, stored: Stored) -> None:
    event = stored.event
    known = session.polls.get(event.poll_id)
    if known is None or (event.time, event.id) < (known.time, known.id):
        session.polls[event.poll_id] = event


def _view(session: SessionDelta, person: PersonDelta, stored: Stored) -> None:
    session.heartbeats = True
    span = clock_span(stored.event)
    person.watched.append(span)
    if stored.event.engaged:
        person.engaged.append(span)


def _edge(session: SessionDelta, _person: PersonDelta, stored: Stored) -> None:
    event = stored.event
    session.edges.append({**_row(stored), "joined": type(event) is Join, "connection": event.connection_id})


def _reaction(session: SessionDelta, person: PersonDelta, stored: Stored) -> None:
    event = stored.event
    person.counts["reactions"] += 1
    session.reactions.append({**_row(stored), "reaction": event.reaction})


def _vote(session: SessionDelta, _person: PersonDelta, stored: Stored) -> None:
    event = stored.event
    key = (event.poll_id, event.user_id)
    known = session.votes.get(key)
    if known is None or (event.time, event.id) > (known.time, known.id):
        session.votes[key] = event


def _logged_in(_session: SessionDelta, person: PersonDelta, _stored: Stored) -> None:
    person.logged_in = True


def _chat(session: SessionDelta, person: PersonDelta, stored: Stored) -> None:
    person.counts["chat_messages"] += 1
    _moment(session, stored, "message", stored.event.message_id)


def _question(session: SessionDelta, person: PersonDelta, stored: Stored) -> None:
    if stored.event.new_thread:
        person.counts["threads"] += 1
        _moment(session, stored, "thread", stored.event.thread_id)


def _hand(session: SessionDelta, person: PersonDelta, stored: Stored) -> None:
    person.counts["raised_hands"] += 1
    _moment(session, stored, "raised_hand", None)


def _download(session: SessionDelta, person: PersonDelta, stored: Stored) -> None:
    person.counts["downloads"] += 1
    _moment(session, stored, "download", stored.event.attachment_id)


def _row(stored: Stored) -> dict[str, Any]:
    return {"event_pk": stored.pk, "user": stored.event.user_id, "time_ms": stored.event.time}


def _moment(session: SessionDelta, stored: Stored, kind: str, about: str | None) -> None:
    session.moments.append({**_row(stored), "kind": kind, "about": about})


def _stage(kind: str, on: bool) -> Handler:
    def edge(session: SessionDelta, _person: PersonDelta, stored: Stored) -> None:
        session.stage.append({**_row(stored), "kind": kind, "on": on})

    return edge


def _media(session: SessionDelta, _person: PersonDelta, stored: Stored) -> None:
    event = stored.event
    name = event.media_id or (event.title or event.kind or "")[:255]
    session.media.append(
        {
            **_row(stored),
            "media_id": name,
            "title": event.title,
            "kind": event.kind and event.kind[:64],
            "page": event.page,
            "on": type(event) is MediaPresented,
        }
    )


# What kinds of events change, beyond the attendance and its context.
_HANDLERS: dict[type, Handler] = {
    View: _view,
    Join: _edge,
    Leave: _edge,
    ReactionClicked: _reaction,
    RaiseHand: _hand,
    LoggedIn: _logged_in,
    GroupMessage: _chat,
    QuestionMessage: _question,
    PollLaunched: _launch,
    PollAnswered: _vote,
    Download: _download,
    StageJoined: _stage("stage", True),
    StageLeft: _stage("stage", False),
    MicOn: _stage("mic", True),
    MicOff: _stage("mic", False),
    CameraOn: _stage("camera", True),
    CameraOff: _stage("camera", False),
    ScreenShareStarted: _stage("screen", True),
    ScreenShareStopped: _stage("screen", False),
    TalkStarted: _stage("talk", True),
    TalkStopped: _stage("talk", False),
    MediaPresented: _media,
    MediaRemoved: _media,
}
