"""Every row of the table of bad launches (B1 to B30): a 4xx page with a stable reason code, and never a 500.

Most run on SQLite only: nothing in them depends on the database.
"""

import json
import logging
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from lti_tool.models import Launch, LoginAttempt, db
from tests import lms
from tests.lms import LTI, MISSING, TOOL, TestPlatform, post_launch

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def refused(app: Flask, caplog: pytest.LogCaptureFixture) -> Callable[[TestResponse], str]:
    """The reason code of a refusal, after looking at everything that each must have."""
    caplog.set_level(logging.INFO)

    def refused(response: TestResponse) -> str:
        assert 400 <= response.status_code < 500, response.text
        code = response.text.partition('data-refusal="')[2].partition('"')[0]
        assert f"reason={code} " in caplog.text
        assert "Reference:" in response.text
        assert "lti_launch_" not in str(response.headers)
        with app.app_context():
            assert db.session.scalars(select(Launch.id)).all() == []
        for secret in ("eyJ", "grace", "Grace", "Hopper", "teacher-sub"):
            assert secret not in caplog.text
        return code

    return refused


def launch_with(client: FlaskClient, platform: TestPlatform, make: Callable[[dict[str, Any]], str]) -> TestResponse:
    """Login, then post the token that ``make`` builds from the claims of a good launch."""
    started = platform.login(client)
    return post_launch(client, started.state, make(platform.claims(started.nonce)))


# B1 to B6: header, key, signature


@pytest.mark.parametrize("kid", [None, "", 7, ["a"]])
def test_b1_no_kid(client, platform, refused, kid) -> None:
    def make(claims: dict[str, Any]) -> str:
        return unchecked(platform, {"alg": "RS256"} | ({} if kid is None else {"kid": kid}), claims)

    assert refused(launch_with(client, platform, make)) == "kid_missing"


def test_b2_unknown_kid_asks_the_platform_once_more(client, platform, keys, refused) -> None:
    keys.publish(lms.KEYS[1])
    response = launch_with(client, platform, platform.sign)
    assert refused(response) == "kid_unknown"
    assert keys.hits == 1
    keys.publish(lms.KEYS[1], lms.KEYS[0])
    assert platform.launch(client).status_code == 303
    assert keys.hits == 2


def test_b2_forged_kids_do_not_make_us_hammer_the_platform(client, platform, keys, refused) -> None:
    for _ in range(10):
        response = launch_with(client, platform, lambda claims: platform.sign(claims, kid="forged"))
        assert refused(response) == "kid_unknown"
    assert keys.hits <= 3
    assert platform.launch(client).status_code == 303


def test_b3_another_keys_signature(client, platform, refused) -> None:
    response = launch_with(client, platform, lambda claims: lms.sign(lms.KEYS[1], claims, kid=lms.KEYS[0].kid))
    assert refused(response) == "signature_wrong"


def test_b4_payload_altered_after_signing(client, platform, refused) -> None:
    def make(claims: dict[str, Any]) -> str:
        head, _, signature = platform.sign(claims).split(".")
        body = lms.b64(json.dumps(claims | {f"{LTI}roles": [lms.INSTRUCTOR, "more"]}).encode())
        return f"{head}.{body}.{signature}"

    assert refused(launch_with(client, platform, make)) == "signature_wrong"


@pytest.mark.parametrize("alg", ["none", "HS256", "RS512", "PS256", "ES256", "rs256", None, 5])
def test_b5_other_algorithms(client, platform, keys, refused, alg) -> None:
    key = lms.KEYS[0]
    curve = ECKey.generate_key("P-256", {"kid": "curve"})
    keys.keys = [key.as_dict(private=False) | {"alg": alg}, curve.as_dict(private=False)]

    def make(claims: dict[str, Any]) -> str:
        header = {"alg": alg, "kid": key.kid}
        if alg == "HS256":
            pem = key.public_key.public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            signed = jwt.encode({"alg": "HS256"}, {}, OctKey.import_key(b"0" * 64))
            assert signed
            return hs256(header, claims, pem)
        if alg in ("RS512", "PS256"):
            bare = type(key).import_key({name: key.as_dict(private=True)[name] for name in RSA_PARTS})
            return jwt.encode(header, claims, bare, algorithms=[alg])
        if alg == "ES256":
            return jwt.encode({"alg": alg, "kid": "curve"}, claims, curve, algorithms=[alg])
        return f"{lms.b64(json.dumps(header).encode())}.{lms.b64(json.dumps(claims).encode())}."

    assert refused(launch_with(client, platform, make)) == "algorithm_refused"


def test_b5_a_key_set_that_says_rs512_does_not_serve_rs256(client, platform, keys, refused) -> None:
    keys.keys = [lms.KEYS[0].as_dict(private=False) | {"alg": "RS512"}]
    assert refused(launch_with(client, platform, platform.sign)) == "kid_unknown"


@pytest.mark.parametrize("header", [{"crit": ["exp"]}, {"crit": []}, {"b64": False}])
def test_b6_critical_headers_are_refused(client, platform, refused, header) -> None:
    response = launch_with(
        client, platform, lambda claims: unchecked(platform, {"alg": "RS256", "kid": lms.KEYS[0].kid} | header, claims)
    )
    assert refused(response) == "header_refused"


def test_b6_keys_in_the_header_are_never_read(client, platform, refused) -> None:
    evil = lms.KEYS[2]
    header = {
        "alg": "RS256",
        "kid": lms.KEYS[0].kid,
        "jku": "http://127.0.0.1:9/evil",
        "x5u": "http://127.0.0.1:9/evil",
        "jwk": evil.as_dict(private=False),
    }
    response = launch_with(client, platform, lambda claims: unchecked(platform, header, claims, key=evil))
    assert refused(response) == "signature_wrong"
    good = launch_with(client, platform, lambda claims: unchecked(platform, header, claims))
    assert good.status_code == 303


# B7 to B18: claims


CASES = [
    ("b7", "version", MISSING, "version_wrong"),
    ("b7", "version", "1.2.0", "version_wrong"),
    ("b7", "version", 1.3, "version_wrong"),
    ("b7", "version", "1.3.0\n", "version_wrong"),
    ("b8", "message_type", MISSING, "message_type_wrong"),
    ("b8", "message_type", "LtiUnknownRequest", "message_type_wrong"),
    ("b8", "message_type", ["LtiResourceLinkRequest"], "message_type_wrong"),
    ("b9", "roles", MISSING, "roles_wrong"),
    ("b9", "roles", None, "roles_wrong"),
    ("b9", "roles", lms.INSTRUCTOR, "roles_wrong"),
    ("b9", "roles", [7], "roles_wrong"),
    ("b9", "roles", [lms.LEARNER] * 10_000, "too_large"),
    ("b9", "roles", ["Learner"] * 10_000, "roles_wrong"),
    ("b10", "deployment_id", MISSING, "deployment_missing"),
    ("b10", "deployment_id", "", "deployment_missing"),
    ("b10", "deployment_id", 1, "deployment_missing"),
    ("b10", "deployment_id", "unknown", "deployment_unknown"),
    ("b10", "deployment_id", "x" * 256, "deployment_missing"),
    ("b11", "resource_link", MISSING, "resource_link_wrong"),
    ("b11", "resource_link", {}, "resource_link_wrong"),
    ("b11", "resource_link", "link-1", "resource_link_wrong"),
    ("b11", "resource_link", {"id": "x" * 256}, "resource_link_wrong"),
    ("b11", "resource_link", {"id": ""}, "resource_link_wrong"),
    ("b12", "sub", MISSING, "user_missing"),
    ("b12", "sub", 42, "user_missing"),
    ("b12", "sub", "", "user_missing"),
    ("b12", "sub", "x" * 256, "user_missing"),
    ("b13", "exp", MISSING, "expiry_missing"),
    ("b13", "exp", lambda: lms.now() - 120, "token_expired"),
    ("b13", "exp", lambda: str(lms.now() + 600), "expiry_missing"),
    ("b13", "exp", True, "expiry_missing"),
    ("b14", "iat", MISSING, "issued_missing"),
    ("b14", "iat", lambda: lms.now() + 120, "issued_in_future"),
    ("b14", "iat", lambda: lms.now() - 366 * 86_400, "token_too_old"),
    ("b14", "iat", "now", "issued_missing"),
    ("b15", "nbf", lambda: lms.now() + 120, "not_yet_valid"),
    ("b15", "nbf", "later", "not_yet_valid"),
    ("b16", "nonce", MISSING, "nonce_missing"),
    ("b16", "nonce", 7, "nonce_missing"),
    ("b16", "nonce", "not-ours", "nonce_mismatch"),
    ("b17", "iss", MISSING, "issuer_mismatch"),
    ("b17", "iss", "https://unknown.example", "issuer_mismatch"),
    ("b17", "iss", "https://lms.example/", "issuer_mismatch"),
    ("b17", "iss", "http://lms.example", "issuer_mismatch"),
    ("b18", "aud", "client-2", "audience_wrong"),
    ("b18", "aud", MISSING, "audience_wrong"),
    ("b18", "aud", [], "audience_wrong"),
    ("b18", "aud", ["client-1", "x"], "audience_wrong"),
    ("b20", "target_link_uri", MISSING, "target_missing"),
    ("b20", "target_link_uri", "", "target_missing"),
    ("b20", "target_link_uri", f"{TOOL}/my-media", "target_mismatch"),
    ("b20", "target_link_uri", "https://evil.example/", "target_mismatch"),
    ("types", "context", "course-7", "claim_wrong"),
    ("types", "context", {"id": ""}, "claim_wrong"),
    ("types", "custom", ["a"], "claim_wrong"),
    ("types", "launch_presentation", "de", "claim_wrong"),
    ("types", "email", 7, "claim_wrong"),
    ("types", "name", {"first": "Grace"}, "claim_wrong"),
    ("types", "name", "nul\x00nul", "malformed"),
]


@pytest.mark.parametrize(
    ("row", "claim", "value", "code"), CASES, ids=[f"{case[0]}-{case[1]}-{i}" for i, case in enumerate(CASES)]
)
def test_claims(client, platform, refused, row, claim, value, code) -> None:
    value = value() if callable(value) else value
    assert refused(platform.launch(client, **{claim: value})) == code


@pytest.mark.parametrize(
    ("aud", "azp", "code"),
    [
        (["client-1", "x"], "client-1", "audience_wrong"),
        (["x", "client-1"], "client-1", "audience_wrong"),
        ("client-1", "x", "authorized_party_wrong"),
        (["client-1"], None, "authorized_party_wrong"),
    ],
)
def test_b18_audiences(client, platform, refused, aud, azp, code) -> None:
    assert refused(platform.launch(client, aud=aud, azp=azp)) == code


def test_b18_one_audience_in_a_list_is_fine(client, platform) -> None:
    assert platform.launch(client, aud=["client-1"], azp="client-1").status_code == 303


@pytest.mark.parametrize("times", [{"exp": -30}, {"iat": 2}, {"iat": 30, "nbf": 30}, {"nbf": 30}, {"iat": -500}])
def test_b13_to_b15_clocks_may_differ_by_a_minute(client, platform, times) -> None:
    assert platform.launch(client, **{name: lms.now() + by for name, by in times.items()}).status_code == 303


def test_b16_nonce_of_another_state(client, platform, refused) -> None:
    first, second = platform.login(client), platform.login(client)
    assert refused(post_launch(client, first.state, platform.sign(platform.claims(second.nonce)))) == "nonce_mismatch"


def test_b16_an_old_token_with_a_new_state(client, platform, caplog) -> None:
    first = platform.login(client)
    token = platform.sign(platform.claims(first.nonce))
    assert post_launch(client, first.state, token).status_code == 303
    again = post_launch(client, platform.login(client).state, token)
    assert (again.status_code, "nonce_mismatch" in again.text) == (401, True)


def test_b17_another_tenants_issuer_with_our_client_id(app, client, platform, keys, refused) -> None:
    other = TestPlatform(keys, issuer="https://other.example", account_id=78).register(app)
    assert refused(platform.launch(client, iss=other.issuer)) == "issuer_mismatch"


def test_b19_token_of_one_registration_with_the_state_of_another(app, client, platform, keys, refused) -> None:
    other = TestPlatform(keys, client_id="client-2", deployment_id="deployment-2").register(app)
    started = other.login(client)
    token = platform.sign(platform.claims(started.nonce))
    assert refused(post_launch(client, started.state, token)) == "audience_wrong"


# B20: destinations


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/media/1",
        "//evil.example/media/1",
        "http://tool.example/",
        "https://tool.example:8443/",
        "https://tool.example@evil.example/",
        "https://evil.example@tool.example/",
        "https://tool.example\\@evil.example/",
        "https://tool.example/\\evil.example",
        "https://tool.example.evil.example/",
        "javascript:alert(1)",
        "https://[::1",
        "/media/1",
    ],
)
def test_b20_logins_for_foreign_pages(client, platform, refused, target) -> None:
    data = platform.login_parameters(target_link_uri=target)
    assert refused(client.post("/lti/login", data=data, base_url=TOOL)) == "target_foreign"


def test_b20_login_without_target(client, platform, refused) -> None:
    data = platform.login_parameters(target_link_uri=MISSING)
    assert refused(client.post("/lti/login", data=data, base_url=TOOL)) == "target_missing"


# B21: state


@pytest.mark.parametrize(
    ("state", "code"), [("", "state_missing"), ("forged", "state_unknown"), ("\x00", "state_unknown")]
)
def test_b21_state_missing_or_forged(client, platform, refused, state, code) -> None:
    started = platform.login(client)
    assert refused(post_launch(client, state, platform.sign(platform.claims(started.nonce)))) == code


def test_b21_state_expired(app, client, platform, refused) -> None:
    started = platform.login(client)
    with app.app_context():
        db.session.execute(update(LoginAttempt).values(created_at=LoginAttempt.created_at - 601_000))
        db.session.commit()
    assert refused(post_launch(client, started.state, platform.sign(platform.claims(started.nonce)))) == "state_expired"


def test_b21_state_from_another_browser(app, client, platform, refused) -> None:
    started = platform.login(client)
    token = platform.sign(platform.claims(started.nonce))
    other = app.test_client()
    platform.login(other)  # a browser that keeps our cookies, but not this one
    assert refused(post_launch(other, started.state, token)) == "browser_mismatch"
    assert refused(post_launch(client, started.state, token)) == "state_unknown"


def test_b21_another_browsers_cookie(client, platform, refused) -> None:
    started = platform.login(client)
    name = started.response.headers["Set-Cookie"].partition("=")[0]
    client.set_cookie(name, "guessed", domain="tool.example", secure=True)
    assert (
        refused(post_launch(client, started.state, platform.sign(platform.claims(started.nonce)))) == "browser_mismatch"
    )


def test_b21_state_used_twice(client, platform) -> None:
    started = platform.login(client)
    token = platform.sign(platform.claims(started.nonce))
    assert post_launch(client, started.state, token).status_code == 303
    again = post_launch(client, started.state, token)
    assert again.status_code == 400
    assert 'data-refusal="state_unknown"' in again.text


def test_b21_a_refused_launch_uses_up_the_state(client, platform, refused) -> None:
    started = platform.login(client)
    assert refused(post_launch(client, started.state, "a.b.c")) == "malformed"
    token = platform.sign(platform.claims(started.nonce))
    assert refused(post_launch(client, started.state, token)) == "state_unknown"


# B22, B23: forms


TOKENS = [
    ("", "token_missing"),
    ("abc", "malformed"),
    ("a.b", "malformed"),
    ("a.b.c.d", "malformed"),
    ("!!!.???.***", "malformed"),
    (f"{lms.b64(b'[]')}.{lms.b64(b'{}')}.x", "malformed"),
    (f"{lms.b64(b'{}')}.{lms.b64(b'[1, 2]')}.x", "malformed"),
    (f"{lms.b64(b'{}')}.{lms.b64(b'null')}.x", "malformed"),
    (f"{lms.b64(b'{')}.{lms.b64(b'{}')}.x", "malformed"),
    (f"{lms.b64(b'[' * 50_000)}.{lms.b64(b'{}')}.x", "malformed"),
    ("ü.ü.ü", "malformed"),
    ("x" * 600_000, "too_large"),
    ("x" * 2_000_000, "too_large"),
]


@pytest.mark.parametrize(("token", "code"), TOKENS, ids=range(len(TOKENS)))
def test_b22_tokens_that_are_none(client, platform, refused, token, code) -> None:
    assert refused(post_launch(client, platform.login(client).state, token)) == code


@pytest.mark.parametrize(
    "body", [b"[1, 2]", b'"text"', b"7", b"null", b"{", b'{"a": NaN}', b'{"a": "\\ud800"}', b"\xff\xfe"]
)
def test_b22_signed_bodies_that_are_no_claims(client, platform, refused, body) -> None:
    token = signed_bytes(platform, body)
    assert refused(post_launch(client, platform.login(client).state, token)) in ("malformed", "nonce_missing")


@pytest.mark.parametrize("error", ["login_required", "launch_no_longer_valid", "<script>grace</script>"])
def test_b23_the_platform_reports_an_error(client, platform, refused, error) -> None:
    started = platform.login(client)
    data = {"error": error, "error_description": "Grace is not logged in", "state": started.state}
    response = client.post("/lti/launch", data=data, base_url=TOOL)
    assert refused(response) == "platform_error"
    assert "<script>grace" not in response.text


# B24, B25: key sets


def respond(status: int, body: bytes, content_type: str = "application/json", **headers: str) -> Callable[..., None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        lms.respond(handler, status, body, content_type=content_type, headers=headers)

    return answer


def drip(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(300):
        handler.wfile.write(b" ")
        time.sleep(0.1)


GOOD = json.dumps({"keys": [lms.KEYS[0].as_dict(private=False)]}).encode()
TROUBLE = {
    "500": respond(500, GOOD),
    "404": respond(404, b""),
    "html": respond(200, b"<html>maintenance</html>", "text/html"),
    "no keys": respond(200, b'{"error": "none"}'),
    "keys no list": respond(200, b'{"keys": {"a": 1}}'),
    "a list": respond(200, b"[]"),
    "not utf-8": respond(200, b"\xff\xff"),
    "5 MB": respond(200, GOOD + b" " * 5_000_000),
    "redirect": respond(302, b"", Location="http://169.254.169.254/latest/meta-data"),
    "deep": respond(200, b'{"keys":' + b"[" * 100_000),
}


@pytest.mark.parametrize("trouble", TROUBLE)
def test_b24_key_sets_in_trouble(client, platform, keys, refused, trouble) -> None:
    keys.answer = TROUBLE[trouble]
    assert refused(platform.launch(client)) == "keys_unavailable"
    keys.publish(lms.KEYS[0])  # failures are not kept
    assert platform.launch(client).status_code == 303


def test_b24_forged_kids_do_not_hold_us_up_while_the_platform_is_out_of_reach(client, platform, keys, refused) -> None:
    keys.answer = TROUBLE["500"]
    for _ in range(10):
        response = launch_with(client, platform, lambda claims: platform.sign(claims, kid="forged"))
        assert refused(response) == "keys_unavailable"
    assert keys.hits == 3
    keys.publish(lms.KEYS[0])
    expire_keys(client.application)
    assert platform.launch(client).status_code == 303


def test_b24_a_platform_that_hangs_holds_one_launch_at_a_time(app, client, platform, keys, refused) -> None:
    keys.answer = TROUBLE["500"]
    assert refused(platform.launch(client)) == "keys_unavailable"
    asked, answer = threading.Event(), threading.Event()

    def hang(handler: BaseHTTPRequestHandler) -> None:
        asked.set()
        answer.wait(5)
        keys.serve_keys(handler)

    keys.answer = hang
    statuses: list[int] = []
    first = threading.Thread(target=lambda: statuses.append(platform.launch(app.test_client()).status_code))
    first.start()
    assert asked.wait(5)
    assert refused(platform.launch(client)) == "keys_unavailable"
    answer.set()
    first.join()
    assert (statuses, keys.hits) == ([303], 2)


def test_b24_slow_key_sets_are_given_up(client, platform, keys, refused, monkeypatch) -> None:
    monkeypatch.setattr("lti_tool.launch.fetch.SECONDS", 0.5)
    for slow in (drip, lambda handler: time.sleep(2)):
        keys.answer = slow
        before = time.monotonic()
        assert refused(platform.launch(client)) == "keys_unavailable"
        assert time.monotonic() - before < 1.5


def test_b24_stale_keys_serve_during_an_outage(client, platform, keys, monkeypatch) -> None:
    assert platform.launch(client).status_code == 303
    for trouble in TROUBLE.values():
        expire_keys(client.application)
        keys.answer = trouble
        assert platform.launch(client).status_code == 303


def test_b24_an_outage_does_not_slow_every_launch(client, platform, keys) -> None:
    platform.launch(client)
    expire_keys(client.application)
    keys.answer = TROUBLE["500"]
    before = keys.hits
    for _ in range(5):
        assert platform.launch(client).status_code == 303
    assert keys.hits == before + 1


def test_b24_key_sets_on_private_addresses(app, client, platform, refused) -> None:
    app.extensions.pop("lti_key_sets", None)
    from lti_tool.launch.keysets import KeySets

    app.extensions["lti_key_sets"] = KeySets(allow_loopback=False)
    assert refused(platform.launch(client)) == "keys_unavailable"


def test_b25_keys_rotate(client, platform, keys) -> None:
    from dataclasses import replace

    old, new = lms.KEYS[0], lms.KEYS[1]
    assert platform.launch(client).status_code == 303
    keys.publish(old, new)
    assert platform.launch(client).status_code == 303
    rotated = replace(platform, key=new)
    assert rotated.launch(client).status_code == 303
    keys.publish(new)
    assert rotated.launch(client).status_code == 303


# B27 to B30: login


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"iss": MISSING}, "issuer_missing"),
        ({"login_hint": MISSING}, "login_hint_missing"),
        ({"iss": "https://unknown.example"}, "registration_unknown"),
        ({"client_id": "unknown"}, "registration_unknown"),
        ({"iss": "https://lms.example/"}, "registration_unknown"),
        ({"iss": "\x00"}, "malformed"),
        ({"client_id": "x" * 300}, "too_large"),
    ],
)
def test_b27_logins(client, platform, refused, method, changes, code) -> None:
    data = platform.login_parameters(**changes)
    sent = {"query_string": data} if method == "get" else {"data": data}
    assert refused(getattr(client, method)("/lti/login", base_url=TOOL, **sent)) == code


def test_b27_without_client_id_one_registration_is_enough(app, client, platform, keys, refused) -> None:
    started = platform.login(client, client_id=MISSING)
    assert started.asked["client_id"] == "client-1"
    TestPlatform(keys, client_id="client-2", deployment_id="deployment-2").register(app)
    data = platform.login_parameters(client_id=MISSING)
    assert refused(client.post("/lti/login", data=data, base_url=TOOL)) == "registration_ambiguous"


@pytest.mark.parametrize("hint", ["a&b=c%20d+e", "ünï 😀 \"'<>", "x" * 4096, "a#b?c"])
def test_b28_hints_come_back_unaltered(client, platform, hint) -> None:
    asked = platform.login(client, login_hint=hint, lti_message_hint=hint).asked
    assert (asked["login_hint"], asked["lti_message_hint"]) == (hint, hint)
    assert asked["tenant"] == "a b"  # the address had a query of its own


def test_b30_http_behind_https(client, platform, refused) -> None:
    started = platform.login(client)
    token = platform.sign(platform.claims(started.nonce))
    assert refused(post_launch(client, started.state, token, base_url="http://tool.example")) == "insecure"
    response = client.post("/lti/login", data=platform.login_parameters(), base_url="http://tool.example")
    assert refused(response) == "insecure"


# What the tests above need

RSA_PARTS = ("kty", "n", "e", "d", "p", "q", "dp", "dq", "qi")


def unchecked(platform: TestPlatform, header: dict[str, Any], claims: dict[str, Any], *, key: Any = None) -> str:
    """An RS256 signature under any header, also one that a careful library would not write."""
    return signed_bytes(platform, json.dumps(claims).encode(), header=header, key=key)


def signed_bytes(platform: TestPlatform, body: bytes, *, header: dict[str, Any] | None = None, key: Any = None) -> str:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    key = key or platform.key
    header = {"alg": "RS256", "kid": key.kid} if header is None else header
    signed = f"{lms.b64(json.dumps(header).encode())}.{lms.b64(body)}"
    signature = key.private_key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{signed}.{lms.b64(signature)}"


def hs256(header: dict[str, Any], claims: dict[str, Any], secret: bytes) -> str:
    import hmac

    signed = f"{lms.b64(json.dumps(header).encode())}.{lms.b64(json.dumps(claims).encode())}"
    return f"{signed}.{lms.b64(hmac.digest(secret, signed.encode(), 'sha256'))}"


def expire_keys(app: Flask) -> None:
    """As if the hour and the pause were over, in the database and in this process."""
    from lti_tool.models import PlatformKeySet

    with app.app_context():
        db.session.execute(update(PlatformKeySet).values(fresh_until=1, asked_at=0))
        db.session.commit()
    for kept in app.extensions["lti_key_sets"].kept.values():
        kept.fresh_until = kept.failed_at = 0
        kept.fruitless.clear()
