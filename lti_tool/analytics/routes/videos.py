"""HTTP of video analytics."""

from __future__ import annotations

from lti_tool.access.flags import ANALYTICS
from lti_tool.access.gate import gate
from lti_tool.analytics.routes.blueprint import VIEWERS, blueprint


@blueprint.get("/channels/<channel_id>/analytics/videos")
@gate(*VIEWERS, feature=ANALYTICS)
def channel_videos(channel_id: str) -> str:
    return ""
