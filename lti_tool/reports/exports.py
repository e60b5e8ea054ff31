"""Asking for a report by mail: what is kept of the request, and what can be known from it again."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _

from config.settings import Settings
from lti_tool.access.actor import Actor, digest
from lti_tool.errors import ToolError
from lti_tool.models import Export, Person, begin_write, db
from lti_tool.reports import mail, queries

VIEWER_ENGAGEMENT = "viewer_engagement"
SUMMARY, PERSON_SUMMARY, INTERACTIONS = "summary", "person_summary", "interactions"
# Kinds that nobody needs an address for: they are asked for because they are long, and are on the page of exports.
WITHOUT_MAIL = frozenset((SUMMARY, PERSON_SUMMARY, INTERACTIONS))
API_REPORT, API_REPORTS = "api_report", "api_reports"
OF_PERSON, OF_ACCOUNT = 10, 100  # that wait or run
# Says how many rows of how many are made. Raises, when the export is not ours any longer.
Sign = Callable[[int, int], None]
_FORM = re.compile(r"[0-9a-f]{32}")


def new_form() -> str:
    """A name for a form, so that sending it twice asks once."""
    return secrets.token_hex(16)


def token(settings: Settings, export_id: str) -> str:
    """The secret of an export's link: 32 bytes that look random to whoever does not know the secret key.

    The database keeps only its digest. It is derived, not drawn, so that a worker can write the mail again after
    another has died; nobody can derive it from a copy of the database.
    """
    key = hmac.digest(settings.secret_key.encode(), b"lti exports", hashlib.sha256)
    return base64.urlsafe_b64encode(hmac.digest(key, export_id.encode(), hashlib.sha256)).rstrip(b"=").decode()


def ask(
    actor: Actor, kind: str, question: dict[str, Any], *, about: str, part: str, name: str, descriptive: bool, form: str
) -> Export:
    """Take in a request; ``question``: as its kind stores it. Without an address no mail is owed. The caller commits.

    Raises ``ToolError``: no address, or too many requests that wait.
    """
    address, person_id = actor.person.email, actor.person.id
    if not mail.is_address(address):
        if kind not in WITHOUT_MAIL:
            raise no_address()
        address = ""
    form = form if _FORM.fullmatch(form) else new_form()
    row = Export(
        id=secrets.token_hex(16),
        account_id=actor.account_id,
        person_id=person_id,
        form=form,
        permissions=sorted(actor.permissions),
        channel_id=actor.channel.id if actor.channel else None,
        locale=actor.locale,
        timezone=actor.timezone,
        kind=kind,
        question=question,
        descriptive=descriptive,
        about=about,
        part=part,
        name=name,
        email=address,
    )
    return put_in(row)


def put_in(row: Export) -> Export:
    """Take in this request, or give back the one that its form has asked for before. The caller commits.

    Raises ``ToolError``: too many requests wait.
    """
    db.session.rollback()  # reading is over: what follows is a writing transaction
    begin_write()
    queries.lock_account(row.account_id)
    if known := queries.of_form(row.person_id, row.form):
        return known
    of_person, of_account = queries.open_of(row.account_id, row.person_id, row.email)
    if of_person >= OF_PERSON or of_account >= OF_ACCOUNT:
        raise _too_many(OF_PERSON if of_person >= OF_PERSON else OF_ACCOUNT, own=of_person >= OF_PERSON)
    db.session.add(row)
    db.session.flush()
    return row


def found(link_token: str) -> Export:
    """The export of a link. Raises ``ToolError``: unknown, or its time is over."""
    export = queries.of_token(digest(link_token))
    if export is None:
        raise ToolError(
            "no_export",
            _("There is no report at this address."),
            _("Check that the whole link was copied, or export the report again."),
            status=404,
        )
    if export.expired:
        raise ToolError(
            "export_expired",
            _("This report has expired: its file can no longer be downloaded."),
            _("Open the page that it was exported from, and export it again."),
            status=410,
        )
    return export


def as_actor(export: Export) -> Actor:
    """Whoever asked, as they were then: the same scope, language and zone. A program may be nobody of the account."""
    return Actor(
        launch_id="",
        account_id=export.account_id,
        registration_id=0,
        person=export.person or Person(account_id=export.account_id, external_id=""),
        permissions=frozenset(export.permissions),
        channel=export.channel,
        locale=export.locale,
        timezone=export.timezone,
    )


def no_address() -> ToolError:
    return ToolError(
        "no_email",
        _("Your LMS has not told us an e-mail address of yours that we could send the report to."),
        _("Ask your LMS administrator to send e-mail addresses to this tool, then open it again from your course."),
        status=409,
    )


def _too_many(most: int, *, own: bool) -> ToolError:
    if own:
        happened = _("You have %(count)s reports that are not made yet, and more cannot wait.", count=most)
    else:
        happened = _("Your institution has %(count)s reports that are not made yet, and more cannot wait.", count=most)
    return ToolError("too_many_exports", happened, _("Wait until some are ready, or cancel some."), status=429)
