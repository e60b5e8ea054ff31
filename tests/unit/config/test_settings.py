"""The table of settings: defaults, what each variable takes, and what stops the start."""

import stat
from pathlib import Path

import pytest

from config.settings import TABLE, Settings, SettingsError, load

SECRET = "thirty-two random characters, no fewer"
PRODUCTION = {
    "LTI_TOOL_ENV": "production",
    "LTI_TOOL_PUBLIC_URL": "https://analytics.example.edu",
    "LTI_TOOL_SECRET_KEY": SECRET,
}


def loaded(tmp_path: Path, **changes: str) -> Settings:
    return load({"LTI_TOOL_DATA_DIR": str(tmp_path)} | {f"LTI_TOOL_{name.upper()}": v for name, v in changes.items()})


def test_without_any_variable_everything_lies_in_var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made = load({})
    assert (made.data_dir, made.production, made.redis_url) == (tmp_path / "var", False, None)
    assert made.database_url == f"sqlite:///{tmp_path}/var/lti_tool.sqlite3"
    assert (made.storage_url, made.mail_url) == (f"file://{tmp_path}/var/exports", f"file://{tmp_path}/var/outbox")
    assert (made.public_url, made.allow_loopback, made.export_days) == ("http://127.0.0.1:8000", False, 7)


def test_the_process_environment_is_read_when_none_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LTI_TOOL_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("LTI_TOOL_EXPORT_DAYS", "30")
    assert (load().data_dir, load().export_days) == (tmp_path, 30)


def test_the_development_secret_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    first = loaded(tmp_path).secret_key
    assert len(first) >= 32
    assert loaded(tmp_path).secret_key == first
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert loaded(tmp_path / "other").secret_key != first


def test_an_empty_variable_is_none(tmp_path: Path) -> None:
    assert loaded(tmp_path, export_days="", redis_url="", public_url="") == loaded(tmp_path)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("public_url", "https://analytics.example.edu/", "https://analytics.example.edu"),
        ("public_url", "http://localhost:8000", "http://localhost:8000"),
        ("public_url", "http://[::1]:8000", "http://[::1]:8000"),
        ("database_url", "postgresql+psycopg://u:p@db/tool", "postgresql+psycopg://u:p@db/tool"),
        ("redis_url", "rediss://queue:6379/1", "rediss://queue:6379/1"),
        ("storage_url", "s3://bucket/prefix", "s3://bucket/prefix"),
        ("mail_url", "smtps://mail.example:465", "smtps://mail.example:465"),
        ("mail_url", "smtp://me:w%2Frd@mail.example", "smtp://me:w%2Frd@mail.example"),
        ("mail_url", "file:///var/out box", "file:///var/out box"),
        ("allow_loopback", "1", True),
        ("allow_loopback", "0", False),
        ("export_days", "365", 365),
        ("secret_key", SECRET, SECRET),
    ],
)
def test_what_a_variable_takes(tmp_path: Path, name: str, text: str, value: object) -> None:
    assert getattr(loaded(tmp_path, **{name: text}), name) == value


@pytest.mark.parametrize(
    ("name", "text", "what_to_do"),
    [
        ("env", "prod", "development, production"),
        ("public_url", "analytics.example.edu", "http:// or https://"),
        ("public_url", "http://analytics.example.edu", "use https"),
        ("public_url", "https://analytics.example.edu/tool", "scheme, host and port only"),
        ("public_url", "https://analytics.example.edu?x=1", "scheme, host and port only"),
        ("public_url", "https://", "scheme, host and port only"),
        ("database_url", "mysql://db/tool", "sqlite:// or postgresql"),
        ("redis_url", "http://queue", "redis://"),
        ("storage_url", "/exports", "file:// or s3://"),
        ("storage_url", "file://exports", "three slashes"),
        ("storage_url", "file:///", "three slashes"),
        ("storage_url", "s3:///prefix", "s3://bucket/prefix"),
        ("storage_url", "s3://key:secret@bucket/prefix", "s3://bucket/prefix"),
        ("mail_url", "mailto:a@example.org", "smtp://"),
        ("mail_url", "file://outbox", "three slashes"),
        ("mail_url", "smtp://", "host:port"),
        ("mail_url", "smtp://mail.example/queue", "host:port"),
        ("mail_url", "smtp://:word@mail.example", "host:port"),
        ("allow_loopback", "yes", "1 or 0"),
        ("export_days", "0", "from 1 to 365"),
        ("export_days", "366", "from 1 to 365"),
        ("export_days", "a week", "cannot be used"),
        ("secret_key", "short", "32"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_with_what_to_do(
    tmp_path: Path, name: str, text: str, what_to_do: str
) -> None:
    with pytest.raises(SettingsError, match=f"LTI_TOOL_{name.upper()}") as refused:
        loaded(tmp_path, **{name: text})
    assert what_to_do in str(refused.value)


@pytest.mark.parametrize(
    "text", ["smtp://tool:pa/ssw0rd@mail.example:25", "smtp://tool:passw0rd@ma\u2100il", "smtp://[passw0rd"]
)
def test_a_mail_address_that_is_refused_does_not_quote_its_password(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError) as refused:
        loaded(tmp_path, mail_url=text)
    assert "ssw0rd" not in str(refused.value)


def test_production_starts_with_what_it_needs(tmp_path: Path) -> None:
    made = load({**PRODUCTION, "LTI_TOOL_DATA_DIR": str(tmp_path)})
    assert (made.production, made.secret_key) == (True, SECRET)
    assert not (tmp_path / "secret_key").exists()


@pytest.mark.parametrize(
    ("changes", "variable"),
    [
        ({"LTI_TOOL_PUBLIC_URL": ""}, "LTI_TOOL_PUBLIC_URL"),
        ({"LTI_TOOL_PUBLIC_URL": "http://127.0.0.1:8000"}, "LTI_TOOL_PUBLIC_URL"),
        ({"LTI_TOOL_SECRET_KEY": ""}, "LTI_TOOL_SECRET_KEY"),
        ({"LTI_TOOL_ALLOW_LOOPBACK": "1"}, "LTI_TOOL_ALLOW_LOOPBACK"),
    ],
)
def test_production_refuses_what_is_missing_or_unsafe(tmp_path: Path, changes: dict[str, str], variable: str) -> None:
    with pytest.raises(SettingsError, match=variable):
        load({**PRODUCTION, "LTI_TOOL_DATA_DIR": str(tmp_path), **changes})
    assert list(tmp_path.iterdir()) == []


def test_a_child_process_gets_the_same_settings(tmp_path: Path) -> None:
    for made in (loaded(tmp_path), loaded(tmp_path, allow_loopback="1", redis_url="redis://queue:6379/0")):
        assert load(made.environment()) == made
    assert set(made.environment()) == {setting.variable for setting in TABLE}
