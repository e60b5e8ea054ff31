"""Mail servers that encrypt: from the start, or when asked; one whose certificate nobody vouches for gets nothing."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask

from tests.actors import Visitor
from tests.functional.test_exports import account, app, ask, exports_of, teacher, work
from tests.functional.test_exports_mail import ROOM, Handler, Server
from tests.ports import free_port

__all__ = ["account", "app", "teacher"]  # fixtures
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PASSWORD = "s3cr3t"


class Vault(Handler):
    """Keeps the passwords too."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[bytes] = []


class Locked(Server):
    handler: Vault


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One that a server on this machine signed itself, with its key behind it."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.example")])
    built = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    built = built.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    built = built.add_extension(names, critical=False).add_extension(x509.BasicConstraints(True, None), critical=True)
    path = tmp_path_factory.mktemp("certificate") / "server.pem"
    kind, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    path.write_bytes(
        built.sign(key, hashes.SHA256()).public_bytes(kind)
        + key.private_bytes(kind, form, serialization.NoEncryption())
    )
    return path


@pytest.fixture(params=["smtps", "smtp"])
def server(request: pytest.FixtureRequest, app: Flask, certificate: Path) -> Iterator[Locked]:
    """A server that takes mail for a password, and that only encrypted."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    handler = Vault()

    def check(_server: Any, _session: Any, _envelope: Any, _mechanism: Any, data: Any) -> AuthResult:
        handler.seen.append(data.password)
        return AuthResult(success=data.password == PASSWORD.encode())

    how: dict[str, Any] = {"authenticator": check}
    if request.param == "smtps":
        how |= {"ssl_context": context, "auth_require_tls": False}  # all of it is encrypted
    else:
        how |= {"tls_context": context, "require_starttls": True}
    made = Locked(handler, "127.0.0.1", free_port(), **how)
    address = f"{request.param}://tool:{PASSWORD}@127.0.0.1:{made.port}"
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], mail_url=address)
    yield made
    if made.loop.is_running():
        made.stop()


def test_mail_leaves_encrypted(
    app: Flask, teacher: Visitor, server: Locked, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    server.start()
    ask(teacher, ROOM)
    work(app)
    (export,) = exports_of(app)
    assert len(server.handler.taken) == 1 and export.mailed_at


def test_a_server_that_nobody_vouches_for_gets_neither_mail_nor_password(
    app: Flask, teacher: Visitor, server: Locked
) -> None:
    server.start()
    ask(teacher, ROOM)
    work(app)
    (export,) = exports_of(app)
    assert (export.state, export.mailed_at) == ("done", None) and export.due_at  # tried again later
    assert (server.handler.seen, server.handler.taken) == ([], [])
