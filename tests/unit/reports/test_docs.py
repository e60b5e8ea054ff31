"""The page about custom reports lists every report with its filters and columns, as the lists of the reports have them.

``python -m tests.unit.reports.test_docs`` writes its tables anew.
"""

import re
from pathlib import Path

from lti_tool.reports.custom import OF_ROOM, REPORTS, Report

PAGE = Path(__file__).parents[3] / "docs" / "reports.md"


def section(report: Report) -> str:
    """A report as the page has it."""
    filters = ", ".join(f"`{name}`" for name in report.filters)
    rows = "\n".join(f"| `{c.name}` | {c.label} | {c.meaning} | {c.unit} | {c.source} |" for c in report.columns)
    head = "| column | descriptive header | meaning | unit | source |\n|---|---|---|---|---|"
    title, sentence = str(report.title), str(report.sentence)
    return f"## {title}: `{report.name}`\n\n{sentence}\n\nFilters: {filters}.\n\n{head}\n{rows}\n"


def sections() -> str:
    return "\n".join(section(report) for report in REPORTS.values())


def test_the_page_holds_each_report_as_its_list_of_columns_has_it() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text[text.index("## ", text.index("## How") + 1) :] == sections()


def test_no_word_breaks_a_table_and_each_name_is_there_once() -> None:
    for report in REPORTS.values():
        names = [column.name for column in report.columns]
        assert len(set(names)) == len(names)
        for column in report.columns:
            texts = (column.name, column.label, column.meaning, column.unit, column.source)
            assert all(texts) and not any(re.search(r"[|\n]", text) for text in texts)
    assert OF_ROOM.keys() < REPORTS.keys()


if __name__ == "__main__":
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(page[: page.index("## ", page.index("## How") + 1)] + sections(), encoding="utf-8")
