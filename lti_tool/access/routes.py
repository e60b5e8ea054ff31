"""HTTP of access: the administrator's page."""

from __future__ import annotations

from contextlib import closing

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lti_tool.access import logo
from lti_tool.access.flags import FLAGS, set_flag
from lti_tool.access.gate import gate
from lti_tool.access.queries import admin_page
from lti_tool.access.roles import ADMINISTER
from lti_tool.models import begin_write, db

blueprint = Blueprint("access", __name__)


@blueprint.get("/admin")
@gate(ADMINISTER)
def admin() -> str:
    pages = {name: request.args.get(name, 1, type=int) for name in ("channels", "events", "rooms")}
    found = logo.logo(g.actor.account_id)
    shown = {"logo": found, "logo_address": logo.address(found) if found else None}
    return render_template("admin.html", page=admin_page(g.actor.scope, **pages), **shown)


@blueprint.post("/admin/switches")
@gate(ADMINISTER)
def switch() -> Response:
    name, value = request.form.get("name", ""), request.form.get("value", "")
    if name not in FLAGS or value not in ("yes", "no"):
        abort(400)
    account_id, person = g.actor.account_id, g.actor.person.external_id
    db.session.rollback()
    begin_write()
    set_flag(account_id, name, value == "yes", actor=person)
    db.session.commit()
    return redirect(url_for("access.admin", launch=request.args.get("launch"), _anchor="switches"), code=303)


@blueprint.post("/admin/logo")
@gate(ADMINISTER)
def set_logo() -> Response:
    with closing(request.files.get("logo") or abort(400)) as sent:
        content = sent.read(logo.MOST_BYTES + 1)
    account_id, person = g.actor.account_id, g.actor.person.external_id
    db.session.rollback()
    begin_write()
    logo.set_logo(account_id, content, actor=person)
    db.session.commit()
    return redirect(url_for("access.admin", launch=request.args.get("launch"), _anchor="logo"), code=303)


@blueprint.post("/admin/logo/remove")
@gate(ADMINISTER)
def remove_logo() -> Response:
    account_id, person = g.actor.account_id, g.actor.person.external_id
    db.session.rollback()
    begin_write()
    logo.remove_logo(account_id, actor=person)
    db.session.commit()
    return redirect(url_for("access.admin", launch=request.args.get("launch"), _anchor="logo"), code=303)
