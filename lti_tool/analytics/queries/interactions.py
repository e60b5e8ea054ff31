"""Polls and their answers. A poll is a row of the session; every vote row is one person's last answer to one poll."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from lti_tool.access.scope import Scope
from lti_tool.analytics.queries.rooms import in_scope
from lti_tool.models import Person, Poll, RoomSession, Vote, db


def polls(
    scope: Scope,
    session: RoomSession,
    *,
    sort: str,
    descending: bool,
    limit: int | None = None,
    offset: int = 0,
    part: tuple[int, int] | None = None,
) -> Sequence[Poll]:
    """One page of the polls launched in a session or a part of it (without ``limit``: all). ``sort`` is a column."""
    column = func.lower(Poll.question) if sort == "question" else getattr(Poll, sort)
    order = [key.desc() if descending else key.asc() for key in (column, Poll.time_ms, Poll.poll_id)]
    query = select(Poll).where(Poll.session_id == session.id, in_scope(scope, session)).order_by(*order)
    if part:
        query = query.where(Poll.time_ms >= part[0], Poll.time_ms < part[1])
    return db.session.scalars(query.limit(limit).offset(offset)).all()


def poll(scope: Scope, session: RoomSession, poll_id: str) -> Poll | None:
    """One poll of a session."""
    return db.session.scalar(
        select(Poll).where(Poll.session_id == session.id, Poll.poll_id == poll_id, in_scope(scope, session))
    )


def answers(
    scope: Scope, session: RoomSession, poll_id: str, *, limit: int | None = None, offset: int = 0
) -> Sequence[tuple[Vote, Person | None]]:
    """Some of the answers to an open question (without ``limit``: all), in the order in which they came; with names
    only if the scope shows people.
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
