"""Whatever arrives, signed or not: a launch or a 4xx page, never a crash."""

from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.functional.test_launch import sqlite_only
from tests.lms import LTI, TOOL, TestPlatform, post_launch

PLAIN = "sub iss aud azp exp iat nbf nonce name email given_name locale zoneinfo"
OF_LTI = (
    "version message_type roles deployment_id resource_link context custom target_link_uri launch_presentation"
    " tool_platform"
)
NAMES = [*PLAIN.split(), *(LTI + name for name in OF_LTI.split())]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@sqlite_only
@settings(max_examples=150)
@given(changes=st.dictionaries(st.sampled_from(NAMES), JSON, min_size=1, max_size=3))
def test_signed_nonsense_is_never_a_crash(app: Flask, platform: TestPlatform, changes: dict[str, Any]) -> None:
    client = app.test_client()
    started = platform.login(client)
    response = post_launch(client, started.state, platform.sign(platform.claims(started.nonce) | changes))
    assert response.status_code == 303 or 400 <= response.status_code < 500, response.text


@given(form=st.dictionaries(st.sampled_from(["state", "id_token", "error", "code", "value"]), st.text(max_size=40)))
@settings(max_examples=60)
def test_unsigned_nonsense_is_never_a_crash(app: Flask, form: dict[str, str]) -> None:
    for address in ("/lti/launch", "/lti/launch/verify"):
        response = app.test_client().post(address, data=form, base_url=TOOL)
        assert 400 <= response.status_code < 500, response.text


@given(values=st.lists(st.text(max_size=40), min_size=6, max_size=6))
@settings(max_examples=60)
def test_nonsense_logins_are_never_a_crash(app: Flask, platform: TestPlatform, values: list[str]) -> None:
    names = ("iss", "client_id", "login_hint", "lti_message_hint", "lti_storage_target", "lti_deployment_id")
    for right in ((), ("iss",), ("iss", "client_id")):
        data = platform.login_parameters() | dict(zip(names, values, strict=True))
        data |= {name: platform.login_parameters()[name] for name in right}
        response = app.test_client().post("/lti/login", data=data, base_url=TOOL)
        assert response.status_code < 500, response.text


@pytest.mark.parametrize("launch", ["\x00", "x" * 5000, "ü", "'; --"])
def test_hostile_launch_ids_are_nobody(app, client, platform, who, launch) -> None:
    platform.launch(client)
    assert who(client, launch) == {"refused": 401}
    assert client.get("/lti/enter", query_string={"launch": launch, "code": "t-x"}, base_url=TOOL).status_code == 403
