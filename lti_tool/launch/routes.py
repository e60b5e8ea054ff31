"""HTTP of the launch. Nothing here decides; see ``docs/launch.md`` for the walk."""

from __future__ import annotations

import logging

from flask import Blueprint, current_app, g, jsonify, make_response, redirect, render_template, request
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from lti_tool.access.actor import current_actor
from lti_tool.access.gate import public
from lti_tool.errors import ToolError
from lti_tool.launch import attempts, browser, entering, keypairs, login
from lti_tool.launch.destination import origin, with_launch
from lti_tool.launch.keysets import KeySets
from lti_tool.launch.refusals import refuse
from lti_tool.models import db

log = logging.getLogger(__name__)
blueprint = Blueprint("launch", __name__)

MOST_BYTES = 1024 * 1024


@blueprint.before_request
def _guard() -> None:
    """Launches travel over https only, except on a developer's machine, and are small."""
    request.max_content_length = MOST_BYTES
    if _https() and not request.is_secure:
        raise refuse("insecure", detail="the request came over http")


@blueprint.route("/lti/login", methods=["GET", "POST"])
@public("a platform begins a launch here, before anybody is known")
def log_in() -> Response:
    given = CombinedMultiDict([_form(), request.args])
    begun = login.log_in(given, public_url=_public_url())
    g.registration_id = begun.platform.registration_id  # whose frame shows what we answer
    db.session.commit()
    return _answer_login(begun)


@blueprint.post("/lti/launch")
@public("a platform delivers a launch here; the signed token says who comes")
def launch() -> Response:
    form = _form()
    if "error" in form:
        raise _platform_error(form)
    attempt = attempts.find(form.get("state", ""))
    g.registration_id = attempt.platform.registration_id
    key = browser.attempt_key(attempt.state_sha256)
    try:
        entered = entering.enter(
            attempt,
            form.get("id_token", ""),
            browser_secret=request.cookies.get(browser.state_cookie_name(key, https=_https())),
            keeps_cookies=browser.keeps_cookies(request.cookies, https=_https()),
            key_sets=_key_sets(),
            public_url=_public_url(),
        )
    except ToolError:
        db.session.commit()  # a refused launch has used up its attempt, too
        raise
    db.session.commit()
    response = _answer_launch(entered, attempt)
    browser.forget_attempt(response, key, https=_https())
    return response


@blueprint.post("/lti/launch/verify")
@public("the browser brings what the platform's storage kept; a one-time code says for which launch")
def verify() -> Response:
    form = _form()
    try:
        entered = entering.prove(form.get("code", ""), form.get("value", ""))
    except ToolError:
        db.session.commit()
        raise
    db.session.commit()
    g.registration_id = entered.registration_id
    if entered.secret is None or entered.code is None:
        return _new_tab(entered.code)
    response = redirect(with_launch(f"/lti/enter?code={entered.code}", entered.launch_id), code=303)
    browser.keep_launch(response, entered.launch_id, entered.secret, https=_https())
    return response


@blueprint.get("/lti/enter")
@public("looks whether the launch's cookie has stuck; a one-time code says for which launch")
def enter() -> Response:
    actor = current_actor()
    code = request.args.get("code", "")
    if actor is not None:
        destination = entering.forget_code(actor.launch_id)
        db.session.commit()
        return redirect(_destination(destination, actor.launch_id), code=303)
    g.registration_id = entering.standing(code)
    if g.registration_id is None:
        raise refuse("code_unknown")
    return _new_tab(code)


@blueprint.get("/lti/continue")
@public("opens a launch in a tab of its own, for a one-time code")
def continue_in_tab() -> Response:
    try:
        entered = entering.continue_in_tab(request.args.get("code", ""))
    except ToolError:
        db.session.commit()
        raise
    db.session.commit()
    return _to_destination(entered)


@blueprint.get("/lti/jwks")
@public("our public keys")
def jwks() -> Response:
    keys = keypairs.public_key_set(secret_key=current_app.config["SECRET_KEY"])
    db.session.commit()
    response = jsonify(keys)
    response.cache_control.public, response.cache_control.max_age = True, 3600
    return response


def _answer_login(begun: login.Login) -> Response:
    key = browser.attempt_key(begun.secrets.state_sha256)
    if begun.storage_target is None:
        response = redirect(begun.auth_url, code=302)
    else:
        page = render_template(
            "launch/store.html",
            login=begun,
            key=f"lti_{key}",
            origin=origin(begun.auth_url),
        )
        response = make_response(page)
    browser.keep_attempt(response, key, begun.secrets.browser, cookies=request.cookies, https=_https())
    response.headers["Cache-Control"] = "no-store"
    return response


def _answer_launch(entered: entering.Entered, attempt: attempts.Attempt) -> Response:
    if entered.secret is not None:
        return _to_destination(entered)
    if attempt.storage_target is None:
        return _new_tab(entered.code)
    page = render_template(
        "launch/prove.html",
        entered=entered,
        attempt=attempt,
        key=f"lti_{browser.attempt_key(attempt.state_sha256)}",
        origin=origin(attempt.platform.auth_url),
    )
    return make_response(page)


def _to_destination(entered: entering.Entered) -> Response:
    assert entered.secret is not None
    response = redirect(_destination(entered.destination, entered.launch_id), code=303)
    browser.keep_launch(response, entered.launch_id, entered.secret, https=_https())
    response.headers["Cache-Control"] = "no-store"
    return response


def _new_tab(code: str | None) -> Response:
    """Cookies did not stick. A refusal with a way out: the button opens the launch in a tab of its own."""
    log.warning("refused reason=browser_unknown status=403 reference=%s offered=new tab", g.reference)
    error = refuse("browser_unknown")
    page = render_template("launch/new_tab.html", error=error, code=code, reference=g.reference)
    return make_response(page, error.status)


def _platform_error(form: MultiDict[str, str]) -> ToolError:
    """The platform says that it cannot (OpenID Connect 3.1.2.6). Its words are shown to nobody."""
    known = ("login_required", "launch_no_longer_valid", "access_denied", "invalid_request", "interaction_required")
    error = form.get("error", "")
    return refuse("platform_error", detail=f"error={error if error in known else 'other'}")


def _form() -> MultiDict[str, str]:
    try:
        return request.form
    except RequestEntityTooLarge as error:
        raise refuse("too_large") from error


def _destination(address: str, launch_id: str) -> str:
    return _public_url() + with_launch(address, launch_id)


def _public_url() -> str:
    return str(current_app.config["PUBLIC_URL"])


def _https() -> bool:
    return _public_url().startswith("https://")


def _key_sets() -> KeySets:
    """One for the process: keys are parsed once."""
    kept = current_app.extensions.setdefault(
        "lti_key_sets", KeySets(allow_loopback=current_app.config["SETTINGS"].allow_loopback)
    )
    assert isinstance(kept, KeySets)
    return kept
