"""The metrics of the stage and of presented media."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask_babel import lazy_gettext as _

from lti_tool.analytics.metrics.metric import OWN, Metric, Unit, ratio
from lti_tool.analytics.numbers import INPUTS


def _lasting(name: str, label: Any, field: str, definition: Any) -> Metric:
    return Metric(
        name,
        label,
        Unit.MINUTES,
        definition,
        (field,),
        lambda n: getattr(n, field) / 60,
        _("%(seconds)s / 60", seconds=INPUTS[field]),
        source=OWN,
    )


_UNTIL = _("From each time it was switched on until it was next switched off, or to the session's end.")
STAGE = (
    _lasting("stage_time", _("On stage"), "stage_seconds", _("From each time of joining the stage until leaving it.")),
    _lasting("mic_time", _("Microphone"), "mic_seconds", _UNTIL),
    _lasting("camera_time", _("Camera"), "camera_seconds", _UNTIL),
    _lasting("talk_time", _("Talking"), "talk_seconds", _("From each time somebody began to talk until the pause.")),
    _lasting("screen_time", _("Screen sharing"), "screen_seconds", _UNTIL),
    Metric(
        "host_talk_ratio",
        _("Talk share of the host"),
        Unit.SHARE,
        _("Of all the time that anybody talked, added up person by person, the share of the hosts."),
        ("host_talk_seconds", "talk_seconds"),
        lambda n: ratio(n.host_talk_seconds, n.talk_seconds),
        _("seconds the hosts talked / seconds talking"),
        source=OWN,
    ),
)
PRESENTED = (
    replace(
        _lasting("presented_time", _("Shown for"), "presented_seconds", _("From when it was presented until removed.")),
        of_session=False,
    ),
    Metric(
        "viewers_change",
        _("Change of viewers"),
        Unit.CHANGE,
        _("How many more people watched in the last minute in which it was shown than in the first. Fewer: below 0."),
        ("first_viewers", "last_viewers"),
        lambda n: n.last_viewers - n.first_viewers,
        _("viewers in its last minute − viewers in its first minute"),
        source=OWN,
        of_session=False,
    ),
)
