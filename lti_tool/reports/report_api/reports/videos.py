"""Reports of recordings and videos, in which nothing live counts."""

from __future__ import annotations

from collections.abc import Iterable

from lti_tool.analytics import selected
from lti_tool.analytics.queries import selected_rows as listed
from lti_tool.reports.report_api.filters import Asked
from lti_tool.reports.report_api.reports.report import Row


def recordings(asked: Asked) -> Iterable[Row]:
    """What was played, by entry."""
    for entry, numbers in selected.by_entry(asked.selection):
        yield {"entry_id": entry.external_id, "entry_name": entry.name}, numbers


def played(asked: Asked) -> Row:
    """All that was played."""
    return {}, selected.of_videos(asked.selection)


def videos(asked: Asked) -> Iterable[Row]:
    """Each video with what the catalogue says of it."""
    found = selected.ranked(asked.selection)
    owners = listed.names(asked.selection.scope, [entry.owner_id for entry, _numbers in found if entry.owner_id])
    for entry, numbers in found:
        owner = owners.get(entry.owner_id or "")
        yield (
            {
                "object_id": entry.external_id,
                "entry_name": entry.name,
                "creator_name": owner.name if owner else entry.owner_id,
                "created_at": None if entry.created_at is None else entry.created_at // 1000,
                "media_type": entry.type,
                "duration_msecs": entry.duration_ms,
            },
            numbers,
        )


def videos_total(asked: Asked) -> Row:
    """All of them."""
    return {}, selected.seen_of_videos(asked.selection)


def over_time(asked: Asked) -> Iterable[Row]:
    """What was played in each interval."""
    return [({"date_id": date}, selected.total(part, live=False)) for date, part in asked.buckets()]
