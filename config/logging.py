"""Logging: one line an event, on standard error, with a reference id; never a token, a name or an address."""

from __future__ import annotations

import logging
import re

# What must never reach a log: tokens in queries and headers. Our own code does not log them; libraries might.
_SECRETS = re.compile(
    r"(?i)((?:id_token|state|nonce|ks|code|token|secret|password|authorization|login_hint)[\"']?\s*[=:]\s*[\"']?)"
    r"(?:bearer\s+|ks\s+)?[^\s&\"',;]+"
)
# The same in the path of an address, as the report API takes it: /ks/…
_IN_PATH = re.compile(r"(?i)(/(?:ks|secret)/)[^/\s?\"']+")
_PART = r"[^\s@<>\"'(),;:=\[\]]{1,64}"
_ADDRESS = re.compile(rf"{_PART}@{_PART}\.{_PART}")
# PostgreSQL quotes the row that it refused. SQLAlchemy is told to keep parameters to itself (create_app).
_ROW = re.compile(r"(DETAIL:).*?(?=\n\[SQL|\n\nThe above exception|\n\nDuring handling|\Z)", re.DOTALL)


def redacted(text: str) -> str:
    """The text without anything that looks like a credential, an e-mail address or a row of the database."""
    text = _IN_PATH.sub(r"\1[redacted]", _SECRETS.sub(r"\1[redacted]", text))
    return _ADDRESS.sub("[redacted]", _ROW.sub(r"\1 [redacted]", text))


class Redacting(logging.Formatter):
    """Redacts the whole of what is written, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))


def configure(level: int = logging.INFO) -> None:
    """Send everything to standard error, redacted; quiet the chatter of libraries."""
    handler = logging.StreamHandler()
    handler.setFormatter(Redacting("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in ("matplotlib", "fontTools", "alembic", "rq.worker", "urllib3"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
