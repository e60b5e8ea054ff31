"""What looks like a credential never reaches the log."""

import logging

import pytest

from config.logging import Redact


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
def test_credentials_are_blanked_and_the_rest_stays(message: str, arguments: tuple[str, ...]) -> None:
    record = logging.LogRecord("x", logging.INFO, "f", 1, message, arguments, None)
    assert Redact().filter(record)
    assert "hunter2" not in record.getMessage()
    assert "[redacted]" in record.getMessage()


def test_what_is_no_credential_is_left_alone() -> None:
    record = logging.LogRecord("x", logging.INFO, "f", 1, "refused reason=%s reference=%s", ("role", "abc"), None)
    Redact().filter(record)
    assert record.getMessage() == "refused reason=role reference=abc"
