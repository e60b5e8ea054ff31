"""The metrics of a poll and of its answers."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from lti_tool.analytics.metrics.metric import Metric, Unit, counted, ratio
from lti_tool.analytics.numbers import INPUTS

_OF_POLL: dict[str, Any] = {"signal": "polls", "of_session": False}
POLLS = (
    counted(
        "poll_participants",
        _("Unique participants"),
        "participants",
        _("People who answered the poll, each once: a later answer replaces the earlier, also when launched again."),
        **_OF_POLL,
    ),
    counted("poll_options", _("Options"), "options", _("Answers to choose from, as first launched."), **_OF_POLL),
    counted(
        "poll_option_participants",
        _("Unique participants"),
        "choosers",
        _("People whose answer to the poll, the last one, has this option. Each counts once."),
        **_OF_POLL,
    ),
    Metric(
        "poll_rate",
        _("Rate"),
        Unit.SHARE,
        _(
            "People who chose the answer, of the people who answered the poll. Where people may choose several, the "
            "rates can add up to more than 100 percent."
        ),
        ("choosers", "participants"),
        lambda n: ratio(n.choosers, n.participants),
        _("%(chosen)s / %(answered)s", chosen=INPUTS["choosers"], answered=INPUTS["participants"]),
        **_OF_POLL,
        note=_(
            "Kaltura's help divides by the participants of the poll, as here. Its app divides the votes for the answer "
            "by the sum of all votes: where people may choose several, its rates are lower, and add up to 100 percent."
        ),
    ),
)
