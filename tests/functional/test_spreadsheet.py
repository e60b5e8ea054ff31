"""Each custom report and the viewer engagement report in a spreadsheet program: what is read back is what was written,
and no cell of it runs, whatever the program takes for the end of a cell.
"""

from __future__ import annotations

import csv
import shutil
import subprocess
from io import StringIO
from pathlib import Path

import pytest
from flask import Flask

from lti_tool.access.scope import Scope
from lti_tool.reports.custom import REPORTS, Asked, lines
from tests.actors import INSTRUCTOR, account_with, visitor
from tests.functional.test_exports import BASE, app, ask, link, mails, work
from tests.properties.made_up import STRANGE, made_up

__all__ = ["app"]  # a fixture
OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
CSV = "Text - txt - csv (StarCalc)"
COMMA, SEMICOLON, TAB, QUOTE, UTF8 = 44, 59, 9, 34, 76  # as the program's filter counts them
# What ends a cell when somebody opens a file by a double click; it depends on the country and the program.
ENDS = {"commas": f"{COMMA}", "semicolons": f"{SEMICOLON}", "tabs": f"{TAB}", "any": f"{COMMA}/{SEMICOLON}/{TAB}"}
GUESSED = "0,false,true,false,false,false,0,true"  # as the program sees fit; formulas are formulas
AS_TEXT = "/".join(f"{number}/2" for number in range(1, 100))  # column by column
EXPORT = "/channels/101/analytics/export?from=2026-05-01&to=2026-05-31"

pytestmark = [
    pytest.mark.skipif(OFFICE is None, reason="LibreOffice Calc is not installed (Debian: libreoffice-calc-nogui)"),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


@pytest.fixture
def files(app: Flask, tmp_path: Path) -> list[Path]:
    """The files, each with names for machines and with those for people."""
    world = made_up(9, 200)
    world.catalog["people"].append({"id": "teacher", "email": "teacher@kite.example"})
    account = account_with(app, world.catalog, world.events).partner_id
    folder = tmp_path / "files"
    folder.mkdir()
    teacher = visitor(app, account, permissions=INSTRUCTOR, channel="c-101")
    for descriptive in (False, True):
        for name, report in REPORTS.items():
            with app.app_context():
                asked = Asked(Scope(account, whole_account=True, people=True), 0, 4 * 10**12)
                made = b"".join(lines(report, asked, descriptive=descriptive))
            (folder / f"{name}-{descriptive}.csv").write_bytes(made)
        assert ask(teacher, EXPORT, descriptive=descriptive).status_code == 303
        work(app)
        made = app.test_client().get(f"{link(mails(app)[-1])}/file", base_url=BASE).data
        (folder / f"viewer_engagement-{descriptive}.csv").write_bytes(made)
    return sorted(folder.iterdir())


def opened(files: list[Path], ends: str, more: str, kind: str) -> list[str]:
    """The files as the program has them when it opened them, in another format; with a profile of their own."""
    folder = files[0].parent
    back = folder.with_name("converted")
    asked = [f"--infilter={CSV}:{ends},{QUOTE},{UTF8},1,{more}", "--convert-to", kind, "--outdir", back, *files]
    profile = f"-env:UserInstallation={folder.with_name('profile').as_uri()}"
    subprocess.run([OFFICE, profile, "--headless", *asked], check=True, capture_output=True, timeout=120)
    return [(back / f"{path.stem}.{kind.partition(':')[0]}").read_text(encoding="utf-8-sig") for path in files]


def table(text: str) -> list[list[str]]:
    return list(csv.reader(StringIO(text, newline="")))


def test_a_spreadsheet_program_reads_what_was_written(files: list[Path]) -> None:
    assert len(files) == 2 * (len(REPORTS) + 1)
    kind = f"csv:{CSV}:{COMMA},{QUOTE},{UTF8},1"
    seen = ""
    for path, back in zip(files, opened(files, ENDS["commas"], AS_TEXT, kind), strict=True):
        written = path.read_text(encoding="utf-8-sig")
        assert table(back) == table(written) and len(table(written)) > 1, path.name
        seen += written
    assert all(text in seen for text in ('"Line\nbreak', 'O""Neil, jr.; x', "مرحبا", "نועה"[1:], "😀", "007", "042"))


@pytest.mark.parametrize("ends", ENDS.values(), ids=ENDS.keys())
def test_no_cell_runs_whatever_ends_a_cell(files: list[Path], ends: str) -> None:
    raw = files[0].with_name("raw.csv")  # the same texts as nobody should write them
    with raw.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(["id", text, "end"] for text in STRANGE)
    *safe, unsafe = opened([*files, raw], ends, f",{GUESSED}", "fods")
    assert "table:formula" in unsafe
    assert not [path.name for path, book in zip(files, safe, strict=True) if "table:formula" in book]
