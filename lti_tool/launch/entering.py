"""From a verified message to a launch: account, person, course, rights, destination, and the browser that may use it.

A launch is this browser's when the browser shows the secret that it was given at login: as a cookie, else from the
platform's storage. Where neither is kept, a new tab with a one-time code is the last way, for two minutes.
"""

from __future__ import annotations

import hmac
import logging
import secrets
from dataclasses import dataclass

from sqlalchemy import select, update

from lti_tool.access.actor import digest
from lti_tool.access.flags import (
    ASSISTANTS_SEE_PEOPLE,
    DESIGNERS_SEE_PEOPLE,
    TRUST_ADMINISTRATORS,
    flags,
)
from lti_tool.access.roles import CONFIGURE, Tenant, permissions_of
from lti_tool.collect.catalog import adopt
from lti_tool.errors import ToolError
from lti_tool.launch import attempts
from lti_tool.launch.attempts import Attempt, Platform
from lti_tool.launch.browser import new_secret
from lti_tool.launch.claims import LaunchMessage
from lti_tool.launch.destination import destination, entry_of
from lti_tool.launch.keysets import KeySets
from lti_tool.launch.message import verify
from lti_tool.launch.people import launching_channel, launching_person
from lti_tool.launch.refusals import refuse
from lti_tool.models import AuditEntry, Deployment, Launch, Registration, begin_write, db, now_ms
from lti_tool.models.database import dialect_insert
from lti_tool.platforms import family

log = logging.getLogger(__name__)

CODE_LIFETIME_MS = 120_000
SEEN_EVERY_MS = 60_000
# Codes say whether a new tab may follow, or whether the login is too long ago for that (storage only).
STORAGE_ONLY = "s-"
ANY_WAY = "t-"


@dataclass(frozen=True)
class Entered:
    """A launch that was let in. ``secret`` is for its cookie; without it the browser must first use ``code``."""

    launch_id: str
    registration_id: int
    destination: str
    secret: str | None
    code: str | None


def enter(
    attempt: Attempt, token: str, *, browser_secret: str | None, keeps_cookies: bool, key_sets: KeySets, public_url: str
) -> Entered:
    """Verify the token and write the launch, in one transaction. The caller commits, also when this raises
    ``Refusal``: the attempt is used up either way.
    """
    try:
        message = verify(token, attempt, key_sets)
        if browser_secret is not None and not attempt.proved_by(browser_secret):
            raise refuse("browser_mismatch")
    except ToolError:
        db.session.rollback()
        begin_write()
        attempts.use_up(attempt)
        raise
    db.session.rollback()  # reading is over; what follows writes
    begin_write()
    if not attempts.use_up(attempt):
        raise refuse("state_unknown", detail="used at the same moment")
    check_target(message, attempt)
    code = None if browser_secret is not None else _code(attempt, keeps_cookies=keeps_cookies)
    secret = new_secret() if code is None else None
    launch = _write(attempt, message, secret=secret, code=code, public_url=public_url)
    return Entered(launch.id, launch.registration_id, launch.destination, secret, code)


def check_target(message: LaunchMessage, attempt: Attempt) -> None:
    if message.target_link_uri != attempt.target_link_uri:
        raise refuse("target_mismatch")


def _code(attempt: Attempt, *, keeps_cookies: bool) -> str:
    """The one-time code for a browser that did not send the cookie. Raises ``Refusal`` where no way is left."""
    fresh = attempt.created_at > now_ms() - CODE_LIFETIME_MS
    if attempt.storage_target is None:
        if keeps_cookies:  # it keeps our cookies, but not this one: it is not the browser that logged in
            raise refuse("browser_mismatch")
        if not fresh:
            raise refuse("browser_unknown", detail="no cookie, login too long ago for a new tab")
    tab = fresh and not keeps_cookies
    return (ANY_WAY if tab else STORAGE_ONLY) + new_secret()


def _write(
    attempt: Attempt, message: LaunchMessage, *, secret: str | None, code: str | None, public_url: str
) -> Launch:
    platform = attempt.platform
    account_id = _account(platform, message.deployment_id)
    if attempt.deployment_hint not in (None, message.deployment_id):  # the signed one counts
        log.warning("deployment differs from the login's hint registration=%s", platform.registration_id)
    person = launching_person(account_id, message)
    channel = launching_channel(account_id, message.context) if message.context else None
    permissions = permissions_of(message.roles, _tenant(account_id, in_course=channel is not None))
    now = now_ms()
    db.session.flush()
    launch = Launch(
        id=secrets.token_hex(12),
        account_id=account_id,
        registration_id=platform.registration_id,
        person_id=person.id,
        permissions=sorted(permissions),
        channel_id=channel.id if channel else None,
        locale=message.locale[:35],
        timezone=message.timezone,
        destination=destination(
            message,
            channel_id=channel.external_id if channel else None,
            permissions=permissions,
            family=family(platform.family),
            public_url=public_url,
        ),
        secret_sha256=digest(secret) if secret else "",
        code_sha256=digest(code) if code else None,
        proof_sha256=attempt.browser_sha256 if code and attempt.storage_target else None,
        created_at=now,
        expires_at=now + (attempts.LAUNCH_LIFETIME_MS if secret else CODE_LIFETIME_MS),
    )
    db.session.add(launch)
    if channel and CONFIGURE in permissions:
        _adopt(launch, channel.external_id)
    log.info(
        "launch accepted id=%s account=%s registration=%s permissions=%s binding=%s",
        launch.id,
        account_id,
        platform.registration_id,
        ",".join(launch.permissions),
        "cookie" if secret else "open",
    )
    return launch


def _adopt(launch: Launch, channel_id: str) -> None:
    """A room that nobody has claimed belongs to the course whose link, signed by the LMS, leads an instructor to it."""
    entry_id = entry_of(launch.destination)
    if entry_id and adopt(launch.account_id, entry_id, channel_id):
        detail = f"{entry_id} belongs to channel {channel_id} from now on"
        db.session.add(AuditEntry(account_id=launch.account_id, actor="first launch", action="room", detail=detail))


def _account(platform: Platform, deployment_id: str) -> int:
    """The account of the deployment; where the registration is open, an unknown one is taken up."""
    same = (
        select(Deployment.id, Deployment.account_id, Deployment.last_launch_at)
        .where(Deployment.registration_id == platform.registration_id)
        .where(Deployment.deployment_id == deployment_id)
    )
    found = db.session.execute(same).one_or_none()
    if found is None:
        if not platform.open_deployments:
            raise refuse("deployment_unknown", detail=f"registration {platform.registration_id}")
        _take_up(platform, deployment_id)
        found = db.session.execute(same).one()
    now = now_ms()
    # Once a minute is enough for the list, and launches of a whole lecture do not queue for one row.
    if found.last_launch_at is None or found.last_launch_at < now - SEEN_EVERY_MS:
        for table, key in ((Registration, platform.registration_id), (Deployment, found.id)):
            db.session.execute(update(table).where(table.id == key).values(last_launch_at=now))
    return int(found.account_id)


def _take_up(platform: Platform, deployment_id: str) -> None:
    row = {
        "registration_id": platform.registration_id,
        "account_id": platform.account_id,
        "deployment_id": deployment_id,
    }
    db.session.execute(dialect_insert(Deployment).values(row).on_conflict_do_nothing())
    db.session.add(
        AuditEntry(
            account_id=platform.account_id,
            actor="first launch",
            action="deployment",
            detail=f"deployment {deployment_id} taken up for client {platform.client_id}",
        )
    )


def _tenant(account_id: int, *, in_course: bool) -> Tenant:
    switches = flags(account_id)
    return Tenant(
        trust_administrators=switches[TRUST_ADMINISTRATORS],
        assistants_see_people=switches[ASSISTANTS_SEE_PEOPLE],
        designers_see_people=switches[DESIGNERS_SEE_PEOPLE],
        in_course=in_course,
    )


def prove(code: str, value: str) -> Entered:
    """The platform's storage has answered (``value`` empty: it has not). The caller commits, also on ``Refusal``.

    With the right value the launch gets its secret, and a new code in case its cookie does not stick; without an
    answer, and if the login was short ago, only a new code.
    """
    launch = _take(code, storage=True)
    if value and not hmac.compare_digest(launch.proof_sha256 or "", digest(value)):
        raise refuse("browser_mismatch", detail="platform storage")
    if not value and not code.startswith(ANY_WAY):
        raise refuse("browser_unknown", detail="no cookie, no storage, login too long ago for a new tab")
    secret = new_secret() if value else None
    fresh = ANY_WAY + new_secret()
    launch.code_sha256 = digest(fresh)
    launch.proof_sha256 = None
    if secret:
        _open(launch, secret)
    log.info("launch proved id=%s binding=%s", launch.id, "storage" if secret else "open")
    return Entered(launch.id, launch.registration_id, launch.destination, secret, fresh)


def continue_in_tab(code: str) -> Entered:
    """Open the launch for whoever brings the one-time code, in a tab of its own. The caller commits."""
    if not code.startswith(ANY_WAY):
        raise refuse("code_unknown")
    launch = _take(code, storage=False)
    secret = new_secret()
    launch.proof_sha256 = None
    _open(launch, secret)
    log.info("launch continued id=%s binding=new tab", launch.id)
    return Entered(launch.id, launch.registration_id, launch.destination, secret, None)


def _open(launch: Launch, secret: str) -> None:
    launch.secret_sha256 = digest(secret)
    launch.expires_at = now_ms() + attempts.LAUNCH_LIFETIME_MS


def _take(code: str, *, storage: bool) -> Launch:
    """The launch of a one-time code, which is used up. Raises ``Refusal``."""
    begin_write()
    same = Launch.code_sha256 == digest(code)
    young = Launch.created_at > now_ms() - CODE_LIFETIME_MS
    # A code that the platform's storage must complete opens no tab: else it would pass by the storage.
    proof = Launch.proof_sha256.is_not(None) if storage else Launch.proof_sha256.is_(None)
    taken = db.session.scalar(update(Launch).where(same, young, proof).values(code_sha256=None).returning(Launch.id))
    if taken is None:
        raise refuse("code_unknown")
    return db.session.get_one(Launch, taken, populate_existing=True)


def standing(code: str) -> int | None:
    """The registration of the launch that this code still opens in a new tab, if it does."""
    same = select(Launch.registration_id).where(
        Launch.code_sha256 == digest(code),
        Launch.proof_sha256.is_(None),
        Launch.created_at > now_ms() - CODE_LIFETIME_MS,
    )
    return db.session.scalar(same)


def forget_code(launch_id: str) -> str:
    """The cookie has stuck: the code that stood in for it is void. Returns the destination. The caller commits."""
    db.session.rollback()
    begin_write()
    launch = db.session.get_one(Launch, launch_id)
    launch.code_sha256 = None
    return launch.destination
