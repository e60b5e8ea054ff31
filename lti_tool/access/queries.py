"""What the administrator's page asks: registrations with their last launch, switches, the audit list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lti_tool.access.flags import FLAGS, Flag, flag
from lti_tool.access.scope import Scope
from lti_tool.models import Account, AuditEntry, Deployment, Registration, db

AUDIT_ROWS = 50


@dataclass(frozen=True)
class AdminPage:
    """Everything the page shows, of one account."""

    account: Account
    registrations: Sequence[Registration]
    deployments: Sequence[Deployment]
    switches: tuple[tuple[Flag, bool], ...]
    audit: Sequence[AuditEntry]


def admin_page(scope: Scope) -> AdminPage:
    """The page of the scope's account. The gate has asked for the right to administer it."""
    account_id = scope.account_id
    deployments = select(Deployment).where(Deployment.account_id == account_id)
    registrations = select(Registration).where(Registration.account_id == account_id)
    audit = select(AuditEntry).where(AuditEntry.account_id == account_id)
    return AdminPage(
        account=db.session.get_one(Account, account_id),
        registrations=db.session.scalars(registrations.order_by(Registration.issuer, Registration.client_id)).all(),
        deployments=db.session.scalars(
            deployments.options(joinedload(Deployment.registration)).order_by(Deployment.id)
        ).all(),
        switches=tuple((switch, flag(account_id, name)) for name, switch in FLAGS.items()),
        audit=db.session.scalars(audit.order_by(AuditEntry.id.desc()).limit(AUDIT_ROWS)).all(),
    )
