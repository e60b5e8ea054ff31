"""Jobs of analytics. Jobs commit; each may be repeated and interrupted."""

from __future__ import annotations

from sqlalchemy import delete

from lti_tool.models import Drawing, begin_write, db, now_ms

KEPT_MS = 30 * 86_400_000


def forget_drawings() -> None:
    """Delete drawings older than 30 days: whatever is still looked at is drawn anew."""
    begin_write()
    db.session.execute(delete(Drawing).where(Drawing.drawn_at < now_ms() - KEPT_MS))
    db.session.commit()
