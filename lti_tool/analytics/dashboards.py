"""Page objects: a question in, everything that one page shows out, frozen. Templates, files and charts read these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from lti_tool.access.scope import Scope
from lti_tool.analytics.attendees import AttendeePage, Question, attendee_page
from lti_tool.analytics.audience import Audience, audience
from lti_tool.analytics.highlights import Highlight, drops, engaging, recording_of
from lti_tool.analytics.lanes import with_lanes
from lti_tool.analytics.metrics import METRICS, Reading
from lti_tool.analytics.numbers import EVERYTHING, Numbers
from lti_tool.analytics.part import PartAttended
from lti_tool.analytics.part import part as part_of_session
from lti_tool.analytics.presented import Presented, presented
from lti_tool.analytics.queries import people, rooms
from lti_tool.analytics.queries import recordings as queries
from lti_tool.analytics.queries.recordings import Quarter
from lti_tool.analytics.recordings import PlaysOverTime, over_time
from lti_tool.analytics.stage import SUMS as STAGE_SUMS
from lti_tool.analytics.stage import Stage, stage
from lti_tool.analytics.timeline import Timeline, timeline
from lti_tool.models import Entry, NotUnderstood, RoomSession, SessionFacts, SessionPlayback, now_ms


@dataclass(frozen=True)
class RoomDashboard:
    """The analytics of a room, for one of its sessions. ``session`` is empty when the room has none.

    ``part``: from when to when, in epoch milliseconds, if only a part of the session is asked about. The timeline and
    the recordings are always those of the whole; ``facts`` are too. ``outside``: the part asked for does not lie in the
    session, of which the whole is shown.
    """

    entry: Entry
    sessions: Sequence[RoomSession]
    session: RoomSession | None
    question: Question
    facts: SessionFacts | None
    part: tuple[int, int] | None
    outside: bool
    numbers: Numbers
    timeline: Timeline
    attendees: AttendeePage
    highlights: tuple[Highlight, ...]
    recording: Entry | None
    stage: Stage | None
    presented: Presented
    recordings: Sequence[Entry]
    not_understood: Sequence[NotUnderstood]
    plays_over_time: PlaysOverTime | None
    audiences: tuple[Audience, ...]

    def reading(self, name: str) -> Reading:
        """The session's value of a metric of the catalogue."""
        return METRICS[name].reading(self.numbers)

    @property
    def presence_only(self) -> bool:
        """People came and went, but no source told whether they paid attention."""
        return bool(self.facts and self.facts.events and not self.facts.has_heartbeats)


@dataclass(frozen=True)
class Explained:
    """Every number of a room's session, or of a part of it, with what it was computed from. ``part`` and ``outside``
    are those of ``RoomDashboard``.
    """

    entry: Entry
    session: RoomSession
    part: tuple[int, int] | None
    outside: bool
    facts: SessionFacts | None
    numbers: Numbers

    @property
    def readings(self) -> tuple[Reading, ...]:
        return tuple(metric.reading(self.numbers) for metric in METRICS.values() if metric.of_session)


@dataclass(frozen=True)
class PlaybackTotals:
    """Playback of a room's recordings. ``both``: people who also attended the session asked about."""

    impressions: int = 0
    plays: int = 0
    watched_ms: int = 0
    viewers: int = 0
    both: int = 0


def room_dashboard(scope: Scope, entry: Entry, question: Question) -> RoomDashboard | None:
    """The room's page, for the session asked for or the one to begin with. Nothing if it has no session of that id."""
    sessions = rooms.sessions(scope, entry)
    session = chosen(sessions, question.session_id)
    if session is None:
        return None if question.session_id is not None else _without_session(scope, entry, question)
    recordings = rooms.recordings(scope, entry)
    facts, playback = rooms.session_facts(scope, session), rooms.session_playback(scope, session)
    played = queries.quarters(scope, recordings, session)
    on_stage = stage(scope, session, question.stage_page)
    minutes = _timeline(scope, session, facts, on_stage)
    part, lies_in = minutes.part(question.start, question.end)
    if part:
        on_stage = stage(scope, session, question.stage_page, part)
    totals = playback_totals(played, playback)
    counted, attendances, totals = _counted(scope, session, facts, totals, recordings, part)
    numbers = session_numbers(counted, totals, on_stage)
    moments = minutes.within(part)
    return RoomDashboard(
        entry=entry,
        sessions=sessions,
        session=session,
        question=question,
        facts=facts,
        part=part,
        outside=not lies_in,
        numbers=numbers,
        timeline=minutes,
        attendees=attendee_page(scope, session, counted, question, numbers, minutes, part, attendances),
        highlights=(*engaging(moments), *drops(moments, session)),
        recording=recording_of(session, sessions, recordings),
        stage=on_stage,
        presented=presented(facts, numbers.reported, question.presented_page, part),
        recordings=recordings,
        not_understood=rooms.not_understood(scope, entry),
        plays_over_time=over_time(session, played),
        audiences=tuple(audience(counted, playback, field) for field in ("country", "device")),
    )


def _without_session(scope: Scope, entry: Entry, question: Question) -> RoomDashboard:
    nothing, empty = Timeline((), rated=True), session_numbers(None, PlaybackTotals())
    return RoomDashboard(
        entry=entry,
        sessions=(),
        session=None,
        question=question,
        facts=None,
        part=None,
        outside=False,
        numbers=empty,
        timeline=nothing,
        attendees=attendee_page(scope, None, None, question, empty, nothing),
        highlights=(),
        recording=None,
        stage=None,
        presented=presented(None, empty.reported, 1),
        recordings=rooms.recordings(scope, entry),
        plays_over_time=None,
        audiences=(),
        not_understood=rooms.not_understood(scope, entry),
    )


def explained(scope: Scope, entry: Entry, session: RoomSession, start: str = "", end: str = "") -> Explained:
    """The numbers of a session, or of its part between two times of day."""
    facts, playback = rooms.session_facts(scope, session), rooms.session_playback(scope, session)
    recordings = rooms.recordings(scope, entry)
    part, lies_in = timeline(session, facts, EVERYTHING).part(start, end)
    totals = playback_totals(queries.quarters(scope, recordings, session), playback)
    counted, _attendances, totals = _counted(scope, session, facts, totals, recordings, part)
    numbers = session_numbers(counted, totals, stage(scope, session, 1, part))
    return Explained(entry, session, part, not lies_in, facts, numbers)


def part_of(scope: Scope, session: RoomSession, start: str, end: str) -> tuple[tuple[int, int] | None, bool]:
    """The part of a session between two times of day, as ``Timeline.part`` has it."""
    return timeline(session, rooms.session_facts(scope, session), EVERYTHING).part(start, end)


def _counted(  # noqa: PLR0917
    scope: Scope,
    session: RoomSession,
    facts: SessionFacts | None,
    totals: PlaybackTotals,
    recordings: Sequence[Entry],
    part: tuple[int, int] | None,
) -> tuple[SessionFacts | None, Sequence[PartAttended] | None, PlaybackTotals]:
    """The facts that count: of a part of the session its own, with the attendances that they are sums of."""
    if not part or not facts:
        return facts, None, totals
    counted, attendances = part_of_session(scope, session, facts, *part)
    watched = people.watched_recordings(scope, session, [one.id for one in recordings])
    return counted, attendances, _both(totals, attendances, watched)


def playback_totals(played: Sequence[Quarter], playback: SessionPlayback | None) -> PlaybackTotals:
    """What was played since a session began, and by how many."""
    sums = {name: sum(getattr(row, name) for row in played) for name in ("impressions", "plays", "watched_ms")}
    return PlaybackTotals(**sums, viewers=playback.viewers, both=playback.both) if playback else PlaybackTotals(**sums)


def _both(totals: PlaybackTotals, attendances: Sequence[PartAttended], watched: set[int]) -> PlaybackTotals:
    """The same playback, where both means: watched a recording, and live in this part of the session."""
    return replace(totals, both=sum(one.watched_seconds > 0 and one.person_id in watched for one in attendances))


def chosen(sessions: Sequence[RoomSession], session_id: str | None) -> RoomSession | None:
    """Of sessions, newest first, the one with this id; without one the newest of which there is something to see.

    That is the newest that has begun and of which an event has arrived, else the newest that has begun, else the next.
    """
    if session_id is not None:
        return next((session for session in sessions if session.external_id == session_id), None)
    begun = [session for session in sessions if session.start_ms <= now_ms()]
    return next((session for session in begun if session.last_ms is not None), next(iter(begun or sessions[-1:]), None))


def session_of(scope: Scope, entry: Entry, session_id: str | None) -> RoomSession | None:
    """The session of an entry with this id; without one that of which there is something to see."""
    return chosen(rooms.sessions(scope, entry), session_id)


def session_timeline(scope: Scope, entry: Entry, session_id: str) -> Timeline | None:
    """The minutes of one session, for its chart."""
    session = chosen(rooms.sessions(scope, entry), session_id)
    if session is None:
        return None
    return _timeline(scope, session, rooms.session_facts(scope, session), stage(scope, session, page=1))


def _timeline(scope: Scope, session: RoomSession, facts: SessionFacts | None, on_stage: Stage | None) -> Timeline:
    minutes = timeline(session, facts, reported(facts))
    return with_lanes(minutes, facts, rooms.poll_launches(scope, session), on_stage, partial(people.persons, scope))


# Columns of SessionFacts that go into formulas under their own names.
_SAME = (
    "watched_seconds",
    "rated_seconds",
    "engaged_seconds",
    "logged_in",
    "reactions",
    "reaction_people",
    "chat_messages",
    "chat_people",
    "polls",
    "polls_answered",
    "poll_people",
    "threads",
    "thread_people",
    "downloads",
    "download_people",
    "raised_hands",
)


def session_numbers(facts: SessionFacts | None, playback: PlaybackTotals, on_stage: Stage | None = None) -> Numbers:
    """What the formulas take, for one session, the playback of its room's recordings and its stage."""
    live = facts.viewers if facts else 0
    numbers = Numbers(
        reported=reported(facts),
        live_viewers=live,
        recording_viewers=playback.viewers,
        viewers=live + playback.viewers - playback.both,
        recording_seconds=playback.watched_ms / 1000,
        plays=playback.plays,
        impressions=playback.impressions,
    )
    sums: dict[str, Any] = {name: getattr(on_stage.numbers, name) for name in STAGE_SUMS} if on_stage else {}
    return replace(numbers, **sums, **{name: getattr(facts, name) for name in _SAME if facts})


def reported(facts: SessionFacts | None) -> frozenset[str]:
    """The signals that the session's sources carry: engagement by heartbeats; before the first event, any."""
    return EVERYTHING if facts is None else signals(facts.reported, has_heartbeats=facts.has_heartbeats)


def signals(listed: Sequence[str], *, has_heartbeats: bool) -> frozenset[str]:
    """What a session reports whose facts list these signals: engagement only if there are heartbeats."""
    return frozenset(listed) - {"engagement"} | ({"engagement"} if has_heartbeats else set())
