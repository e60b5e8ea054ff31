"""Polls activity: a row for each person and poll."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _

from lti_tool.collect.contract import EventError, PollLaunched, stored, time_ms
from lti_tool.models import Person, Poll
from lti_tool.reports.custom import queries
from lti_tool.reports.custom.asked import FILTERS, Asked
from lti_tool.reports.custom.columns import FIRST_NAME, Column, Report, first_name, iso

EVENT = "first event pollLaunched"
VOTE = "last event pollAnswered, by time and id"
CATALOGUE = "catalogue"


class Row(NamedTuple):
    """A person's last answer to a poll. ``poll`` and ``launch``: nothing, if no event launched it."""

    context: str
    poll_id: str
    option_ids: list[str]
    text: str | None
    time_ms: int
    person: Person
    poll: Poll | None
    launch: PollLaunched | None

    @property
    def vote(self) -> str:
        """The texts of the options, or what was written."""
        texts = {option["id"]: option["text"] or option["id"] for option in self.poll.options} if self.poll else {}
        return "; ".join(texts.get(id, id) for id in dict.fromkeys(self.option_ids)) or self.text or ""

    @property
    def correct(self) -> bool | None:
        """Whether just the right options were chosen; nothing, where no option is right."""
        options = self.poll.options if self.poll else []
        right = {option["id"] for option in options if option["isCorrect"]}
        return set(self.option_ids) == right if right else None


def _rows(asked: Asked) -> Iterator[Row]:
    for session, entry_id in queries.stream(queries.sessions_with_votes(asked)):
        polls = {id: (poll, _launch(body)) for id, (poll, body) in queries.polls(asked, session).items()}
        for poll_id, options, text, when, person in queries.stream(queries.votes(asked, session)):
            poll, launch = polls.get(poll_id, (None, None))
            yield Row(entry_id, poll_id, options, text, when, person, poll, launch)


def _launch(body: str | None) -> PollLaunched | None:
    event = stored(body) if body else None
    return event if isinstance(event, PollLaunched) else None


def _of_launch(name: str) -> Any:
    return lambda row: row.launch and getattr(row.launch, name)


def _scheduled(row: Row) -> str | None:
    told = row.launch.scheduling_time if row.launch else None
    try:
        return told if told is None else iso(time_ms(told))
    except EventError:
        return str(told)


POLLS_ACTIVITY = Report(
    "polls-activity",
    _("Polls activity"),
    _("A row for each person and poll: the last answer, when it was given, and whether it is right."),
    (
        Column("contextId", "Context ID", "the room", "id", CATALOGUE, lambda r: r.context),
        Column("pollId", "Poll ID", "the poll", "id", VOTE, lambda r: r.poll_id),
        Column("userId", "User ID", "who answered", "id", VOTE, lambda r: r.person.external_id),
        Column("userFirstName", "First Name", FIRST_NAME, "text", CATALOGUE, lambda r: first_name(r.person)),
        Column("userLastName", "Last Name", "last name", "text", CATALOGUE, lambda r: r.person.last_name),
        Column("userEmail", "Email Address", "e-mail address", "text", CATALOGUE, lambda r: r.person.email),
        Column("question", "Question", "what was asked", "text", EVENT, lambda r: r.poll and r.poll.question),
        Column(
            "type",
            "Type",
            "single, multiple, open, quiz, ratingScale, crowdVote",
            "word",
            EVENT,
            lambda r: r.poll and r.poll.type,
        ),
        Column(
            "vote", "Vote", "the options chosen, joined with '; ', or what was written", "text", VOTE, lambda r: r.vote
        ),
        Column("voteTime", "Vote Time", "when it was answered", "ISO 8601, UTC", VOTE, lambda r: iso(r.time_ms)),
        Column("visualType", "Visual Type", "how it looks", "text", EVENT, _of_launch("visual_type")),
        Column("visualIcon", "Visual Icon", "its icon", "text", EVENT, _of_launch("visual_icon")),
        Column(
            "isCorrect",
            "Is Correct",
            "whether just the right options were chosen; empty where no option is marked as right",
            "true or false",
            f"{VOTE}; {EVENT}",
            lambda r: r.correct,
        ),
        Column(
            "groupPollName",
            "Group Poll Name",
            "the survey that it belongs to",
            "text",
            EVENT,
            _of_launch("group_poll_name"),
        ),
        Column("groupPollId", "Group Poll ID", "the same", "id", EVENT, _of_launch("group_poll_id")),
        Column("schedulingType", "Scheduling Type", "how it was planned", "text", EVENT, _of_launch("scheduling_type")),
        Column("schedulingTime", "Scheduling Time", "for when", "ISO 8601, UTC", EVENT, _scheduled),
    ),
    FILTERS,
    _rows,
)
