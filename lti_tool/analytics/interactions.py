"""The interactions of a session: its polls, who answered them, and what they answered."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _

from lti_tool.access.scope import Scope
from lti_tool.analytics.dashboards import reported
from lti_tool.analytics.metrics import METRICS, Metric, Reading
from lti_tool.analytics.numbers import Numbers
from lti_tool.analytics.paging import PAGE_SIZE, page_of, size_of
from lti_tool.analytics.queries import interactions as queries
from lti_tool.analytics.queries import rooms
from lti_tool.models import Entry, Person, Poll, RoomSession

KINDS = {
    "single": _("Single answer"),
    "multiple": _("Multiple answer"),
    "open": _("Open ended question"),
    "quiz": _("Correct answer (quiz)"),
    "ratingScale": _("Rating scale"),
    "crowdVote": _("Crowd vote"),
}


@dataclass(frozen=True)
class Order:
    """How the table of interactions is sorted, and which page of it is asked for."""

    sort: str = "time_ms"
    descending: bool = False
    page: int = 1


@dataclass(frozen=True)
class Column:
    """A column of the table: what it is sorted by, what it is called, and its metric if it holds a number."""

    sort: str
    label: Any
    metric: Metric | None = None


PARTICIPANTS = METRICS["poll_participants"]
COLUMNS = (
    Column("question", _("Question")),
    Column("type", _("Type")),
    Column("participants", PARTICIPANTS.label, PARTICIPANTS),
)
SORTS = frozenset({"time_ms", *(column.sort for column in COLUMNS)})
ANSWER_METRICS = (METRICS["poll_option_participants"], METRICS["poll_rate"])


@dataclass(frozen=True)
class Interaction:
    """A poll with the people who answered it."""

    poll: Poll
    participants: Reading

    @property
    def kind(self) -> Any:
        return KINDS.get(self.poll.type, self.poll.type)

    @property
    def open(self) -> bool:
        return self.poll.type == "open"

    @property
    def in_path(self) -> bool:
        """Whether an address may hold the poll's id as a part of its path; else it is asked for by a parameter."""
        return "/" not in self.poll.poll_id and self.poll.poll_id.strip(".") != ""


@dataclass(frozen=True)
class Interactions:
    """The table: page ``page`` of ``pages``."""

    launched: Reading
    rows: tuple[Interaction, ...]
    order: Order
    page: int
    pages: int


@dataclass(frozen=True)
class Answer:
    """An option of a poll. ``listed``: it was on the launch; else it was chosen, and is named by its id."""

    id: str
    text: str
    correct: bool
    listed: bool
    people: Reading
    rate: Reading


@dataclass(frozen=True)
class Words:
    """An answer to an open question. ``person`` is empty for those who may not see names."""

    text: str | None
    time_ms: int
    person: Person | None


@dataclass(frozen=True)
class Details:
    """One poll with its answers: ``answers`` of those to choose from, ``words`` page ``page`` of an open question's."""

    interaction: Interaction
    options: Reading
    answers: tuple[Answer, ...]
    words: tuple[Words, ...] = ()
    page: int = 1
    pages: int = 1

    @property
    def quiz(self) -> bool:
        """Whether there is a right answer."""
        return any(answer.correct for answer in self.answers)


@dataclass(frozen=True)
class InteractionPage:
    """One poll of a room's session."""

    entry: Entry
    session: RoomSession
    details: Details


@dataclass(frozen=True)
class InteractionReport:
    """All polls of a session, or of a part of it, in the order of their launch."""

    entry: Entry
    session: RoomSession
    part: tuple[int, int] | None
    launched: Reading
    polls: tuple[Details, ...]


def interactions(
    scope: Scope, session: RoomSession, numbers: Numbers, order: Order, part: tuple[int, int] | None = None
) -> Interactions:
    """A page of the table. ``numbers``: of the session, or of the part of it that is asked about."""
    page, pages, start = page_of(numbers.polls, order.page)
    sort = order.sort if order.sort in SORTS else "time_ms"
    asked: dict[str, Any] = {
        "sort": sort,
        "descending": order.descending,
        "limit": size_of(numbers.polls, order.page),
        "offset": start,
    }
    rows = queries.polls(scope, session, part=part, **asked) if numbers.polls else ()
    listed = tuple(interaction_of(poll, numbers.reported) for poll in rows)
    return Interactions(METRICS["count_poll_launched"].reading(numbers), listed, order, page, pages)


def interaction_page(
    scope: Scope, entry: Entry, session: RoomSession, poll_id: str, page: int
) -> InteractionPage | None:
    """One poll with its answers. Nothing if the session has no such poll."""
    poll = queries.poll(scope, session, poll_id)
    if poll is None:
        return None
    details = _details(poll, reported(rooms.session_facts(scope, session)))
    if details.interaction.open:
        details = _with_words(scope, session, details, page)
    return InteractionPage(entry, session, details)


def interaction_report(
    scope: Scope, entry: Entry, session: RoomSession, part: tuple[int, int] | None = None
) -> InteractionReport:
    """Every poll of a session, or of those launched in a part of it, with its answers."""
    signals = reported(rooms.session_facts(scope, session))
    polls = queries.polls(scope, session, sort="time_ms", descending=False, part=part)
    made = [_details(poll, signals) for poll in polls]
    made = [_with_words(scope, session, one) if one.interaction.open else one for one in made]
    launched = METRICS["count_poll_launched"].reading(Numbers(reported=signals, polls=len(made)))
    return InteractionReport(entry, session, part, launched, tuple(made))


def count_choices(ways: Iterable[tuple[str, int]]) -> tuple[int, Counter[str]]:
    """(people who answered, people by option) from (the options chosen together as a JSON list, by how many)."""
    answered, people = 0, Counter[str]()
    for ids, count in ways:
        answered += count
        for option in set(json.loads(ids)):
            people[option] += count
    return answered, people


def interaction_of(poll: Poll, signals: frozenset[str]) -> Interaction:
    """A poll with its participants. ``signals``: what its session's source reports."""
    return Interaction(poll, PARTICIPANTS.reading(Numbers(reported=signals, participants=poll.participants)))


def _details(poll: Poll, signals: frozenset[str]) -> Details:
    """What was launched, in its order, then what was chosen without having been on the launch."""
    answered, people = count_choices((ids, count) for ids, count in poll.choices)
    launched = {option["id"]: option for option in reversed(poll.options)}  # the first of each id
    listed = [option["id"] for option in poll.options if launched[option["id"]] is option]
    ids = [] if poll.type == "open" else [*listed, *sorted(set(people) - set(listed))]
    answers = []
    for id in ids:
        option = launched.get(id, {})
        numbers = Numbers(reported=signals, participants=answered, choosers=people[id])
        answers.append(
            Answer(
                id=id,
                text=option.get("text") or id,
                correct=bool(option.get("isCorrect")),
                listed=id in launched,
                people=METRICS["poll_option_participants"].reading(numbers),
                rate=METRICS["poll_rate"].reading(numbers),
            )
        )
    options = METRICS["poll_options"].reading(Numbers(reported=signals, options=len(listed)))
    return Details(interaction_of(poll, signals), options, tuple(answers))


def _with_words(scope: Scope, session: RoomSession, details: Details, page: int | None = None) -> Details:
    """A page of the answers to an open question; without ``page`` all of them."""
    poll_id, people = details.interaction.poll.poll_id, details.interaction.participants.value
    if page is None:
        found, at, pages = queries.answers(scope, session, poll_id), 1, 1
    else:
        at, pages, start = page_of(people if isinstance(people, int) else 0, page)
        found = queries.answers(scope, session, poll_id, limit=PAGE_SIZE, offset=start)
    words = tuple(Words(vote.text, vote.time_ms, person) for vote, person in found)
    return Details(details.interaction, details.options, (), words, at, pages)
