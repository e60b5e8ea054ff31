"""What looks like a credential never reaches the log."""

import logging
from collections.abc import Iterator
from io import StringIO

import pytest

from config.logging import configure


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[StringIO]:
    """What the tool's own configuration writes to standard error."""
    root, error = logging.getLogger(), StringIO()
    level = root.level
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr("sys.stderr", error)
    configure()
    yield error
    root.setLevel(level)


@pytest.mark.parametrize(
    ("message", "arguments"),
    [
        ("GET /lti/launch?state=%s&x=1", ("hunter2",)),
        ("Authorization: Bearer hunter2", ()),
        ("Authorization: KS hunter2", ()),
        ('{"id_token": "hunter2"}', ()),
        ("{'password': 'hunter2', 'user': 'x'}", ()),
        ("nonce = hunter2", ()),
    ],
)
def test_credentials_are_blanked(written: StringIO, message: str, arguments: tuple[str, ...]) -> None:
    logging.getLogger("tests").info(message, *arguments)
    assert "hunter2" not in written.getvalue()
    assert "[redacted]" in written.getvalue()


def test_what_is_no_credential_is_left_alone(written: StringIO) -> None:
    logging.getLogger("tests").info("refused reason=%s reference=%s", "role", "abc")
    assert written.getvalue().endswith(" INFO tests refused reason=role reference=abc\n")
