"""Reports by session, and of what was downloaded there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from lti_tool.analytics import selected
from lti_tool.analytics.engagement import Cell
from lti_tool.analytics.numbers import Numbers
from lti_tool.analytics.queries import selected as queries
from lti_tool.analytics.queries import selected_rows as listed
from lti_tool.analytics.queries.selected import Selection
from lti_tool.models.catalog import ROOMS
from lti_tool.reports.report_api.filters import Asked
from lti_tool.reports.report_api.reports.report import Row

_BREAKOUT = "breakout"


def sessions(asked: Asked) -> Iterable[Row]:
    """Sessions in which anything happened, with their recordings since."""
    for held in selected.by_session(asked.selection):
        name = held.session.name or held.entry.name
        yield {"event_session_context_id": held.session.external_id, "name": name}, held.numbers


def downloads(asked: Asked) -> Iterable[Row]:
    """Each download of an attachment."""
    none = Numbers()
    for time_ms, entry, entry_name, attachment, name in listed.downloads(queries.counted(asked.selection)):
        _stem, dot, ending = (name or "").rpartition(".")
        yield (
            {
                "extract_time": time_ms // 1000,
                "entry_id": entry,
                "entry_name": entry_name,
                "attachment_id": attachment,
                "attachment_name": name,
                "attachment_ext": ending.lower() if dot else "",
                "count_download_attachment_clicked": 1,
            },
            none,
        )


def downloads_total(asked: Asked) -> Row:
    """All of them."""
    numbers = selected.total(asked.selection)
    return {"count_download_attachment_clicked": numbers.downloads}, numbers


def room_data(asked: Asked) -> Iterable[Row]:
    """Every session of rooms and breakout rooms."""
    for held in selected.every_session(_of(asked, *ROOMS)):
        keys: dict[str, Cell] = {"entry_id": held.entry.external_id, "entry_name": held.entry.name}
        keys |= {"parent_entry_id": held.entry.parent_id, "session_host_user_id": held.session.host_id}
        yield {**keys, **_session_keys(held)}, held.numbers


def room_data_total(asked: Asked) -> Row:
    """All of them."""
    return {}, selected.total(_of(asked, *ROOMS))


def breakouts(asked: Asked) -> Iterable[Row]:
    """Every session of breakout rooms."""
    held = selected.every_session(_of(asked, _BREAKOUT))
    scope = asked.selection.scope
    parents = listed.parents(scope, [one.entry.parent_id for one in held if one.entry.parent_id])
    hosts = listed.names(scope, [one.session.host_id for one in held if one.session.host_id])
    for one in held:
        parent, host = parents.get(one.entry.parent_id or ""), hosts.get(one.session.host_id or "")
        keys: dict[str, Cell] = {
            "parent_entry_id": one.entry.parent_id,
            "parent_entry_name": parent.name if parent else None,
            "breakout_entry_id": one.entry.external_id,
            "breakout_entry_name": one.entry.name,
            "session_initiator": host.name if host else one.session.host_id,
            "duration": one.session.until_ms // 1000 - one.session.start_ms // 1000,
        }
        yield {**keys, **_session_keys(one)}, one.numbers


def breakouts_total(asked: Asked) -> Row:
    """All of them."""
    return {}, selected.total(_of(asked, _BREAKOUT))


def _of(asked: Asked, *types: str) -> Selection:
    """What is asked about, of such rooms only."""
    return replace(asked.selection, types=types)


def _session_keys(held: selected.Held) -> dict[str, Cell]:
    return {
        "cue_point_id": held.session.external_id,
        "session_start_time": held.session.start_ms // 1000,
        "session_end_time": held.session.until_ms // 1000,
    }
