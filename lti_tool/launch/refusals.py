"""Why a login or a launch is refused: the table of reason codes, each with what happened and what to do.

Codes are stable: they are in the log, in ``data-refusal`` of the page and in ``docs/launch.md``.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from lti_tool.errors import Refusal


@dataclass(frozen=True)
class Reason:
    """``message`` and ``advice`` are names of texts below, so that thirty codes need only a dozen texts."""

    code: str
    text: str
    status: int = 400


# What happened, what to do.
_TEXTS = {
    "again": (
        lazy_gettext("This launch could not be completed."),
        lazy_gettext("Close this page and open the tool again from your course."),
    ),
    "expired": (
        lazy_gettext("This launch has expired or was already used."),
        lazy_gettext("Go back to your course and open the tool again. Do not reload this page."),
    ),
    "browser": (
        lazy_gettext("This launch was started in another browser."),
        lazy_gettext(
            "Open the tool again from your course, in this browser. If it happens again, allow cookies for this site."
        ),
    ),
    "message": (
        lazy_gettext("Your LMS sent a launch that we cannot accept."),
        lazy_gettext(
            "Send the reference below to your LMS administrator: "
            "the tool's settings in the LMS or the LMS itself need attention."
        ),
    ),
    "user": (
        lazy_gettext("Your LMS did not say who you are."),
        lazy_gettext(
            "Log in to your LMS. If you are logged in, ask your LMS administrator "
            "to let this tool receive the user's id (not anonymous)."
        ),
    ),
    "clock": (
        lazy_gettext("The time on this launch is not right."),
        lazy_gettext(
            "Open the tool again from your course. If it happens again, ask your LMS administrator "
            "to check the clocks of the LMS and of this tool."
        ),
    ),
    "keys": (
        lazy_gettext("We could not check the signature of your LMS."),
        lazy_gettext(
            "Try again in a minute. If it happens again, send the reference below to your LMS administrator: "
            "the key set address of the registration may be wrong or out of reach."
        ),
    ),
    "unknown": (
        lazy_gettext("This LMS is not registered with us."),
        lazy_gettext(
            "Ask your LMS administrator to have the platform added: "
            "issuer and client id must be exactly those that the LMS sends."
        ),
    ),
    "deployment": (
        lazy_gettext("This deployment of the tool has not been approved yet."),
        lazy_gettext(
            "Ask the administrator of this tool to approve it, "
            "by running 'lti-tool platform add' again with '--deployment' and the deployment id of your LMS."
        ),
    ),
    "target": (
        lazy_gettext("This link does not lead to a page of this tool."),
        lazy_gettext("Ask your teacher or LMS administrator to correct the link's address."),
    ),
    "platform": (
        lazy_gettext("Your LMS reported an error instead of a launch."),
        lazy_gettext("Log in to your LMS again, then open the tool from your course."),
    ),
    "insecure": (
        lazy_gettext("Launches are accepted over https only."),
        lazy_gettext(
            "Ask the administrator of this tool to check that the web server in front of it "
            "passes on the X-Forwarded-Proto header."
        ),
    ),
    "course": (
        lazy_gettext("Your LMS did not say which course you came from."),
        lazy_gettext("Ask your LMS administrator to let this tool receive information about the course."),
    ),
    "large": (
        lazy_gettext("Your LMS sent more than a launch can hold."),
        lazy_gettext("Send the reference below to your LMS administrator."),
    ),
}

REASONS = {
    reason.code: reason
    for reason in (
        # Login
        Reason("issuer_missing", "message"),
        Reason("login_hint_missing", "message"),
        Reason("registration_unknown", "unknown", 403),
        Reason("registration_ambiguous", "unknown"),
        # Destination
        Reason("target_missing", "target"),
        Reason("target_foreign", "target"),
        Reason("target_mismatch", "target"),
        Reason("course_missing", "course"),
        # State and browser
        Reason("state_missing", "again"),
        Reason("state_unknown", "expired"),
        Reason("state_expired", "expired"),
        Reason("browser_mismatch", "browser", 403),
        Reason("browser_unknown", "browser", 403),
        Reason("code_unknown", "expired", 403),
        # Transport and form
        Reason("insecure", "insecure"),
        Reason("platform_error", "platform"),
        Reason("too_large", "large", 413),
        Reason("malformed", "message"),
        Reason("token_missing", "again"),
        # Header, keys and signature
        Reason("kid_missing", "message", 401),
        Reason("kid_unknown", "keys", 401),
        Reason("algorithm_refused", "message", 401),
        Reason("header_refused", "message", 401),
        Reason("signature_wrong", "message", 401),
        Reason("keys_unavailable", "keys", 403),
        # Claims of the token itself
        Reason("issuer_mismatch", "unknown", 401),
        Reason("audience_wrong", "message", 401),
        Reason("authorized_party_wrong", "message", 401),
        Reason("nonce_missing", "message", 401),
        Reason("nonce_mismatch", "expired", 401),
        Reason("expiry_missing", "message", 401),
        Reason("token_expired", "clock", 401),
        Reason("issued_missing", "message", 401),
        Reason("issued_in_future", "clock", 401),
        Reason("token_too_old", "clock", 401),
        Reason("not_yet_valid", "clock", 401),
        # Claims of LTI
        Reason("version_wrong", "message"),
        Reason("message_type_wrong", "message"),
        Reason("roles_wrong", "message"),
        Reason("user_missing", "user"),
        Reason("deployment_missing", "message"),
        Reason("deployment_unknown", "deployment", 403),
        Reason("resource_link_wrong", "message"),
        Reason("claim_wrong", "message"),
    )
}


def refuse(code: str, *, detail: str = "", more: str = "") -> Refusal:
    """The refusal with this code. ``detail`` is for the log and ``more`` is added to the advice.

    Neither may hold anything secret or personal.
    """
    reason = REASONS[code]
    message, advice = _TEXTS[reason.text]
    words = f"{advice} {more}" if more else str(advice)
    return Refusal(code, str(message), words, status=reason.status, detail=detail)


def course_refusal(switch: str | None) -> Refusal:
    """No course where one is needed; ``switch`` is the setting of the LMS that hides it, where we know it."""
    more = _("In the deployment's settings that is '%(switch)s'.", switch=switch) if switch else ""
    return refuse("course_missing", detail="no context claim", more=more)
