"""Names of files in headers, for who knows nothing but ASCII and for all others."""

import pytest

from lti_tool.reports.names import attachment, of_file


@pytest.mark.parametrize(
    ("name", "plain", "whole"),
    [
        ("Ada", "Ada_summary_report.pdf", None),
        ("Ada Byron", '"Ada Byron_summary_report.pdf"', None),
        ("Jürgen", "Jurgen_summary_report.pdf", "J%C3%BCrgen_summary_report.pdf"),
        ("蓮 佐藤", "summary_report.pdf", "%E8%93%AE%20%E4%BD%90%E8%97%A4_summary_report.pdf"),
        ("...", "summary_report.pdf", "_summary_report.pdf"),
        ("蓮 2", '"2_summary_report.pdf"', "%E8%93%AE%202_summary_report.pdf"),
    ],
)
def test_a_name_in_ascii_begins_with_a_letter_or_digit_and_is_never_empty(
    name: str, plain: str, whole: str | None
) -> None:
    also = f"; filename*=UTF-8''{whole}" if whole else ""
    assert attachment(f"{of_file(name)}_summary_report.pdf").replace('"', "") == (
        f"attachment; filename={plain}{also}".replace('"', "")
    )
