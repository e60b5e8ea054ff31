"""The first step: a platform says that somebody wants to come; we answer with where to fetch the launch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import bindparam, select

from lti_tool.launch import attempts
from lti_tool.launch.attempts import Platform, platform_columns
from lti_tool.launch.destination import add_query, on_our_origin
from lti_tool.launch.refusals import refuse
from lti_tool.models import Registration, begin_write, db
from lti_tool.platforms import family

LIMITS = {
    "iss": 512,
    "client_id": 255,
    "login_hint": 16_384,
    "lti_message_hint": 32_768,
    "target_link_uri": 4_000,
    "lti_deployment_id": 255,
    "deployment_id": 255,
    "lti_storage_target": 255,
}


@dataclass(frozen=True)
class Login:
    """The answer to a login: send the browser to ``auth_url`` and let it keep ``secrets.browser``."""

    auth_url: str
    platform: Platform
    secrets: attempts.Secrets
    storage_target: str | None


def log_in(form: Mapping[str, str], *, public_url: str) -> Login:
    """Begin an attempt for what a platform sent. The caller commits. Raises ``Refusal``."""
    given = {name: form.get(name, "") for name in LIMITS}
    for name, value in given.items():
        if len(value) > LIMITS[name]:
            raise refuse("too_large", detail=name)
        if "\x00" in value:
            raise refuse("malformed", detail=name)
    if not given["iss"]:
        raise refuse("issuer_missing")
    if not given["login_hint"]:
        raise refuse("login_hint_missing")
    if not given["target_link_uri"]:
        raise refuse("target_missing")
    if not on_our_origin(given["target_link_uri"], public_url):
        raise refuse("target_foreign")
    begin_write()
    platform = _registration(given)
    made = attempts.begin(
        platform,
        target_link_uri=given["target_link_uri"],
        deployment_hint=_deployment(given, platform) or None,
        storage_target=given["lti_storage_target"] or None,
    )
    return Login(
        auth_url=_auth_url(platform, given, made, public_url),
        platform=platform,
        secrets=made,
        storage_target=given["lti_storage_target"] or None,
    )


_OF_ISSUER = select(*platform_columns()).where(Registration.issuer == bindparam("iss")).limit(2)
_OF_CLIENT = _OF_ISSUER.where(Registration.client_id == bindparam("client_id"))


def _registration(given: dict[str, str]) -> Platform:
    """By issuer and client id; without a client id the only one of the issuer."""
    same = _OF_CLIENT if given["client_id"] else _OF_ISSUER
    found = [Platform(*row) for row in db.session.execute(same, given)]
    if len(found) > 1:
        raise refuse("registration_ambiguous", detail="no client_id, several registrations")
    if not found:
        raise refuse("registration_unknown")
    return found[0]


def _deployment(given: Mapping[str, str], platform: Platform) -> str:
    names = family(platform.family).deployment_parameters
    return next((given[name] for name in names if given[name]), "")


def _auth_url(platform: Platform, given: Mapping[str, str], made: attempts.Secrets, public_url: str) -> str:
    parameters = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": platform.client_id,
        "redirect_uri": f"{public_url}/lti/launch",
        "login_hint": given["login_hint"],
        "state": made.state,
        "nonce": made.nonce,
    }
    if given["lti_message_hint"]:
        parameters["lti_message_hint"] = given["lti_message_hint"]
    return add_query(platform.auth_url, parameters)
