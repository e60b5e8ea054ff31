"""A launch without an LMS: for tests of pages, where how somebody came in does not matter."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lti_tool.access.accounts import NewAccount, create_account
from lti_tool.access.actor import cookie_name, digest
from lti_tool.access.roles import COURSE_ANALYTICS, PEOPLE
from lti_tool.collect import tasks
from lti_tool.collect.registry import SOURCES
from lti_tool.models import Channel, Launch, Person, Registration, begin_write, db, now_ms

INSTRUCTOR = (COURSE_ANALYTICS, PEOPLE)


def make_account(app: Flask, name: str = "Example University") -> NewAccount:
    with app.app_context():
        begin_write()
        made = create_account(name)
        db.session.add(
            Registration(
                account_id=made.partner_id,
                issuer=f"https://lms{made.partner_id}.example",
                client_id="client",
                family="other",
                auth_url=f"https://lms{made.partner_id}.example/auth",
                token_url=f"https://lms{made.partner_id}.example/token",
                jwks_url=f"https://lms{made.partner_id}.example/jwks",
            )
        )
        db.session.commit()
    return made


@dataclass(frozen=True)
class Visitor:
    """A browser with one launch; ``launch`` is the launch's id."""

    client: FlaskClient
    launch: str
    cookie: tuple[str, str]


def visitor(
    app: Flask,
    account_id: int,
    *,
    person: str = "teacher",
    permissions: Collection[str] = INSTRUCTOR,
    channel: str | None = None,
    locale: str = "en",
    timezone: str = "UTC",
    lifetime_ms: int = 3_600_000,
    client: FlaskClient | None = None,
) -> Visitor:
    """Somebody who was let in with these permissions, from the channel with this context id or from none."""
    launch_id, secret = secrets.token_hex(8), secrets.token_urlsafe(16)
    with app.app_context():
        begin_write()
        known = select(Person).where(Person.account_id == account_id, Person.external_id == person)
        row = db.session.scalar(known) or Person(account_id=account_id, external_id=person)
        db.session.add(row)
        course = None
        if channel is not None:
            find = select(Channel).where(Channel.account_id == account_id, Channel.context_id == channel)
            course = db.session.scalar(find) or Channel(
                account_id=account_id, external_id=f"channel-{channel}", name=channel, context_id=channel
            )
            db.session.add(course)
        registration = db.session.scalars(select(Registration).filter_by(account_id=account_id)).first()
        assert registration is not None
        db.session.flush()
        db.session.add(
            Launch(
                id=launch_id,
                account_id=account_id,
                registration_id=registration.id,
                person_id=row.id,
                permissions=sorted(permissions),
                channel_id=course.id if course else None,
                locale=locale,
                timezone=timezone,
                destination="/",
                secret_sha256=digest(secret),
                expires_at=now_ms() + lifetime_ms,
            )
        )
        db.session.commit()
        name = cookie_name(launch_id)
    client = client or app.test_client()
    client.set_cookie(name, secret, domain="tool.example", secure=True)
    return Visitor(client, launch_id, (name, secret))


def account_with(app: Flask, catalog: dict[str, Any], events: list[dict[str, Any]]) -> NewAccount:
    """A new account with a catalogue, and with events that were sent over HTTP and folded."""
    made = make_account(app)
    with app.app_context():
        tasks.store(made.partner_id, SOURCES["catalog"].read(BytesIO(json.dumps(catalog).encode()), None), "catalog")
        db.session.remove()
    sent = app.test_client().post(
        "/collect/events",
        data=b"\n".join(json.dumps(event).encode() for event in events),
        headers={"Authorization": f"Bearer {made.collect_token}"},
        base_url="https://tool.example",
    )
    assert (sent.status_code, sent.get_json()["stored"]) == (202, len(events))
    with app.app_context():
        tasks.fold_account(made.partner_id)
        db.session.remove()
    return made
