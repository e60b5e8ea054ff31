"""Jobs of the launch. Jobs commit; each may be repeated and interrupted."""

from __future__ import annotations

from sqlalchemy import delete

from lti_tool.launch.attempts import LAUNCH_LIFETIME_MS, LIFETIME_MS
from lti_tool.models import Launch, LoginAttempt, begin_write, db, now_ms


def forget_expired() -> None:
    """Delete attempts to log in and launches whose time is over. Nothing depends on when: their age is looked at."""
    begin_write()
    now = now_ms()
    db.session.execute(delete(LoginAttempt).where(LoginAttempt.created_at < now - LIFETIME_MS))
    db.session.execute(delete(Launch).where(Launch.created_at < now - LAUNCH_LIFETIME_MS))
    db.session.commit()
