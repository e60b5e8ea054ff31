"""PDFs: letters that break where the line ends, which way they run, and names of files."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from lti_tool.reports import pdf
from lti_tool.reports.routes import CSS, file_name


@pytest.mark.parametrize(
    ("text", "way"),
    [("abc שלום", "ltr"), ("שלום abc", "rtl"), ("42 مرحبا", "rtl"), ("42 %", "ltr"), ("", "ltr"), ("漢字", "ltr")],
)
def test_the_first_letter_with_a_direction_decides(text: str, way: str) -> None:
    assert pdf.direction(text) == way


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
