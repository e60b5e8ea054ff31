"""The sessions of a range: what each brings in, and which signals their sources report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lti_tool.access.scope import Scope
from lti_tool.analytics.dashboards import signals
from lti_tool.analytics.metrics import METRICS, Reading
from lti_tool.analytics.numbers import EVERYTHING, Numbers
from lti_tool.analytics.paging import PAGE_SIZE, asked_page, page_of
from lti_tool.analytics.period import Period
from lti_tool.analytics.queries import over_sessions as queries
from lti_tool.models import Entry, RoomSession

SESSION_METRICS = tuple(
    METRICS[name]
    for name in (
        "unique_combined_live_viewers",
        "live_view_time",
        "combined_live_engaged_users_play_time_ratio",
        "count_reaction_clicked",
    )
)


@dataclass(frozen=True)
class Held:
    """A session in its room. ``known``: an event of it has arrived; else its numbers are zeros."""

    session: RoomSession
    room: Entry
    known: bool
    numbers: Numbers

    @property
    def readings(self) -> tuple[Reading, ...]:
        return tuple(metric.reading(self.numbers) for metric in SESSION_METRICS)

    @property
    def rate(self) -> float | None:
        """Its live engagement rate, if it has one."""
        value = SESSION_METRICS[2].value(self.numbers)
        return value if isinstance(value, float) else None


@dataclass(frozen=True)
class HeldPage:
    """Page ``page`` of ``pages`` of the sessions, newest first."""

    rows: tuple[Held, ...]
    page: int
    pages: int


def held_page(held: Sequence[Held], asked: str) -> HeldPage:
    """The page that an address asks for."""
    page, pages, start = page_of(len(held), asked_page(asked))
    return HeldPage(tuple(held[start : start + PAGE_SIZE]), page, pages)


def held_sessions(scope: Scope, where: queries.Where, period: Period) -> tuple[Held, ...]:
    """The sessions that start in a period, newest first."""
    return tuple(_held(*row) for row in queries.sessions(scope, where, period))


def _held(session: RoomSession, room: Entry, key: int | None, *facts: Any) -> Held:
    if key is None:
        return Held(session, room, False, Numbers())
    found: dict[str, Any] = dict(zip(queries.FACTS, facts, strict=True))
    told = signals(found.pop("reported"), has_heartbeats=found.pop("has_heartbeats"))
    return Held(session, room, True, Numbers(reported=told, live_viewers=found.pop("viewers"), **found))


def reported_by_any(held: Sequence[Held]) -> frozenset[str]:
    """The signals that any session's source reports; before the first event, any."""
    known = [one.numbers.reported for one in held if one.known]
    return frozenset().union(*known) if known else EVERYTHING


def reported_by_some(held: Sequence[Held]) -> tuple[tuple[str, int], ...]:
    """(signal, how many sessions report it) of those that some of the sessions report, but not all."""
    known = [one.numbers.reported for one in held if one.known]
    counts = [(signal, sum(signal in reports for reports in known)) for signal in sorted(EVERYTHING)]
    return tuple((signal, count) for signal, count in counts if 0 < count < len(known))
