"""PDFs: letters that break where the line ends, which way they run, and names of files."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from lti_tool.reports import pdf
from lti_tool.reports.routes.blueprint import file_name
from lti_tool.reports.routes.files import CSS


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
