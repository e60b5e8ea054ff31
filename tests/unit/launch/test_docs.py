"""The page about the launch lists every reason code with its status, and every code of it exists."""

import re
from pathlib import Path

from lti_tool.launch.refusals import REASONS

PAGE = Path(__file__).parents[3] / "docs" / "launch.md"


def test_every_reason_code_is_documented() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert {code: int(status) for code, status in rows} == {code: reason.status for code, reason in REASONS.items()}


def test_every_reason_code_is_used() -> None:
    package = Path(__file__).parents[3] / "lti_tool" / "launch"
    code = "".join(path.read_text(encoding="utf-8") for path in package.glob("*.py") if path.name != "refusals.py")
    code += (package / "refusals.py").read_text(encoding="utf-8").partition("def refuse")[2]
    assert [reason for reason in REASONS if f'"{reason}"' not in code] == []
