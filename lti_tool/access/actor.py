"""Who asks: the launch that the address names and the cookie proves."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from flask import current_app, g, request
from sqlalchemy import select

from lti_tool.access.scope import Scope
from lti_tool.models import Channel, Launch, Person, db, now_ms

LAUNCH_PARAMETER = "launch"


@dataclass(frozen=True)
class Actor:
    """A person in one launch. ``permissions`` are names of ``access/roles.py``."""

    launch_id: str
    account_id: int
    registration_id: int
    person: Person
    permissions: frozenset[str]
    channel: Channel | None
    locale: str
    timezone: str

    @property
    def scope(self) -> Scope:
        return Scope.of(
            self.account_id,
            self.permissions,
            person_id=self.person.external_id,
            channel_id=self.channel.external_id if self.channel else None,
        )


def cookie_name(launch_id: str) -> str:
    """``__Host-`` wherever the address is https; browsers refuse the prefix on plain http."""
    prefix = "__Host-" if current_app.config["PUBLIC_URL"].startswith("https://") else ""
    return f"{prefix}lti_launch_{launch_id}"


def launch_cookies() -> dict[str, str]:
    """Launch id -> secret, of every launch cookie that the browser sent."""
    prefix = cookie_name("")
    return {name.removeprefix(prefix): value for name, value in request.cookies.items() if name.startswith(prefix)}


def digest(secret: str) -> str:
    """What the database keeps of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def current_actor() -> Actor | None:
    """The actor of this request, or nothing.

    An address that names a launch means that launch and no other; one that names none means this browser's newest.
    """
    if "actor" not in g:
        g.actor = _find_actor()
    actor: Actor | None = g.actor
    return actor


def _find_actor() -> Actor | None:
    cookies = launch_cookies()
    named = request.args.get(LAUNCH_PARAMETER)
    # Only what a cookie could prove is worth a query; so no address can put anything into it (a NUL, say).
    wanted = [name for name in ([named] if named else list(cookies)[:50]) if name in cookies]
    if not wanted:
        return None
    launches = db.session.scalars(
        select(Launch)
        .where(Launch.id.in_(wanted), Launch.expires_at > now_ms(), Launch.secret_sha256 != "")
        .order_by(Launch.created_at.desc(), Launch.id)
    )
    for launch in launches:
        if hmac.compare_digest(launch.secret_sha256, digest(cookies.get(launch.id, ""))):
            return _actor(launch)
    return None


def _actor(launch: Launch) -> Actor:
    person = db.session.get_one(Person, launch.person_id)
    channel = db.session.get(Channel, launch.channel_id) if launch.channel_id else None
    return Actor(
        launch_id=launch.id,
        account_id=launch.account_id,
        registration_id=launch.registration_id,
        person=person,
        permissions=frozenset(launch.permissions),
        channel=channel,
        locale=launch.locale,
        timezone=launch.timezone,
    )
