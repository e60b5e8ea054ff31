"""Which part of something an export is about: kept as moments or days, and written in the language of whoever reads.

What is kept is text: names of events and courses are kept as they are.
"""

from __future__ import annotations

import re
from datetime import date

from lti_tool import formats
from lti_tool.analytics.period import Period
from lti_tool.models import RoomSession

_KEPT = re.compile(r"at:(?P<at>\d+)|part:(?P<start>\d+)-(?P<end>\d+)|days:(?P<first>[\d-]{10})/(?P<last>[\d-]{10})")


def at(time_ms: int) -> str:
    """What began then."""
    return f"at:{time_ms}"


def between(start_ms: int, end_ms: int) -> str:
    """From then until then, on one day or nearly."""
    return f"part:{start_ms}-{end_ms}"


def of_session(session: RoomSession, part: tuple[int, int] | None) -> str:
    """A session, or a part of it."""
    return between(*part) if part else at(session.start_ms)


def days(period: Period) -> str:
    """Whole days of whoever asked; others may be elsewhere, where these begin at other times."""
    return f"days:{period.first.isoformat()}/{period.last.isoformat()}"


def written(kept: str) -> str:
    """For the reader: in their language, moments in their zone. A name is written as it is."""
    found = _KEPT.fullmatch(kept)
    if found is None:
        return kept
    if found["at"]:
        return formats.date_and_time(int(found["at"]))
    if found["start"]:
        return f"{formats.date_and_time(int(found['start']))} - {formats.clock(int(found['end']))}"
    first, last = (date.fromisoformat(found[name]) for name in ("first", "last"))
    return f"{formats.date_in_words(first)} – {formats.date_in_words(last)}"
