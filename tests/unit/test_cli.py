"""The command line: results on standard output as JSON, refusals with exit 1, wrong usage with exit 2."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from lti_tool.cli import cli


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LTI_TOOL_DATA_DIR", str(tmp_path))

    def run(*words: str) -> Result:
        return CliRunner().invoke(cli, words)

    return run


def test_account_create_prints_the_secrets_as_json(run) -> None:
    made = json.loads(run("account", "create", "Example University", "--partner-id", "77").stdout)
    assert made["partner_id"] == 77
    assert len(made["admin_secret"]) == 32
    assert made["collect_token"]


def test_a_taken_partner_id_is_refused(run) -> None:
    assert run("account", "create", "A", "--partner-id", "7").exit_code == 0
    again = run("account", "create", "B", "--partner-id", "7")
    assert (again.exit_code, "taken" in again.stderr) == (1, True)


def test_flag_says_which_switches_there_are(run) -> None:
    run("account", "create", "A", "--partner-id", "7")
    assert run("account", "flag", "7", "theming.analytics", "no").exit_code == 0
    wrong = run("account", "flag", "7", "theming.nothing", "no")
    assert (wrong.exit_code, "theming.analytics" in wrong.stderr) == (1, True)
    assert run("account", "flag", "7", "theming.analytics", "perhaps").exit_code == 2
    assert run("account", "flag", "8", "theming.analytics", "no").exit_code == 1


def test_the_logo_of_an_account(run, tmp_path: Path) -> None:
    run("account", "create", "Example", "--partner-id", "7")
    picture, words = tmp_path / "logo.png", tmp_path / "words.txt"
    Image.new("RGB", (10, 10)).save(picture)
    words.write_text("no picture")
    assert run("account", "logo", "7", str(picture)).exit_code == 0
    refused = run("account", "logo", "7", str(words))
    assert refused.exit_code == 1 and "no PNG or JPEG picture" in refused.stderr
    assert run("account", "logo", "8", str(picture)).exit_code == 1
    assert run("account", "logo", "7").exit_code == run("account", "logo", "7", str(picture), "--remove").exit_code == 2
    assert '"removed"' in run("account", "logo", "7", "--remove").stdout
