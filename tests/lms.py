"""A platform for tests: real key sets over loopback HTTP, and tokens as right or as hostile as a test wants.

Built on the demo's LMS, so with another JOSE library than the tool's.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from joserfc.jwk import RSAKey
from werkzeug.test import TestResponse

from lti_tool.access.accounts import create_account
from lti_tool.demo import lms
from lti_tool.demo.lms import LTI, Context, Link, User, sign
from lti_tool.launch.registrations import NewPlatform, add_platform
from lti_tool.models import Account, begin_write, db

TOOL = "https://tool.example"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
INSTRUCTOR = f"{MEMBERSHIP}#Instructor"
LEARNER = f"{MEMBERSHIP}#Learner"

# Making RSA keys is slow; tests share a few.
KEYS: tuple[RSAKey, ...] = tuple(lms.new_key() for _ in range(3))

TEACHER = User("teacher-sub", "Grace Hopper", "Grace", "Hopper", "grace@example.edu", (INSTRUCTOR,))
COURSE = Context("course-7", "Compilers <script>alert(1)</script>", "CS-7")
LINK = Link(
    id="1",
    platform="test",
    title="Room analytics",
    description="",
    target_link_uri=f"{TOOL}/lti/launch",
    user=TEACHER,
    context=COURSE,
)


class KeyServer:
    """Serves a key set on a loopback port. ``answer`` may be replaced to simulate trouble; ``hits`` counts."""

    def __init__(self) -> None:
        self.keys: list[dict[str, Any]] = [key.as_dict(private=False) for key in KEYS[:1]]
        self.headers: dict[str, str] = {}
        self.answer: Callable[[BaseHTTPRequestHandler], None] = self.serve_keys
        self.hits = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.hits += 1
                try:
                    outer.answer(self)
                except OSError:
                    return

            def log_message(self, format: str, *args: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/jwks"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def serve_keys(self, handler: BaseHTTPRequestHandler) -> None:
        respond(handler, 200, json.dumps({"keys": self.keys}).encode(), headers=self.headers)

    def publish(self, *keys: RSAKey) -> None:
        self.keys = [key.as_dict(private=False) for key in keys]
        self.answer = self.serve_keys

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@contextmanager
def key_server() -> Iterator[KeyServer]:
    server = KeyServer()
    try:
        yield server
    finally:
        server.close()


def respond(
    handler: BaseHTTPRequestHandler,
    status: int,
    body: bytes,
    *,
    content_type: str = "application/json",
    headers: Mapping[str, str] | None = None,
) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", content_type)
    handler.send_header("Content-Length", str(len(body)))
    for name, value in (headers or {}).items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


@dataclass(frozen=True)
class Started:
    """A login that the tool has answered: what it asked the platform for."""

    response: TestResponse
    asked: dict[str, str]

    @property
    def state(self) -> str:
        return self.asked["state"]

    @property
    def nonce(self) -> str:
        return self.asked["nonce"]


@dataclass(frozen=True)
class TestPlatform:
    """One platform, registered at the tool. ``replace(platform, …)`` makes variants."""

    __test__ = False

    server: KeyServer
    issuer: str = "https://lms.example"
    client_id: str = "client-1"
    deployment_id: str = "deployment-1"
    family: str = "other"
    account_id: int = 77
    key: RSAKey = field(default_factory=lambda: KEYS[0], repr=False)

    @property
    def auth_url(self) -> str:
        return f"{self.issuer}/auth?tenant=a%20b"

    def register(self, app: Flask, *, deployments: tuple[str, ...] | None = None, **more: Any) -> TestPlatform:
        """Add the account, if need be, and the registration."""
        with app.app_context():
            begin_write()
            if db.session.get(Account, self.account_id) is None:
                create_account(f"Account {self.account_id}", partner_id=self.account_id)
            new = NewPlatform(
                account_id=self.account_id,
                issuer=self.issuer,
                client_id=self.client_id,
                auth_url=self.auth_url,
                token_url=f"{self.issuer}/token",
                jwks_url=self.server.url,
                family=self.family,
                deployments=(self.deployment_id,) if deployments is None else deployments,
                **more,
            )
            add_platform(new, allow_loopback=True)
            db.session.commit()
        return self

    def login_parameters(self, link: Link = LINK, **changes: Any) -> dict[str, Any]:
        parameters = {
            "iss": self.issuer,
            "login_hint": link.user.sub,
            "target_link_uri": link.target_link_uri,
            "lti_message_hint": link.id,
            "client_id": self.client_id,
            "lti_deployment_id": self.deployment_id,
        }
        return without_missing(parameters | changes)

    def login(self, client: FlaskClient, link: Link = LINK, **changes: Any) -> Started:
        """Begin a login, which must work, and read what the tool asks."""
        response = client.post("/lti/login", data=self.login_parameters(link, **changes), base_url=TOOL)
        assert response.status_code == 302, response.text
        return Started(response, asked_of(response.location))

    def claims(self, nonce: str, link: Link = LINK, /, **changes: Any) -> dict[str, Any]:
        """A payload. ``changes``: claims by name, those of LTI without their prefix; ``MISSING`` removes one."""
        pretend = lms.Platform(
            key="test",
            title="Test",
            family=self.family,
            client_id=self.client_id,
            deployment_id=self.deployment_id,
            issuer=self.issuer,
        )
        claims = lms.claims_of(pretend, link, nonce=nonce, lms_url="")
        full = {(f"{LTI}{name}" if f"{LTI}{name}" in claims else name): value for name, value in changes.items()}
        return without_missing(claims | full)

    def sign(self, claims: Mapping[str, Any], **header: Any) -> str:
        return sign(self.key, claims, **header)

    def launch(
        self, client: FlaskClient, link: Link = LINK, *, header: Mapping[str, Any] | None = None, **changes: Any
    ) -> TestResponse:
        """Login and launch in one go, with ``changes`` to the claims."""
        started = self.login(client, link)
        token = self.sign(self.claims(started.nonce, link, **changes), **(header or {}))
        return post_launch(client, started.state, token)


MISSING: Any = object()


def without_missing(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not MISSING}


def asked_of(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query, keep_blank_values=True).items()}


def post_launch(client: FlaskClient, state: str, token: str, *, base_url: str = TOOL) -> TestResponse:
    return client.post("/lti/launch", data={"state": state, "id_token": token}, base_url=base_url)


def link(**changes: Any) -> Link:
    return replace(LINK, **changes)


def user(**changes: Any) -> User:
    return replace(TEACHER, **changes)


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def now() -> int:
    return int(time.time())
