"""What differs between learning platforms: one frozen record each. Knows nothing of the rest of the tool."""

from lti_tool.platforms.families import FAMILIES, SHARED_ISSUERS, Family, family

__all__ = ["FAMILIES", "SHARED_ISSUERS", "Family", "family"]
