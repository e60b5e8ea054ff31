"""PDFs: letters that break where the line ends, which way they run, and names of files."""

import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from lti_tool.reports import pdf
from lti_tool.reports.documents import CSS
from lti_tool.reports.routes.blueprint import file_name


@pytest.mark.parametrize(
    ("text", "way"),
    [("abc שלום", "ltr"), ("שלום abc", "rtl"), ("42 مرحبا", "rtl"), ("42 %", "ltr"), ("", "ltr"), ("漢字", "ltr")],
)
def test_the_first_letter_with_a_direction_decides(text: str, way: str) -> None:
    assert pdf.direction(text) == way


@pytest.mark.parametrize(
    ("text", "around", "written"),
    [
        ("Why?", "ltr", "Why?"),
        ("Why?", "rtl", "\u200f\u202aWhy?\u202c\u200f"),
        ("למה?", "ltr", "\u200e\u202bלמה?\u202c\u200e"),
        ("\u202eWhy?", "ltr", "Why?"),
    ],
)
def test_a_text_keeps_its_own_direction_within_a_document(text: str, around: str, written: str) -> None:
    assert pdf.own(text, around) == written


@pytest.mark.parametrize(
    ("around", "text", "line"),
    [("ltr", "Why so?", "• Why so?"), ("rtl", "Why so?", "Why so? •"), ("ltr", "למה כך?", "• ?למה כך")],
)
def test_the_document_says_where_a_line_begins_and_the_text_how_it_runs(around: str, text: str, line: str) -> None:
    body = f'<div id="foot"></div><p>• {pdf.own(text, around)}</p>'
    made = pdf.make(f'<html dir="{around}"><body class="{around}">{body}</body></html>', CSS)
    pieces: list[tuple[float, str]] = []
    PdfReader(BytesIO(made)).pages[0].extract_text(
        visitor_text=lambda piece, _cm, at, *_font: pieces.append((at[4], piece)) if piece.strip() else None
    )
    # What reads the PDF turns Hebrew words round, not the signs around them: they stand as they were drawn.
    assert "".join(piece for _x, piece in pieces).strip() == line
    assert (pieces[0][0] < 60) == (around == "ltr")


LONG = "Which of these (choose all that apply) tells most about the session that you have just attended (the last one)?"


@pytest.mark.parametrize("tag", ["h1", "h2", "p"])
def test_a_sign_at_the_end_of_a_long_text_stands_at_its_end(tag: str) -> None:
    for text, styled in ((LONG, LONG), (LONG, LONG.replace("these", "<b>these</b>"))):
        written = pdf.own(text, "rtl").replace(text, styled)
        body = f'<div id="foot"></div><{tag}>1. {written}</{tag}>'
        made = pdf.make(f'<html dir="rtl"><body class="rtl">{body}</body></html>', CSS)
        lines = [line.strip() for line in PdfReader(BytesIO(made)).pages[0].extract_text().splitlines()]
        assert len(lines) > 1
        assert " ".join(" ".join(lines).replace("1.", " ").replace(".1", " ").split()) == LONG


def rows_of(number: int) -> str:
    rows = "".join(f"<tr><td>Guest{at}</td><td>1</td></tr>" for at in range(number))
    head = '<thead><tr><th width="50%">Name</th><th width="50%">Minutes viewed</th></tr></thead>'
    return f'<table class="rows">{head}<tbody>{rows}</tbody></table>'


@pytest.mark.parametrize(("before", "page"), [(10, 0), (34, 0), (44, 1)])
def test_a_heading_stands_above_its_first_rows_wherever_those_are(before: int, page: int) -> None:
    filled = "<p>words</p>" * before
    body = f'<div id="foot"></div>{filled}<h2>Attendees</h2><p class="keep">All of them.</p>{rows_of(100)}'
    pages = [one.extract_text() for one in PdfReader(BytesIO(pdf.make(f'<body class="ltr">{body}</body>', CSS))).pages]
    assert [number for number, text in enumerate(pages) if "Attendees" in text] == [page]
    assert all(words in pages[page] for words in ("All of them.", "Minutes viewed", "Guest0", "Guest1"))


def test_no_line_of_a_table_begins_with_a_space() -> None:
    head = '<tr><th width="12%">Live engagement rate</th><th width="18%">x</th><th width="70%">x</th></tr>'
    cell = " ".join(["engagement"] * 12)
    body = (
        f'<table class="rows"><thead>{head}</thead><tbody><tr><td>1</td><td>{cell}</td><td>1</td></tr></tbody></table>'
    )
    found: list[str] = []
    made = pdf.make(f'<body class="ltr"><div id="foot"></div>{body}</body>', CSS)
    PdfReader(BytesIO(made)).pages[0].extract_text(visitor_text=lambda piece, *_more: found.append(piece))
    words = [piece.rstrip("\n") for piece in found if piece.strip()]
    assert words.count("engagement") == 13 and all(word == word.strip() for word in words)


# As the reports write a table: with a head, and widths.
TABLE = (
    '<table repeat="1"><thead><tr><th width="58%">A</th><th width="42%">B</th></tr></thead>'
    "<tbody><tr><td>{}</td><td>1</td></tr></tbody></table>"
)


@pytest.mark.parametrize("letter", ["z", "漢", "ש"])
@pytest.mark.parametrize("around", ["<p>{}</p>", TABLE], ids=["paragraph", "table"])
def test_nothing_runs_off_the_page_however_long(letter: str, around: str) -> None:
    body = f'<div id="foot">foot</div>{around.format(letter * 9000)}'
    reader = PdfReader(BytesIO(pdf.make(f"<html><body>{body}</body></html>", CSS)))
    assert len(reader.pages) > 1
    lines = [line for page in reader.pages for line in page.extract_text().splitlines() if letter in line]
    assert sum(line.count(letter) for line in lines) == 9000
    assert max(map(len, lines)) < 150  # a line of the page has room for some hundred


def test_a_document_reads_nothing_of_this_machine() -> None:
    body = '<div id="foot"></div><p>seen</p><img src="/etc/hostname"><img src="file:///etc/hostname">'
    reader = PdfReader(BytesIO(pdf.make(f"<html><body>{body}</body></html>", CSS)))
    assert "seen" in reader.pages[0].extract_text()
    assert not reader.pages[0].images


def test_whoever_waits_hears_how_far_it_is_and_may_end_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow, started = tmp_path / "slow.py", tmp_path / "started"
    slow.write_text(
        "import os, sys, time\n"
        f"open({str(started)!r}, 'w').write(str(os.getpid()))\n"
        "print('0.125\\n0.500', file=sys.stderr, flush=True)\n"
        "time.sleep(600)\n"
    )
    monkeypatch.setattr(pdf, "_PROCESS", (str(slow),))
    monkeypatch.setattr(pdf, "HEAR_EVERY", 0.01)
    heard: set[float] = set()

    def hear(share: float) -> None:
        heard.add(share)
        if share == 0.5:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        pdf.make("<p>x</p>", CSS, hear)
    assert heard <= {0.0, 0.125, 0.5}
    with pytest.raises(ProcessLookupError):
        os.kill(int(started.read_text()), 0)


def test_what_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "LONGEST_SECONDS", 0)
    with pytest.raises(pdf.NoPdf, match="not made within"):
        pdf.make("<p>x</p>", CSS)


def test_a_process_whose_starter_died_ends_itself() -> None:
    told = (
        "import os\n"
        "from lti_tool.reports.pdf_process import progress as made\n"
        "made.TELL_EVERY = 0\n"
        "made.PROGRESS.parent = -1\n"
        "made.PROGRESS.step()\n"
        "print('goes on')\n"
    )
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")


def test_a_failure_says_where_but_not_what_was_in_it() -> None:
    with pytest.raises(pdf.NoPdf) as caught:
        pdf.make("<p>Ada Byron</p>", CSS.with_name("nothing.css"))
    assert "FileNotFoundError" in str(caught.value)
    assert "Ada" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("My new room", "My new room_x.pdf"),
        ("../a/b\\c:d\n\x00", "_a_b_c_d___x.pdf"),
        ("教室", "教室_x.pdf"),
        ("n" * 300, "n" * 120 + "_x.pdf"),
    ],
)
def test_the_name_of_a_file_is_safe_everywhere(name: str, file: str) -> None:
    assert file_name(name, "x.pdf") == file
