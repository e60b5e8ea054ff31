"""What was presented in a session, when, and to whom: from the edges of presented media and the people's spans."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from typing import Any

from sqlalchemy import func, select

from lti_tool.models import Attendance, MediaEdge, RoomSession, db, spans

EDGE = 60  # seconds at its beginning and end in which people are counted for the change


def presented(session: RoomSession) -> list[dict[str, Any]]:
    """A row an item and showing, by start: ``viewers`` with a watched second in it, watched, rated and engaged seconds,
    and the people in its first and in its last minute.

    An item is shown from the first time it is presented until it is removed; what is open at the end closes at the
    session's end. Presented again while it is shown (the next page, say), it is still one showing.
    """
    showings = _showings(session)
    if not showings:
        return []
    rows = db.session.execute(
        select(Attendance.watched, Attendance.presence, Attendance.engaged, Attendance.rated_seconds).where(
            Attendance.session_id == session.id, Attendance.watched_seconds > 0
        )
    ).all()
    watched = [spans.decode(row.watched if row.rated_seconds else row.presence) for row in rows]
    rated = [seconds for seconds, row in zip(watched, rows, strict=True) if row.rated_seconds]
    engaged = [spans.decode(row.engaged) for row in rows if row.rated_seconds]
    made = []
    for showing in showings:
        start, end = -(-showing["start_ms"] // 1000), -(-showing["end_ms"] // 1000)
        of_people = [spans.within(one, start, end) for one in watched]
        numbers = {
            "viewers": sum(seconds > 0 for seconds in of_people),
            "watched": sum(of_people),
            "rated": sum(spans.within(one, start, end) for one in rated),
            "engaged": sum(spans.within(one, start, end) for one in engaged),
            "first": sum(spans.within(one, start, min(end, start + EDGE)) > 0 for one in watched),
            "last": sum(spans.within(one, max(start, end - EDGE), end) > 0 for one in watched),
        }
        made.append(showing | numbers)
    return made


def _showings(session: RoomSession) -> list[dict[str, Any]]:
    edges: defaultdict[str, list[MediaEdge]] = defaultdict(list)
    query = select(MediaEdge).where(MediaEdge.session_id == session.id)
    for edge in db.session.scalars(query.order_by(MediaEdge.time_ms, ~MediaEdge.on, func.coalesce(MediaEdge.page, -1))):
        edges[edge.media_id].append(edge)
    found = []
    for media_id, of_item in edges.items():
        ends = [edge.time_ms for edge in of_item if not edge.on]
        shown_until = -1
        for edge in of_item:
            if not edge.on or edge.time_ms < shown_until:
                continue
            place = bisect_right(ends, edge.time_ms)
            shown_until = ends[place] if place < len(ends) else max(session.until_ms, edge.time_ms)
            known: dict[str, Any] = {
                "media_id": media_id,
                "title": _said(of_item, "title"),
                "kind": _said(of_item, "kind"),
            }
            found.append(known | {"page": edge.page, "start_ms": edge.time_ms, "end_ms": shown_until})
    return sorted(found, key=lambda one: (one["start_ms"], one["media_id"]))


def _said(edges: list[MediaEdge], name: str) -> str | None:
    """The least of what edges say of an item, so that the order of events at one time does not matter."""
    return min((value for edge in edges if (value := getattr(edge, name))), default=None)
