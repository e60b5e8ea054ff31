"""What the mails about exports say, in the language of whoever asked."""

from __future__ import annotations

from email.message import EmailMessage

from flask_babel import gettext as _

from config.settings import Settings
from lti_tool import formats
from lti_tool.models import Export
from lti_tool.reports import mail, moments, names
from lti_tool.reports.kinds import kind_of


def address_of(settings: Settings, token: str) -> str:
    """The link that is mailed."""
    return f"{settings.public_url}/exports/{token}"


def ready(settings: Settings, export: Export, token: str) -> EmailMessage:
    """There is a file, and this is its link."""
    until = _("The link works until %(time)s (%(zone)s).", time=_time(export.expires_at), zone=formats.zone_name())
    return _mail(
        settings,
        export,
        _subject(export),
        _("The report that you asked for is ready: %(report)s, %(about)s.", **_named(export)),
        address_of(settings, token),
        until + " " + _("Whoever has the link can download the file, so do not pass it on."),
    )


def failed(settings: Settings, export: Export) -> EmailMessage:
    """There is none."""
    return _mail(
        settings,
        export,
        _("Your report could not be made: %(about)s", about=_about(export)),
        _("The report that you asked for could not be made: %(report)s, %(about)s.", **_named(export)),
        what_to_do(export),
        f"{_('Reference:')} {export.id}",
    )


def _subject(export: Export) -> str:
    of_kind = kind_of(export).subject
    return of_kind(export) if of_kind else _("Your report is ready: %(about)s", about=_about(export))


def what_to_do(export: Export) -> str:
    """About an export that failed."""
    if export.problem == "gone":
        return str(_("What it is about is there no longer, or is no longer yours to see."))
    return str(_("Export it again. If it happens again, send the reference to your LMS administrator."))


def _mail(settings: Settings, export: Export, subject: str, *paragraphs: str) -> EmailMessage:
    text = "\n\n".join(paragraphs) + "\n"
    return mail.message(settings, f"export.{export.id}", export.email, subject, text)


def _named(export: Export) -> dict[str, str]:
    return {"report": str(kind_of(export).label), "about": _about(export)}


def _about(export: Export) -> str:
    """What it is about, in one line: a name may hold anything, and stands in a header.

    Between Arabic or Hebrew words each part keeps its own direction.
    """
    parts = [names.in_line(part) for part in (export.about, moments.written(export.part)) if part]
    if export.locale[:2].lower() in ("ar", "he", "iw"):
        parts = [f"\u2068{part}\u2069" for part in parts]
    return ", ".join(parts)


def _time(time_ms: int | None) -> str:
    return formats.date_and_time(time_ms or 0)
