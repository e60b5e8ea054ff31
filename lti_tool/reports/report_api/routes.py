"""HTTP of the report API: ``/api_v3/service/<service>/action/<action>/…`` and ``/api_v3/index.php?service=…``."""

from __future__ import annotations

import fnmatch
import logging
import time
from typing import Any

from flask import Blueprint, Response, g, request

from lti_tool.access.gate import public
from lti_tool.models import Account, db
from lti_tool.queue import hint
from lti_tool.reports.report_api import answers, errors, wire
from lti_tool.reports.report_api import ks as tokens
from lti_tool.reports.report_api.actions import ACTIONS, Action, Call
from lti_tool.reports.report_api.answers import File
from lti_tool.reports.report_api.errors import ApiError
from lti_tool.reports.report_api.ks import USER, Ks
from lti_tool.reports.tasks import RUN

blueprint = Blueprint("report_api", __name__)
log = logging.getLogger(__name__)
NOBODY = Ks(0, USER)


@blueprint.route("/api_v3/", defaults={"rest": ""}, methods=["GET", "POST"])
@blueprint.route("/api_v3/<path:rest>", methods=["GET", "POST"], merge_slashes=False)
@public("every action asks for a KS that the account's admin secret signed, or for that secret")
def api(rest: str) -> Response:
    started = time.perf_counter()
    form = request.args.get("format", "")
    try:
        parameters = wire.read(request, wire.path_of(request))
        form = answers.form(parameters)
        result = _answer(parameters)
    except ApiError as error:
        result = error
    return answers.response(result, form, started)


def _answer(parameters: dict[str, Any]) -> Any:
    if wire.text(parameters, "service").lower() != "multirequest":
        return _called(parameters)
    results: list[Any] = []
    for call in wire.calls_of(parameters):
        try:
            result = _called(wire.with_results(call, results))
            results.append(errors.action_forbidden("multirequest", "files") if isinstance(result, File) else result)
        except ApiError as error:
            results.append(error)
    return results


def _called(parameters: dict[str, Any]) -> Any:
    """The result of one call, in a transaction of its own. Raises ``ApiError``."""
    service, name = wire.text(parameters, "service"), wire.text(parameters, "action")
    action = _action(service, name)
    try:
        call = Call(parameters, NOBODY, "") if not action.asks else _signed(parameters)
        if action.asks == "admin" and not call.ks.admin:
            raise errors.service_forbidden(f"{service}->{name}")
        result = action.run(call)
        if action.mails:
            db.session.commit()
            hint(RUN, result["referenceJobId"])
        return result
    except ApiError:
        raise
    except Exception as error:
        log.error("crash reference=%s service=report action=%s", g.reference, action.run.__name__, exc_info=error)
        raise errors.internal(g.reference) from None
    finally:
        db.session.rollback()  # what was to be written is; a crash is no matter of the next call's


def _action(service: str, name: str) -> Action:
    if not service:
        raise errors.no_service_named()
    actions = ACTIONS.get(service.lower())
    if actions is None:
        raise errors.no_service(service, [*ACTIONS, "multirequest"])
    if not name:
        raise errors.no_action_named()
    found = actions.get(name.lower())
    if found is None:
        raise errors.no_action(service, name, actions)
    return found


def _signed(parameters: dict[str, Any]) -> Call:
    """The call with its KS opened. A header comes before what the call holds: it is the way that leaves no traces."""
    scheme, _space, given = request.headers.get("Authorization", "").partition(" ")
    text = given.strip() if scheme.lower() == "ks" else wire.text(parameters, "ks")
    account = db.session.get(Account, tokens.partner_of(text))
    if account is None:
        raise errors.invalid_ks(-2, "INVALID_PARTNER")
    opened = tokens.opened(text, account.admin_secret)
    _restrict(opened)
    return Call(parameters, opened, account.admin_secret)


def _restrict(ks: Ks) -> None:
    """The privileges by which a KS is good for less. Calls are not counted, so a KS for so many of them opens none."""
    if (address := ks.privileges.get("iprestrict")) and address != request.remote_addr:
        raise errors.invalid_ks(-9, "EXCEEDED_RESTRICTED_IP")
    patterns = ks.privileges.get("urirestrict", "")
    if patterns and not any(fnmatch.fnmatchcase(request.path, one) for one in patterns.split("|")):
        raise errors.invalid_ks(-11, "EXCEEDED_RESTRICTED_URI")
    if "actionslimit" in ks.privileges:
        raise errors.invalid_ks(-8, "EXCEEDED_ACTIONS_LIMIT")
