"""``lti-tool report``: the CSV alone on standard output or in a file; clear words and exit 2 for wrong usage."""

import csv
import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lti_tool.cli import cli
from lti_tool.reports.custom import REPORTS
from tests.properties.made_up import DAY, START, made_up

FROM, TO = "2026-05-01T00:00:00Z", "2026-06-01T02:00:00+02:00"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("LTI_TOOL_DATA_DIR", str(tmp_path / "data"))

    def run(*words: Any) -> Result:
        return CliRunner().invoke(cli, [str(word) for word in words])

    assert run("account", "create", "A", "--partner-id", "7").exit_code == 0
    return run


@pytest.fixture
def filled(run, tmp_path: Path) -> Callable[..., Result]:
    world = made_up(8, 80)
    catalog, events = tmp_path / "catalog.json", tmp_path / "events.jsonl"
    catalog.write_text(json.dumps(world.catalog), encoding="utf-8")
    events.write_text("\n".join(json.dumps(event) for event in world.events), encoding="utf-8")
    assert run("import", "--account", "7", catalog, events).exit_code == 0
    return run


def rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(StringIO(data.decode("utf-8-sig"), newline="")))


def test_every_report_is_printed(filled) -> None:
    for name, report in REPORTS.items():
        done = filled("report", name, "--account", 7, "--from", FROM, "--to", TO)
        assert (done.exit_code, done.stderr) == (0, "")
        assert rows(done.stdout_bytes)[0] == [column.name for column in report.columns]
        friendly = filled("report", name, "--account", 7, "--from", FROM, "--to", TO, "--descriptive")
        assert rows(friendly.stdout_bytes)[1:] == rows(done.stdout_bytes)[1:]


def test_times_filters_and_a_file(filled, tmp_path: Path) -> None:
    words = ("report", "room-data", "--account", 7, "--filter", "entry_ids=r1", "--filter", "entry_ids=b1,r2")
    words += ("--filter", "cue_point_ids=")
    path = tmp_path / "out.csv"
    done = filled(*words, "--from", START, "--to", START + DAY, "-o", path)
    assert (done.exit_code, done.stdout) == (0, "")
    found = rows(path.read_bytes())[1:]
    assert {row[0] for row in found} >= {"r1", "b1"} and "x1" not in {row[0] for row in found}
    assert all(int(row[4]) * 1000 + 999 >= START and int(row[4]) * 1000 < START + DAY for row in found)
    nothing = filled(*words, "--from", 0, "--to", 1)
    assert (nothing.exit_code, len(rows(nothing.stdout_bytes))) == (0, 1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("everything",), "there are: group-chat-transcripts, chat-moderation"),
        (("rsvp", "--from", "yesterday"), "'--from': time is neither milliseconds since the epoch nor ISO 8601"),
        (("rsvp", "--from", "2026-05-01T00:00:00"), "'--from': time has no zone"),
        (("rsvp", "--to", "4738-05-01T00:00:00Z"), "'--to': time is outside 1970 to 2100"),
        (("rsvp", "--to", "9" * 20), "'--to': time is after 2100"),
        (("rsvp", "--to", "2026-04-30T00:00:00Z"), "--to must not come before --from"),
        (("rsvp", "--filter", "entry_ids"), "'--filter': it takes name=ids"),
        (
            ("rsvp", "--filter", "colour=red"),
            "'colour' cannot be used: this report can be filtered by entry_ids, user_",
        ),
        (
            ("room-data", "--filter", "user_ids=u1"),
            "'user_ids' cannot be used: this report can be filtered by entry_ids",
        ),
        (("rsvp", "--filter", "virtual_event_ids=1 OR 1"), "'virtual_event_ids' cannot be used: it takes numbers"),
    ],
)
def test_wrong_usage_names_the_parameter_and_what_is_allowed(run, words, said) -> None:
    given = [words[0], "--account", 7, *([] if "--from" in words else ["--from", FROM])]
    given += [*([] if "--to" in words else ["--to", TO]), *words[1:]]
    wrong = run("report", *given)
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert said in wrong.stderr


def test_what_is_refused(run, tmp_path: Path) -> None:
    unknown = run("report", "rsvp", "--account", 8, "--from", FROM, "--to", TO)
    assert (unknown.exit_code, unknown.stdout, unknown.stderr) == (1, "", "lti-tool: there is no account 8.\n")
    nowhere = tmp_path / "no" / "folder.csv"
    refused = run("report", "rsvp", "--account", 7, "--from", FROM, "--to", TO, "-o", nowhere)
    assert (refused.exit_code, refused.stdout, str(nowhere) in refused.stderr) == (1, "", True)
