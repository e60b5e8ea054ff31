"""Each custom report in a spreadsheet program: no cell of it runs, and what is read back is what was written."""

from __future__ import annotations

import csv
import shutil
import subprocess
from pathlib import Path

import pytest
from flask import Flask

from lti_tool.access.scope import Scope
from lti_tool.reports.custom import REPORTS, Asked, lines
from tests.actors import account_with
from tests.properties.made_up import made_up

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
CSV = "Text - txt - csv (StarCalc)"
COMMA, QUOTE, UTF8 = 44, 34, 76  # as the program's filter counts them


def convert(path: Path, kind: str, taken: str = "") -> Path:
    """The file in another format, beside a profile of its own."""
    folder = path.parent / "converted"
    asked = [f"--infilter={CSV}:{COMMA},{QUOTE},{UTF8},1{taken}", "--convert-to", kind, "--outdir", folder, path]
    profile = f"-env:UserInstallation={(path.parent / 'profile').as_uri()}"
    subprocess.run([OFFICE, profile, "--headless", *asked], check=True, capture_output=True, timeout=120)
    return folder / f"{path.stem}.{kind.partition(':')[0]}"


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_spreadsheet_program_reads_what_was_written(app: Flask, tmp_path: Path) -> None:
    world = made_up(9, 200)
    account = account_with(app, world.catalog, world.events).partner_id
    for name, report in REPORTS.items():
        path = tmp_path / f"{name}.csv"
        with app.app_context():
            asked = Asked(Scope(account, whole_account=True, people=True), 0, 4 * 10**12)
            path.write_bytes(b"".join(lines(report, asked, descriptive=False)))
        assert "table:formula" not in convert(path, "fods").read_text(encoding="utf-8")
        columns = "/".join(f"{number}/2" for number in range(1, len(report.columns) + 1))  # 2: as text, not guessed
        back = convert(path, f"csv:{CSV}:{COMMA},{QUOTE},{UTF8},1", taken=f",{columns}")
        with path.open(encoding="utf-8-sig", newline="") as ours, back.open(encoding="utf-8-sig", newline="") as theirs:
            written = list(csv.reader(ours))
            assert list(csv.reader(theirs)) == written and len(written) > 1
