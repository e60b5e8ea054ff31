"""The public keys of platforms: kept in the database for all processes, parsed once in each process.

A key set is kept for as long as its sender allows, an hour at most. A key id that we do not know makes us ask again at
once, so that a rotation never costs a launch. Failures are never kept as keys; while a platform is out of reach its
last good keys serve on.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm
from jwt.exceptions import InvalidKeyError
from sqlalchemy import select

from lti_tool.launch.fetch import FetchError, fetch_json
from lti_tool.launch.refusals import refuse
from lti_tool.models import PlatformKeySet, db, now_ms
from lti_tool.models.database import dialect_insert

log = logging.getLogger(__name__)

LONGEST_MS = 3_600_000
UNSTATED_MS = 600_000
# Some platforms answer 'max-age=0' by their framework's default; without a floor every launch would ask them.
SHORTEST_MS = 60_000
PAUSE_MS = 10_000  # after a failure, while old keys serve
# Questions per pause that may come to nothing, because the platform does not know the key or does not answer: forged
# tokens must not make us hammer it. A single failure is not kept: the next launch asks again.
FRUITLESS = 3
MOST_KEYS = 100


@dataclass
class _Kept:
    """A key set in this process. ``fruitless``: when we asked for a key in vain; ``asking``: held while one asks."""

    keys: Mapping[str, RSAPublicKey] = field(default_factory=dict)
    fresh_until: int = 0
    failed_at: int = 0
    fruitless: deque[int] = field(default_factory=lambda: deque(maxlen=FRUITLESS))
    asking: Lock = field(default_factory=Lock)


@dataclass
class KeySets:
    """The key sets that one application (one process) holds."""

    allow_loopback: bool
    kept: dict[str, _Kept] = field(default_factory=dict)

    def find(self, url: str, kid: str) -> RSAPublicKey:
        """The key ``kid`` of the set at ``url``. Raises ``Refusal`` ``kid_unknown`` or ``keys_unavailable``."""
        kept = self.kept.setdefault(url, _Kept())
        now = now_ms()
        if now >= kept.fresh_until or kid not in kept.keys:
            _load(kept, url)
        known = kept.keys.get(kid)
        if known and (now < kept.fresh_until or now < kept.failed_at + PAUSE_MS):
            return known
        if not known and len(kept.fruitless) == FRUITLESS and now < kept.fruitless[0] + PAUSE_MS:
            raise refuse(
                "keys_unavailable" if kept.failed_at else "kid_unknown", detail="asked for unknown keys too often"
            )
        if not kept.failed_at:
            return self._ask(kept, url, kid, known)
        # It did not answer last time: whether it does now one launch finds out, and not every thread waits for it.
        if not kept.asking.acquire(blocking=False):
            if known:
                return known
            raise refuse("keys_unavailable", detail="still out of reach a moment ago")
        try:
            return self._ask(kept, url, kid, known)
        finally:
            kept.asking.release()

    def _ask(self, kept: _Kept, url: str, kid: str, known: RSAPublicKey | None) -> RSAPublicKey:
        try:
            document = fetch_json(url, allow_loopback=self.allow_loopback)
            keys = parse(document.body)
        except FetchError as error:
            kept.failed_at = now_ms()
            _store(url, {"asked_at": kept.failed_at})
            if known:
                log.warning("key set out of reach, the last good keys serve: %s", error)
                return known
            kept.fruitless.append(kept.failed_at)
            raise refuse("keys_unavailable", detail=str(error)) from error
        kept.keys, kept.fresh_until, kept.failed_at = keys, now_ms() + _lifetime(document.max_age), 0
        _store(url, {"keys": document.body, "fresh_until": kept.fresh_until, "asked_at": 0})
        if kid not in keys:
            kept.fruitless.append(now_ms())
            raise refuse("kid_unknown", detail=f"{len(keys)} keys in the set")
        return keys[kid]


def parse(body: Mapping[str, Any]) -> dict[str, RSAPublicKey]:
    """The RS256 keys of a JWKS by key id; other kinds of keys are passed over. Raises ``FetchError``."""
    listed = body.get("keys")
    if not isinstance(listed, list) or len(listed) > MOST_KEYS:
        raise FetchError("no list of keys")
    keys: dict[str, RSAPublicKey] = {}
    for jwk in listed:
        if not isinstance(jwk, dict) or not isinstance(jwk.get("kid"), str) or jwk.get("kty") != "RSA":
            continue
        if jwk.get("alg", "RS256") != "RS256" or jwk.get("use", "sig") != "sig":
            continue
        try:
            key = RSAAlgorithm.from_jwk({name: jwk[name] for name in ("kty", "n", "e")})
        except (InvalidKeyError, ValueError, TypeError, KeyError):
            continue
        if isinstance(key, RSAPublicKey) and 2048 <= key.key_size <= 8192:
            keys[jwk["kid"]] = key
    return keys


def _lifetime(max_age: int | None) -> int:
    if max_age is None:
        return UNSTATED_MS
    return min(max(max_age * 1000, SHORTEST_MS), LONGEST_MS)


def _load(kept: _Kept, url: str) -> None:
    """Take over what another process has learnt since."""
    row = db.session.execute(
        select(PlatformKeySet.keys, PlatformKeySet.fresh_until, PlatformKeySet.asked_at).where(
            PlatformKeySet.url == url
        )
    ).one_or_none()
    if row is None:
        return
    kept.failed_at = row.asked_at
    if row.fresh_until > kept.fresh_until and row.keys:
        kept.keys, kept.fresh_until = parse(row.keys), row.fresh_until


def _store(url: str, values: dict[str, Any]) -> None:
    """In a transaction of its own: what we learnt about keys stays true when the launch is refused."""
    db.session.rollback()  # ends the reading transaction, so that PostgreSQL and SQLite hold nothing while we write
    statement = dialect_insert(PlatformKeySet).values(url=url, **values)
    with db.engine.execution_options(lti_tool_write=True).begin() as connection:
        connection.execute(statement.on_conflict_do_update(index_elements=["url"], set_=values))
