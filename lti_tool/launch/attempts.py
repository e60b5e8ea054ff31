"""Attempts to log in: rows that live ten minutes and are used once, each bound to nonce, registration and browser."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.engine import CursorResult

from lti_tool.access.actor import digest
from lti_tool.launch.refusals import refuse
from lti_tool.models import LoginAttempt, Registration, db, now_ms

# Attempts are written and deleted as plain rows: no part of the tool holds one as an object.
_ATTEMPTS = LoginAttempt.metadata.tables[LoginAttempt.__tablename__]
LIFETIME_MS = 600_000
LAUNCH_LIFETIME_MS = 10 * 3_600_000


@dataclass(frozen=True)
class Platform:
    """What a launch needs of a registration, free of the session."""

    registration_id: int
    account_id: int
    issuer: str
    client_id: str
    family: str
    auth_url: str
    jwks_url: str
    person_claim: str | None
    open_deployments: bool


@dataclass(frozen=True)
class Attempt:
    """A login that is under way. ``state_sha256`` is its key; the state itself is nowhere."""

    state_sha256: str
    platform: Platform
    nonce: str
    browser_sha256: str
    target_link_uri: str
    deployment_hint: str | None
    storage_target: str | None
    created_at: int

    def proved_by(self, browser_secret: str) -> bool:
        """Whether this is the secret that the browser was given at login."""
        return hmac.compare_digest(self.browser_sha256, digest(browser_secret))


@dataclass(frozen=True)
class Secrets:
    """What a new attempt hands out: state and nonce to the platform, the browser's secret to the browser."""

    state: str
    nonce: str
    browser: str

    @property
    def state_sha256(self) -> str:
        return digest(self.state)


def platform_columns() -> tuple[Any, ...]:
    """The columns of ``Platform``, in its order."""
    return (
        Registration.id,
        Registration.account_id,
        Registration.issuer,
        Registration.client_id,
        Registration.family,
        Registration.auth_url,
        Registration.jwks_url,
        Registration.person_claim,
        Registration.open_deployments,
    )


_FIND = (
    select(
        LoginAttempt.nonce,
        LoginAttempt.browser_sha256,
        LoginAttempt.target_link_uri,
        LoginAttempt.deployment_hint,
        LoginAttempt.storage_target,
        LoginAttempt.created_at,
        *platform_columns(),
    )
    .join(Registration, Registration.id == LoginAttempt.registration_id)
    .where(LoginAttempt.state_sha256 == bindparam("state_sha256"))
)


def begin(
    platform: Platform, *, target_link_uri: str, deployment_hint: str | None, storage_target: str | None
) -> Secrets:
    """Write a new attempt. The caller commits."""
    made = Secrets(*(secrets.token_urlsafe(32) for _ in range(3)))
    row = {
        "state_sha256": made.state_sha256,
        "registration_id": platform.registration_id,
        "nonce": made.nonce,
        "browser_sha256": digest(made.browser),
        "target_link_uri": target_link_uri,
        "deployment_hint": deployment_hint,
        "storage_target": storage_target,
    }
    db.session.execute(insert(_ATTEMPTS), row)
    return made


def find(state: str) -> Attempt:
    """The attempt with this state, not yet used up. Raises ``Refusal``."""
    if not state:
        raise refuse("state_missing")
    found = db.session.execute(_FIND, {"state_sha256": digest(state)}).one_or_none()
    if found is None:
        raise refuse("state_unknown")
    if found.created_at < now_ms() - LIFETIME_MS:
        raise refuse("state_expired")
    return Attempt(
        state_sha256=digest(state),
        platform=Platform(*found[6:]),
        nonce=found.nonce,
        browser_sha256=found.browser_sha256,
        target_link_uri=found.target_link_uri,
        deployment_hint=found.deployment_hint,
        storage_target=found.storage_target,
        created_at=found.created_at,
    )


def use_up(attempt: Attempt) -> bool:
    """Delete the attempt; true for exactly one caller, however many come at once. The caller commits."""
    gone = db.session.execute(delete(_ATTEMPTS).where(_ATTEMPTS.c.state_sha256 == attempt.state_sha256))
    assert isinstance(gone, CursorResult)
    return gone.rowcount == 1
