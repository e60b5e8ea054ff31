"""``python -m lti_tool.reports.pdf_process STYLE_SHEET < document > PDF``."""

from __future__ import annotations

import logging
import sys
import traceback
from pathlib import Path

from lti_tool.reports.pdf_process.building import build
from lti_tool.reports.pdf_process.fonts import NoPdf

if __name__ == "__main__":
    # What the libraries say quotes the document, and that has names in it.
    logging.disable()
    try:
        sys.stdout.buffer.write(build(sys.stdin.buffer.read().decode(), Path(sys.argv[1]).read_text("utf-8")))
    except Exception as error:
        known = str(error) if isinstance(error, NoPdf) else ""
        sys.stderr.write("".join(traceback.format_tb(error.__traceback__)) + f"{type(error).__name__} {known}")
        sys.exit(1)
