"""A made-up LMS: small, but a real LTI 1.3 platform with keys, OpenID Connect and signed launches.

One application holds several pretend platforms, each with its own issuer, key and quirks. It is written with another
JOSE library than the tool, so that one bug cannot hide on both sides.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Flask, abort, current_app, jsonify, redirect, render_template, request
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.wrappers import Response

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
# Templates and static files are the tool's.
ROOT = str(Path(__file__).parents[1])
COURSE_OFFERING = "http://purl.imsglobal.org/vocab/lis/v2/course#CourseOffering"


@dataclass(frozen=True)
class Platform:
    """One pretend LMS. ``key`` is its part of the addresses; without ``issuer`` it is ``<lms_url>/<key>``."""

    key: str
    title: str
    family: str
    client_id: str
    deployment_id: str
    issuer: str = ""
    deployment_parameter: str = "lti_deployment_id"
    storage_target: str | None = None


@dataclass(frozen=True)
class User:
    """Somebody of the LMS; ``role_name`` is what its own pages call the role."""

    sub: str
    name: str
    given_name: str
    family_name: str
    email: str
    roles: tuple[str, ...]
    role_name: str = ""
    locale: str = "en"
    timezone: str = "UTC"


@dataclass(frozen=True)
class Context:
    id: str
    title: str
    label: str
    type: str = COURSE_OFFERING


@dataclass(frozen=True)
class Link:
    """A link somewhere in the LMS: where it leads and who follows it. ``platform`` is a ``Platform.key``."""

    id: str
    platform: str
    title: str
    description: str
    target_link_uri: str
    user: User
    context: Context | None = None
    custom: Mapping[str, Any] = field(default_factory=dict)
    placement: str | None = None


@dataclass(frozen=True)
class Lms:
    """What the application holds."""

    platforms: Mapping[str, Platform]
    links: Mapping[str, Link]
    keys: Mapping[str, RSAKey]
    tool_url: str
    lms_url: str


def create_lms(platforms: Sequence[Platform], links: Sequence[Link], *, tool_url: str, lms_url: str) -> Flask:
    """The pretend LMS as an application. ``tool_url``, ``lms_url``: where browsers reach the two, without a slash."""
    app = Flask("lti_tool.demo.lms", root_path=ROOT, static_folder="static", template_folder="templates")
    app.extensions["lms"] = Lms(
        platforms={platform.key: platform for platform in platforms},
        links={link.id: link for link in links},
        keys={platform.key: new_key() for platform in platforms},
        tool_url=tool_url,
        lms_url=lms_url,
    )
    app.register_blueprint(blueprint)
    app.after_request(_headers)
    return app


def new_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": secrets.token_urlsafe(8), "alg": "RS256", "use": "sig"})


def issuer(platform: Platform, lms_url: str) -> str:
    return platform.issuer or f"{lms_url}/{platform.key}"


def addresses(platform: Platform, lms_url: str) -> dict[str, str]:
    """What the tool's administrator types when adding this platform (names of ``lti-tool platform add``)."""
    return {
        "issuer": issuer(platform, lms_url),
        "client_id": platform.client_id,
        "auth_url": f"{lms_url}/{platform.key}/authorize",
        "token_url": f"{lms_url}/{platform.key}/token",
        "jwks_url": f"{lms_url}/{platform.key}/jwks",
        "deployment": platform.deployment_id,
        "family": platform.family,
    }


def claims_of(platform: Platform, link: Link, *, nonce: str, lms_url: str) -> dict[str, Any]:
    """The payload of a launch, as this kind of LMS would send it."""
    now = int(time.time())
    user = link.user
    claims: dict[str, Any] = {
        "iss": issuer(platform, lms_url),
        "aud": platform.client_id,
        "sub": user.sub,
        "iat": now,
        "nbf": now,
        "exp": now + 1800,
        "nonce": nonce,
        "name": user.name,
        "given_name": user.given_name,
        "family_name": user.family_name,
        "email": user.email,
        "locale": user.locale,
        "zoneinfo": user.timezone,
        f"{LTI}message_type": "LtiResourceLinkRequest",
        f"{LTI}version": "1.3.0",
        f"{LTI}deployment_id": platform.deployment_id,
        f"{LTI}target_link_uri": link.target_link_uri,
        f"{LTI}resource_link": {"id": f"link-{link.id}", "title": link.title},
        f"{LTI}roles": list(user.roles),
        f"{LTI}custom": dict(link.custom),
        f"{LTI}launch_presentation": {"document_target": "window", "locale": user.locale},
        f"{LTI}tool_platform": {"guid": platform.key, "name": platform.title, "product_family_code": platform.family},
    }
    if link.context:
        context = link.context
        claims[f"{LTI}context"] = {
            "id": context.id,
            "title": context.title,
            "label": context.label,
            "type": [context.type],
        }
    return claims | _vendor_claims(platform, link)


def _vendor_claims(platform: Platform, link: Link) -> dict[str, Any]:
    if platform.family == "canvas":
        return {"https://www.instructure.com/placement": link.placement or "course_navigation"}
    if platform.family == "brightspace":
        username = link.user.email.partition("@")[0]
        return {"http://www.brightspace.com": {"user_id": link.user.sub, "username": username, "link_id": link.id}}
    return {}


def sign(key: RSAKey, claims: Mapping[str, Any], **header: Any) -> str:
    """An RS256 token; ``header`` adds to or replaces what its header says."""
    return jwt.encode({"alg": "RS256", "kid": key.kid, "typ": "JWT"} | header, dict(claims), key)


blueprint = Blueprint("lms", __name__)


@blueprint.get("/")
def index() -> str:
    """The links of all pretend platforms."""
    lms = _lms()
    groups = [
        (platform, [link for link in lms.links.values() if link.platform == platform.key])
        for platform in lms.platforms.values()
    ]
    return render_template("demo/lms.html", groups=groups)


@blueprint.get("/start/<link_id>")
def start(link_id: str) -> Response:
    """Somebody follows a link: begin the OpenID Connect login at the tool."""
    lms = _lms()
    link = lms.links.get(link_id) or abort(404)
    platform = lms.platforms[link.platform]
    parameters = {
        "iss": issuer(platform, lms.lms_url),
        "login_hint": link.user.sub,
        "target_link_uri": link.target_link_uri,
        "lti_message_hint": link.id,
        "client_id": platform.client_id,
        platform.deployment_parameter: platform.deployment_id,
    }
    if platform.storage_target:
        parameters["lti_storage_target"] = platform.storage_target
    return redirect(f"{lms.tool_url}/lti/login?{urlencode(parameters)}")


@blueprint.route("/<key>/authorize", methods=["GET", "POST"])
def authorize(key: str) -> Response | str:
    """The authorization endpoint: check the request, answer with a form that posts the launch."""
    lms = _lms()
    platform = lms.platforms.get(key) or abort(404)
    asked = request.values
    redirect_uri = f"{lms.tool_url}/lti/launch"
    if asked.get("client_id") != platform.client_id or asked.get("redirect_uri") != redirect_uri:
        abort(400, "unknown client_id or redirect_uri")
    link = lms.links.get(asked.get("lti_message_hint", ""))
    fields = {"state": asked.get("state", "")}
    wanted = {"scope": "openid", "response_type": "id_token", "response_mode": "form_post", "prompt": "none"}
    if any(asked.get(name) != value for name, value in wanted.items()) or not asked.get("nonce"):
        fields["error"] = "invalid_request"
    elif link is None or link.platform != key or asked.get("login_hint") != link.user.sub:
        fields["error"] = "login_required"
    else:
        claims = claims_of(platform, link, nonce=asked["nonce"], lms_url=lms.lms_url)
        fields["id_token"] = sign(lms.keys[key], claims)
    return render_template("demo/post.html", action=redirect_uri, fields=fields, platform=platform)


@blueprint.get("/<key>/jwks")
def jwks(key: str) -> Response:
    """The public key of a pretend platform."""
    own = _lms().keys.get(key) or abort(404)
    return jsonify(keys=[own.as_dict(private=False)])


def _lms() -> Lms:
    lms = current_app.extensions["lms"]
    assert isinstance(lms, Lms)
    return lms


def _headers(response: Response) -> Response:
    lms = _lms()
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; "
        f"form-action 'self' {lms.tool_url}; frame-src 'self' {lms.tool_url}"
    )
    return response
