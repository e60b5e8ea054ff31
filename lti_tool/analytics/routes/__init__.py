"""HTTP of analytics, a module for each place from which people look."""

from __future__ import annotations

from lti_tool.analytics.routes import channels, events, media, people, room, videos
from lti_tool.analytics.routes.blueprint import VIEWERS, blueprint

__all__ = ["VIEWERS", "blueprint", "channels", "events", "media", "people", "room", "videos"]
