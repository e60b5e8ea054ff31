"""HTTP of access: the administrator's page, and the probes."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("access", __name__)
