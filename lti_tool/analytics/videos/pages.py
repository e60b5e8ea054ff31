"""The page objects of video analytics: a scope, videos and a period in, everything that a page shows out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lti_tool.access.scope import Scope
from lti_tool.analytics.audience import Audience
from lti_tool.analytics.metrics import Metric
from lti_tool.analytics.numbers import Numbers
from lti_tool.analytics.period import Period
from lti_tool.analytics.queries import videos as queries
from lti_tool.analytics.queries.recordings import Sums
from lti_tool.analytics.queries.videos import Where
from lti_tool.analytics.recordings import Retention
from lti_tool.analytics.tables import Table
from lti_tool.analytics.videos import lists
from lti_tool.analytics.videos.over_time import OverTime, over_time
from lti_tool.analytics.videos.totals import OF_CHANNEL, OF_VIDEO, Highlight, highlights, total, total_before
from lti_tool.models import Channel, Entry, percentiles


@dataclass(frozen=True)
class VideosPage:
    """Everything that the page of a channel's videos or of one video shows.

    ``compare``: the period before is shown too. ``videos`` only of a channel, ``retention`` only of one video;
    ``people`` only for who may see names.
    """

    period: Period
    compare: bool
    listed: int
    highlights: tuple[Highlight, ...]
    over_time: OverTime
    videos: Table | None
    retention: Retention | None
    people: Table | None
    by_country: Audience
    by_device: Audience

    @property
    def countries(self) -> Table:
        return lists.first_rows(self.by_country, lists.COUNTRIES)

    @property
    def devices(self) -> Table:
        return lists.first_rows(self.by_device, lists.DEVICES)


@dataclass(frozen=True)
class AudiencePage:
    """All countries or all devices."""

    period: Period
    audience: Audience
    table: Table


def channel_videos(scope: Scope, channel: Channel, period: Period, arguments: Mapping[str, str]) -> VideosPage:
    """The page of a channel's videos."""
    return _page(scope, queries.of_channel(channel), period, arguments, OF_CHANNEL)


def video_page(scope: Scope, entry: Entry, period: Period, arguments: Mapping[str, str]) -> VideosPage:
    """The page of one video."""
    return _page(scope, queries.of_entry(entry), period, arguments, OF_VIDEO, entry=entry)


def _page(
    scope: Scope,
    where: Where,
    period: Period,
    arguments: Mapping[str, str],
    metrics: tuple[Metric, ...],
    *,
    entry: Entry | None = None,
) -> VideosPage:
    compare = arguments.get("compare") == "1"
    videos, sums = queries.videos(scope, where), queries.sums(scope, where, period)
    people = queries.audience(scope, where, period)
    now = total(videos, sums, people["", ""])
    before = total_before(scope, where, videos, period) if compare else None
    by_country, by_device = lists.audiences(people, now)
    table = None
    if entry is None:
        numbers = lists.ranked(videos, sums, queries.viewers_of_each(scope, where, period))
        table = lists.videos_table(lists.VIDEOS.asked(arguments), videos, numbers, now)
    asked = lists.PEOPLE.asked(arguments)
    return VideosPage(
        period=period,
        compare=compare,
        listed=len(videos),
        highlights=highlights(metrics, now, before),
        over_time=over_time(scope, where, period, arguments, compare=compare),
        videos=table,
        retention=retention(scope, entry, period, sums.get(entry.id, Sums())) if entry else None,
        people=lists.viewers_table(scope, where, period, asked, now) if scope.people else None,
        by_country=by_country,
        by_device=by_device,
    )


def retention(scope: Scope, entry: Entry, period: Period, sums: Sums) -> Retention:
    """How much of a video the plays that were started in a period watched."""
    if not entry.duration_ms or not sums.measured_plays:
        return Retention(entry, sums.measured_plays)
    counts = percentiles.total(queries.curves(scope, queries.of_entry(entry), period))
    return Retention(entry, sums.measured_plays, tuple(counts.tolist()))


def video_retention(scope: Scope, entry: Entry, period: Period) -> Retention:
    """The same for the picture alone."""
    return retention(scope, entry, period, queries.sums(scope, queries.of_entry(entry), period).get(entry.id, Sums()))


def audience_page(scope: Scope, where: Where, period: Period, name: str, arguments: Mapping[str, str]) -> AudiencePage:
    """The page of all ``countries`` or ``devices``, sorted as asked."""
    people = queries.audience(scope, where, period)
    every = Numbers(recording_viewers=people["", ""], all_recording_viewers=people["", ""])
    layout = lists.COUNTRIES if name == "countries" else lists.DEVICES
    countries, devices = lists.audiences(people, every)
    chosen = countries if name == "countries" else devices
    return AudiencePage(period, chosen, chosen.table(layout, layout.asked(arguments)))
