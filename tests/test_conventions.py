"""Rules about the codebase itself, so that nobody has to remember them."""

import re
from pathlib import Path

import pytest
from flask import Flask

from config.settings import TABLE
from lti_tool.access.gate import Gate

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "lti_tool"
MODULES = sorted(path for folder in ("lti_tool", "config") for path in (ROOT / folder).rglob("*.py"))
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc"}
LONGEST = 400


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_has_a_telling_name_and_can_be_read_in_one_go(path: Path) -> None:
    assert not VAGUE & {part.removesuffix(".py") for part in path.relative_to(ROOT).parts}
    if "migrations" not in path.parts:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST


def test_operations_lists_every_setting_as_the_table_has_it() -> None:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    for setting in TABLE:
        assert f"| `{setting.variable}` | {setting.default_text} | {setting.sentence} |" in text
    known = {setting.variable for setting in TABLE}
    assert set(re.findall(r"LTI_TOOL_[A-Z_]+", text)) <= known


def test_the_map_in_the_readme_names_every_package_that_exists() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    mapped = set(re.findall(r"^\| `lti_tool/(\w+)` \|", text, re.MULTILINE))
    assert mapped == {path.parent.name for path in PACKAGE.glob("*/__init__.py")}


def test_the_first_commands_of_the_readme_are_demo_and_test() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = [line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
    assert commands[:2] == ["make demo", "make test"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_route_has_a_gate_or_says_why_not(app: Flask) -> None:
    views = {rule.rule: app.view_functions[rule.endpoint] for rule in app.url_map.iter_rules()}
    marks = {rule: getattr(view, "access", None) for rule, view in views.items() if not rule.startswith("/static/")}
    unmarked = [rule for rule, mark in marks.items() if not isinstance(mark, Gate) and not getattr(mark, "reason", "")]
    assert unmarked == []


def test_no_page_holds_inline_scripts_or_styles() -> None:
    for path in (PACKAGE / "templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=", text), path
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), path


def test_templates_speak_through_gettext() -> None:
    """Words between tags that no ``_()`` or variable gave. The pretend LMS is not the tool's and speaks English."""
    for path in (PACKAGE / "templates").rglob("*.html"):
        if path.parent.name == "demo":
            continue
        text = re.sub(r"\{[{%#].*?[}%#]\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        loose = [words for words in re.findall(r">([^<]*)<", text) if re.search(r"[A-Za-z]{2,}", words)]
        assert loose == [], path


def test_nothing_names_the_machine_it_was_written_on() -> None:
    places = re.compile(r"/" + r"work/|/tmp" + r"/w/|files\.python" + r"hosted|index-url https")
    for path in [*MODULES, *(ROOT / "docs").glob("*.md"), ROOT / "README.md", ROOT / "Makefile", ROOT / ".ci" / "run"]:
        assert not places.search(path.read_text(encoding="utf-8")), path
    for lock in ROOT.glob("*.lock"):
        assert "://" not in lock.read_text(encoding="utf-8"), lock
