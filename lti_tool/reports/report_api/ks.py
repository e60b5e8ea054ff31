"""KS, the token of the API, versions 1 and 2: signed with the admin secret of an account.

A KS tells whom it belongs to before it can be checked: ``partner_of`` reads that, ``opened`` checks the rest with the
secret. Neither a KS nor any part of it is ever written into a log or an error.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets as random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from lti_tool.reports.report_api.errors import ApiError, invalid_ks, missing_ks

USER, ADMIN = 0, 2
LONGEST = 8192
SALT = 16
_DIGEST = 20
_ALL = "*"


@dataclass(frozen=True)
class Ks:
    """What a KS says. ``expires_at``: seconds since the epoch. ``privileges``: name -> value, which may be empty."""

    partner_id: int
    type: int
    user: str = ""
    expires_at: int = 0
    privileges: Mapping[str, str] = field(default_factory=dict)

    @property
    def admin(self) -> bool:
        return self.type == ADMIN


def invalid_text() -> ApiError:
    return invalid_ks(-1, "INVALID_STR")


def partner_of(text: str) -> int:
    """The account that a KS says it belongs to. Raises ``ApiError``."""
    if not text:
        raise missing_ks()
    first, bar, rest = _raw(text).partition(b"|")
    if not bar:
        raise invalid_text()
    return _partner(rest.partition(b"|" if first == b"v2" else b";")[0])


def opened(text: str, secret: str) -> Ks:
    """A KS that this secret signed and whose time is not over. Raises ``ApiError``."""
    raw = _raw(text)
    ks = _second(raw, secret) if raw.startswith(b"v2|") else _first(raw, secret)
    if ks.partner_id != partner_of(text):
        raise invalid_text()
    if ks.type not in (USER, ADMIN):
        raise invalid_ks(-4, "INVALID_TYPE")
    if ks.expires_at <= time.time():
        raise invalid_ks(-5, "EXPIRED")
    return ks


def make(secret: str, ks: Ks, *, version: int = 2, salt: bytes | None = None) -> str:
    """A KS that says this, signed."""
    if version == 1:
        return _make_first(secret, ks, salt)
    salt = salt or random.token_bytes(SALT)
    fields = [*ks.privileges.items(), ("_e", ks.expires_at), ("_t", ks.type), ("_u", ks.user), ("_m", ""), ("_d", "")]
    rest = salt + urlencode(fields).encode()
    plain = _sha1(rest) + rest
    plain += bytes(16 - len(plain) % 16)
    encryptor = _cipher(secret).encryptor()
    sealed = encryptor.update(plain) + encryptor.finalize()
    return base64.urlsafe_b64encode(b"v2|%d|" % ks.partner_id + sealed).decode()


def privileges_of(text: str) -> dict[str, str]:
    """``list:*,disableentitlement`` -> {"list": "*", "disableentitlement": ""}."""
    found = {}
    for part in text.split(","):
        name, _colon, value = part.strip().partition(":")
        if name:
            found["all" if name == _ALL else name] = _ALL if name == _ALL else value
    return found


def written(privileges: Mapping[str, str]) -> str:
    """The other way round."""
    return ",".join(f"{name}:{value}" if value else name for name, value in privileges.items())


def _make_first(secret: str, ks: Ks, salt: bytes | None) -> str:
    number = salt.decode() if salt else repr(time.time())
    parts = (ks.partner_id, ks.partner_id, ks.expires_at, ks.type, number, ks.user, written(ks.privileges), "", "")
    info = ";".join(map(str, parts)).encode()
    return base64.b64encode(_sha1(secret.encode() + info).hex().encode() + b"|" + info).decode()


def _first(raw: bytes, secret: str) -> Ks:
    signature, _bar, info = raw.partition(b"|")
    if not hmac.compare_digest(_sha1(secret.encode() + info).hex().encode(), signature.lower()):
        raise invalid_text()
    parts = [*_text(info).split(";"), "", "", "", "", "", "", ""]
    if info.count(b";") < 2:
        raise invalid_text()
    return Ks(_whole(parts[0]), _whole(parts[3] or "0"), parts[5], _whole(parts[2]), privileges_of(parts[6]))


def _second(raw: bytes, secret: str) -> Ks:
    partner, _bar, sealed = raw.removeprefix(b"v2|").partition(b"|")
    if not sealed or len(sealed) % 16:
        raise invalid_text()
    decryptor = _cipher(secret).decryptor()
    plain = (decryptor.update(sealed) + decryptor.finalize()).rstrip(b"\0")
    digest, rest = plain[:_DIGEST], plain[_DIGEST:]
    if not hmac.compare_digest(_sha1(rest), digest):
        raise invalid_text()
    told = dict(parse_qsl(_text(rest[SALT:]), keep_blank_values=True))
    privileges = {name: value for name, value in told.items() if not name.startswith("_")}
    return Ks(
        _partner(partner),
        _whole(told.get("_t") or "0"),
        told.get("_u", ""),
        _whole(told.get("_e", "")),
        privileges,
    )


def _raw(text: str) -> bytes:
    """The bytes of a KS in either alphabet of base64. In an address a plus may have become a space."""
    if len(text) > LONGEST:
        raise invalid_text()
    plain = text.strip().replace(" ", "+").replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise invalid_text() from None


def _cipher(secret: str) -> Cipher[modes.CBC]:
    return Cipher(algorithms.AES(_sha1(secret.encode())[:16]), modes.CBC(bytes(16)))


def _sha1(data: bytes) -> bytes:
    return hashlib.sha1(data, usedforsecurity=False).digest()  # the format has no other


def _partner(digits: bytes) -> int:
    return _whole(digits.decode("ascii", "replace"))


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise invalid_text()
    return int(text)


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise invalid_text() from None
