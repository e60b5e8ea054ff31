"""What the browser keeps: a cookie per attempt to log in and a cookie per launch, few of each."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from werkzeug.wrappers import Response

from lti_tool.access.actor import cookie_name, launch_cookies
from lti_tool.launch.attempts import LAUNCH_LIFETIME_MS, LIFETIME_MS
from lti_tool.models import Launch, db

MOST_COOKIES = 8
STATE_COOKIE = "lti_state_"


def attempt_key(state_sha256: str) -> str:
    """Names an attempt in the browser, in cookies and in the platform's storage, without telling its state."""
    return state_sha256[:16]


def state_cookie_name(key: str, *, https: bool) -> str:
    return f"{'__Host-' if https else ''}{STATE_COOKIE}{key}"


def _attributes(*, https: bool) -> dict[str, Any]:
    """In a frame of an LMS only partitioned cookies are kept; plain http is for development on one machine."""
    return {
        "path": "/",
        "httponly": True,
        "secure": https,
        "samesite": "None" if https else "Lax",
        "partitioned": https,
    }


def keep_attempt(response: Response, key: str, secret: str, *, cookies: Mapping[str, str], https: bool) -> None:
    """Set the cookie of an attempt. Of attempts that came to nothing only a few stay behind."""
    mine = state_cookie_name("", https=https)
    for name in [name for name in cookies if name.startswith(mine)][MOST_COOKIES - 1 :]:
        response.delete_cookie(name, **_attributes(https=https))
    name = state_cookie_name(key, https=https)
    response.set_cookie(name, secret, max_age=LIFETIME_MS // 1000, **_attributes(https=https))


def forget_attempt(response: Response, key: str, *, https: bool) -> None:
    response.delete_cookie(state_cookie_name(key, https=https), **_attributes(https=https))


def keep_launch(response: Response, launch_id: str, secret: str, *, https: bool) -> None:
    """Set the cookie of a launch, and delete those of the oldest launches beyond ``MOST_COOKIES``."""
    others = [name for name in launch_cookies() if name != launch_id]
    if len(others) >= MOST_COOKIES:
        live = db.session.scalars(
            select(Launch.id).where(Launch.id.in_(others[:50])).order_by(Launch.created_at.desc())
        )
        kept = set(live.all()[: MOST_COOKIES - 1])
        for other in others:
            if other not in kept:
                response.delete_cookie(cookie_name(other), **_attributes(https=https))
    response.set_cookie(cookie_name(launch_id), secret, max_age=LAUNCH_LIFETIME_MS // 1000, **_attributes(https=https))


def keeps_cookies(cookies: Mapping[str, str], *, https: bool) -> bool:
    """Whether this browser has kept a cookie of ours before."""
    return bool(launch_cookies()) or any(name.startswith(state_cookie_name("", https=https)) for name in cookies)


def new_secret() -> str:
    return secrets.token_urlsafe(32)
