"""The errors of the API, with the codes and the words that its clients know. None of them holds a KS or a secret."""

from __future__ import annotations

import re
from collections.abc import Iterable

_SHOWN = 80  # as much of what was sent as an error repeats
_LONG = re.compile(r"[\w+/=|-]{32,}", re.ASCII)  # as long as a secret, or longer


class ApiError(Exception):
    """What a call is refused with. ``args_of``: the parts that vary, by the names that clients know them by."""

    def __init__(self, code: str, message: str, **args_of: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.args_of = args_of


def invalid_ks(number: int, name: str) -> ApiError:
    """A KS that does not open anything. The KS itself is left out: errors end up in logs."""
    return ApiError(
        "INVALID_KS", f'Invalid KS "", Error "{number},{name}"', KSID="", ERR_CODE=str(number), ERR_DESC=name
    )


def missing_ks() -> ApiError:
    return ApiError("MISSING_KS", "Missing KS, session not established")


def no_session(partner_id: str) -> ApiError:
    shown = _quoted(partner_id)
    return ApiError(
        "START_SESSION_ERROR", f"Error while starting session for partner [{shown}]", PARTNER_ID=shown
    )  # fmt: skip


def no_service_named() -> ApiError:
    return ApiError("SERVICE_NOT_SPECIFIED", "Service name was not specified, please specify one")


def no_service(service: str, known: Iterable[str]) -> ApiError:
    shown = _quoted(service)
    message = f'Service "{shown}" does not exists, only {", ".join(known)}'
    return ApiError("SERVICE_DOES_NOT_EXISTS", message, SERVICE=shown)


def no_action_named() -> ApiError:
    return ApiError("ACTION_NOT_SPECIFIED", "Action name was not specified, please specify one")


def no_action(service: str, action: str, known: Iterable[str]) -> ApiError:
    service, action = _quoted(service), _quoted(action)
    message = f'Action "{action}" does not exists for service "{service}", only {", ".join(known)}'
    return ApiError("ACTION_DOES_NOT_EXISTS", message, ACTION=action, SERVICE=service)


def service_forbidden(service: str) -> ApiError:
    return ApiError("SERVICE_FORBIDDEN", f"The access to service [{service}] is forbidden", SERVICE=service)


def action_forbidden(action: str, why: str) -> ApiError:
    return ApiError("ACTION_FORBIDDEN", f'Action "{action}" is forbidden for use: {why}', ACTION=action)


def missing(name: str) -> ApiError:
    return ApiError("MISSING_MANDATORY_PARAMETER", f'Missing parameter "{name}"', PARAM_NAME=name)


def not_allowed(value: str, name: str, allowed: str) -> ApiError:
    """A value that a parameter does not take. ``allowed``: what it takes."""
    shown = _quoted(value)
    message = f'The value "{shown}" for parameter "{name}" is not valid: {allowed}'
    return ApiError("INVALID_ENUM_VALUE", message, VALUE=shown, PARAM_NAME=name, ENUM=allowed)


def no_report(report_id: str, name: str, allowed: str) -> ApiError:
    shown = _quoted(report_id)
    message = f'Report id "{shown}" not found: parameter "{name}" takes {allowed}'
    return ApiError("REPORT_NOT_FOUND", message, REPORT_ID=shown)


def too_general(why: str) -> ApiError:
    return ApiError("SEARCH_TOO_GENERAL", f"Search is too general: {why}")


def bad_group(name: str) -> ApiError:
    allowed = "letters, digits, underscores and spaces, no space first"
    message = f'The value for parameter "reportsItemsGroup" is not valid: {allowed}'
    return ApiError("INVALID_REPORT_ITEMS_GROUP", message, GROUP=_quoted(name))


def not_supported(name: str, allowed: str) -> ApiError:
    """A filter that exists in Kaltura and not here: numbers that ignored it would be wrong."""
    message = f"The usage of feature [{_quoted(name)}] is forbidden: this filter is not known here, only {allowed}"
    return ApiError("FEATURE_FORBIDDEN", message, FEATURE=_quoted(name))


def unreadable(why: str) -> ApiError:
    return ApiError("INVALID_PARAMS", f"The request cannot be read: {why}")


def internal(reference: str) -> ApiError:
    return ApiError("INTERNAL_SERVERL_ERROR", f"Internal server error occurred, reference {reference}")


def _quoted(text: str) -> str:
    """The beginning of what was sent, without anything in it that could be a KS or a secret, in the wrong place."""
    shown = "".join(letter if letter.isprintable() else " " for letter in _LONG.sub("(left out)", str(text)))
    return shown[:_SHOWN]
