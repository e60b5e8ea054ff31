"""The tables of video analytics: videos, viewers, countries and devices; and the same lists whole, for files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lti_tool.access.scope import Scope
from lti_tool.analytics.audience import Audience, Group
from lti_tool.analytics.metrics import METRICS
from lti_tool.analytics.numbers import Numbers
from lti_tool.analytics.paging import PAGE_SIZE
from lti_tool.analytics.period import Period
from lti_tool.analytics.queries import videos as queries
from lti_tool.analytics.queries.recordings import Sums
from lti_tool.analytics.queries.videos import Video, Where
from lti_tool.analytics.tables import Column, Layout, Order, Picked, Row, Table, in_order, pick, table
from lti_tool.analytics.videos.totals import COMPLETION, MINUTES, PLAYS, SHARE, VIEWERS, numbers_of
from lti_tool.models import Person
from lti_tool.models.names import name_key

VIDEOS = Layout(
    "videos",
    (
        Column("plays", PLAYS),
        Column("viewers", VIEWERS),
        Column("minutes", MINUTES),
        Column("completion", COMPLETION),
        Column("ranking", METRICS["engagement_ranking"]),
    ),
    "ranking",
)
PEOPLE = Layout(
    "viewers", (Column("plays", PLAYS), Column("minutes", MINUTES), Column("completion", COMPLETION)), "plays"
)
COUNTRIES = Layout("countries", (Column("viewers", VIEWERS), Column("share", SHARE)), "viewers")
DEVICES = replace(COUNTRIES, name="devices")
FIRST = 5  # rows of countries and devices beside the other sections


def ranked(videos: Sequence[Video], sums: Mapping[int, Sums], viewers: Mapping[int, int]) -> dict[int, Numbers]:
    """The numbers of each video, and what its rank among them needs."""
    made = [numbers_of(sums.get(one.id, Sums()), recording_viewers=viewers.get(one.id, 0)) for one in videos]
    return dict(zip((video.id for video in videos), among(made), strict=True))


def among(videos: Sequence[Numbers]) -> list[Numbers]:
    """The same numbers, each with the most that any video has, and what all have."""
    every: dict[str, Any] = {
        "most_viewers": max((one.recording_viewers for one in videos), default=0),
        "most_seconds": max((one.recording_seconds for one in videos), default=0),
        "all_measured_plays": sum(one.measured_plays for one in videos),
        "all_percentiles": sum(one.percentiles for one in videos),
    }
    return [replace(one, **every) for one in videos]


def videos_table(order: Order, videos: Sequence[Video], numbers: Mapping[int, Numbers], total: Numbers) -> Table:
    """A page of the videos."""
    picked = pick(
        VIDEOS,
        order,
        videos,
        numbers=lambda video: numbers[video.id],
        name=_name,
    )
    rows = [Row(video.external_id, video, VIDEOS.readings(numbers[video.id])) for video in picked.items]
    return table(VIDEOS, order, picked, rows, total)


def _name(video: Video) -> tuple[str, int]:
    return name_key(video.name), video.id


def viewers_table(scope: Scope, where: Where, period: Period, order: Order, total: Numbers) -> Table:
    """A page of the people who watched or played anything, picked in the database."""

    def page(number: int) -> tuple[list[queries.Viewer], int]:
        start = (number - 1) * PAGE_SIZE
        return queries.viewers(
            scope, where, period, order.sort, descending=order.descending, limit=PAGE_SIZE, offset=start
        )

    number = max(order.page, 1)
    rows, found = page(number)
    if not rows and number > 1:  # past the last page
        found = page(1)[1]
        number = order.slice(found)[0]
        rows, found = page(number)
    made = [Row(one.person.external_id, one.person, PEOPLE.readings(numbers_of(one.sums))) for one in rows]
    return table(PEOPLE, order, Picked(tuple(rows), found, *order.slice(found)[:2]), made, total)


def audiences(people: Mapping[tuple[str, str], int], total: Numbers) -> tuple[Audience, Audience]:
    """Viewers by country and by device."""
    countries, devices = (
        tuple(
            Group(value, replace(total, recording_viewers=count))
            for (of, value), count in sorted(people.items())
            if of == field
        )
        for field in ("country", "device")
    )
    return Audience("country", {}, countries, total), Audience("device", {}, devices, total)


def first_rows(audience: Audience, layout: Layout) -> Table:
    """The largest groups."""
    made = audience.table(layout)
    return replace(made, rows=made.rows[:FIRST])


def every_video(scope: Scope, where: Where, period: Period, order: Order) -> list[tuple[Video, Numbers]]:
    """All rows of the table of videos."""
    videos = queries.videos(scope, where)
    numbers = ranked(videos, queries.sums(scope, where, period), queries.viewers_of_each(scope, where, period))
    ordered = in_order(VIDEOS, order, videos, numbers=lambda video: numbers[video.id], name=_name)
    return [(video, numbers[video.id]) for video in ordered]


def every_viewer(scope: Scope, where: Where, period: Period, order: Order) -> Iterator[tuple[Person, Numbers]]:
    """All rows of the table of viewers."""
    for one in queries.every_viewer(scope, where, period, order.sort, descending=order.descending):
        yield one.person, numbers_of(one.sums)


def every_group(scope: Scope, where: Where, period: Period, layout: Layout, order: Order) -> list[tuple[str, Numbers]]:
    """All rows of the table of countries or of devices."""
    people = queries.audience(scope, where, period)
    viewers = people["", ""]
    every = Numbers(recording_viewers=viewers, all_recording_viewers=viewers)
    countries, devices = audiences(people, every)
    chosen = countries if layout is COUNTRIES else devices
    return [(group.key, group.numbers) for group in chosen.in_order(layout, order)]
