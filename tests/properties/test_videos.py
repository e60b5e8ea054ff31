"""Video analytics of any period in any zone: totals, days, videos, viewers and countries are the plain definitions."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from lti_tool.access.scope import Scope
from lti_tool.analytics.metrics import METRICS
from lti_tool.analytics.numbers import Numbers
from lti_tool.analytics.period import Period
from lti_tool.analytics.queries import videos as queries
from lti_tool.analytics.tables import Layout, Order
from lti_tool.analytics.videos import DAYS, channel_videos, lists, video_page
from lti_tool.analytics.videos.over_time import stretches
from lti_tool.collect import tasks
from lti_tool.collect.sources import CatalogItem
from lti_tool.collect.sources.catalog import ChannelItem, EntryItem
from lti_tool.models import Channel, Entry, db
from tests.properties.test_completion import plain_percentiles
from tests.properties.test_counted import said
from tests.properties.test_fold import deliver, new_account

FIRST = datetime(2026, 2, 1, tzinfo=UTC)
ZONES = ("UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia")
# Entry -> (kind, length in seconds, owner, channels)
ENTRIES: dict[str, tuple[str, float | None, str | None, tuple[str, ...]]] = {
    "v1": ("video", 100.0, "anna", ("101",)),
    "v2": ("video", 60.5, "anna", ("101", "102")),
    "v3": ("live", None, "bert", ("101",)),
    "v4": ("video", 100.0, None, ("101",)),
    "elsewhere": ("video", 100.0, "anna", ("102",)),
    "room": ("room", None, "anna", ("101",)),
}
MINE = ("v1", "v2", "v3", "v4")
user = st.sampled_from(["ada", "bo", "cy", "di", "eve"])
# Near each other, so that a short period holds some and not others; and all through the year, for changes of clocks.
times = st.one_of(
    st.integers(0, 290 * 24 * 60).map(lambda minute: minute * 60_000),
    st.integers(0, 4 * 24 * 4).map(lambda quarter: 55 * 86_400_000 + quarter * 900_000),
)
events = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(["view", "view", "view", "play", "play", "playerImpression"]),
            "entryId": st.sampled_from([*MINE, "elsewhere"]),
            "time": times,
            "userId": user,
            "playbackType": st.just("vod"),
            "seconds": st.sampled_from([30, 7.5, 0]),
            "playId": st.sampled_from(["p1", "p2"]),
            "fromPosition": st.integers(0, 110),
            "toPosition": st.integers(0, 110),
        },
        optional={"country": st.sampled_from(["DE", "FR"]), "device": st.sampled_from(["Computer", "Mobile"])},
    ),
    max_size=30,
).map(
    lambda made: [{**e, "id": f"e{n}", "time": round(FIRST.timestamp() * 1000) + e["time"]} for n, e in enumerate(made)]
)
periods = st.builds(
    lambda last, days, zone: Period(last - timedelta(days=days - 1), last, ZoneInfo(zone)),
    st.one_of(
        st.integers(0, 290).map(lambda day: FIRST.date() + timedelta(days=day)),
        st.sampled_from([date(2026, 3, 28), date(2026, 3, 29), date(2026, 3, 30)]),
    ),
    st.one_of(st.integers(1, 5), st.sampled_from([99, 100, 101, 290])),
    st.sampled_from(ZONES),
)


def catalog(account: int) -> None:
    items = [CatalogItem(1, "channels", ChannelItem(name, name=name)) for name in ("101", "102")]
    items += [
        CatalogItem(
            1,
            "entries",
            EntryItem(name, name=name, type=kind, duration_seconds=length, owner_id=owner, channel_ids=list(channels)),
        )
        for name, (kind, length, owner, channels) in ENTRIES.items()
    ]
    tasks.store(account, items, "catalog")


class Plain:
    """Everything of these videos in this period, straight from the events."""

    def __init__(self, every: list[dict[str, Any]], videos: tuple[str, ...], period: Period) -> None:
        self.every, self.videos, self.period = every, videos, period
        self.events = [e for e in every if e["entryId"] in videos]
        plays: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
        for e in self.events:
            if e["name"] != "playerImpression":
                plays[e["entryId"], e["userId"], e["playId"]].append(e)
        # (video, user, day, percentiles) of each play that was started
        self.plays = []
        for (video, who, _play), mine in plays.items():
            if starts := [e["time"] for e in mine if e["name"] == "play"]:
                views = [(e["fromPosition"], e["toPosition"]) for e in mine if e["name"] == "view"]
                length = ENTRIES[video][1]
                percentiles = len(plain_percentiles(views, length)) if length else None
                self.plays.append((video, who, self.day(min(starts)), percentiles))

    def day(self, time_ms: int) -> date:
        return datetime.fromtimestamp(time_ms / 1000, UTC).astimezone(self.period.zone).date()

    def numbers(self, days: set[date] | None = None, **only: str) -> tuple[Any, ...]:
        """Plays, impressions, minutes, viewers, completion rate."""
        wanted = days or {self.period.first + timedelta(days=n) for n in range(self.period.days)}
        mine = [e for e in self.events if self.day(e["time"]) in wanted]
        mine = [e for e in mine if all(e[key] == value for key, value in only.items())]
        keys = ("entryId", "userId")
        plays = [p for p in self.plays if p[2] in wanted]
        plays = [p for p in plays if all(only.get(key, value) == value for key, value in zip(keys, p, strict=False))]
        rates = [p[3] for p in plays if p[3] is not None]
        watched = [e for e in mine if e["name"] == "view" and e["seconds"]]
        return (
            len(plays),
            sum(e["name"] == "playerImpression" for e in mine),
            sum(e["seconds"] for e in watched) / 60,
            len({e["userId"] for e in watched}),
            sum(rates) / len(rates) if rates else None,
        )

    def audience(self, field: str) -> dict[str, int]:
        found: dict[str, set[str]] = defaultdict(set)
        inside = [e for e in self.events if self.period.first <= self.day(e["time"]) <= self.period.last]
        for e in inside:
            if e["name"] == "view" and e["seconds"]:
                same = [o for o in self.events if (o["entryId"], o["userId"]) == (e["entryId"], e["userId"])]
                found[said(same, field)].add(e["userId"])
        return {value: len(people) for value, people in found.items()}


def values(layout: Layout, numbers: Numbers) -> tuple[Any, ...]:
    return tuple(column.metric.formula(numbers) for column in layout.columns)


def near(expected: Any) -> Any:
    return tuple(None if value is None else pytest.approx(value) for value in expected)


def check_page(scope: Scope, plain: Plain, channel: Channel, period: Period) -> None:
    page = channel_videos(scope, channel, period, {"compare": "1"})
    plays, loads, minutes, viewers, completion = plain.numbers()
    touched = [video for video in MINE if any(plain.numbers(entryId=video)[place] for place in (0, 2))]
    owners = {ENTRIES[video][2] for video in touched} - {None}
    wanted = (loads, plays, viewers, minutes, len(touched), len(owners), completion)
    assert tuple(one.now.value for one in page.highlights) == near(wanted)
    before = Plain(plain.every, plain.videos, period.previous).numbers()
    assert tuple(one.before.value for one in page.highlights if one.before)[:4] == near(
        (before[1], before[0], before[3], before[2])
    )
    assert page.over_time.before is not None and len(page.over_time.before) == len(page.over_time.readings)
    assert sum(one.value for one in page.over_time.before) == before[0]
    for audience, field in ((page.by_country, "country"), (page.by_device, "device")):
        assert {g.key: g.numbers.recording_viewers for g in audience.groups} == plain.audience(field)


def check_days(scope: Scope, plain: Plain, where: Any, period: Period) -> None:
    found = {one.key: values(DAYS, one.numbers) for one in stretches(scope, where, period, DAYS.columns)}
    length = 1 if period.days <= 100 else 7
    days: dict[int, set[date]] = defaultdict(set)
    for n in range(period.days):
        days[-((period.days - 1 - n) // length)].add(period.first + timedelta(days=n))
    assert found == {min(of).isoformat(): near(plain.numbers(of)) for of in days.values()}


def check_videos(scope: Scope, plain: Plain, where: Any, period: Period) -> None:
    wanted = {video: plain.numbers(entryId=video) for video in plain.videos}
    most, longest = (max(numbers[place] for numbers in wanted.values()) for place in (3, 2))
    found = {
        video.external_id: values(lists.VIDEOS, numbers)
        for video, numbers in lists.every_video(scope, where, period, Order("name", descending=False))
    }
    assert set(found) == set(wanted)
    for video, (plays, _loads, minutes, viewers, completion) in wanted.items():
        ranking = None
        if most:
            share = completion if completion is not None else plain.numbers()[4] if plays or viewers else 0
            share = None if plain.numbers()[4] is None else share
            shares = [viewers / most, minutes / longest, *([] if share is None else [share / 100])]
            ranking = 1 + 9 * sum(shares) / len(shares)
        assert found[video] == near((plays, viewers, minutes, completion, ranking))


def check_viewers(scope: Scope, plain: Plain, where: Any, period: Period) -> None:
    wanted = {}
    for who in {e["userId"] for e in plain.events}:
        plays, _loads, minutes, _viewers, completion = plain.numbers(userId=who)
        if plays or minutes:
            wanted[who] = near((plays, minutes, completion))
    found = [
        (p.external_id, values(lists.PEOPLE, numbers))
        for p, numbers in lists.every_viewer(scope, where, period, Order("name", descending=False))
    ]
    assert found == sorted(wanted.items())
    for place, sort in enumerate(("plays", "minutes", "completion")):
        for descending in (True, False):
            table = lists.viewers_table(scope, where, period, Order(sort, descending, page=3), Numbers())
            assert (table.found, table.page) == (len(wanted), 1)
            shown = [-1 if (value := row.readings[place].value) is None else value for row in table.rows]
            assert shown == sorted(shown, reverse=descending) and {row.key for row in table.rows} == set(wanted)


def test_a_period_of_videos_is_what_the_events_say(context: Flask) -> None:
    @settings(max_examples=100 if db.engine.dialect.name == "sqlite" else 15)
    @given(events, st.lists(periods, min_size=1, max_size=3), st.integers(0, 30))
    def check(made: list[dict[str, Any]], asked: list[Period], cut: int) -> None:
        account = new_account()
        catalog(account)
        for batch in (made[cut:], made[:cut], made[::3]):
            deliver(account, batch)
            tasks.fold_account(account)
        scope = Scope(account, channel_id="101", people=True)
        channel = db.session.scalars(select(Channel).filter_by(account_id=account, external_id="101")).one()
        one = db.session.scalars(select(Entry).filter_by(account_id=account, external_id="v2")).one()
        for period in asked:
            plain = Plain(made, MINE, period)
            check_page(scope, plain, channel, period)
            check_days(scope, plain, queries.of_channel(channel), period)
            check_videos(scope, plain, queries.of_channel(channel), period)
            check_viewers(scope, plain, queries.of_channel(channel), period)
            alone = Plain(made, ("v2",), period).numbers()
            plays, loads, minutes, viewers, completion = alone
            page = video_page(scope, one, period, {})
            assert tuple(h.now.value for h in page.highlights) == near((loads, plays, viewers, minutes, completion))
            if page.retention and page.retention.percentiles and completion is not None:
                assert sum(page.retention.percentiles) == pytest.approx(completion * page.retention.plays)
                assert page.retention.plays == plays

    check()


@given(
    st.integers(0, 5), st.integers(1, 5), st.floats(0, 100), st.floats(1, 100), st.integers(0, 9), st.integers(0, 100)
)
def test_the_ranking_lies_on_its_scale(
    viewers: int, more: int, part: float, rest: float, plays: int, each: int
) -> None:
    numbers = Numbers(
        recording_viewers=viewers,
        most_viewers=viewers + more,
        recording_seconds=part,
        most_seconds=part + rest,
        measured_plays=plays,
        percentiles=plays * each,
    )
    value = METRICS["engagement_ranking"].formula(numbers)
    assert value is not None and 1 <= value <= 10
    assert METRICS["engagement_ranking"].formula(Numbers(measured_plays=plays, percentiles=plays * each)) is None
