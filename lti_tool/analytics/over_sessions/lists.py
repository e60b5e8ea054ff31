"""What happened in several sessions, as lists: polls, the stage, presented media, countries and devices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from typing import Any

from lti_tool.access.scope import Scope
from lti_tool.analytics.audience import Audience, Group
from lti_tool.analytics.interactions import SORTS, Interaction, Order, interaction_of
from lti_tool.analytics.metrics import METRICS, Reading
from lti_tool.analytics.numbers import Numbers
from lti_tool.analytics.over_sessions.held import Held
from lti_tool.analytics.paging import page_of, size_of
from lti_tool.analytics.period import Period
from lti_tool.analytics.presented import Showing, showing
from lti_tool.analytics.queries import over_sessions as queries
from lti_tool.analytics.queries import people
from lti_tool.analytics.stage import KINDS, SUMS, participation
from lti_tool.analytics.tables import Layout, Row, Table, pick, table
from lti_tool.models.names import name_key

STAGE = Layout.of("stage", "stage", **{kind: f"{kind}_time" for kind in KINDS})


@dataclass(frozen=True)
class Polls:
    """The polls of all sessions with the session of each: page ``page`` of ``pages``."""

    launched: Reading
    rows: tuple[tuple[Interaction, Held], ...]
    order: Order
    page: int
    pages: int


@dataclass(frozen=True)
class Stage:
    """Who was on stage in any session, with their sums. ``people`` 0: nothing was reported. No table without names."""

    people: int
    numbers: Numbers
    table: Table | None

    @property
    def host_share(self) -> Reading:
        return METRICS["host_talk_ratio"].reading(self.numbers)

    @property
    def total(self) -> tuple[Reading, ...]:
        return STAGE.readings(self.numbers)


@dataclass(frozen=True)
class Presented:
    """What was presented in all sessions, the newest session first: page ``page`` of ``pages``."""

    items: int
    showings: tuple[tuple[Showing, Held], ...]
    page: int
    pages: int


def polls(  # noqa: PLR0917
    scope: Scope, where: queries.Where, period: Period, held: Mapping[int, Held], numbers: Numbers, order: Order
) -> Polls:
    """A page of the polls. ``held``: the sessions by their keys. ``numbers``: of all of them."""
    page, pages, start = page_of(numbers.polls, order.page)
    sort = order.sort if order.sort in SORTS else "time_ms"
    ask = {"sort": sort, "descending": order.descending, "limit": size_of(numbers.polls, order.page), "offset": start}
    rows = queries.polls(scope, where, period, **ask) if numbers.polls else ()  # type: ignore[arg-type]
    of_poll = ((poll, held[poll.session_id]) for poll in rows)
    listed = tuple((interaction_of(poll, one.numbers.reported), one) for poll, one in of_poll)
    return Polls(METRICS["count_poll_launched"].reading(numbers), listed, order, page, pages)


def stage(
    scope: Scope, where: queries.Where, period: Period, held: Mapping[int, Held], arguments: Mapping[str, str]
) -> Stage:
    """Stage participation: of each person in each session as on its own page, added up by person."""
    sums: defaultdict[int, dict[str, float]] = defaultdict(lambda: dict.fromkeys(SUMS, 0.0))
    edges = queries.stage_edges(scope, where, period)
    hosts = queries.hosts(scope, where, period) if edges else set()
    for key, of_session in groupby(edges, key=itemgetter(0)):
        spans = participation((tuple(edge)[1:] for edge in of_session), held[key].session.until_ms)
        for person, of_person in spans.items():
            for kind, of_kind in of_person.items():
                seconds = sum(end - start for start, end in of_kind) / 1000
                sums[person][f"{kind}_seconds"] += seconds
                if kind == "talk" and (key, person) in hosts:
                    sums[person]["host_talk_seconds"] += seconds
    numbers = {person: Numbers(**of_person) for person, of_person in sums.items()}  # type: ignore[arg-type]
    total: dict[str, Any] = {name: sum(of_person[name] for of_person in sums.values()) for name in SUMS}
    made = _stage_table(scope, numbers, Numbers(**total), arguments) if scope.people and numbers else None
    return Stage(len(numbers), Numbers(**total), made)


def _stage_table(scope: Scope, numbers: Mapping[int, Numbers], total: Numbers, arguments: Mapping[str, str]) -> Table:
    order, persons = STAGE.asked(arguments), people.persons(scope, numbers)
    names = {key: (name_key(person.name), key) for key, person in persons.items()}
    picked = pick(STAGE, order, list(persons), numbers=numbers.__getitem__, name=names.__getitem__)
    rows = [Row(persons[key].external_id, persons[key], STAGE.readings(numbers[key])) for key in picked.items]
    return table(STAGE, order, picked, rows, total)


def presented(scope: Scope, where: queries.Where, period: Period, held: Sequence[Held], asked: int) -> Presented:
    """A page of what was presented. Only the sessions that are on it are read."""
    counts = queries.presented(scope, where, period)
    items = sum(counts.values())
    page, pages, start = page_of(items, asked)
    places = [(one, place) for one in held for place in range(counts.get(one.session.id, 0))]
    places = places[start : start + size_of(items, asked)]
    keys = {one.session.id for one, _place in places}
    kept = queries.presented_in(scope, where, period, keys) if keys else {}
    showings = tuple((showing(kept[one.session.id][at], one.numbers.reported), one) for one, at in places)
    return Presented(items, showings, page, pages)


def audience(scope: Scope, where: queries.Where, period: Period, numbers: Numbers, field: str) -> Audience:
    """The viewers by ``country`` or ``device``: once in each, over all sessions and recordings."""
    live = queries.live_by(scope, where, period, field) if numbers.live_viewers else {}
    recorded = queries.recorded_by(scope, where, period, field) if numbers.recording_viewers else {}
    total = Numbers(
        live_viewers=numbers.live_viewers,
        recording_viewers=numbers.recording_viewers,
        all_live_viewers=numbers.live_viewers,
        all_recording_viewers=numbers.recording_viewers,
    )
    groups = tuple(
        Group(key, replace(total, live_viewers=live.get(key, 0), recording_viewers=recorded.get(key, 0)))
        for key in sorted({*live, *recorded})
    )
    return Audience(field, {}, groups, total)
