"""Exports in the database: who asked for which, which are due, and which are over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, case, delete, func, or_, select, update
from sqlalchemy.orm import joinedload

from lti_tool.models import Account, Export, Person, db
from lti_tool.models.exports import CANCELLED, DONE, FAILED, RUNNING, WAITING


def lock_account(account_id: int) -> None:
    """Let nobody else of the account ask until the transaction ends: else two could be counted as one."""
    db.session.execute(select(Account.id).where(Account.id == account_id).with_for_update())


def of_form(person_id: int | None, form: str) -> Export | None:
    """What was asked by this form before."""
    return db.session.scalar(select(Export).where(Export.person_id == person_id, Export.form == form))


def open_of(account_id: int, person_id: int | None, address: str) -> tuple[int, int]:
    """How many wait or run: of the person (of nobody: to this address), and of the account."""
    own = Export.person_id == person_id
    mine = func.count().filter(own if person_id else and_(Export.person_id.is_(None), Export.email == address))
    query = select(mine, func.count()).where(Export.account_id == account_id, Export.state.in_((WAITING, RUNNING)))
    of_person, of_account = db.session.execute(query).one()
    return of_person, of_account


def of_token(digest: str) -> Export | None:
    """The export whose link's secret has this digest."""
    return db.session.scalar(
        select(Export).options(joinedload(Export.person)).where(Export.token_sha256 == digest, Export.state == DONE)
    )


def person_of(account_id: int, user: str) -> Person | None:
    """The person of this id, else the only one of this e-mail address."""
    same = or_(Person.external_id == user, func.lower(Person.email) == user.lower())
    query = select(Person).where(Person.account_id == account_id, same)
    found = db.session.scalars(query.order_by(case((Person.external_id == user, 0), else_=1)).limit(3)).all()
    return found[0] if found and (len(found) == 1 or found[0].external_id == user) else None


def count_own(person: Person) -> int:
    """How many a person has asked for."""
    return db.session.scalar(select(func.count()).select_from(Export).where(Export.person_id == person.id)) or 0


def own(person: Person, *, limit: int, offset: int) -> Sequence[Export]:
    """A page of what a person has asked for, newest first."""
    query = select(Export).where(Export.person_id == person.id).order_by(Export.created_at.desc(), Export.id)
    return db.session.scalars(query.limit(limit).offset(offset)).all()


def cancel(person_id: int, export_id: str, *, cleared_at: int) -> bool:
    """Cancel what waits or runs, of this person. False: there is no such."""
    mine = (Export.id == export_id, Export.person_id == person_id, Export.state.in_((WAITING, RUNNING)))
    return _changed(update(Export).where(*mine).values(state=CANCELLED, due_at=None, expires_at=cleared_at))


def due(now: int) -> Sequence[str]:
    """Ids of those that a worker may take, the longest due first."""
    return db.session.scalars(select(Export.id).where(Export.due_at <= now).order_by(Export.due_at).limit(500)).all()


def take(export_id: str, now: int, until: int) -> bool:
    """Take what is due, until then. False: nothing is left to do, or another has it."""
    statement = update(Export).where(Export.id == export_id, Export.due_at <= now)
    running = case((Export.state == WAITING, RUNNING), else_=Export.state)
    return _changed(statement.values(state=running, attempts=Export.attempts + 1, due_at=until))


def taken(export_id: str) -> Export:
    """What was taken, with everything that the work needs, apart from the session."""
    query = select(Export).options(joinedload(Export.person), joinedload(Export.channel))
    found = db.session.execute(query.where(Export.id == export_id)).scalar_one()
    db.session.expunge_all()
    return found


def keep(export: Export, **values: Any) -> bool:
    """Change what was taken. False: it is ours no longer, somebody has cancelled it or taken it over."""
    same = (Export.id == export.id, Export.state == export.state, Export.attempts == export.attempts)
    return _changed(update(Export).where(*same).values(**values))


def expired(now: int) -> Sequence[str]:
    """Ids of those whose files are to be deleted."""
    kept = (Export.expires_at <= now, Export.storage_key.is_not(None))
    return db.session.scalars(select(Export.id).where(*kept)).all()


def without_file(export_id: str) -> None:
    """Its file has been deleted. The digest of its link stays, so that the link says so."""
    db.session.execute(update(Export).where(Export.id == export_id).values(storage_key=None))


def forget(before: int) -> None:
    """Delete the requests that were over before then."""
    over = (Export.state.in_((DONE, FAILED, CANCELLED)), Export.due_at.is_(None), Export.storage_key.is_(None))
    db.session.execute(delete(Export).where(*over, Export.created_at < before))


def _changed(statement: Any) -> bool:
    return bool(db.session.execute(statement).rowcount == 1)  # type: ignore[attr-defined]
