"""HTTP of a person's dashboard."""

from __future__ import annotations

from flask import g, render_template, request

from lti_tool.access.flags import ANALYTICS
from lti_tool.access.gate import event_refusal, gate, names_refusal, person_refusal
from lti_tool.analytics import person as person_of
from lti_tool.analytics.queries import events
from lti_tool.analytics.routes.blueprint import VIEWERS, blueprint


# Ids of people are opaque: some are addresses, with slashes in them.
@blueprint.get("/people/<path:user_id>/analytics", merge_slashes=False)
@gate(*VIEWERS, feature=ANALYTICS)
def person(user_id: str) -> str:
    asked = request.args.get("event")
    event = events.event(g.actor.scope, asked) if asked else None
    if not g.actor.scope.people:
        raise names_refusal()
    if event is None and asked:
        raise event_refusal()
    page = person_of.person_dashboard(g.actor.scope, event, g.actor.channel, user_id, request.args)
    if page is None:
        raise person_refusal()
    return render_template("person.html", page=page)
