"""HTTP of events: the agenda, and the people who are registered."""

from __future__ import annotations

from flask import g, render_template, request

from lti_tool.access.gate import event_refusal, gate, names_refusal
from lti_tool.analytics import events
from lti_tool.analytics.queries import events as queries
from lti_tool.analytics.routes.blueprint import VIEWERS, blueprint
from lti_tool.models import VirtualEvent


@blueprint.get("/events/<event_id>")
@blueprint.get("/events/<event_id>/agenda")
@gate(*VIEWERS)
def agenda(event_id: str) -> str:
    return render_template("event_agenda.html", page=events.agenda(g.actor.scope, asked_event(event_id)))


@blueprint.get("/events/<event_id>/people")
@gate(*VIEWERS)
def people(event_id: str) -> str:
    found = asked_event(event_id)
    if not g.actor.scope.people:
        raise names_refusal()
    return render_template("event_people.html", page=events.people_page(g.actor.scope, found, request.args))


def asked_event(event_id: str) -> VirtualEvent:
    """The event, if whoever asks may open it."""
    found = queries.event(g.actor.scope, event_id)
    if found is None:
        raise event_refusal()
    return found
