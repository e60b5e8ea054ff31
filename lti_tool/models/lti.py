"""LTI: registrations and deployments of platforms, our key pairs, attempts to log in and launches."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.models.accounts import Account
from lti_tool.models.database import Model, now_ms


class Registration(Model):
    """Our tool as one platform knows it; found by (issuer, client id), never by the issuer alone."""

    __tablename__ = "lti_registration"
    __table_args__ = (UniqueConstraint("issuer", "client_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    issuer: Mapped[str] = mapped_column(String(512))
    client_id: Mapped[str] = mapped_column(String(255))
    family: Mapped[str] = mapped_column(String(16))
    auth_url: Mapped[str] = mapped_column(Text)
    token_url: Mapped[str] = mapped_column(Text)
    jwks_url: Mapped[str] = mapped_column(Text)
    token_audience: Mapped[str | None] = mapped_column(Text)
    # Name of the claim or custom parameter that holds the person's catalogue id; without it: sub.
    person_claim: Mapped[str | None] = mapped_column(String(255))
    # No deployment was named when the platform was added: deployments are taken up at their first launch.
    open_deployments: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[int] = mapped_column(BigInteger, default=now_ms)
    last_launch_at: Mapped[int | None] = mapped_column(BigInteger)


class Deployment(Model):
    """A placement of a registration in one tenant: the key of an account is (issuer, client id, deployment id)."""

    __tablename__ = "lti_deployment"
    __table_args__ = (UniqueConstraint("registration_id", "deployment_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("lti_registration.id", ondelete="CASCADE"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    deployment_id: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[int] = mapped_column(BigInteger, default=now_ms)
    last_launch_at: Mapped[int | None] = mapped_column(BigInteger)

    registration: Mapped[Registration] = relationship()
    account: Mapped[Account] = relationship()


class KeyPair(Model):
    """One of our RS256 key pairs; the private half is sealed with the secret key."""

    __tablename__ = "lti_key_pair"

    kid: Mapped[str] = mapped_column(String(64), primary_key=True)
    sealed_private_key: Mapped[bytes] = mapped_column(LargeBinary)
    public_jwk: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[int] = mapped_column(BigInteger, default=now_ms)
    retired_at: Mapped[int | None] = mapped_column(BigInteger)


class PlatformKeySet(Model):
    """The last good key set of an address, and when it was last asked; shared by all processes."""

    __tablename__ = "lti_platform_key_set"

    url: Mapped[str] = mapped_column(String(1024), primary_key=True)
    keys: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    fresh_until: Mapped[int] = mapped_column(BigInteger, default=0)
    asked_at: Mapped[int] = mapped_column(BigInteger, default=0)


class LoginAttempt(Model):
    """Between login and launch: one-time, ten minutes, bound to nonce, registration and browser."""

    __tablename__ = "lti_login_attempt"

    state_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("lti_registration.id", ondelete="CASCADE"))
    nonce: Mapped[str] = mapped_column(String(64))
    browser_sha256: Mapped[str] = mapped_column(String(64))
    target_link_uri: Mapped[str] = mapped_column(Text)
    deployment_hint: Mapped[str | None] = mapped_column(String(255))
    storage_target: Mapped[str | None] = mapped_column(String(255))
    created_at: Mapped[int] = mapped_column(BigInteger, index=True, default=now_ms)


class Launch(Model):
    """A launch that was let in: who, from which course, with which rights.

    Every launch has its own cookie, named by ``id``, and every address of its pages carries ``?launch=id``: tabs with
    different courses cannot mix. ``secret_sha256`` is the digest of that cookie's value, empty until the browser has
    shown that it is the one that logged in; ``code_sha256`` is the digest of the one-time code by which it may.
    """

    __tablename__ = "lti_launch"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    registration_id: Mapped[int] = mapped_column(ForeignKey("lti_registration.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    permissions: Mapped[list[str]] = mapped_column(JSON)
    channel_id: Mapped[int | None] = mapped_column(ForeignKey("channel.id", ondelete="SET NULL"))
    locale: Mapped[str] = mapped_column(String(35))
    timezone: Mapped[str] = mapped_column(String(64))
    destination: Mapped[str] = mapped_column(Text)
    secret_sha256: Mapped[str] = mapped_column(String(64), default="")
    code_sha256: Mapped[str | None] = mapped_column(String(64), unique=True)
    # What the platform's storage must hand back before the launch counts as this browser's.
    proof_sha256: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[int] = mapped_column(BigInteger, index=True, default=now_ms)
    expires_at: Mapped[int] = mapped_column(BigInteger, default=0)
