"""``lti-tool import`` and ``rebuild``: the receipt as JSON on standard output, exit 0, 1 or 2, never a traceback."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lti_tool.cli import cli
from lti_tool.collect import fold

START = 1_778_600_040_000
RECORDING = Path(__file__).parent / "collect" / "recording.xml"
CATALOG = {
    "people": [{"id": "ada", "firstName": "Ada"}],
    "entries": [{"id": "room", "name": "Room", "type": "room"}],
    "sessions": [{"id": "s1", "entryId": "room", "startTime": START}],
}


def line(number: int, name: str = "view", **more: Any) -> str:
    event = {"id": f"e{number}", "name": name, "time": START + number * 10_000, "entryId": "room", "userId": "ada"}
    return json.dumps(event | more)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("LTI_TOOL_DATA_DIR", str(tmp_path / "data"))

    def run(*words: str | Path) -> Result:
        return CliRunner().invoke(cli, [str(word) for word in words])

    assert run("account", "create", "A", "--partner-id", "7").exit_code == 0
    return run


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str, str], Path]:
    def file(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return file


def receipt(result: Result) -> dict[str, Any]:
    found = json.loads(result.stdout)
    assert found.pop("seconds") >= 0
    assert found["read"] == found["stored"] + found["duplicate"] + found["rejected"] + found["ignored"]
    return found


def test_catalogue_events_and_a_recording_are_recognised_and_counted_together(run, file) -> None:
    catalog = file("catalog.json", json.dumps(CATALOG))
    events = file("events.jsonl", f"{line(1)}\n\n{line(2)}\n{line(2)}\n")
    done = run("import", "--account", "7", catalog, events)
    assert (done.exit_code, done.stderr) == (0, "")
    expected = {"read": 6, "stored": 5, "duplicate": 1, "rejected": 0, "ignored": 0, "reasons": []}
    assert receipt(done) == expected
    assert receipt(run("import", "--account", "7", catalog, events)) == expected | {"stored": 0, "duplicate": 6}
    recording = run("import", "--account", "7", "--room", "room", RECORDING)
    assert (recording.exit_code, receipt(recording)["rejected"]) == (0, 0)


def test_a_wrong_line_is_rejected_alone_and_named(run, file) -> None:
    bad = file("bad.jsonl", f"{line(1)}\n{{broken\n\n{line(2, userId='')}\n{line(3)}\n{line(4, 'somethingNew')}\n")
    done = run("import", "--account", "7", bad)
    assert done.exit_code == 1
    found = receipt(done)
    assert (found["stored"], found["rejected"]) == (3, 2)
    assert [(reason["line"], reason["file"]) for reason in found["reasons"]] == [(2, "bad.jsonl"), (4, "bad.jsonl")]
    assert all(reason["reason"] for reason in found["reasons"])


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "empty"), ("Name,Minutes\nAda,5\n", "--format"), ("%PDF-1.7", "--format"), ("[1, 2]", "--format")],
)
def test_a_file_of_no_known_format_is_rejected_and_the_others_are_taken(run, file, text, reason) -> None:
    done = run("import", "--account", "7", file("what", text), file("events.jsonl", line(1)))
    assert done.exit_code == 1
    found = receipt(done)
    assert (found["stored"], found["rejected"]) == (1, 1)
    (only,) = found["reasons"]
    assert (only["line"], only["file"], reason in only["reason"]) == (1, "what", True)


def test_a_format_that_is_named_is_not_guessed(run, file) -> None:
    events = file("events.jsonl", line(1))
    assert receipt(run("import", "--account", "7", "--format", "events", events))["stored"] == 1
    wrong = run("import", "--account", "7", "--format", "events", file("catalog.json", json.dumps(CATALOG)))
    assert (wrong.exit_code, receipt(wrong)["stored"]) == (1, 0)


def test_an_unknown_account_is_refused(run, file) -> None:
    events = file("events.jsonl", line(1))
    for words in (("import", "--account", "8", events), ("rebuild", "--account", "8")):
        refused = run(*words)
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert refused.stderr == "lti-tool: there is no account 8.\n"


def test_wrong_usage(run, file, tmp_path) -> None:
    events = file("events.jsonl", line(1))
    for words in (
        ("--account", "7"),
        (events,),
        ("--account", "seven", events),
        ("--account", "7", tmp_path / "not-there"),
        ("--account", "7", tmp_path),
        ("--account", "7", "--format", "dice", events),
    ):
        wrong = run("import", *words)
        assert (wrong.exit_code, wrong.stdout) == (2, ""), words


def test_what_is_stored_stays_stored_when_folding_fails(run, file, monkeypatch: pytest.MonkeyPatch) -> None:
    events = file("events.jsonl", line(1))

    def broken(*_args: Any, **_named: Any) -> None:
        raise ValueError("a fault of ours")

    with monkeypatch.context() as patch:
        patch.setattr(fold, "fold_entry", broken)
        done = run("import", "--account", "7", events)
    assert (done.exit_code, receipt(done)["stored"]) == (1, 1)
    assert "could not be folded" in done.stderr
    again = run("import", "--account", "7", events)
    assert (again.exit_code, receipt(again)["duplicate"]) == (0, 1)


def test_rebuild_says_how_many_entries_it_folded_anew(run, file) -> None:
    run("import", "--account", "7", file("events.jsonl", f"{line(1)}\n{line(2, entryId='other')}\n"))
    done = run("rebuild", "--account", "7")
    assert (done.exit_code, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert (found["account"], found["entries"], found["seconds"] >= 0) == (7, 2, True)
