"""What all addresses of reports share: the blueprint, and how a file is named."""

from __future__ import annotations

import unicodedata
from urllib.parse import quote

from flask import Blueprint

from lti_tool.reports import names

blueprint = Blueprint("reports", __name__)


def file_name(name: str, kind: str) -> str:
    """``<name>_<kind>`` without what no system or header takes in a name."""
    return f"{names.of_file(name)}_{kind}"


def attachment(name: str) -> str:
    """The header that has a file saved under a name of ``file_name``, in letters that any browser and proxy takes."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
