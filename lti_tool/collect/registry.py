"""All sources, by the name that ``--format`` takes."""

from __future__ import annotations

from lti_tool.collect.sources import Source, bbb_events, catalog, events

SOURCES: dict[str, Source] = {module.SOURCE.name: module.SOURCE for module in (catalog, events, bbb_events)}


def recognise(head: bytes) -> Source | None:
    """The source whose format the first bytes show, if any."""
    return next((source for source in SOURCES.values() if source.recognises(head)), None)
