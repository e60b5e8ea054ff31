"""Reading a JSON document from an address that somebody else controls.

Five seconds in all, name look-up and TLS included, however slowly the bytes drip; 256 KiB; no redirects; https, and
only addresses of the public internet. The name is resolved once and the connection goes to the very address that was
checked.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import re
import socket
import ssl
import threading
import time
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

SECONDS = 5.0
MOST_BYTES = 256 * 1024


class FetchError(Exception):
    """The document could not be had. The text is for the log: it names no content."""


@dataclass(frozen=True)
class Document:
    """A JSON object and for how many seconds it may be kept (``None``: the sender did not say)."""

    body: dict[str, Any]
    max_age: int | None


def fetch_json(url: str, *, allow_loopback: bool) -> Document:
    """Get ``url``. Raises ``FetchError`` for anything but a 200 with a JSON object, in time and in bounds."""
    deadline = time.monotonic() + SECONDS
    try:
        sock = _connect(url, allow_loopback=allow_loopback, deadline=deadline)
    except (OSError, ValueError) as error:
        raise FetchError(f"cannot connect ({type(error).__name__})") from error
    watchdog = threading.Timer(max(deadline - time.monotonic(), 0.0), _cut, args=[sock])
    watchdog.daemon = True
    watchdog.start()
    try:
        return _read(sock, url)
    except (OSError, http.client.HTTPException, ValueError, RecursionError) as error:
        reason = "timed out" if time.monotonic() >= deadline else type(error).__name__
        raise FetchError(f"no usable answer ({reason})") from error
    finally:
        watchdog.cancel()
        sock.close()


def check_address(url: str, *, allow_loopback: bool) -> None:
    """Raise ``ValueError``, with words for an administrator, unless the address may be used at all."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        _ = parts.port
        return
    if parts.scheme == "http" and allow_loopback and _loopback_name(parts.hostname):
        _ = parts.port
        return
    raise ValueError("an https address is needed")


def _loopback_name(host: str | None) -> bool:
    return host == "localhost" or (host is not None and _is_loopback(host))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _connect(url: str, *, allow_loopback: bool, deadline: float) -> socket.socket:
    """A connection over which nothing has been said yet, not even the TLS handshake."""
    check_address(url, allow_loopback=allow_loopback)
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = _look_up(host, port, seconds=deadline - time.monotonic())
    address = _public_address(found, allow_loopback=allow_loopback)
    raw = socket.create_connection((address, port), timeout=max(deadline - time.monotonic(), 0.1))
    if parts.scheme != "https":
        return raw
    return _tls().wrap_socket(raw, server_hostname=host, do_handshake_on_connect=False)


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _look_up(host: str, port: int, *, seconds: float) -> list[str]:
    """The addresses of a name. The system's look-up has no time-out, so one that hangs is left to a thread."""
    answer: Future[list[str]] = Future()

    def ask() -> None:
        try:
            answer.set_result([str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)])
        except (OSError, ValueError) as error:
            answer.set_exception(error)

    threading.Thread(target=ask, daemon=True).start()
    return answer.result(timeout=seconds)


def _public_address(found: list[str], *, allow_loopback: bool) -> str:
    for text in found:
        address = ipaddress.ip_address(text.split("%")[0])
        address = getattr(address, "ipv4_mapped", None) or address
        public = address.is_global and not address.is_multicast
        if not public and not (allow_loopback and address.is_loopback):
            raise ValueError("not an address of the public internet")
    return found[0]


def _cut(sock: socket.socket) -> None:
    """Shutting the socket down ends a read that is under way, so that slow senders cannot stretch the time."""
    try:
        socket.socket.shutdown(sock, socket.SHUT_RDWR)  # not the TLS socket's own, which forgets that it is one
    except OSError:
        return


def _read(sock: socket.socket, url: str) -> Document:
    parts = urlsplit(url)
    if isinstance(sock, ssl.SSLSocket):
        sock.do_handshake()
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    with closing(http.client.HTTPConnection(parts.hostname or "", parts.port)) as connection:
        connection.sock = sock
        connection.request("GET", path, headers={"Accept": "application/json", "User-Agent": "lti-tool"})
        response = connection.getresponse()
        if response.status != 200:
            raise ValueError(f"status {response.status}")
        content = response.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError("too long")
    body = json.loads(content)
    if not isinstance(body, dict):
        raise ValueError("not an object")
    return Document(body, _max_age(response.getheader("Cache-Control", "")))


def _max_age(header: str) -> int | None:
    if re.search(r"\bno-(?:store|cache)\b", header, re.IGNORECASE):
        return 0
    found = re.search(r"\bmax-age\s*=\s*\"?(\d{1,9})", header, re.IGNORECASE)
    return int(found[1]) if found else None
