"""The launch message: PyLTI1p3 parses and validates it, with our checks in every step that the library leaves open.

The library's own state, nonce and key handling is not used: see the table in ``docs/launch.md``.
"""

from __future__ import annotations

import base64
import hmac
import time
from typing import Any, cast

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from pylti1p3.deployment import Deployment as LibraryDeployment
from pylti1p3.exception import LtiException
from pylti1p3.message_launch import MessageLaunch
from pylti1p3.registration import Registration as LibraryRegistration
from pylti1p3.tool_config.abstract import ToolConfAbstract
from sqlalchemy.exc import SQLAlchemyError

from lti_tool.errors import ToolError
from lti_tool.launch import claims
from lti_tool.launch.attempts import Attempt, Platform
from lti_tool.launch.keysets import KeySets
from lti_tool.launch.refusals import refuse
from lti_tool.platforms import family

LONGEST_TOKEN = 512 * 1024
_PADDING, _HASH = PKCS1v15(), SHA256()  # RS256
_UNUSED: Any = object()  # the library insists on services for what we do ourselves


def verify(token: str, attempt: Attempt, key_sets: KeySets) -> claims.LaunchMessage:
    """What the token says, if it is the answer to this attempt. Raises ``Refusal``; opens no transaction to write."""
    if not token:
        raise refuse("token_missing")
    if len(token) > LONGEST_TOKEN:
        raise refuse("too_large")
    try:
        message = _Message(token, attempt, key_sets)
        message.validate()
        assert message.read is not None
        return message.read
    except (ToolError, SQLAlchemyError):
        raise
    except LtiException as error:
        raise refuse("malformed", detail="refused by the library") from error
    except Exception as error:  # whatever a hostile token makes a library stumble over
        raise refuse("malformed", detail=type(error).__name__) from error


class _Registrations(ToolConfAbstract[Any]):
    """The one registration that the attempt was made for."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def check_iss_has_one_client(self, iss: str) -> bool:
        return False

    def check_iss_has_many_clients(self, iss: str) -> bool:
        return True

    def find_registration_by_issuer(self, iss: str, *args: Any, **kwargs: Any) -> LibraryRegistration:
        raise NotImplementedError

    def find_deployment(self, iss: str, deployment_id: str) -> None:
        raise NotImplementedError

    def find_registration_by_params(self, iss: str, client_id: str, *args: Any, **kwargs: Any) -> LibraryRegistration:
        registration = LibraryRegistration()
        registration.set_issuer(self.platform.issuer).set_client_id(self.platform.client_id)
        return registration

    def find_deployment_by_params(
        self, iss: str, deployment_id: str, client_id: str, *args: Any, **kwargs: Any
    ) -> LibraryDeployment:
        # Whether we know it is decided when the launch is written, together with the account that it belongs to.
        return LibraryDeployment().set_deployment_id(deployment_id)


class _Message(MessageLaunch[Any, Any, Any, Any]):
    """The library's message; the methods below are its steps, in its order."""

    def __init__(self, token: str, attempt: Attempt, key_sets: KeySets) -> None:
        super().__init__(
            None,
            _Registrations(attempt.platform),
            session_service=_UNUSED,
            cookie_service=_UNUSED,
            requests_session=_UNUSED,
        )
        self.token = token
        self.attempt = attempt
        self.key_sets = key_sets
        self.read: claims.LaunchMessage | None = None

    def _get_request_param(self, key: str) -> str:
        return self.token if key == "id_token" else ""

    def validate_state(self) -> _Message:
        return self  # by whoever found the attempt

    def validate_jwt_format(self) -> _Message:
        super().validate_jwt_format()
        header: Any = self._jwt["header"]
        if not isinstance(header, dict) or not isinstance(self._jwt["body"], dict):
            raise refuse("malformed", detail="not objects")
        if header.get("alg") != "RS256":
            raise refuse("algorithm_refused")
        if "crit" in header or "b64" in header:
            raise refuse("header_refused")
        if not isinstance(header.get("kid"), str) or not header["kid"]:
            raise refuse("kid_missing")
        return self

    def validate_nonce(self) -> _Message:
        nonce = self._body().get("nonce")
        if not isinstance(nonce, str) or not nonce:
            raise refuse("nonce_missing")
        if not hmac.compare_digest(nonce.encode(), self.attempt.nonce.encode()):
            raise refuse("nonce_mismatch")
        return self

    def validate_registration(self) -> _Message:
        if self._body().get("iss") != self.attempt.platform.issuer:
            raise refuse("issuer_mismatch")
        claims.check_audience(self._body(), self.attempt.platform.client_id)
        super().validate_registration()
        return self

    def validate_jwt_signature(self) -> _Message:
        kid = str(self._jwt["header"]["kid"])
        key = self.key_sets.find(self.attempt.platform.jwks_url, kid)
        payload = _verified_payload(self.token, key)
        # Databases and pages take no NUL; and what was signed must be what was parsed.
        if b"\\u0000" in payload or msgspec.json.decode(payload) != self._jwt["body"]:
            raise refuse("malformed", detail="payload")
        claims.check_times(self._body(), now=time.time())
        return self

    def validate_deployment(self) -> _Message:
        platform = self.attempt.platform
        self.read = claims.read(self._body(), family(platform.family), person_claim=platform.person_claim)
        super().validate_deployment()
        return self

    def save_launch_data(self) -> _Message:
        return self  # a row of ours, not a session of the library's

    def _body(self) -> dict[str, Any]:
        return cast(dict[str, Any], self._jwt["body"])


def _verified_payload(token: str, key: RSAPublicKey) -> bytes:
    """What the key has signed, decoded strictly. Raises ``Refusal``, and ``ValueError`` for what is not base64url."""
    signed, _, signature = token.rpartition(".")
    try:
        key.verify(_decoded(signature), signed.encode("ascii"), _PADDING, _HASH)
    except InvalidSignature as error:
        raise refuse("signature_wrong") from error
    return _decoded(signed.partition(".")[2])


def _decoded(part: str) -> bytes:
    return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
