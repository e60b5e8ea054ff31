"""Polls and their answers. A poll is a row of the session; every vote row is one person's last answer to one poll."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Text, cast, func, select

from lti_tool.access.scope import Scope
from lti_tool.analytics.queries.rooms import in_scope
from lti_tool.models import Person, Poll, RoomSession, Vote, db


def polls(
    scope: Scope, session: RoomSession, *, sort: str, descending: bool, limit: int | None = None, offset: int = 0
) -> Sequence[tuple[Poll, int]]:
    """One page of the polls launched in a session (without ``limit``: all), each with the people who answered it.

    ``sort`` is ``participants`` or a column. Unless it is what they are sorted by, only the page's votes are counted.
    """
    participants = (
        select(func.count())
        .where(Vote.session_id == Poll.session_id, Vote.poll_id == Poll.poll_id)
        .correlate(Poll)
        .scalar_subquery()
    )
    columns = {"question": func.lower(Poll.question), "participants": participants}
    column: Any = columns[sort] if sort in columns else getattr(Poll, sort)
    order = [key.desc() if descending else key.asc() for key in (column, Poll.time_ms, Poll.poll_id)]
    of_session = (Poll.session_id == session.id, in_scope(scope, session))
    picked = select(Poll.poll_id).where(*of_session).order_by(*order).limit(limit).offset(offset).subquery()
    query = select(Poll, participants).join(picked, picked.c.poll_id == Poll.poll_id).where(*of_session)
    return [(poll, count) for poll, count in db.session.execute(query.order_by(*order))]


def poll(scope: Scope, session: RoomSession, poll_id: str) -> Poll | None:
    """One poll of a session."""
    return db.session.scalar(
        select(Poll).where(Poll.session_id == session.id, Poll.poll_id == poll_id, in_scope(scope, session))
    )


def choices(scope: Scope, session: RoomSession, poll_id: str | None = None) -> Sequence[tuple[str, str, int]]:
    """(poll, the options chosen together as a JSON list, by how many people): of one poll, or of all of a session.

    The votes are counted by the database; only as many rows come out as there are ways to answer.
    """
    chosen = cast(Vote.option_ids, Text)
    query = select(Vote.poll_id, chosen, func.count()).where(Vote.session_id == session.id, in_scope(scope, session))
    if poll_id is not None:
        query = query.where(Vote.poll_id == poll_id)
    return [(poll, ids, count) for poll, ids, count in db.session.execute(query.group_by(Vote.poll_id, chosen))]


def answers(
    scope: Scope, session: RoomSession, poll_id: str, *, limit: int, offset: int = 0
) -> Sequence[tuple[Vote, Person | None]]:
    """Some of the answers to an open question, in the order in which they came; with names only if the scope shows
    people.
    """
    query = (
        select(Vote, Person)
        .join(Person, Person.id == Vote.person_id)
        .where(Vote.session_id == session.id, Vote.poll_id == poll_id, in_scope(scope, session))
        .order_by(Vote.time_ms, Vote.event_id)
        .limit(limit)
        .offset(offset)
    )
    return [(vote, person if scope.people else None) for vote, person in db.session.execute(query)]
