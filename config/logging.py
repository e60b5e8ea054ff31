"""Logging: one line an event, on standard error, with a reference id; never a token, a name or an address."""

from __future__ import annotations

import logging
import re

# What must never reach a log: tokens in queries and headers. Our own code does not log them; libraries might.
_SECRETS = re.compile(
    r"(?i)((?:id_token|state|nonce|ks|code|token|secret|password|authorization|login_hint)[\"']?\s*[=:]\s*[\"']?)"
    r"(?:bearer\s+|ks\s+)?[^\s&\"',;]+"
)


class Redact(logging.Filter):
    """Blanks the values of anything that looks like a credential, after the message is formatted."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        clean = _SECRETS.sub(r"\1[redacted]", message)
        if clean != message:
            record.msg, record.args = clean, None
        return True


def configure(level: int = logging.INFO) -> None:
    """Send everything to standard error, redacted; quiet the chatter of libraries."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    handler.addFilter(Redact())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in ("matplotlib", "fontTools", "alembic", "rq.worker", "urllib3"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
