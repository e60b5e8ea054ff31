"""One family of errors that we know: code, status, what happened, what to do. A page for people, JSON for machines."""

from __future__ import annotations


class ToolError(Exception):
    """Something was refused or failed in a way we understand.

    ``code`` is stable and goes into the log and into ``data-refusal``; ``message`` says what happened and ``advice``
    what to do, both in the reader's language; ``link`` is a way on, its words and its address; ``detail`` is for the
    log only and must hold no personal data.
    """

    status = 400

    def __init__(
        self,
        code: str,
        message: str,
        advice: str = "",
        *,
        status: int | None = None,
        link: tuple[str, str] | None = None,
        detail: str = "",
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.advice = advice
        self.link = link
        self.detail = detail
        if status is not None:
            self.status = status


class Refusal(ToolError):
    """One of the gates is closed: ``role``, ``feature``, ``legacy``, ``scope`` or ``launch``."""

    status = 403
