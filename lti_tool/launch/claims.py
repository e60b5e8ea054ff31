"""The claims of a launch: one table of what each must look like, and what we take from them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from lti_tool.launch.refusals import refuse
from lti_tool.platforms import Family

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
MESSAGE_TYPE = "LtiResourceLinkRequest"
LEEWAY_S = 60
OLDEST_S = 600

Id = Annotated[str, Meta(min_length=1, max_length=255)]
Text = Annotated[str, Meta(max_length=2000)]


class ResourceLink(msgspec.Struct):
    id: Id


class Context(msgspec.Struct):
    id: Id
    label: Text | None = None
    title: Text | None = None
    type: list[Text] | None = None


class Presentation(msgspec.Struct):
    locale: Any = None


@dataclass(frozen=True)
class Claim:
    """``code``: the reason when the claim is absent (and required) or does not have the type."""

    name: str
    type: Any
    code: str
    required: bool = True


TABLE = {
    claim.name: claim
    for claim in (
        Claim("sub", Id, "user_missing"),
        Claim(f"{LTI}version", Annotated[str, Meta(pattern=r"\A1\.3\.0\Z")], "version_wrong"),
        Claim(f"{LTI}message_type", Annotated[str, Meta(pattern=rf"\A{MESSAGE_TYPE}\Z")], "message_type_wrong"),
        Claim(
            f"{LTI}roles",
            Annotated[list[Annotated[str, Meta(max_length=1000)]], Meta(max_length=500)],
            "roles_wrong",
        ),
        Claim(f"{LTI}deployment_id", Id, "deployment_missing"),
        Claim(f"{LTI}resource_link", ResourceLink, "resource_link_wrong"),
        Claim(f"{LTI}target_link_uri", Annotated[str, Meta(min_length=1, max_length=4000)], "target_missing"),
        Claim(f"{LTI}context", Context, "claim_wrong", required=False),
        Claim(f"{LTI}custom", dict[str, Any], "claim_wrong", required=False),
        Claim(f"{LTI}launch_presentation", Presentation, "claim_wrong", required=False),
        Claim("name", Text, "claim_wrong", required=False),
        Claim("given_name", Text, "claim_wrong", required=False),
        Claim("family_name", Text, "claim_wrong", required=False),
        Claim("email", Annotated[str, Meta(max_length=320)], "claim_wrong", required=False),
    )
}


@dataclass(frozen=True)
class LaunchMessage:
    """What a verified launch says. Missing and unexpanded values are ``None``; an empty context: not from a course."""

    sub: str
    roles: frozenset[str]
    deployment_id: str
    target_link_uri: str
    context: Context | None
    account_level: bool
    given_name: str | None
    family_name: str | None
    name: str | None
    email: str | None
    locale: str
    timezone: str
    custom: Mapping[str, str]
    person_id: str


def check_times(body: Mapping[str, Any], *, now: float) -> None:
    """``exp``, ``iat`` and ``nbf`` with a minute of leeway. Raises ``Refusal``."""
    expires = _time(body, "exp", "expiry_missing")
    issued = _time(body, "iat", "issued_missing")
    if expires is None:
        raise refuse("expiry_missing")
    if issued is None:
        raise refuse("issued_missing")
    if expires <= now - LEEWAY_S:
        raise refuse("token_expired", detail=f"{now - expires:.0f} s ago")
    if issued > now + LEEWAY_S:
        raise refuse("issued_in_future", detail=f"in {issued - now:.0f} s")
    if issued < now - OLDEST_S:
        raise refuse("token_too_old", detail=f"{now - issued:.0f} s ago")
    not_before = _time(body, "nbf", "not_yet_valid")
    if not_before is not None and not_before > now + LEEWAY_S:
        raise refuse("not_yet_valid", detail=f"in {not_before - now:.0f} s")


def _time(body: Mapping[str, Any], name: str, code: str) -> float | None:
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise refuse(code, detail=f"{name} is not a number")
    return float(value)


def check_audience(body: Mapping[str, Any], client_id: str) -> None:
    """For us and for nobody else (security framework 5.1.3, step 3). Raises ``Refusal``."""
    if body.get("aud") not in (client_id, [client_id]):
        raise refuse("audience_wrong")
    if "azp" in body and body["azp"] != client_id:
        raise refuse("authorized_party_wrong")


def _value(body: Mapping[str, Any], claim: Claim) -> Any:
    value = body.get(claim.name)
    if value is None and not claim.required:
        return None
    try:
        return msgspec.convert(value, claim.type)
    except (msgspec.ValidationError, RecursionError) as error:
        raise refuse(claim.code, detail=f"claim {claim.name.removeprefix(LTI)}") from error


def read(body: Mapping[str, Any], family: Family, *, person_claim: str | None) -> LaunchMessage:
    """What we take from a verified message. Raises ``Refusal`` where a claim has the wrong type."""
    claims = {name.removeprefix(LTI): _value(body, claim) for name, claim in TABLE.items()}
    custom = coerced(claims["custom"] or {})
    context: Context | None = claims["context"]
    presentation: Presentation = claims["launch_presentation"] or Presentation()
    account_level = context is None or _account_page(body, context, family)
    return LaunchMessage(
        sub=claims["sub"],
        roles=frozenset(claims["roles"]),
        deployment_id=claims["deployment_id"],
        target_link_uri=claims["target_link_uri"],
        context=None if account_level else context,
        account_level=account_level,
        given_name=claims["given_name"] or None,
        family_name=claims["family_name"] or None,
        name=claims["name"] or None,
        email=claims["email"] or None,
        locale=_first_locale([presentation.locale, *(custom.get(name) for name in family.locale_parameters)]),
        timezone=_first_zone([body.get("zoneinfo"), *(custom.get(name) for name in family.timezone_parameters)]),
        custom=custom,
        person_id=_person_id(body, custom, person_claim) or claims["sub"],
    )


def coerced(custom: Mapping[str, Any]) -> dict[str, str]:
    """Custom parameters as text. What the platform did not expand (``$Name``), nulls and objects are missing."""
    texts = {}
    for name, value in custom.items():
        text = _text(value)
        if text is not None:
            texts[name] = text
    return texts


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str) and value and not value.startswith("$"):
        return value
    return None


def _account_page(body: Mapping[str, Any], context: Context, family: Family) -> bool:
    placement = body.get(family.placement_claim) if family.placement_claim else None
    return placement in family.account_placements or not family.account_context_types.isdisjoint(context.type or ())


def _person_id(body: Mapping[str, Any], custom: Mapping[str, str], name: str | None) -> str | None:
    if not name:
        return None
    value = _text(body.get(name)) or custom.get(name)
    return value if value and len(value) <= 255 else None


_LOCALE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}")


def _first_locale(candidates: list[Any]) -> str:
    found = (text for text in candidates if isinstance(text, str) and _LOCALE.fullmatch(text))
    return next(found, "en").replace("_", "-")


def _first_zone(candidates: list[Any]) -> str:
    return next((text for text in candidates if isinstance(text, str) and _is_zone(text)), "UTC")


def _is_zone(name: str) -> bool:
    if not 0 < len(name) <= 64:
        return False
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):  # malformed names, folders, unknown zones
        return False
    return True
