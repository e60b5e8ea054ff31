"""The metrics of recordings and videos, and of parts of the audience, which have pages of their own."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from lti_tool.analytics.metrics.metric import OWN, Metric, Unit, counted, ratio
from lti_tool.analytics.numbers import INPUTS, Numbers
from lti_tool.models.facts import completion_rate

_VIDEOS = "Kaltura help, Media Gallery analytics"


def _ranking(n: Numbers) -> float | None:
    viewers, seconds = ratio(n.recording_viewers, n.most_viewers), ratio(n.recording_seconds, n.most_seconds)
    if viewers is None and seconds is None:
        return None
    rate = completion_rate(n.percentiles, n.measured_plays)
    if rate is None:  # nobody can tell: as usual in the channel, unless nothing of it was watched or played
        usual = completion_rate(n.all_percentiles, n.all_measured_plays)
        rate = usual if n.recording_viewers or n.plays or usual is None else 0
    shares = [viewers or 0, seconds or 0, *([] if rate is None else [rate / 100])]
    return 1 + 9 * sum(shares) / len(shares)


PLAYBACK = (
    Metric(
        "sum_vod_view_period",
        _("Minutes viewed"),
        Unit.MINUTES,
        _(
            "Minutes watched of recordings and videos: the watched seconds of every play, summed, divided by 60. Of a "
            "session, of the room's recordings since the quarter of an hour in which it began."
        ),
        ("recording_seconds",),
        lambda n: n.recording_seconds / 60,
        _("recording seconds / 60"),
        of_session=False,
    ),
    Metric(
        "avg_completion_rate",
        _("Average completion rate"),
        Unit.PERCENT,
        _(
            "Of each play, how many of the hundred percentiles of the recording or video were watched, in any part; "
            "these are summed and divided by the plays. Watching a part twice in a play counts once. Plays that were "
            "not started in the dates or since the session asked about, and plays of what has no known length, are "
            "left out. No play: no rate."
        ),
        ("percentiles", "measured_plays"),
        lambda n: completion_rate(n.percentiles, n.measured_plays),
        _("percentiles watched in each play, summed / plays"),
        note=_(
            "What was watched without any report that a play was started counts as minutes and not here. The report "
            "API gives the rate from 0 to 100."
        ),
        of_session=False,
    ),
    Metric(
        "percentile_retention",
        _("Plays that watched this part"),
        Unit.SHARE,
        _("The share of the plays of a recording or video that watched any part of this hundredth of it."),
        ("percentile_plays", "measured_plays"),
        lambda n: ratio(n.percentile_plays, n.measured_plays),
        _("plays that watched the percentile / plays"),
        source=OWN,
        of_session=False,
    ),
    Metric(
        "unique_combined_live_viewers_share",
        _("Share of the live viewers"),
        Unit.SHARE,
        _("The live unique viewers of this row, of all of them."),
        ("live_viewers", "all_live_viewers"),
        lambda n: ratio(n.live_viewers, n.all_live_viewers),
        _("live unique viewers of the row / live unique viewers of all"),
        source=OWN,
        of_session=False,
    ),
    Metric(
        "unique_vod_viewers_share",
        _("Share of the recording viewers"),
        Unit.SHARE,
        _(
            "The recording unique viewers of this row, of all of them. Who watched one recording or video here and "
            "another there is in both rows, so that the shares may add up to more than everybody."
        ),
        ("recording_viewers", "all_recording_viewers"),
        lambda n: ratio(n.recording_viewers, n.all_recording_viewers),
        _("recording unique viewers of the row / recording unique viewers of all"),
        source=OWN,
        of_session=False,
    ),
    counted(
        "unique_viewers",  # of the report API; pages have who watched
        INPUTS["play_people"],
        "play_people",
        INPUTS["play_people"],
        source=_VIDEOS,
        of_session=False,
    ),
    counted(
        "unique_contributors",
        _("Unique contributors"),
        "contributors",
        _("The owners of the channel's videos of which anything was watched or played. Each counts once."),
        source=_VIDEOS,
        of_session=False,
    ),
    Metric(
        "engagement_ranking",
        _("Engagement ranking"),
        Unit.SCORE,
        _(
            "From 1 to 10, among the videos of the channel in the dates asked about: the mean of three shares, put on "
            "that scale. They are the video's viewers of those of the most viewed, its minutes of those of the longest "
            "watched, and its average completion rate. Where nobody can tell that rate, as of a video whose length "
            "is not known, the average completion rate of all the channel's videos stands for it; of a video of which "
            "nothing was watched or played, 0."
        ),
        (
            "recording_viewers",
            "most_viewers",
            "recording_seconds",
            "most_seconds",
            "percentiles",
            "measured_plays",
            "all_percentiles",
            "all_measured_plays",
            "plays",
        ),
        _ranking,
        _("1 + 9 × mean (viewers / most viewers, seconds / most seconds, average completion rate / 100)"),
        source=OWN,
        note=_("Kaltura ranks videos from 1 to 10 too, but has not published how."),
        of_session=False,
    ),
)
