"""Presented media: what was shown when, to how many, how engaged they were and how many came or went meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lti_tool.analytics.metrics import METRICS, Reading
from lti_tool.analytics.numbers import Numbers
from lti_tool.analytics.paging import page_of, size_of
from lti_tool.models import SessionFacts

COLUMNS = tuple(
    METRICS[name]
    for name in (
        "presented_time",
        "unique_combined_live_viewers",
        "combined_live_engaged_users_play_time_ratio",
        "viewers_change",
    )
)


@dataclass(frozen=True)
class Showing:
    """An item while it was shown. ``kind``: slides, screen, video, whiteboard, file, or nothing. Epoch milliseconds."""

    media_id: str
    title: str
    kind: str | None
    page: int | None
    start_ms: int
    end_ms: int
    readings: tuple[Reading, ...]


@dataclass(frozen=True)
class Presented:
    """The showings of a session by start: page ``page`` of ``pages``; ``items``: how many there are in all."""

    items: int
    showings: tuple[Showing, ...]
    page: int
    pages: int


def presented(
    facts: SessionFacts | None, reported: frozenset[str], page: int, part: tuple[int, int] | None = None
) -> Presented:
    """A page of what was presented in a session, or in a part of it."""
    rows = facts.presented if facts else []
    if part:
        rows = [row for row in rows if row["start_ms"] < part[1] and row["end_ms"] > part[0]]
    size = size_of(len(rows), page)
    page, pages, start = page_of(len(rows), page)
    shown = rows[start : start + size]
    return Presented(len(rows), tuple(showing(row, reported) for row in shown), page, pages)


def showing(row: dict[str, Any], reported: frozenset[str]) -> Showing:
    """An item from what ``SessionFacts`` keeps of it."""
    start, end = row["start_ms"], row["end_ms"]
    numbers = Numbers(
        reported=reported,
        presented_seconds=(end - start) / 1000,
        live_viewers=row["viewers"],
        watched_seconds=row["watched"],
        rated_seconds=row["rated"],
        engaged_seconds=row["engaged"],
        first_viewers=row["first"],
        last_viewers=row["last"],
    )
    readings = tuple(metric.reading(numbers) for metric in COLUMNS)
    title = row["title"] or row["media_id"]
    return Showing(row["media_id"], title, row["kind"], row["page"], start, end, readings)
