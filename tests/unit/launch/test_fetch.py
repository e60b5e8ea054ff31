"""Addresses that the tool must not read from, and how long what it has read may be kept."""

import pytest

from lti_tool.launch.fetch import FetchError, _max_age, fetch_json
from lti_tool.launch.keysets import LONGEST_MS, SHORTEST_MS, UNSTATED_MS, _lifetime

PRIVATE = ["127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "[::1]"]
PRIVATE += ["[fe80::1]", "[fc00::1]", "[::ffff:10.0.0.1]", "[::]", "localhost", "2130706433", "0x7f.1"]


@pytest.mark.parametrize("host", PRIVATE)
def test_only_the_public_internet_is_read(host: str) -> None:
    with pytest.raises(FetchError, match="cannot connect"):
        fetch_json(f"https://{host}/jwks", allow_loopback=False)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "http://lms.example/", "file:///etc/passwd", "https://", "x", "https://a:b/"]
)
def test_only_https_is_read(url: str) -> None:
    with pytest.raises(FetchError, match="cannot connect"):
        fetch_json(url, allow_loopback=False)


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "http://169.254.169.254/", "https://10.0.0.1/"])
def test_loopback_allowed_is_not_private_allowed(url: str) -> None:
    with pytest.raises(FetchError, match="cannot connect"):
        fetch_json(url, allow_loopback=True)


@pytest.mark.parametrize(
    ("header", "kept"),
    [
        ("", UNSTATED_MS),
        ("public", UNSTATED_MS),
        ("max-age=300", 300_000),
        ("public, max-age = 300", 300_000),
        ("max-age=0, private, must-revalidate", SHORTEST_MS),
        ("no-store, max-age=600", SHORTEST_MS),
        ("No-Cache", SHORTEST_MS),
        ("max-age=999999999", LONGEST_MS),
    ],
)
def test_how_long_keys_are_kept(header: str, kept: int) -> None:
    assert _lifetime(_max_age(header)) == kept
