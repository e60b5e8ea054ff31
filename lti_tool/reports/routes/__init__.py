"""HTTP of reports: files of what the pages show, at once or by mail."""

from lti_tool.reports.routes import exports, files
from lti_tool.reports.routes.blueprint import blueprint

__all__ = ["blueprint", "exports", "files"]
