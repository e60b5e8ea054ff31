"""Addresses that the tool must not read from, and how long what it has read may be kept."""

import socket
import threading
import time
from contextlib import suppress

import pytest

from lti_tool.launch import fetch
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


def test_a_name_that_is_not_found_in_time_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(fetch, "SECONDS", 0.2)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: over.wait(5) and [])
    before = time.monotonic()
    with pytest.raises(FetchError, match="cannot connect"):
        fetch_json("https://slow.example/jwks", allow_loopback=False)
    assert time.monotonic() - before < 2
    over.set()


def test_a_handshake_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "SECONDS", 0.3)
    over = threading.Event()

    def drip() -> None:
        peer, _ = server.accept()
        with peer:
            peer.sendall(b"\x16\x03\x03\x40\x00")  # the head of a record of 16 KiB
            with suppress(OSError):  # we hung up
                for _ in range(80):
                    peer.sendall(b"\x02")
                    if over.wait(0.05):
                        return

    with socket.create_server(("127.0.0.1", 0)) as server:
        dripping = threading.Thread(target=drip)
        dripping.start()
        before = time.monotonic()
        with pytest.raises(FetchError, match="timed out"):
            fetch_json(f"https://127.0.0.1:{server.getsockname()[1]}/jwks", allow_loopback=True)
        assert time.monotonic() - before < 2
        over.set()
        dripping.join()
