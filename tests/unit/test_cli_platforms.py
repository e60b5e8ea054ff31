"""``lti-tool platform``: JSON on standard output, refusals with exit 1 and clear words, wrong usage with exit 2."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lti_tool.cli import cli

ADDRESSES = {
    "--issuer": "https://lms.example",
    "--client-id": "client-1",
    "--auth-url": "https://lms.example/auth",
    "--token-url": "https://lms.example/token",
    "--jwks-url": "https://lms.example/jwks",
}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LTI_TOOL_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("LTI_TOOL_ALLOW_LOOPBACK", raising=False)

    def run(*words: str) -> Result:
        return CliRunner().invoke(cli, words)

    for number in ("7", "8"):
        assert run("account", "create", "A", "--partner-id", number).exit_code == 0
    return run


def add(run, *more: str, account: str = "7", **changes: str) -> Result:
    options = ADDRESSES | {f"--{name.replace('_', '-')}": value for name, value in changes.items()}
    return run("platform", "add", "--account", account, *(word for pair in options.items() for word in pair), *more)


def added(result: Result) -> dict:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def listed(run, *words: str) -> list:
    return json.loads(run("platform", "list", *words).stdout)


def test_add_list_remove(run) -> None:
    made = added(add(run, "--deployment", "d1", "--deployment", "d2", "--deployment", "d1", "--family", "canvas"))
    assert made["deployments"] == [{"deployment_id": name, "account": 7} for name in ("d1", "d2")]
    assert (made["open_deployments"], made["family"], made["token_audience"]) == (False, "canvas", None)
    assert made["tool"]["login"] == "http://127.0.0.1:8000/lti/login"
    assert [row["client_id"] for row in listed(run)] == ["client-1"]
    assert run("platform", "remove", str(made["id"])).exit_code == 0
    assert listed(run) == []
    assert run("platform", "remove", str(made["id"])).exit_code == 1


def test_adding_again_updates_and_adds_deployments(run) -> None:
    first = added(add(run))
    assert first["open_deployments"] is True
    again = added(add(run, "--deployment", "d1", "--person-claim", "sis_id", jwks_url="https://lms.example/keys"))
    assert again["id"] == first["id"]
    assert (again["jwks_url"], again["person_claim"]) == ("https://lms.example/keys", "sis_id")
    assert (again["open_deployments"], len(again["deployments"])) == (False, 1)


def test_brightspace_has_its_own_token_audience(run) -> None:
    assert added(add(run))["token_audience"] is None
    assert added(add(run, "--family", "brightspace"))["token_audience"] == "https://api.brightspace.com/auth/token"
    own = added(add(run, "--family", "brightspace", "--token-audience", "https://own.example"))
    assert own["token_audience"] == "https://own.example"
    again = added(add(run))
    assert (again["family"], again["token_audience"]) == ("brightspace", "https://own.example")


def test_accounts_share_a_client_id_by_their_deployments(run) -> None:
    added(add(run, "--deployment", "d1"))
    nameless = add(run, account="8")
    assert (nameless.exit_code, "--deployment" in nameless.stderr) == (1, True)
    taken = add(run, "--deployment", "d1", account="8")
    assert (taken.exit_code, "belongs to account 7" in taken.stderr) == (1, True)
    other = add(run, "--deployment", "d2", account="8", auth_url="https://evil.example/auth")
    assert (other.exit_code, "--auth-url" in other.stderr) == (1, True)
    shared = added(add(run, "--deployment", "d2", account="8"))
    assert shared["deployments"][1] == {"deployment_id": "d2", "account": 8}
    assert len(listed(run, "--account", "8")) == len(listed(run, "--account", "7")) == 1
    assert listed(run, "--account", "9") == []


def test_an_issuer_of_several_customers_needs_deployments(run) -> None:
    canvas = {"issuer": "https://canvas.instructure.com"}
    nameless = add(run, **canvas)
    assert (nameless.exit_code, "--deployment" in nameless.stderr, listed(run)) == (1, True, [])
    assert added(add(run, "--deployment", "d1", **canvas))["open_deployments"] is False
    added(add(run, jwks_url="https://lms.example/new", **canvas))  # a change of addresses needs none


@pytest.mark.parametrize(
    "changes",
    [
        {"auth_url": "http://lms.example/auth"},
        {"jwks_url": "http://127.0.0.1:8001/jwks"},
        {"token_url": "ftp://lms.example/"},
        {"auth_url": "https://"},
        {"auth_url": "https://lms.example:port/"},
        {"issuer": ""},
        {"issuer": " https://lms.example"},
        {"client_id": "x" * 256},
        {"account": "9"},
    ],
)
def test_refusals(run, changes) -> None:
    refused = add(run, **changes)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith("lti-tool: ")
    assert listed(run) == []


def test_plain_http_on_this_machine_when_allowed(run, monkeypatch) -> None:
    monkeypatch.setenv("LTI_TOOL_ALLOW_LOOPBACK", "1")
    added(add(run, jwks_url="http://127.0.0.1:8001/jwks", auth_url="http://localhost:8001/auth"))
    assert add(run, jwks_url="http://10.0.0.1/jwks").exit_code == 1


def test_wrong_usage(run) -> None:
    assert run("platform", "add", "--account", "7").exit_code == 2
    assert add(run, "--family", "webct").exit_code == 2
    assert run("platform", "remove").exit_code == 2


def test_remove_by_issuer_and_client_id(run) -> None:
    added(add(run))
    assert run("platform", "remove", "--issuer", "https://lms.example", "--client-id", "other").exit_code == 1
    assert run("platform", "remove", "--issuer", "https://lms.example", "--client-id", "client-1").exit_code == 0


def test_changes_are_audited(run, tmp_path) -> None:
    from sqlalchemy import create_engine, text

    added(add(run, "--deployment", "d1"))
    run("platform", "remove", "1")
    with create_engine(f"sqlite:///{tmp_path}/lti_tool.sqlite3").connect() as connection:
        actions = connection.execute(text("SELECT action FROM audit_entry ORDER BY id")).scalars().all()
    connection.engine.dispose()
    assert actions[-3:] == ["platform added", "deployment", "platform removed"]
