"""Reports of everything together, and by where and on what people watched."""

from __future__ import annotations

from collections.abc import Iterable

from babel import Locale

from lti_tool.analytics import selected
from lti_tool.reports.report_api.filters import Asked
from lti_tool.reports.report_api.reports.report import Row


def one(asked: Asked) -> Iterable[Row]:
    """Everything, once."""
    return [({}, selected.total(asked.selection))]


def participation(asked: Asked) -> Row:
    """What was done in the chat, private messages too."""
    return {}, selected.total(asked.selection, private=True)


def devices(asked: Asked, *, live: bool = True) -> Iterable[Row]:
    """By device."""
    found = selected.by_context(asked.selection, "device", live=live)
    return [({"device": key}, one) for key, one in sorted(found.items())]


def countries(asked: Asked, *, live: bool = True) -> Iterable[Row]:
    """By country; no source reports more than that."""
    names = Locale("en").territories
    for key, one in sorted(selected.by_context(asked.selection, "country", live=live).items()):
        yield {"object_id": key, "country": names.get(key, key), "region": "", "city": "", "coordinates": ""}, one
