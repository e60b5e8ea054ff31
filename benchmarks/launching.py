"""(c) Processor time of a launch, beside a bare RS256 verification of its token and a bare writing transaction."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import jwt
from flask import Flask, current_app
from sqlalchemy import insert

from benchmarks.scratch import account
from lti_tool.launch import attempts
from lti_tool.launch.keysets import KeySets
from lti_tool.launch.message import verify
from lti_tool.models import AuditEntry, begin_write, db
from tests import lms

SETTINGS = {"LTI_TOOL_PUBLIC_URL": lms.TOOL, "LTI_TOOL_ALLOW_LOOPBACK": "1"}
PUBLIC_KEY = lms.KEYS[0].public_key


def run(launches: int = 200) -> None:
    with account(**SETTINGS) as account_id, lms.key_server() as keys:
        app = current_app._get_current_object()
        platform = lms.TestPlatform(keys, account_id=account_id).register(app)
        launch = statistics.median(_launch(app, platform) for _ in range(launches))
        token, alone = _verification(app, platform)
        bare = _cpu(lambda: jwt.decode(token, PUBLIC_KEY, algorithms=["RS256"], audience=platform.client_id))
        transaction = _cpu(lambda: _transaction(account_id))
    print(
        f"launch {launch * 1e3:.2f} ms of processor time; less a writing transaction ({transaction * 1e3:.2f} ms)"
        f" = {(launch - transaction) / bare:.0f} x a bare RS256 verification ({bare * 1e6:.0f} us);"
        f" the token alone {alone * 1e6:.0f} us = {alone / bare:.1f} x"
    )


def _launch(app: Flask, platform: lms.TestPlatform) -> float:
    """Login and launch, without what the platform does in between."""
    client = app.test_client()
    began = time.process_time()
    started = platform.login(client)
    asked = time.process_time()
    token = platform.sign(platform.claims(started.nonce))
    signed = time.process_time()
    response = lms.post_launch(client, started.state, token)
    ended = time.process_time()
    assert response.status_code == 303, response.text
    return asked - began + ended - signed


def _verification(app: Flask, platform: lms.TestPlatform) -> tuple[str, float]:
    """A token, and the seconds that its verification takes when the key is known."""
    started = platform.login(app.test_client())
    token = platform.sign(platform.claims(started.nonce))
    attempt, key_sets = attempts.find(started.state), KeySets(allow_loopback=True)
    alone = _cpu(lambda: verify(token, attempt, key_sets))
    db.session.rollback()  # reading is over
    return token, alone


def _transaction(account_id: int) -> None:
    begin_write().execute(insert(AuditEntry).values(account_id=account_id, actor="a", action="b", detail="c"))
    db.session.commit()


def _cpu(work: Callable[[], object], *, runs: int = 200) -> float:
    """Median seconds of processor time of several runs, after one that does not count."""
    work()
    seconds = []
    for _ in range(runs):
        began = time.process_time()
        work()
        seconds.append(time.process_time() - began)
    return statistics.median(seconds)
