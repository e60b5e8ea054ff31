"""HTTP of what leads to analytics: My Media, a channel, the media page; and what the numbers mean."""

from __future__ import annotations

from flask import g, render_template, request

from lti_tool.access.actor import Actor
from lti_tool.access.gate import channel_refusal, gate
from lti_tool.analytics import channel as channel_of
from lti_tool.analytics import my_media as my_media_of
from lti_tool.analytics.metrics import METRICS
from lti_tool.analytics.queries import events, rooms
from lti_tool.analytics.routes.blueprint import VIEWERS, blueprint
from lti_tool.models import Entry

DAY_MS = 86_400_000


@blueprint.get("/my-media")
@gate(*VIEWERS)
def my_media() -> str:
    actor: Actor = g.actor
    page = my_media_of.my_media(actor.scope, actor.person, request.args)
    return render_template("my_media.html", page=page, filters=my_media_of.FILTERS)


@blueprint.get("/channels/<channel_id>")
@gate(*VIEWERS)
def channel(channel_id: str) -> str:
    found = rooms.channel(g.actor.scope, channel_id)
    if found is None:
        raise channel_refusal()
    return render_template("channel.html", page=channel_of.channel_page(g.actor.scope, found, request.args))


@blueprint.get("/media/<entry_id>")
@gate(*VIEWERS, entry=True)
def media(entry_id: str) -> str:
    sessions = rooms.sessions(g.actor.scope, g.entry) if g.entry.room else ()
    recordings = rooms.recordings(g.actor.scope, g.entry)
    event = events.event(g.actor.scope, str(g.entry.virtual_event_id or ""))
    shown = {
        "event": event,
        "sessions": sessions,
        "recordings": recordings,
        "openable": rooms.openable(g.actor.scope, recordings),
        "rooms": rooms.recorded_in(g.actor.scope, g.entry),
    }
    return render_template("media.html", entry=g.entry, start=_start(g.entry), **shown)


def _start(entry: Entry) -> int | None:
    """The second to begin at, if it lies within what is played; of a length not known, within a day."""
    asked = request.args.get("start", 0, type=int)
    return asked if 0 < asked * 1000 < (entry.duration_ms or DAY_MS) else None


@blueprint.get("/definitions")
@gate(*VIEWERS)
def definitions() -> str:
    return render_template("definitions.html", metrics=METRICS.values())
