"""HTTP of access: the administrator's page."""

from __future__ import annotations

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

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
    return render_template("admin.html", page=admin_page(g.actor.scope, **pages))


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
