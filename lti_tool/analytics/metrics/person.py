"""The metrics of one person over many sessions, recordings and videos."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from lti_tool.analytics.metrics.metric import OWN, Metric, Unit, counted
from lti_tool.analytics.numbers import INPUTS

_SOURCE = "Kaltura help, User analytics for events"
PERSON = (
    Metric(
        "total_view_time",
        _("Total minutes viewed"),
        Unit.MINUTES,
        _("Minutes watched live, of recordings and of content on demand, added up."),
        ("watched_seconds", "recording_seconds", "on_demand_seconds"),
        lambda n: (n.watched_seconds + n.recording_seconds + n.on_demand_seconds) / 60,
        _("(live seconds + recording seconds + seconds on demand) / 60"),
        source=_SOURCE,
        of_session=False,
    ),
    Metric(
        "recording_view_time",
        _("Minutes viewed of recordings"),
        Unit.MINUTES,
        _("Minutes watched of recordings of rooms: the watched seconds of every play, summed, divided by 60."),
        ("recording_seconds",),
        lambda n: n.recording_seconds / 60,
        _("recording seconds / 60"),
        source=_SOURCE,
        of_session=False,
    ),
    Metric(
        "on_demand_view_time",
        _("Minutes viewed on demand"),
        Unit.MINUTES,
        _(
            "Minutes watched of videos that are no recording of a room: the watched seconds of every play, summed, "
            "divided by 60."
        ),
        ("on_demand_seconds",),
        lambda n: n.on_demand_seconds / 60,
        _("seconds on demand / 60"),
        source=_SOURCE,
        of_session=False,
    ),
    counted(
        "sessions_viewed",
        _("Sessions viewed"),
        "sessions_viewed",
        _("Sessions of which the person watched at least one second live."),
        source=_SOURCE,
        of_session=False,
    ),
    counted(
        "unique_videos",
        _("Videos viewed"),
        "videos",
        _(
            "Of a person, recordings and other videos of which at least some time was watched; of a channel, its "
            "videos of which anything was watched or played in the dates asked about. Each counts once. Those of a "
            "person are listed as recordings and as content on demand, beside others that were only loaded."
        ),
        source=_SOURCE,
        of_session=False,
    ),
    counted(
        "unique_attachments_downloaded",
        _("Attachments downloaded"),
        "attachments",
        _("Different attachments that were downloaded; each counts once, however often."),
        signal="attachments",
        source=_SOURCE,
        of_session=False,
    ),
    Metric(
        "total_completion_rate",
        _("Total completion rate"),
        Unit.PERCENT,
        _(
            "How many of the video's hundred percentiles the person watched, in any part, over all plays together. "
            "Watching a part again adds nothing. No play, or a length that is not known: no rate."
        ),
        ("seen_percentiles",),
        lambda n: n.seen_percentiles if n.measured_plays else None,
        INPUTS["seen_percentiles"],
        source=OWN,
        note=_("The average completion rate counts each play by itself, and divides by the plays."),
        of_session=False,
    ),
)
