"""What all of a period's plays come to: the highlights, and how they differ from the period before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import lazy_gettext as _

from lti_tool.access.scope import Scope
from lti_tool.analytics.metrics import METRICS, Metric, Reading
from lti_tool.analytics.numbers import Numbers
from lti_tool.analytics.period import Period
from lti_tool.analytics.queries import videos as queries
from lti_tool.analytics.queries.recordings import Sums
from lti_tool.analytics.queries.videos import Video, Where


def _called(name: str, label: Any) -> Metric:
    """A metric of the catalogue, by what it is called where nothing but videos is shown."""
    return replace(METRICS[name], label=label)


LOADS = _called("count_loads", _("Impressions"))
PLAYS = _called("count_plays", _("Plays"))
VIEWERS = _called("unique_vod_viewers", _("Unique viewers"))
SHARE = _called("unique_vod_viewers_share", _("Share of the viewers"))
MINUTES = METRICS["sum_vod_view_period"]
COMPLETION = METRICS["avg_completion_rate"]
OF_VIDEO = (LOADS, PLAYS, VIEWERS, MINUTES, COMPLETION)
_VIDEOS = (_called("unique_videos", _("Unique videos")), METRICS["unique_contributors"])
OF_CHANNEL = (LOADS, PLAYS, VIEWERS, MINUTES, *_VIDEOS, COMPLETION)


@dataclass(frozen=True)
class Highlight:
    """A number of the period, and the same of the period before, if that was asked for."""

    now: Reading
    before: Reading | None = None

    @property
    def change(self) -> float | None:
        """By how much it is more; nothing where either has no value."""
        if self.before is None:
            return None
        now, before = self.now.value, self.before.value
        return now - before if isinstance(now, int | float) and isinstance(before, int | float) else None

    @property
    def share(self) -> float | None:
        """By which fraction of what it was; nothing where it was nothing."""
        before = self.before.value if self.before else None
        return self.change / before if self.change is not None and isinstance(before, int | float) and before else None


def numbers_of(sums: Sums, **more: Any) -> Numbers:
    """What the formulas take of what was played; ``more``: other numbers."""
    return Numbers(
        impressions=sums.impressions,
        recording_seconds=sums.watched_ms / 1000,
        plays=sums.plays,
        measured_plays=sums.measured_plays,
        percentiles=sums.percentiles,
        **more,
    )


def total(videos: Sequence[Video], sums: Mapping[int, Sums], viewers: int) -> Numbers:
    """Of all videos together. ``viewers``: the people who watched any."""
    touched = [video for video in videos if (of := sums.get(video.id)) and (of.watched_ms or of.plays)]
    return numbers_of(
        Sums(*(sum(column) for column in zip(Sums(), *sums.values(), strict=True))),
        recording_viewers=viewers,
        all_recording_viewers=viewers,
        videos=len(touched),
        contributors=len({video.owner_id for video in touched if video.owner_id}),
    )


def total_before(scope: Scope, where: Where, videos: Sequence[Video], period: Period) -> Numbers:
    """The same of the period before."""
    before = period.previous
    return total(videos, queries.sums(scope, where, before), queries.count_viewers(scope, where, before))


def highlights(metrics: Sequence[Metric], now: Numbers, before: Numbers | None) -> tuple[Highlight, ...]:
    """A highlight of each metric."""
    return tuple(Highlight(one.reading(now), one.reading(before) if before else None) for one in metrics)
