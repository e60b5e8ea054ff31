"""How mail leaves: into an outbox folder or to a mail server, as LTI_TOOL_MAIL_URL says."""

from __future__ import annotations

import os
import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import EmailPolicy
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import unquote, urlsplit

from config.settings import LOOPBACK_HOSTS, Settings

PATIENCE = 30.0


class _Policy(EmailPolicy):
    """How a mail is written. Python's own way to fold a subject may leave its first line empty, or double a space."""

    def fold(self, name: str, value: str) -> str:
        if name != "Subject":
            return str(super().fold(name, value))
        return f"{name}: {Header(str(value), header_name=name).encode(linesep=self.linesep)}{self.linesep}"

    def fold_binary(self, name: str, value: str) -> bytes:
        return self.fold(name, value).encode("ascii", "surrogateescape")


POLICY = _Policy(linesep="\r\n")
SEVEN_BITS = POLICY.clone(cte_type="7bit")  # for servers that take no more
# One plain address. Nothing that could end a header line, name a second address or be quoted.
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[a-z0-9-]{1,63}\.)*[a-z0-9-]{1,63}", re.IGNORECASE | re.ASCII)


class NotSent(Exception):
    """The server was not reached or said no: the mail was not taken. ``final``: asking again is no use."""

    def __init__(self, reason: str, *, final: bool = False) -> None:
        super().__init__(reason)
        self.final = final


class NotKnown(Exception):
    """The connection broke after the mail had been handed over: the server may have taken it, or not."""


def is_address(text: str | None) -> bool:
    """Whether mail can be sent there."""
    return bool(text and len(text) <= 254 and _ADDRESS.fullmatch(text))


def masked(address: str) -> str:
    """j…@…n: enough for its owner to know it."""
    return f"{address[0]}…@…{address[-1]}"


def host(settings: Settings) -> str:
    """The host of the public address, as mail writes it."""
    name = urlsplit(settings.public_url).hostname or "localhost"
    try:
        ip_address(name)
    except ValueError:
        return name
    return "localhost"


def message(settings: Settings, key: str, to: str, subject: str, text: str) -> EmailMessage:
    """A mail. ``key`` makes its Message-ID: written again it is the same mail."""
    made = EmailMessage(policy=POLICY)
    made["From"] = f"no-reply@{host(settings)}"
    made["To"] = to
    made["Subject"] = " ".join(subject.split())[:200]
    made["Message-ID"] = f"<{key}@{host(settings)}>"
    made["Date"] = datetime.now(UTC)
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(text)
    return made


def send(settings: Settings, mail: EmailMessage, *, before: Callable[[], None]) -> None:
    """Send it. Raises ``NotSent`` and ``NotKnown``.

    ``before`` is called when everything is ready and the mail is about to be handed over to a server: what happens
    from then until this returns cannot be taken back. In a folder the same mail is the same file, so nothing is lost
    and nothing doubled by writing it again.
    """
    parts = urlsplit(settings.mail_url)
    if parts.scheme == "file":
        _put_into(Path(unquote(parts.path)), mail)
        return
    with _connected(settings) as server:
        _expect(server.mail(str(mail["From"])), 250)
        _expect(server.rcpt(str(mail["To"])), 250, 251)
        before()
        try:
            answer = server.data(mail.as_bytes(policy=SEVEN_BITS))
        except smtplib.SMTPDataError as error:
            raise _refused(error.smtp_code) from error
        except (smtplib.SMTPException, OSError) as error:
            raise NotKnown(type(error).__name__) from error
        _expect(answer, 250)


def outbox(settings: Settings) -> Path | None:
    """The folder that mail is put into, if it is."""
    parts = urlsplit(settings.mail_url)
    return Path(unquote(parts.path)) if parts.scheme == "file" else None


def _put_into(folder: Path, mail: EmailMessage) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = re.sub(r"[^\w.@-]", "", mail["Message-ID"])
        path, unfinished = folder / f"{name}.eml", folder / f".{name}.unfinished"
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(mail.as_bytes())
        unfinished.replace(path)
    except OSError as error:
        raise NotSent(type(error).__name__) from error


@contextmanager
def _connected(settings: Settings) -> Iterator[smtplib.SMTP]:
    """A server that has let us in. Every error until then means that nothing was sent."""
    parts, safe = urlsplit(settings.mail_url), ssl.create_default_context()
    name, secure = parts.hostname or "", parts.scheme == "smtps"
    server: smtplib.SMTP | None = None
    try:
        if secure:
            server = smtplib.SMTP_SSL(name, parts.port or 465, timeout=PATIENCE, context=safe)
        else:
            server = smtplib.SMTP(name, parts.port or 25, timeout=PATIENCE)
        server.ehlo()
        if not secure and server.has_extn("starttls"):
            server.starttls(context=safe)
            server.ehlo()
            secure = True
        if parts.username:
            if not secure and name not in LOOPBACK_HOSTS:
                raise NotSent("the server offers no encryption, and a password is not sent without")
            server.login(unquote(parts.username), unquote(parts.password or ""))
    except (smtplib.SMTPException, OSError) as error:
        _close(server)
        raise NotSent(type(error).__name__) from error  # never its words: they may quote what was sent
    try:
        yield server
    except (smtplib.SMTPException, OSError) as error:
        raise NotSent(type(error).__name__) from error
    finally:
        _close(server)


def _close(server: smtplib.SMTP | None) -> None:
    if server is not None:
        try:
            server.quit()
        except (smtplib.SMTPException, OSError):
            server.close()


def _expect(answer: tuple[int, bytes], *codes: int) -> None:
    if answer[0] not in codes:
        raise _refused(answer[0])


def _refused(code: int) -> NotSent:
    """4xx: not now; 5xx: never."""
    return NotSent(f"refused with {code}", final=500 <= code < 600)
