"""HTTP of collecting: machines send events with their account's collect token."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _

from lti_tool import queue
from lti_tool.access.accounts import account_of_token
from lti_tool.access.gate import public
from lti_tool.collect import inbox
from lti_tool.collect.inbox import Receipt
from lti_tool.collect.sources.events import SOURCE, read_lines
from lti_tool.errors import ToolError
from lti_tool.models import begin_write, db

blueprint = Blueprint("collect", __name__)


@blueprint.post("/collect/events")
@public("the collect token of an account is asked for")
def events() -> tuple[Response, int]:
    account_id = _account()
    if request.content_encoding:
        raise ToolError(
            "encoding",
            _("The body is compressed."),
            _("Send plain JSON lines, without Content-Encoding."),
            status=415,
        )
    items = list(read_lines(request.get_data().splitlines()))  # read before the database is locked for writing
    receipt = Receipt()
    begin_write()
    inbox.take(account_id, items, SOURCE.name, receipt)
    db.session.commit()
    if receipt.stored:
        queue.hint("lti_tool.collect.tasks.fold_account", account_id)
    return jsonify(receipt.as_dict()), 202


def _account() -> int:
    """The account whose collect token the request bears; the session is free again afterwards."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    account = account_of_token(token.strip()) if scheme.lower() == "bearer" else None
    if account is None:
        raise ToolError(
            "collect_token",
            _("The collect token is missing or wrong."),
            _("Send 'Authorization: Bearer <collect token>', the token that 'lti-tool account create' printed."),
            status=401,
        )
    account_id = account.id
    db.session.rollback()
    return account_id
