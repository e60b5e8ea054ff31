"""Room analytics for live video rooms, launched from an LMS by LTI 1.3."""

from lti_tool.app import create_app

__all__ = ["create_app"]
