"""The table of settings: every environment variable, its parser, its default and what it is for.

``load()`` turns the environment into one frozen ``Settings``. A value that cannot be used stops the start with a
``SettingsError`` that names the variable and what to do; in production so does a missing secret or a public address
without https.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})


class SettingsError(Exception):
    """A setting is missing, malformed or unsafe; the message says which and what to do."""


@dataclass(frozen=True)
class Settings:
    """What the tool runs with. Field names are the variables without ``LTI_TOOL_``, in lower case."""

    env: str
    public_url: str
    database_url: str
    redis_url: str | None
    storage_url: str
    mail_url: str
    secret_key: str
    data_dir: Path
    allow_loopback: bool
    export_days: int

    @property
    def production(self) -> bool:
        return self.env == "production"

    def environment(self) -> dict[str, str]:
        """The variables from which ``load`` makes these settings again, for child processes."""
        texts: dict[str, str] = {}
        for setting in TABLE:
            value = getattr(self, setting.name)
            text = {True: "1", False: "0"}[value] if isinstance(value, bool) else str(value)
            texts[setting.variable] = "" if value is None else text
        return texts


@dataclass(frozen=True)
class Setting:
    """One row of the table. ``default`` gets the data folder, for defaults that live in it."""

    name: str
    parse: Callable[[str], Any]
    default: Callable[[Path], Any]
    default_text: str
    sentence: str

    @property
    def variable(self) -> str:
        return f"LTI_TOOL_{self.name.upper()}"


def _choice(*allowed: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"use one of: {', '.join(allowed)}")
        return text

    return parse


def _split(text: str) -> SplitResult:
    try:
        return urlsplit(text)
    except ValueError:
        raise ValueError("that is no address") from None  # the error's own words quote the address, password and all


def _url(*schemes: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if _split(text).scheme not in schemes:
            raise ValueError(f"use an address that starts with {' or '.join(s + '://' for s in schemes)}")
        return text

    return parse


def _public_url(text: str) -> str:
    parts = urlsplit(_url("http", "https")(text))
    if not parts.hostname or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("use scheme, host and port only, such as https://analytics.example.edu")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK_HOSTS:
        raise ValueError("plain http is for this machine only; use https")
    return text.rstrip("/")


def _storage_url(text: str) -> str:
    parts = urlsplit(_url("file", "s3")(text))
    if parts.scheme == "file":
        return _folder(text)
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,62}", parts.netloc) or parts.query or parts.fragment:
        raise ValueError("use s3://bucket/prefix; credentials come from the AWS_… variables")
    return text


def _mail_url(text: str) -> str:
    parts = urlsplit(_url("file", "smtp", "smtps")(text))
    if parts.scheme == "file":
        return _folder(text)
    try:
        sound = bool(parts.hostname) and parts.port != 0 and parts.path in ("", "/") and not parts.query
    except ValueError:  # the port is none; the error's own words may quote the password
        sound = False
    if not sound or parts.fragment or (parts.password and not parts.username):
        raise ValueError("use smtp://[user:password@]host:port, with %… for special characters of the password")
    return text


def _folder(text: str) -> str:
    """``file:///folder``; spaces may stand for themselves."""
    parts = urlsplit(text)
    if parts.netloc or len(parts.path) < 2 or parts.query or parts.fragment:
        raise ValueError("use file:///folder, with three slashes")
    return text


def _yes(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError("use 1 or 0")
    return text == "1"


def _days(text: str) -> int:
    days = int(text)
    if not 1 <= days <= 365:
        raise ValueError("use a number of days from 1 to 365")
    return days


def _secret(text: str) -> str:
    if len(text) < 32:
        raise ValueError("use at least 32 random characters")
    return text


def _kept_secret(data_dir: Path) -> str:
    """The development secret: made at the first start, then kept, readable by its owner only."""
    path = data_dir / "secret_key"
    data_dir.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        secret = secrets.token_urlsafe(48)
        file.write(secret)
    return secret


TABLE: tuple[Setting, ...] = (
    Setting(
        "env",
        _choice("development", "production"),
        lambda _: "development",
        "development",
        "development or production; production refuses unsafe settings.",
    ),
    Setting(
        "public_url",
        _public_url,
        lambda _: "http://127.0.0.1:8000",
        "http://127.0.0.1:8000",
        "Where browsers reach the tool; plain http only on this machine and only in development.",
    ),
    Setting(
        "database_url",
        _url("sqlite", "postgresql+psycopg"),
        lambda data: f"sqlite:///{data / 'lti_tool.sqlite3'}",
        "SQLite in the data folder",
        "sqlite:///… or postgresql+psycopg://…",
    ),
    Setting(
        "redis_url",
        _url("redis", "rediss", "unix"),
        lambda _: None,
        "an embedded server",
        "The queue. Without it serve runs its own queue server, worker and schedule.",
    ),
    Setting(
        "storage_url",
        _storage_url,
        lambda data: (data / "exports").as_uri(),
        "a folder in the data folder",
        "Where exports lie: file:///folder or s3://bucket/prefix.",
    ),
    Setting(
        "mail_url",
        _mail_url,
        lambda data: (data / "outbox").as_uri(),
        "an outbox folder in the data folder",
        "How mail leaves: file:///folder (one .eml a mail), smtp://[user:password@]host:port or smtps://…",
    ),
    Setting(
        "secret_key",
        _secret,
        _kept_secret,
        "made once and kept in the data folder (development)",
        "Signs cookies and seals stored keys; at least 32 random characters.",
    ),
    Setting(
        "data_dir",
        lambda text: Path(text).absolute(),
        lambda data: data,
        "./var",
        "Folder of the embedded defaults.",
    ),
    Setting(
        "allow_loopback",
        _yes,
        lambda _: False,
        "no",
        "1: platforms and key sets on loopback addresses are allowed (development only).",
    ),
    Setting("export_days", _days, lambda _: 7, "7", "How many days an emailed link lives."),
)


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the table from ``environ`` (default: the process's). Raises ``SettingsError``."""
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    for setting in TABLE:
        text = environ.get(setting.variable, "")
        if text:
            try:
                values[setting.name] = setting.parse(text)
            except ValueError as error:
                raise SettingsError(f"{setting.variable} cannot be used: {error}.") from error
    if values.get("env") == "production":
        _refuse_unsafe(values)
    data_dir = values.get("data_dir") or Path("var").absolute()
    for setting in TABLE:
        if setting.name not in values:
            values[setting.name] = setting.default(data_dir)
    return Settings(**values)


def _refuse_unsafe(values: Mapping[str, Any]) -> None:
    if not str(values.get("public_url", "")).startswith("https://"):
        raise SettingsError("LTI_TOOL_PUBLIC_URL must be set to an https address in production.")
    if "secret_key" not in values:
        raise SettingsError("LTI_TOOL_SECRET_KEY must be set in production: at least 32 random characters.")
    if values.get("allow_loopback"):
        raise SettingsError("LTI_TOOL_ALLOW_LOOPBACK is for development; unset it in production.")
