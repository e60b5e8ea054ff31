"""Our own RS256 key pairs: made at first use, the private half sealed with the secret key, published as a JWKS."""

from __future__ import annotations

import base64
import json
import secrets
from typing import Any

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from jwt.algorithms import RSAAlgorithm
from sqlalchemy import or_, select

from lti_tool.models import KeyPair, begin_write, db, now_ms

RETIRED_SERVED_MS = 24 * 3_600_000


def public_key_set(*, secret_key: str) -> dict[str, Any]:
    """The keys that platforms may meet: current ones, and those retired less than a day ago. The caller commits."""
    pairs = _served()
    if not any(pair.retired_at is None for pair in pairs):
        db.session.rollback()
        begin_write()
        pairs = _served()  # another process may have been quicker
        if not any(pair.retired_at is None for pair in pairs):
            pairs = [*pairs, make_key_pair(secret_key=secret_key)]
    return {"keys": [pair.public_jwk for pair in pairs]}


def _served() -> list[KeyPair]:
    live = or_(KeyPair.retired_at.is_(None), KeyPair.retired_at > now_ms() - RETIRED_SERVED_MS)
    return list(db.session.scalars(select(KeyPair).where(live).order_by(KeyPair.created_at.desc(), KeyPair.kid)))


def make_key_pair(*, secret_key: str) -> KeyPair:
    """A new pair, added to the session."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    kid = secrets.token_urlsafe(12)
    jwk = json.loads(RSAAlgorithm.to_jwk(private.public_key()))
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pair = KeyPair(
        kid=kid,
        sealed_private_key=_box(secret_key).encrypt(pem),
        public_jwk={"kty": "RSA", "n": jwk["n"], "e": jwk["e"], "kid": kid, "alg": "RS256", "use": "sig"},
    )
    db.session.add(pair)
    return pair


def private_key(pair: KeyPair, *, secret_key: str) -> rsa.RSAPrivateKey:
    """Open the private half. Raises ``cryptography.fernet.InvalidToken`` when the secret key has changed."""
    pem = _box(secret_key).decrypt(pair.sealed_private_key)
    key = serialization.load_pem_private_key(pem, password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def _box(secret_key: str) -> Fernet:
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"lti key pairs").derive(secret_key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
