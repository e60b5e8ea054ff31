"""Registrations as an administrator of the tool sees them: add, list, remove. Each change is in the audit list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select

from lti_tool.launch.fetch import check_address
from lti_tool.models import Account, AuditEntry, Deployment, Registration, db
from lti_tool.platforms import FAMILIES, SHARED_ISSUERS, family

LIMITS = {"issuer": 512, "client_id": 255, "jwks_url": 1024, "deployment": 255, "person_claim": 255}
COMMAND_LINE = "command line"


class RegistrationError(ValueError):
    """The registration cannot be made as asked; the text is for the administrator."""


@dataclass(frozen=True)
class NewPlatform:
    """What ``lti-tool platform add`` takes. Without a family a new registration is ``other``."""

    account_id: int
    issuer: str
    client_id: str
    auth_url: str
    token_url: str
    jwks_url: str
    family: str | None = None
    token_audience: str | None = None
    deployments: Sequence[str] = ()
    person_claim: str | None = None


def add_platform(new: NewPlatform, *, allow_loopback: bool) -> Registration:
    """Make a registration, or update that of the same account; another account may add deployments of its own to it.

    The caller commits. Raises ``RegistrationError``.
    """
    _check(new, allow_loopback=allow_loopback)
    same = select(Registration).where(Registration.issuer == new.issuer, Registration.client_id == new.client_id)
    registration = db.session.scalar(same)
    if registration is None:
        if not new.deployments and new.issuer in SHARED_ISSUERS:
            raise RegistrationError(
                "several customers share this issuer: name the deployments of this account with --deployment "
                "(Canvas shows the deployment id in the menu of the app that was added to the account)"
            )
        registration = Registration(
            account_id=new.account_id,
            issuer=new.issuer,
            client_id=new.client_id,
            family="other",
            open_deployments=not new.deployments,
        )
        _set_addresses(registration, new)
        db.session.add(registration)
        db.session.flush()
        _audit(new.account_id, "platform added", registration)
    elif registration.account_id == new.account_id:
        _set_addresses(registration, new)
        if new.deployments:  # whoever names deployments wants only those
            registration.open_deployments = False
        _audit(new.account_id, "platform changed", registration)
    else:
        _check_shared(registration, new)
        registration.open_deployments = False  # an unknown deployment may be anybody's from now on
    for deployment_id in dict.fromkeys(new.deployments):
        _add_deployment(registration, deployment_id, account_id=new.account_id)
    db.session.flush()
    return registration


def _check(new: NewPlatform, *, allow_loopback: bool) -> None:
    if db.session.get(Account, new.account_id) is None:
        raise RegistrationError(f"there is no account {new.account_id}")
    if new.family not in (None, *FAMILIES):
        raise RegistrationError(f"there is no family '{new.family}'; there are: {', '.join(FAMILIES)}")
    texts = {"issuer": new.issuer, "client_id": new.client_id, "jwks_url": new.jwks_url}
    pairs = [*texts.items(), *(("deployment", text) for text in new.deployments)]
    if new.person_claim is not None:
        pairs.append(("person_claim", new.person_claim))
    for name, text in pairs:
        option = name.replace("_", "-")
        if not text or text != text.strip() or not text.isprintable():
            raise RegistrationError(f"--{option} is empty or has blanks around it or unprintable characters")
        if len(text) > LIMITS[name]:
            raise RegistrationError(f"--{option} is longer than {LIMITS[name]} characters")
    for option, address in (("auth-url", new.auth_url), ("token-url", new.token_url), ("jwks-url", new.jwks_url)):
        try:
            check_address(address, allow_loopback=allow_loopback)
        except ValueError as error:
            raise RegistrationError(
                f"--{option} '{address}' cannot be used: {error} "
                "(plain http only on this machine, with LTI_TOOL_ALLOW_LOOPBACK=1)"
            ) from error


def _check_shared(registration: Registration, new: NewPlatform) -> None:
    """One platform serves several accounts (Canvas cloud): theirs are the deployments, the addresses are common."""
    if not new.deployments:
        raise RegistrationError(
            f"account {registration.account_id} has this issuer and client id; "
            "name the deployments of this account with --deployment"
        )
    for name in ("auth_url", "token_url", "jwks_url"):
        if getattr(registration, name) != getattr(new, name):
            holder, option = registration.account_id, name.replace("_", "-")
            raise RegistrationError(f"account {holder} has this issuer and client id with another --{option}")


def _set_addresses(registration: Registration, new: NewPlatform) -> None:
    """What is not given stays as it is; the family brings its token audience along."""
    registration.auth_url, registration.token_url, registration.jwks_url = new.auth_url, new.token_url, new.jwks_url
    if new.family is not None:
        registration.family = new.family
        registration.token_audience = family(new.family).token_audience
    registration.token_audience = new.token_audience or registration.token_audience
    registration.person_claim = new.person_claim or registration.person_claim


def _add_deployment(registration: Registration, deployment_id: str, *, account_id: int) -> None:
    same = select(Deployment).where(
        Deployment.registration_id == registration.id, Deployment.deployment_id == deployment_id
    )
    found = db.session.scalar(same)
    if found is None:
        db.session.add(Deployment(registration_id=registration.id, account_id=account_id, deployment_id=deployment_id))
        _audit(account_id, "deployment", registration, f"deployment {deployment_id} added")
    elif found.account_id != account_id:
        raise RegistrationError(f"deployment '{deployment_id}' belongs to account {found.account_id}")


def remove_platform(registration_id: int) -> dict[str, Any]:
    """Remove a registration with its deployments and launches. The caller commits. Raises ``RegistrationError``."""
    registration = db.session.get(Registration, registration_id)
    if registration is None:
        raise RegistrationError(f"there is no platform {registration_id}; 'lti-tool platform list' shows them")
    shown = described(registration)
    _audit(registration.account_id, "platform removed", registration)
    db.session.execute(delete(Registration).where(Registration.id == registration_id))
    return shown


def find_platform(issuer: str, client_id: str) -> int:
    """The id of a registration. Raises ``RegistrationError``."""
    same = select(Registration.id).where(Registration.issuer == issuer, Registration.client_id == client_id)
    found = db.session.scalar(same)
    if found is None:
        raise RegistrationError("there is no platform with this issuer and client id")
    return found


def list_platforms(account_id: int | None) -> list[dict[str, Any]]:
    """Every registration, or those in which an account holds something."""
    wanted = select(Registration).order_by(Registration.id)
    if account_id is not None:
        held = select(Deployment.registration_id).where(Deployment.account_id == account_id)
        wanted = wanted.where((Registration.account_id == account_id) | Registration.id.in_(held))
    return [described(registration) for registration in db.session.scalars(wanted)]


def described(registration: Registration) -> dict[str, Any]:
    """A registration as the commands print it."""
    rows = db.session.scalars(
        select(Deployment).where(Deployment.registration_id == registration.id).order_by(Deployment.id)
    )
    return {
        "id": registration.id,
        "account": registration.account_id,
        "issuer": registration.issuer,
        "client_id": registration.client_id,
        "family": registration.family,
        "auth_url": registration.auth_url,
        "token_url": registration.token_url,
        "jwks_url": registration.jwks_url,
        "token_audience": registration.token_audience,
        "person_claim": registration.person_claim,
        "open_deployments": registration.open_deployments,
        "deployments": [{"deployment_id": row.deployment_id, "account": row.account_id} for row in rows],
        "last_launch_at": registration.last_launch_at,
    }


def _audit(account_id: int, action: str, registration: Registration, detail: str = "") -> None:
    words = f"{registration.issuer} client {registration.client_id}"
    db.session.add(
        AuditEntry(
            account_id=account_id,
            actor=COMMAND_LINE,
            action=action,
            detail=f"{words}: {detail}" if detail else words,
        )
    )
