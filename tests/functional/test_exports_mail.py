"""Mail servers that are away, refuse, or are not heard of again; a bucket in the place of a folder."""

from __future__ import annotations

import email
from collections.abc import Iterator
from dataclasses import replace
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from flask import Flask

from lti_tool.models import now_ms
from lti_tool.reports import mail, storage, tasks
from tests.actors import Visitor
from tests.functional.test_exports import BASE, account, app, ask, everything_is_due, exports_of, teacher, work
from tests.ports import free_port
from tests.s3 import Bucket, bucket

__all__ = ["account", "app", "teacher"]  # fixtures
ROOM = "/media/r1/analytics/export?session=s1"
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Handler:
    """Keeps what it is given. ``answer``: what it says to that instead of taking it."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.answer = ""

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if not self.answer:
            self.taken.append(envelope.content)
        return self.answer or "250 OK"


class Server(Controller):
    handler: Handler


@pytest.fixture
def server(app: Flask) -> Iterator[Server]:
    """A mail server that the tool sends to, and that is not there yet."""
    made = Server(Handler(), hostname="127.0.0.1", port=free_port())
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], mail_url=f"smtp://127.0.0.1:{made.port}")
    yield made
    if made.loop.is_running():
        made.stop()
    else:
        made.loop.close()


def test_a_server_that_is_down_is_asked_again_later_and_gets_one_mail(
    app: Flask, teacher: Visitor, server: Server
) -> None:
    ask(teacher, ROOM)
    for attempt in (1, 2):
        before = now_ms()
        work(app)
        (export,) = exports_of(app)
        assert (export.state, export.attempts, export.mailed_at) == ("done", attempt, None)
        assert export.due_at and export.due_at >= before + tasks.MAIL_AGAIN[attempt - 1] * 1000
        everything_is_due(app)
    server.start()
    server.handler.answer = "451 later"
    work(app)
    server.handler.answer = ""
    everything_is_due(app)
    work(app)
    everything_is_due(app)
    work(app)
    (taken,) = server.handler.taken
    (export,) = exports_of(app)
    assert f"Message-ID: <export.{export.id}@tool.example>".encode() in taken
    assert (export.state, export.due_at, export.attempts) == ("done", None, 4) and export.mailed_at


def test_a_server_that_never_comes_back_leaves_the_link_on_the_page(
    app: Flask, teacher: Visitor, server: Server
) -> None:
    ask(teacher, ROOM)
    for _attempt in range(len(tasks.MAIL_AGAIN) + 1):
        work(app)
        everything_is_due(app)
    (export,) = exports_of(app)
    assert (export.state, export.problem, export.due_at, export.mailed_at) == ("done", "mail", None, None)
    page = teacher.client.get("/exports", base_url=BASE).text
    assert "The mail could not be sent: the link is here only." in page and "/exports/" in page


def test_a_server_that_says_never_is_not_asked_again(app: Flask, teacher: Visitor, server: Server) -> None:
    server.start()
    server.handler.answer = "554 no"
    ask(teacher, ROOM)
    work(app)
    (export,) = exports_of(app)
    assert (export.problem, export.due_at, export.attempts) == ("mail", None, 1)


def test_a_worker_that_dies_while_the_server_takes_the_mail_sends_no_second_one(
    app: Flask, teacher: Visitor, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.start()
    ask(teacher, ROOM)
    data = mail.smtplib.SMTP.data

    def dying(self: Any, message: Any) -> Any:
        data(self, message)
        raise KeyboardInterrupt  # it was taken, and nobody lives to note it

    monkeypatch.setattr(mail.smtplib.SMTP, "data", dying)
    with pytest.raises(KeyboardInterrupt):
        work(app)
    monkeypatch.undo()
    everything_is_due(app)
    work(app)
    (export,) = exports_of(app)
    assert len(server.handler.taken) == 1 and export.mailed_at and export.due_at is None


def test_a_connection_that_breaks_after_the_mail_was_handed_over(
    app: Flask, teacher: Visitor, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.start()
    ask(teacher, ROOM)
    data = mail.smtplib.SMTP.data

    def breaking(self: Any, message: Any) -> Any:
        data(self, message)
        raise mail.smtplib.SMTPServerDisconnected("gone")

    monkeypatch.setattr(mail.smtplib.SMTP, "data", breaking)
    work(app)
    everything_is_due(app)
    work(app)
    assert len(server.handler.taken) == 1 and exports_of(app)[0].mailed_at


def test_a_password_is_given_and_never_logged(app: Flask, teacher: Visitor, caplog: pytest.LogCaptureFixture) -> None:
    seen: list[Any] = []

    def check(_server: Any, _session: Any, _envelope: Any, _mechanism: Any, data: Any) -> AuthResult:
        seen.append((data.login, data.password))
        return AuthResult(success=data.password == b"s3cr3t@/word")

    made = Server(Handler(), "127.0.0.1", free_port(), authenticator=check, auth_require_tls=False)
    made.start()
    try:
        for word in ("wr0ngword", "s3cr3t%40%2Fword"):
            address = f"smtp://tool:{word}@127.0.0.1:{made.port}"
            app.config["SETTINGS"] = replace(app.config["SETTINGS"], mail_url=address)
            ask(teacher, ROOM)
            work(app)
    finally:
        made.stop()
    assert (b"tool", b"s3cr3t@/word") in seen and len(made.handler.taken) == 1
    for secret in ("wr0ngword", "s3cr3t", "jane.doe"):
        assert secret not in caplog.text


def test_what_a_server_gets_is_plain_ascii(app: Flask, server: Server) -> None:
    server.start()
    made = mail.message(app.config["SETTINGS"], "export.1", "a@b.de", "Отчёт", "Отчёт готов: https://tool.example/x\n")
    mail.send(app.config["SETTINGS"], made, before=lambda: None)
    (taken,) = server.handler.taken
    assert taken.isascii() and taken.count(b"Date: ") == 1
    assert "Отчёт готов" in email.message_from_bytes(taken, policy=default).get_content()


@pytest.mark.parametrize(
    "subject",
    [
        "Your report is ready: Keynote: numbers that matter, November 15, 2026 10:15",
        "Your report is ready: Introduction to Data Science, October 23, 2026 – November 21, 2026",
        "تقريرك جاهز: محاضرات علم البيانات, 19 نوفمبر 2026 10:15 – ok",
        "Ä " * 90 + "Ä",
    ],
)
def test_a_subject_is_read_as_it_was_written(app: Flask, subject: str) -> None:
    content = mail.message(app.config["SETTINGS"], "export.1", "a@b.de", subject, "text").as_bytes()
    header = content[content.index(b"Subject:") : content.index(b"Message-ID:")]
    assert not header.startswith(b"Subject:\r\n") and max(map(len, header.split(b"\r\n"))) <= 78
    assert email.message_from_bytes(content, policy=default)["Subject"] == subject


def test_no_name_can_add_a_header(app: Flask) -> None:
    made = mail.message(app.config["SETTINGS"], "export.1", "a@b.de", "Ready: x\r\nBcc: evil@x.example\n\nBody", "text")
    assert made["Bcc"] is None and made["Subject"] == "Ready: x Bcc: evil@x.example Body"
    assert b"\nBcc:" not in made.as_bytes()


@pytest.fixture
def s3(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    with bucket() as made:
        for name, value in (
            ("AWS_ENDPOINT_URL", made.url),
            ("AWS_ALLOW_HTTP", "true"),
            ("AWS_ACCESS_KEY_ID", "key"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_REGION", "eu-1"),
        ):
            monkeypatch.setenv(name, value)
        app.config["SETTINGS"] = replace(app.config["SETTINGS"], storage_url="s3://files/of/exports")
        yield made


def test_exports_lie_in_a_bucket(app: Flask, teacher: Visitor, s3: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    s3.objects["of/exports-of-somebody-else"] = b"stays"
    ask(teacher, ROOM)
    work(app)
    (export,) = exports_of(app)
    assert s3.objects.keys() == {f"of/exports/{export.id}/1.csv", "of/exports-of-somebody-else"}
    page = teacher.client.get("/exports", base_url=BASE).text
    token = tasks.exports.token(app.config["SETTINGS"], export.id)
    assert token in page
    file = app.test_client().get(f"/exports/{token}/file", base_url=BASE)
    assert file.data == s3.objects[f"of/exports/{export.id}/1.csv"] and len(file.data) == export.size
    later = now_ms() + 8 * tasks.DAY
    monkeypatch.setattr(tasks, "now_ms", lambda: later)
    with app.app_context():
        tasks.forget_expired()
    assert s3.objects.keys() == {"of/exports-of-somebody-else"}


def test_a_long_file_goes_to_a_bucket_in_parts_and_half_of_one_never(app: Flask, s3: Bucket) -> None:
    settings, piece = app.config["SETTINGS"], b"x" * (1 << 20)
    storage.write(settings, "long/1.csv", (piece for _ in range(12)))
    assert b"".join(storage.read(settings, "long/1.csv")) == piece * 12

    def broken() -> Iterator[bytes]:
        yield from (piece for _ in range(12))
        raise KeyError("broken")

    with pytest.raises(KeyError):
        storage.write(settings, "half/1.csv", broken())
    assert [key for key in s3.objects if "half" in key] == []
    storage.delete(settings, "long")
    assert s3.objects == {}
    with pytest.raises(storage.NoFile):
        storage.read(settings, "long/1.csv")


def test_a_bucket_that_is_away(app: Flask, teacher: Visitor, s3: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "PATIENCE", {"max_retries": 0})
    s3.away = True
    ask(teacher, ROOM)
    work(app)
    assert exports_of(app)[0].problem == "storage"
    s3.away = False
    everything_is_due(app)
    work(app)
    assert exports_of(app)[0].state == "done"
