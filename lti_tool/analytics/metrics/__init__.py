"""The catalogue of metrics: every number that any page, file or API shows has its one formula here.

A formula works on ``Numbers``: the sums and counts of whatever is asked about, a session, several, or one person in
one. It returns nothing where there is nobody to divide by. Names are those of Kaltura's report API where it has one.
"""

from __future__ import annotations

from lti_tool.analytics.metrics.metric import NOT_REPORTED, Metric, NotReported, Reading, Unit, Value, data_value
from lti_tool.analytics.metrics.person import PERSON
from lti_tool.analytics.metrics.playback import PLAYBACK
from lti_tool.analytics.metrics.polls import POLLS
from lti_tool.analytics.metrics.session import SESSION
from lti_tool.analytics.metrics.stage import PRESENTED, STAGE

__all__ = ["METRICS", "NOT_REPORTED", "Metric", "NotReported", "Reading", "Unit", "Value", "data_value"]

METRICS: dict[str, Metric] = {
    metric.name: metric for metric in (*SESSION, *STAGE, *PRESENTED, *POLLS, *PLAYBACK, *PERSON)
}
