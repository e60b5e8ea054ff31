"""The launching person and course: found in the catalogue, else made from what the launch says."""

from __future__ import annotations

from sqlalchemy import func, select

from lti_tool.access.actor import digest
from lti_tool.collect.catalog import renamed
from lti_tool.launch.claims import Context, LaunchMessage
from lti_tool.models import Channel, Person, db
from lti_tool.models.database import dialect_insert


def launching_person(account_id: int, message: LaunchMessage) -> Person:
    """By id, else the only one with the same e-mail, else a new one (contract 2). The caller commits.

    The catalogue's own names and addresses stay; the launch only fills what is empty.
    """
    person = _by_id(account_id, message.person_id) or _by_email(account_id, message.email)
    if person is None:
        _insert(account_id, message.person_id)
        person = _by_id(account_id, message.person_id)
        assert person is not None
    _fill(person, message)
    return person


def _by_id(account_id: int, external_id: str) -> Person | None:
    return db.session.scalar(select(Person).where(Person.account_id == account_id, Person.external_id == external_id))


def _by_email(account_id: int, email: str | None) -> Person | None:
    if not email:
        return None
    same = select(Person).where(Person.account_id == account_id, func.lower(Person.email) == email.lower()).limit(2)
    found = db.session.scalars(same).all()
    return found[0] if len(found) == 1 else None


def _insert(account_id: int, external_id: str) -> None:
    # Two first launches of one person may come at once.
    row = {"account_id": account_id, "external_id": external_id}
    db.session.execute(dialect_insert(Person).values(row).on_conflict_do_nothing())


def _fill(person: Person, message: LaunchMessage) -> None:
    before = person.name
    if not person.first_name and not person.last_name:
        person.first_name, person.last_name = message.given_name, message.family_name
    if not person.display_name:
        person.display_name = message.name
    if not person.email:
        person.email = message.email
    if person.name != before:
        renamed([person])


def launching_channel(account_id: int, context: Context) -> Channel:
    """The channel of the course, made at its first launch. The caller commits."""
    found = _by_context(account_id, context.id)
    if found is not None:
        return found
    # The context's id may already be the id of another channel.
    for external_id in (context.id, f"lti:{context.id}"[:255], f"lti:{digest(context.id)}"):
        row = {
            "account_id": account_id,
            "external_id": external_id,
            "name": context.title or context.label or context.id,
            "context_id": context.id,
        }
        db.session.execute(dialect_insert(Channel).values(row).on_conflict_do_nothing())
        found = _by_context(account_id, context.id)
        if found is not None:
            return found
    raise LookupError("every id of the course is taken")


def _by_context(account_id: int, context_id: str) -> Channel | None:
    same = select(Channel).where(Channel.account_id == account_id, Channel.context_id == context_id)
    return db.session.scalar(same.order_by(Channel.id).limit(1))
