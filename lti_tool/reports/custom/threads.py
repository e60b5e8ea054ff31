"""Questions and answers of an entry: its threads, who opened each, what became of it, and who owns it."""

from __future__ import annotations

from dataclasses import dataclass, field

from lti_tool.collect.contract import QuestionMessage, ThreadState
from lti_tool.models import Entry
from lti_tool.reports.custom.asked import Asked
from lti_tool.reports.custom.messages import said

FIRST_STATE = "pending"
MODERATING = ("host", "moderator")


@dataclass
class Thread:
    """``active``: something of it is asked about; ``states``: those of its changes that are, in any order."""

    opened: tuple[int, str, str] | None = None
    active: bool = False
    states: list[tuple[int, str, ThreadState]] = field(default_factory=list)

    @property
    def creator(self) -> str | None:
        """Who opened it, if that is known."""
        return self.opened[2] if self.opened else None

    @property
    def state(self) -> str:
        """What became of it: the last change, by time and id."""
        return self._in_order()[-1].state or FIRST_STATE if self.states else FIRST_STATE

    @property
    def owner(self) -> str | None:
        """The moderator whom the last change names; else who took it, until it goes back to pending."""
        owner = None
        for change in self._in_order():
            if change.moderator_id or change.state == FIRST_STATE:
                owner = change.moderator_id
            elif change.state == "owned" or (owner is None and change.state in ("resolved", "done")):
                owner = change.user_id
        return owner

    def _in_order(self) -> list[ThreadState]:
        return [change for _time, _id, change in sorted(self.states, key=lambda one: one[:2])]


@dataclass
class Survey:
    """``last_ms``: the last message or change that is asked about; nothing, if there is none."""

    threads: dict[str, Thread] = field(default_factory=dict)
    last_ms: int | None = None

    @property
    def moderators(self) -> set[str]:
        """Who owns threads, or was named as their moderator."""
        named = {change.moderator_id for thread in self.threads.values() for _t, _i, change in thread.states}
        return {user for user in named | {thread.owner for thread in self.threads.values()} if user}


def survey(asked: Asked, entry: Entry) -> Survey:
    """One look at all questions and answers of an entry. Who opened a thread is known whenever that was."""
    found = Survey()
    for one in said(asked, entry, QuestionMessage, ThreadState):
        event = one.event
        if one.included:
            found.last_ms = max(found.last_ms or 0, event.time)
        if event.thread_id is None:
            continue
        thread = found.threads.setdefault(event.thread_id, Thread())
        thread.active = thread.active or one.included
        if isinstance(event, ThreadState):
            if one.included and event.state:
                thread.states.append((int(event.time), event.id, event))
        elif event.new_thread:
            opening = (event.time, event.id, event.user_id)
            thread.opened = min(thread.opened or opening, opening)
    return found
