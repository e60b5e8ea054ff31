"""PDFs: letters that break where the line ends, which way they run, and names of files."""

import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import matplotlib
import pytest
from pypdf import PdfReader
from reportlab.pdfbase.ttfonts import TTFont

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


def pieces(made: bytes, page: int = 0) -> list[tuple[str, float, float]]:
    """(text, where it begins from the left, size of its letters), as they were drawn."""
    found: list[tuple[str, float, float]] = []

    def keep(text: str, around: list[float], at: list[float], _font: object, size: float) -> None:
        if text.strip():
            found.append((text.strip(), around[4] + at[4], size))

    PdfReader(BytesIO(made)).pages[page].extract_text(visitor_text=keep)
    return found


def table(heads: list[str], *rows: str, around: str = "ltr") -> bytes:
    """A PDF of one table, whose first column is of texts and the others of numbers."""
    others = "".join(f'<th class="number" width="{70 // len(heads)}%">{head}</th>' for head in heads)
    head = f'<thead><tr><th width="30%">Name</th>{others}</tr></thead>'
    body = f'<div id="foot"></div><table class="rows">{head}<tbody>{"".join(rows)}</tbody></table>'
    return pdf.make(f'<body class="{around}">{body}</body>', CSS)


@pytest.mark.parametrize("around", ["ltr", "rtl"])
def test_numbers_stand_digit_below_digit_at_the_end_of_their_column(around: str) -> None:
    font = TTFont("DejaVu", str(Path(matplotlib.get_data_path()) / "fonts/ttf/DejaVuSans.ttf"))
    numbers = ["1,469.8", "73.8", "8.0", "100.1"]
    made = table(["Minutes"], *(f"<tr><td>x</td><td>{number}</td></tr>" for number in numbers), around=around)
    drawn = [(at, at + font.stringWidth(text, size)) for text, at, size in pieces(made) if text in numbers]
    ends = [round(end, 1) for _start, end in drawn]
    assert len(drawn) == 4 and len(set(ends)) == 1
    edge = 51.0 + 4.0  # the page's margin and the cell's
    assert (min(start for start, _end in drawn), ends[0])[around == "ltr"] == pytest.approx(
        595.3 - edge if around == "ltr" else edge, abs=0.2
    )


GERMAN = ["Sitzungen", "Gesehene Minuten", "Reaktionen", "Chatnachrichten", "Beantwortete Umfragen", "Gehobene Hände"]


def test_headings_of_a_row_are_of_one_size_and_break_between_words() -> None:
    heads = [*GERMAN, "Live-Engagement-Rate"]
    made = table(heads, f"<tr><td>Ada Byron</td>{'<td>1.234,5</td>' * len(heads)}</tr>")
    drawn = [(text, size) for text, _at, size in pieces(made) if text[0].isalpha() and text != "Ada Byron"]
    assert {word for head in heads for word in head.replace("-", "- ").split()} <= {text for text, _size in drawn}
    assert len({size for _text, size in drawn}) == 1
    assert [text for text, *_rest in pieces(made)].count("1.234,5") == len(heads)


def test_the_heading_of_a_group_stands_above_its_rows_on_every_page() -> None:
    rows = [f"<tr><td>Page {at}</td><td>{at}</td></tr>" for at in range(60)]
    for before in range(30, 40):
        group = '<tr class="group"><td>{}<small>May 4</small></td></tr>'
        made = table(["x"], group.format("First"), *rows[:before], group.format("Second"), *rows[before:])
        on_pages = [[text for text, *_rest in pieces(made, page)] for page in range(2)]
        assert on_pages[0][-1].isdigit()  # no heading without a row below it
        names = [[text for text in found if text in ("First", "Second")] for found in on_pages]
        assert names in ([["First"], ["First", "Second"]], [["First"], ["Second"]], [["First", "Second"], ["Second"]])


def test_a_group_of_one_row_that_is_longer_than_a_page_ends() -> None:
    made = table(["x"], '<tr class="group"><td>First</td></tr>', f"<tr><td>{'z' * 9000}</td><td>1</td></tr>")
    found = [page.extract_text() for page in PdfReader(BytesIO(made)).pages]
    assert len(found) > 1 and sum(text.count("z") for text in found) == 9000


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("Ada Byron", "Ada Byron"),
        ("小明 王", "小明 王"),
        ("สมชาย ใจดี", "□ som@uni.example"),
        ("अर्जुन शर्मा", "□ som@uni.example"),
        ("Ada 👩‍💻", "Ada □ som@uni.example"),
        ("Ada ✌️", "Ada ✌"),
    ],
)
def test_letters_that_no_font_has_are_one_box_and_something_says_so(name: str, seen: str) -> None:
    cell = f"<tr><td>{name}<i> som@uni.example</i></td><td>1</td></tr>"
    head = '<thead><tr><th width="70%">Name</th><th width="30%">x</th></tr></thead>'
    note = '<p class="quiet undrawn">A box says it.</p>'
    body = f'<div id="foot"></div><h1>{name}</h1><table class="rows">{head}<tbody>{cell}</tbody></table>{note}'
    text = PdfReader(BytesIO(pdf.make(f'<body class="ltr">{body}</body>', CSS))).pages[0].extract_text()
    assert f"{seen} 1" in text.splitlines()
    assert ("A box says it." in text) == ("som@" in text) == ("□" in seen)


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
