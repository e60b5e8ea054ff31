"""What differs between learning platforms: one frozen record each. Knows nothing of the rest of the tool."""

from lti_tool.platforms.families import FAMILIES, Family, family

__all__ = ["FAMILIES", "Family", "family"]
