"""Video analytics in a period of days: of the videos of a channel, or of one video."""

from lti_tool.analytics.videos.over_time import DAYS, OverTime, over_time
from lti_tool.analytics.videos.pages import VideosPage, audience_page, channel_videos, video_page

__all__ = ["DAYS", "OverTime", "VideosPage", "audience_page", "channel_videos", "over_time", "video_page"]
