"""The page object of several sessions: a scope, rooms and a period in, everything that the page shows out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import lazy_gettext as _

from lti_tool.access.scope import Scope
from lti_tool.analytics.attendees import Question
from lti_tool.analytics.audience import COUNTRIES, DEVICES, Audience
from lti_tool.analytics.interactions import Order
from lti_tool.analytics.metrics import METRICS, Reading
from lti_tool.analytics.numbers import Numbers
from lti_tool.analytics.over_sessions import lists
from lti_tool.analytics.over_sessions.attendees import AttendeePage, attendee_page
from lti_tool.analytics.over_sessions.held import (
    Held,
    HeldPage,
    held_page,
    held_sessions,
    reported_by_any,
    reported_by_some,
)
from lti_tool.analytics.over_sessions.recordings import plays_by_day
from lti_tool.analytics.period import Period
from lti_tool.analytics.queries import over_sessions as queries
from lti_tool.analytics.queries.recordings import Sums
from lti_tool.analytics.recordings import RECORDINGS, PlaysOverTime, recordings_table, total_of
from lti_tool.analytics.stage import SUMS as STAGE_SUMS
from lti_tool.analytics.tables import Table
from lti_tool.models import Entry

_ONCE = _("people counted once over all sessions")
_ADDED = _("added up session by session")
_PLAYED = _("added up over what was played of all recordings in these dates")
# How an input of the formulas is put together from several sessions.
_HOW = {
    "viewers": _("people counted once over all sessions and recordings"),
    "recording_viewers": _("people counted once over all recordings in these dates"),
    "chat_audience": _("session by session, people counted once over all sessions"),
    **dict.fromkeys(("plays", "impressions", "recording_seconds"), _PLAYED),
    **dict.fromkeys(("live_viewers", "logged_in"), _ONCE),
}
_COUNTED_ONCE = ("reaction_people", "chat_people", "poll_people", "thread_people", "download_people")


@dataclass(frozen=True)
class RangeDashboard:
    """The analytics of the rooms' sessions that start in a period, taken whole, and of what was played of their
    recordings in it. ``sessions``: newest first; ``listed``: a page of them. ``rooms``: how many there are.
    """

    period: Period
    rooms: int
    sessions: tuple[Held, ...]
    listed: HeldPage
    question: Question
    numbers: Numbers
    attendees: AttendeePage
    polls: lists.Polls
    stage: lists.Stage
    presented: lists.Presented
    recordings: Sequence[Entry]
    recordings_table: Table
    plays_over_time: PlaysOverTime | None
    audiences: tuple[Audience, ...]
    country_table: Table
    device_table: Table

    def reading(self, name: str) -> Reading:
        """The value of a metric of the catalogue over all sessions."""
        return METRICS[name].reading(self.numbers)

    @property
    def partly(self) -> tuple[tuple[str, int], ...]:
        """(signal, sessions that report it), where some do and some do not."""
        return reported_by_some(self.sessions)

    @property
    def silent(self) -> int:
        """Sessions of which no event has arrived."""
        return sum(not held.known for held in self.sessions)

    @property
    def running(self) -> int:
        return sum(held.known and held.session.running for held in self.sessions)


@dataclass(frozen=True)
class RangeExplained:
    """Every number of a range with what it was computed from."""

    period: Period
    sessions: int
    numbers: Numbers

    @property
    def readings(self) -> tuple[Reading, ...]:
        of_range = (metric for metric in METRICS.values() if metric.of_session or metric.name == "count_sessions")
        return tuple(metric.reading(self.numbers) for metric in of_range)

    def how(self, name: str) -> Any:
        """How an input was put together from the sessions."""
        return _HOW.get(name, _ONCE if name in _COUNTED_ONCE else _ADDED)


def range_dashboard(  # noqa: PLR0917
    scope: Scope, where: queries.Where, period: Period, question: Question, polls: Order, arguments: Mapping[str, str]
) -> RangeDashboard:
    """The page of the rooms for which ``where``, a condition on ``Entry``, holds.

    ``arguments``: what the address asks of the shorter tables.
    """
    held = held_sessions(scope, where, period)
    by_key = {one.session.id: one for one in held}
    made = queries.recordings(scope, where)
    sums = defaultdict(Sums, queries.played_by_recording(scope, where, period))
    played = total_of(sums)
    stage = lists.stage(scope, where, period, by_key, arguments)
    everybody, numbers = _numbers(scope, where, period, held, played, stage)
    countries, devices = (lists.audience(scope, where, period, numbers, field) for field in ("country", "device"))
    return RangeDashboard(
        period=period,
        rooms=queries.count_rooms(scope, where),
        sessions=held,
        listed=held_page(held, arguments.get("sessions_page", "")),
        question=question,
        numbers=numbers,
        attendees=attendee_page(scope, where, period, by_key, everybody, question, numbers),
        polls=lists.polls(scope, where, period, by_key, numbers, polls),
        stage=stage,
        presented=lists.presented(scope, where, period, held, question.presented_page),
        recordings=made,
        recordings_table=recordings_table(made, RECORDINGS.asked(arguments), sums, played),
        plays_over_time=plays_by_day(scope, where, period) if played.plays else None,
        audiences=(countries, devices),
        country_table=countries.table(COUNTRIES, COUNTRIES.asked(arguments)),
        device_table=devices.table(DEVICES, DEVICES.asked(arguments)),
    )


def range_explained(scope: Scope, where: queries.Where, period: Period) -> RangeExplained:
    """The numbers of the same page."""
    held = held_sessions(scope, where, period)
    played = total_of(queries.played_by_recording(scope, where, period))
    stage = lists.stage(scope, where, period, {one.session.id: one for one in held}, {})
    _everybody, numbers = _numbers(scope, where, period, held, played, stage)
    return RangeExplained(period, len(held), numbers)


def _numbers(  # noqa: PLR0917
    scope: Scope,
    where: queries.Where,
    period: Period,
    held: Sequence[Held],
    played: Numbers,
    stage: lists.Stage,
) -> tuple[int, Numbers]:
    """How many people there were at all; and what the formulas take, of all sessions together."""
    people = queries.people(scope, where, period)
    added = (*queries.SUMS, "polls")
    sums: dict[str, Any] = {name: sum(getattr(one.numbers, name) for one in held) for name in added}
    sums |= {name: getattr(stage.numbers, name) for name in STAGE_SUMS}
    once: dict[str, Any] = {name: people[name] for name in ("live_viewers", "recording_viewers", "logged_in")}
    once |= {name: people[name] for name in _COUNTED_ONCE}
    return people["people"], replace(
        played,
        reported=reported_by_any(held),
        viewers=people["live_viewers"] + people["recording_viewers"] - people["both"],
        could_chat=people["chat_audience"],
        sessions=len(held),
        **sums,
        **once,
    )
