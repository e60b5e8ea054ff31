"""Which browser a launch belongs to: cookies, the platform's storage, a new tab; and that tabs do not mix."""

import logging
import re
import threading
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from lti_tool.launch.tasks import forget_expired
from lti_tool.models import Launch, LoginAttempt, db, now_ms
from tests import lms
from tests.functional.test_launch import launch_of, page_of, sqlite_only
from tests.lms import TOOL, TestPlatform, post_launch


def cookies_of(response: Any) -> dict[str, str]:
    lines = response.headers.getlist("Set-Cookie")
    return {line.partition("=")[0]: line.partition("=")[2] for line in lines}


def value_of(text: str, name: str) -> str:
    found = re.search(rf'(?:name="{name}" value|data-{name})="([^"]*)"', text)
    assert found, text
    return unescape(found[1])


def code_in(text: str) -> str:
    found = re.search(r'href="/lti/continue\?code=([^"]+)"', text)
    assert found, text
    return found[1]


def without_cookies(app: Flask) -> FlaskClient:
    """A browser that keeps nothing, as in a frame under strict rules."""
    return app.test_client(use_cookies=False)


def age(app: Flask, table: Any, seconds: int) -> None:
    with app.app_context():
        db.session.execute(update(table).values(created_at=table.created_at - seconds * 1000))
        db.session.commit()


@sqlite_only
def test_cookies_are_bound_to_host_frame_and_https(client, platform) -> None:
    started = platform.login(client)
    ((name, attributes),) = cookies_of(started.response).items()
    assert re.fullmatch(r"__Host-lti_state_[0-9a-f]{16}", name)
    token = platform.sign(platform.claims(started.nonce))
    response = post_launch(client, started.state, token)
    cookies = cookies_of(response)
    assert cookies[name].startswith(";") and "Max-Age=0" in cookies[name]
    own = cookies[f"__Host-lti_launch_{launch_of(response)}"]
    for text in (attributes, own):
        for attribute in ("Secure", "HttpOnly", "Path=/", "SameSite=None", "Partitioned"):
            assert f"; {attribute}" in text
        assert "Domain" not in text
    assert "Max-Age=600" in attributes
    assert "Max-Age=36000" in own
    assert response.headers["Cache-Control"] == "no-store"


@sqlite_only
def test_the_database_holds_no_secret(app, client, platform, only_launch) -> None:
    started = platform.login(client)
    with app.app_context():
        row = db.session.scalars(select(LoginAttempt)).one()
        kept = [row.state_sha256, row.browser_sha256]
    assert not {started.state, *cookies_of(started.response).values()} & set(kept)
    response = post_launch(client, started.state, platform.sign(platform.claims(started.nonce)))
    value = cookies_of(response)[f"__Host-lti_launch_{launch_of(response)}"].partition(";")[0]
    assert only_launch().secret_sha256 not in ("", value)


@sqlite_only
def test_few_cookies_stay(app, client, platform) -> None:
    launches = [launch_of(platform.launch(client)) for _ in range(12)]
    names = {cookie.key for cookie in client._cookies.values()}
    assert names == {f"__Host-lti_launch_{launch}" for launch in launches[-8:]}
    for _ in range(12):
        platform.login(client)
    names = {cookie.key for cookie in client._cookies.values() if "state" in cookie.key}
    assert len(names) == 8


def test_two_tabs_with_two_courses_do_not_mix(client, platform, who) -> None:
    first = launch_of(platform.launch(client))
    other = lms.link(context=lms.Context("course-8", "Databases", "DB-8"), user=lms.user(roles=(lms.LEARNER,)))
    second = launch_of(platform.launch(client, other))
    assert (who(client, first)["channel"], who(client, second)["channel"]) == ("course-7", "course-8")
    assert (len(who(client, first)["permissions"]), who(client, second)["permissions"]) == (3, [])
    assert who(client)["channel"] == "course-8"


@sqlite_only
def test_a_launch_without_its_cookie_is_nothing(app, client, platform, who) -> None:
    launch = launch_of(platform.launch(client))
    assert who(app.test_client(), launch) == {"refused": 401}
    thief = app.test_client()
    thief.set_cookie(f"__Host-lti_launch_{launch}", "guessed", domain="tool.example", secure=True)
    assert who(thief, launch) == {"refused": 401}


@sqlite_only
def test_a_launch_ends_after_ten_hours(app, client, platform, who, only_launch) -> None:
    launch = launch_of(platform.launch(client))
    assert abs(only_launch().expires_at - now_ms() - 36_000_000) < 60_000
    with app.app_context():
        db.session.execute(update(Launch).values(expires_at=now_ms() - 1))
        db.session.commit()
    assert who(client, launch) == {"refused": 401}


def test_one_state_lets_in_one_launch_however_many_come_at_once(app, client, platform) -> None:
    platform.launch(client)  # keys are known from here on
    started = platform.login(client)
    token = platform.sign(platform.claims(started.nonce))
    name, _, rest = started.response.headers["Set-Cookie"].partition("=")
    clients = [app.test_client() for _ in range(8)]
    barrier = threading.Barrier(len(clients))
    codes: list[int] = []

    def go(browser: FlaskClient) -> None:
        browser.set_cookie(name, rest.partition(";")[0], domain="tool.example", secure=True)
        barrier.wait()
        codes.append(post_launch(browser, started.state, token).status_code)

    threads = [threading.Thread(target=go, args=[browser]) for browser in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [303] + [400] * 7
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Launch)) == 2


def test_many_first_launches_at_once(app, platform) -> None:
    clients = [app.test_client() for _ in range(6)]
    barrier = threading.Barrier(len(clients))
    codes: list[int] = []

    def go(browser: FlaskClient) -> None:
        barrier.wait()
        codes.append(platform.launch(browser).status_code)

    threads = [threading.Thread(target=go, args=[browser]) for browser in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [303] * 6


# Without cookies: a new tab


def test_without_cookies_a_new_tab_goes_on(app, platform, who) -> None:
    frame, tab = without_cookies(app), app.test_client()
    response = platform.launch(frame)
    assert (response.status_code, 'data-refusal="browser_unknown"' in response.text) == (403, True)
    assert "Open in a new tab" in response.text
    opened = tab.get(f"/lti/continue?code={code_in(response.text)}", base_url=TOOL)
    assert page_of(opened) == "/channels/course-7"
    assert who(tab, launch_of(opened))["channel"] == "course-7"
    again = app.test_client().get(f"/lti/continue?code={code_in(response.text)}", base_url=TOOL)
    assert (again.status_code, 'data-refusal="code_unknown"' in again.text) == (403, True)


@sqlite_only
def test_the_code_lives_two_minutes(app, platform) -> None:
    code = code_in(platform.launch(without_cookies(app)).text)
    age(app, Launch, 121)
    assert "code_unknown" in app.test_client().get(f"/lti/continue?code={code}", base_url=TOOL).text


@sqlite_only
def test_no_new_tab_when_the_login_was_long_ago(app, platform) -> None:
    frame = without_cookies(app)
    started = platform.login(frame)
    age(app, LoginAttempt, 121)
    response = post_launch(frame, started.state, platform.sign(platform.claims(started.nonce)))
    assert (response.status_code, "/lti/continue" in response.text) == (403, False)
    assert 'data-refusal="browser_unknown"' in response.text


@sqlite_only
@pytest.mark.parametrize("code", ["", "forged", "t-forged", "s-forged", "\x00", "t-\x00"])
def test_forged_codes(client, platform, code) -> None:
    for response in (
        client.get("/lti/continue", query_string={"code": code}, base_url=TOOL),
        client.get("/lti/enter", query_string={"code": code, "launch": "a"}, base_url=TOOL),
        client.post("/lti/launch/verify", data={"code": code, "value": "x"}, base_url=TOOL),
    ):
        assert (response.status_code, 'data-refusal="code_unknown"' in response.text) == (403, True)


# Without cookies: the platform's storage


def begin_with_storage(platform: TestPlatform, browser: FlaskClient, target: str = "_parent") -> tuple[Any, str, str]:
    """Login with storage: the page, what the platform would keep, and the launch that follows."""
    data = platform.login_parameters(lti_storage_target=target)
    page = browser.post("/lti/login", data=data, base_url=TOOL)
    assert page.status_code == 200, page.text
    asked = lms.asked_of(value_of(page.text, "next"))
    launched = post_launch(browser, asked["state"], platform.sign(platform.claims(asked["nonce"])))
    return page, value_of(page.text, "value"), launched


def test_storage_proves_the_browser(app, platform, who) -> None:
    frame = without_cookies(app)
    page, kept, launched = begin_with_storage(platform, frame)
    assert (value_of(page.text, "origin"), value_of(page.text, "frame")) == ("https://lms.example", "_parent")
    assert launched.status_code == 200
    assert value_of(launched.text, "key") == value_of(page.text, "key")
    assert kept not in launched.text
    code = value_of(launched.text, "code")
    proved = frame.post("/lti/launch/verify", data={"code": code, "value": kept}, base_url=TOOL)
    assert proved.status_code == 303
    assert proved.location.startswith("/lti/enter?")
    entered = frame.get(proved.location, base_url=TOOL)  # the cookie did not stick: a new tab
    tab = app.test_client()
    opened = tab.get(f"/lti/continue?code={code_in(entered.text)}", base_url=TOOL)
    assert who(tab, launch_of(opened))["channel"] == "course-7"
    again = frame.post("/lti/launch/verify", data={"code": code, "value": kept}, base_url=TOOL)
    assert again.status_code == 403


@sqlite_only
def test_storage_where_the_launchs_cookie_sticks(app, platform, who) -> None:
    _, kept, launched = begin_with_storage(platform, without_cookies(app))
    browser = app.test_client()
    data = {"code": value_of(launched.text, "code"), "value": kept}
    proved = browser.post("/lti/launch/verify", data=data, base_url=TOOL)
    landed = browser.get(proved.location, base_url=TOOL)
    assert page_of(landed) == "/channels/course-7"
    assert who(browser, launch_of(landed))["channel"] == "course-7"
    code = lms.asked_of(proved.location)["code"]  # the code that stood in for the cookie is void
    assert browser.get(f"/lti/continue?code={code}", base_url=TOOL).status_code == 403


@sqlite_only
def test_storage_with_a_wrong_value(app, platform, who, only_launch) -> None:
    frame = without_cookies(app)
    _, kept, launched = begin_with_storage(platform, frame)
    code = value_of(launched.text, "code")
    wrong = frame.post("/lti/launch/verify", data={"code": code, "value": "guessed"}, base_url=TOOL)
    assert (wrong.status_code, 'data-refusal="browser_mismatch"' in wrong.text) == (403, True)
    right = frame.post("/lti/launch/verify", data={"code": code, "value": kept}, base_url=TOOL)
    assert (right.status_code, only_launch().secret_sha256) == (403, "")


@sqlite_only
def test_storage_that_does_not_answer_falls_back_to_a_new_tab(app, platform, who) -> None:
    frame, tab = without_cookies(app), app.test_client()
    _, _, launched = begin_with_storage(platform, frame)
    data = {"code": value_of(launched.text, "code"), "value": ""}
    silent = frame.post("/lti/launch/verify", data=data, base_url=TOOL)
    assert silent.status_code == 403
    opened = tab.get(f"/lti/continue?code={code_in(silent.text)}", base_url=TOOL)
    assert who(tab, launch_of(opened))["channel"] == "course-7"


@sqlite_only
def test_storage_that_does_not_answer_long_after_login(app, platform) -> None:
    frame = without_cookies(app)
    data = platform.login_parameters(lti_storage_target="_parent")
    page = frame.post("/lti/login", data=data, base_url=TOOL)
    asked = lms.asked_of(value_of(page.text, "next"))
    age(app, LoginAttempt, 121)
    launched = post_launch(frame, asked["state"], platform.sign(platform.claims(asked["nonce"])))
    code = value_of(launched.text, "code")
    assert frame.get(f"/lti/continue?code={code}", base_url=TOOL).status_code == 403
    silent = frame.post("/lti/launch/verify", data={"code": code, "value": ""}, base_url=TOOL)
    assert ('data-refusal="browser_unknown"' in silent.text, "/lti/continue" in silent.text) == (True, False)


@sqlite_only
def test_the_code_of_storage_opens_no_tab(app, platform, only_launch) -> None:
    """Else whoever got hold of the page could pass by the storage."""
    frame = without_cookies(app)
    _, _, launched = begin_with_storage(platform, frame)
    code = value_of(launched.text, "code")
    assert app.test_client().get(f"/lti/continue?code={code}", base_url=TOOL).status_code == 403


@sqlite_only
def test_with_storage_a_cookie_is_still_enough(client, platform) -> None:
    data = platform.login_parameters(lti_storage_target='"><script>')
    page = client.post("/lti/login", data=data, base_url=TOOL)
    assert "<script>" not in page.text.replace("<script src", "")
    asked = lms.asked_of(value_of(page.text, "next"))
    response = post_launch(client, asked["state"], platform.sign(platform.claims(asked["nonce"])))
    assert page_of(response) == "/channels/course-7"


# Around it


def test_what_has_expired_is_deleted(app, client, platform) -> None:
    platform.launch(client)
    platform.login(client)
    age(app, LoginAttempt, 601)
    age(app, Launch, 36_001)
    platform.login(client)
    with app.app_context():
        forget_expired()
        assert db.session.scalar(select(func.count()).select_from(LoginAttempt)) == 1
        assert db.session.scalar(select(func.count()).select_from(Launch)) == 0


def test_the_log_holds_no_secret_and_no_name(
    app: Flask, client: FlaskClient, platform: TestPlatform, caplog: pytest.LogCaptureFixture, who: Callable[..., Any]
) -> None:
    caplog.set_level(logging.DEBUG, logger="lti_tool")
    started = platform.login(client)
    token = platform.sign(platform.claims(started.nonce))
    response = post_launch(client, started.state, token)
    frame = without_cookies(app)
    _, kept, launched = begin_with_storage(platform, frame)
    code = value_of(launched.text, "code")
    frame.post("/lti/launch/verify", data={"code": code, "value": kept}, base_url=TOOL)
    post_launch(client, started.state, token)
    assert f"launch accepted id={launch_of(response)}" in caplog.text
    assert "reason=state_unknown" in caplog.text
    secrets = [started.state, started.nonce, token, kept, code, "Grace", "Hopper", "grace@", "teacher-sub"]
    secrets += [value.partition(";")[0] for value in cookies_of(response).values() if not value.startswith(";")]
    for secret in secrets:
        assert secret not in caplog.text


def test_our_keys_are_made_once_and_sealed(app: Flask, client: FlaskClient) -> None:
    from lti_tool.launch.keypairs import make_key_pair, private_key
    from lti_tool.models import KeyPair

    first = client.get("/lti/jwks", base_url=TOOL)
    assert first.headers["Cache-Control"] == "public, max-age=3600"
    assert first.json == client.get("/lti/jwks", base_url=TOOL).json
    (key,) = first.json["keys"]
    assert set(key) == {"kty", "n", "e", "kid", "alg", "use"}
    with app.app_context():
        pair = db.session.scalars(select(KeyPair)).one()
        assert b"PRIVATE" not in pair.sealed_private_key
        opened = private_key(pair, secret_key=app.config["SECRET_KEY"])
        assert opened.key_size == 2048
        pair.retired_at = now_ms() - 23 * 3_600_000
        make_key_pair(secret_key=app.config["SECRET_KEY"])
        db.session.commit()
    served = client.get("/lti/jwks", base_url=TOOL).json["keys"]
    assert [len(served), served[1]["kid"]] == [2, key["kid"]]
    with app.app_context():
        db.session.execute(update(KeyPair).where(KeyPair.kid == key["kid"]).values(retired_at=now_ms() - 90_000_000))
        db.session.commit()
    assert key["kid"] not in client.get("/lti/jwks", base_url=TOOL).text
