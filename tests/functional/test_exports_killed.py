"""One mail for one request, whatever dies: the worker, between any two lines."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter

import pytest
from flask import Flask

from lti_tool.access.actor import Actor
from lti_tool.analytics.engagement import Question
from lti_tool.models import Person, db
from lti_tool.reports import exports, mail
from tests.functional.test_exports import BASE, account, app, everything_is_due, exports_of, link, mails, work

__all__ = ["account", "app"]  # fixtures
KILLS = 50


def ask_for(app: Flask, account_id: int, many: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(exports, "OF_PERSON", 1000)
    monkeypatch.setattr(exports, "OF_ACCOUNT", 1000)
    found = []
    for _ in range(many):
        with app.app_context():
            person = db.session.query(Person).filter_by(external_id="ada").one()
            actor = Actor(
                "",
                account_id,
                0,
                person,
                frozenset({"account.view_analytics", "course.view_people"}),
                None,
                "en",
                "UTC",
            )
            asked = exports.ask(
                actor,
                exports.VIEWER_ENGAGEMENT,
                Question(event=77).stored(),
                about="Open day",
                part="",
                name="f.csv",
                descriptive=True,
                form="",
            )
            found.append(asked.id)
            db.session.commit()
            db.session.remove()
    return found


def kill(app: Flask, ids: list[str], seed: int) -> int:
    settings = app.config["SETTINGS"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.killing", str(seed)],
        input=json.dumps(ids),
        env={**os.environ, **settings.environment()},
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    return int(json.loads(done.stdout)["killed"])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_worker_killed_anywhere_sends_one_mail_for_one_request(
    app: Flask, account: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = ask_for(app, account, KILLS + 1, monkeypatch)
    assert kill(app, ids, seed=1) >= KILLS * 0.9
    everything_is_due(app)  # long afterwards
    kill(app, ids, seed=2)
    everything_is_due(app)
    work(app)
    sent = Counter(str(one["Message-ID"]) for one in mails(app))
    assert sent == Counter(f"<export.{one}@tool.example>" for one in ids)
    outbox = mail.outbox(app.config["SETTINGS"])
    assert outbox and {path.suffix for path in outbox.iterdir()} == {".eml"}
    (body,) = {app.test_client().get(f"{link(one)}/file", base_url=BASE).data for one in mails(app)}
    assert body.count(b"\r\n") == 7  # a header, five people, and a line's end in a name
    assert {(one.state, one.due_at) for one in exports_of(app)} == {("done", None)}
