"""Recordings on the dashboard and on their own page: the numbers are those of the events that were sent over HTTP."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from lti_tool.access.roles import COURSE_ANALYTICS
from tests.actors import account_with, visitor

BASE = "https://tool.example"
QUARTER = 900_000
HOUR = 3_600_000
START = 1_778_600_040_000  # not at the start of a quarter
LENGTHS = {"1_one": 600, "1_two": 421, "1_long": None}
CATALOG = {
    "channels": [{"id": "101", "name": "Training", "contextId": "course-7"}],
    "people": [{"id": "p00", "firstName": "Zoë", "lastName": "Äärelä"}],
    "entries": [
        {"id": "1_room", "name": "My room", "type": "room", "channelIds": ["101"], "recordingEntryIds": list(LENGTHS)},
        {"id": "1_bare", "name": "No recording", "type": "room", "channelIds": ["101"]},
        {"id": "1_quiet", "name": "Not played", "type": "room", "channelIds": ["101"], "recordingEntryIds": ["1_new"]},
        {"id": "1_new", "name": "New", "type": "video", "durationSeconds": 60},
        *(
            {"id": id, "name": f"Recording {id}", "type": "video", "durationSeconds": seconds}
            for id, seconds in LENGTHS.items()
        ),
    ],
    "sessions": [
        {"id": "cp1", "entryId": "1_room", "startTime": START, "endTime": START + HOUR},
        {"id": "cp2", "entryId": "1_room", "startTime": START + 30 * HOUR, "endTime": START + 31 * HOUR},
        {"id": "b1", "entryId": "1_bare", "startTime": START, "endTime": START + HOUR},
        {"id": "q1", "entryId": "1_quiet", "startTime": START, "endTime": START + HOUR},
    ],
}


def made_up() -> list[dict[str, Any]]:
    """Two dozen people who load, start and watch, some before the session, some without a start or without an end."""
    rng = Random(7)
    events: list[dict[str, Any]] = []
    for number in range(24):
        person = f"p{number:02}"
        for turn in range(rng.choice((1, 1, 2, 3))):
            entry = rng.choice(list(LENGTHS))
            at = START + rng.randint(-HOUR, 60 * HOUR)
            base = {"entryId": entry, "userId": person}
            events.append(base | {"name": "playerImpression", "time": at})
            play = f"{person}-{turn}"
            if rng.random() < 0.85:
                events.append(base | {"name": "play", "time": at + 1_000, "playId": play})
            for _span in range(rng.randint(0, 3)):
                start = rng.uniform(0, 650)
                end = start + rng.uniform(0, 200)
                span = {"fromPosition": round(start, 1), "toPosition": round(end, 1)}
                events.append(
                    base | {"name": "view", "time": at + 60_000, "playbackType": "vod", "playId": play} | span
                )
    return [{"id": f"e{place}", **event} for place, event in enumerate(events)]


EVENTS = made_up()


def plain(events: list[dict[str, Any]], by: str, since: int) -> dict[str, tuple[int, int, float, float | None]]:
    """(impressions, plays, minutes, completion rate) by ``entryId`` or ``userId``, straight from the events."""
    found: dict[str, tuple[int, int, float, float | None]] = {}
    quarter = since // QUARTER * QUARTER
    for key in {event[by] for event in events}:
        mine = [event for event in events if event[by] == key]
        kept = [event for event in mine if event["time"] >= quarter]
        loads = sum(event["name"] == "playerImpression" for event in kept)
        seconds = sum(round(e["toPosition"] - e["fromPosition"], 3) for e in kept if e["name"] == "view")
        plays = [event for event in mine if event["name"] == "play" and event["time"] >= since]
        rates = [len(percentiles(play)) for play in plays if LENGTHS[play["entryId"]]]
        if loads or seconds or plays or kept:
            found[key] = (loads, len(plays), seconds / 60, sum(rates) / len(rates) if rates else None)
    return found


def percentiles(play: dict[str, Any]) -> set[int]:
    length = LENGTHS[play["entryId"]] or 0
    views = [e for e in EVENTS if e["name"] == "view" and e["playId"] == play["playId"]]
    views = [e for e in views if e["entryId"] == play["entryId"]]
    return {
        p
        for p in range(1, 101)
        for e in views
        if e["fromPosition"] < p * length / 100 and e["toPosition"] > (p - 1) * length / 100
    }


@pytest.fixture
def account(app: Flask) -> Any:
    return account_with(app, CATALOG, EVENTS)


def get(app: Flask, account: Any, path: str, **who: Any) -> Any:
    return visitor(app, account.partner_id, **{"channel": "course-7", **who}).client.get(path, base_url=BASE)


def rows(html: str, table: str) -> dict[str, tuple[str, ...]]:
    """The values of a table's rows by the row's id, in order."""
    part = html[html.index(f'data-table="{table}"') :].partition("</table>")[0]
    found = re.findall(r'<tr[^>]*data-row="([^"]*)">(.*?)</tr>', part, re.S)
    return {key: tuple(re.findall(r'data-value="([^"]*)"', row)) for key, row in found}


def same(shown: tuple[str, ...], expected: tuple[int, int, float, float | None]) -> None:
    loads, plays, minutes, rate = shown
    assert (int(loads), int(plays)) == expected[:2]
    assert float(minutes) == pytest.approx(expected[2])
    assert (float(rate) if rate else None) == (None if expected[3] is None else pytest.approx(expected[3]))


@pytest.mark.parametrize(("session", "since"), [("cp1", START), ("cp2", START + 30 * HOUR)])
def test_by_recording_and_by_person_are_the_events(app: Flask, account: Any, session: str, since: int) -> None:
    address = f"/media/1_room/analytics/recordings?session={session}"
    html = get(app, account, address).text
    expected = plain(EVENTS, "entryId", since)
    found = rows(html, "recordings")
    assert set(found) == {*LENGTHS, "all"}
    for key, row in expected.items():
        same(found[key], row)
    everything = plain([event | {"all": "all"} for event in EVENTS], "all", since)["all"]
    same(found["all"], everything)
    people = plain(EVENTS, "userId", since)
    seen: dict[str, tuple[str, ...]] = {}
    for page in range(1, -(-len(people) // 10) + 1):
        table = rows(get(app, account, f"{address}&people_page={page}").text, "people")
        same(table.pop("all"), everything)
        assert len(table) <= 10
        seen |= table
    assert set(seen) == set(people)
    for key, row in people.items():
        same(seen[key], row)


@pytest.mark.parametrize(("sort", "place"), [("loads", 0), ("plays", 1), ("minutes", 2), ("completion", 3)])
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_people_sort_by_any_column(app: Flask, account: Any, sort: str, place: int, order: str) -> None:
    address = f"/media/1_room/analytics/recordings?session=cp1&people_sort={sort}&people_order={order}"
    found: list[float] = []
    for page in (1, 2, 3):
        table = rows(get(app, account, f"{address}&people_page={page}").text, "people")
        found += [float(row[place] or -1) for key, row in table.items() if key != "all"]
    assert found == sorted(found, reverse=order == "desc")
    assert len(found) == len(plain(EVENTS, "userId", START))


def test_people_sort_by_name(app: Flask, account: Any) -> None:
    html = get(app, account, "/media/1_room/analytics/recordings?session=cp1&people_sort=name&people_order=desc").text
    assert next(key for key in rows(html, "people") if key != "all") == "p00"  # Zoë Äärelä: after all ids
    assert "Zoë Äärelä" in html


def test_nobody_is_named_to_who_may_not_see_people(app: Flask, account: Any) -> None:
    page = get(
        app, account, "/media/1_room/analytics/recordings?people_sort=name", permissions=(COURSE_ANALYTICS,)
    ).text
    same(rows(page, "recordings")["1_one"], plain(EVENTS, "entryId", START + 30 * HOUR)["1_one"])
    assert 'data-table="people"' not in page
    assert "Zoë" not in page and 'data-row="p00"' not in page


def test_the_retention_curve_is_the_share_of_plays_that_watched_each_part(app: Flask, account: Any) -> None:
    html = get(app, account, "/media/1_room/analytics/recordings?session=cp1&recording=1_two").text
    plays = [e for e in EVENTS if e["name"] == "play" and e["entryId"] == "1_two" and e["time"] >= START]
    watched = [percentiles(play) for play in plays]
    found = rows(html, "retention")
    assert list(found) == [str(p) for p in range(1, 101)]
    for p in range(1, 101):
        assert float(found[str(p)][0]) == pytest.approx(sum(p in one for one in watched) / len(plays))
    unknown = get(app, account, "/media/1_room/analytics/recordings?session=cp1&recording=1_long").text
    assert 'data-table="retention"' not in unknown
    assert "length of this recording is not known" in unknown


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "America/St_Johns"])
def test_plays_over_time_are_counted_in_the_readers_days(app: Flask, account: Any, zone: str) -> None:
    html = get(app, account, "/media/1_room/analytics?session=cp1", timezone=zone).text
    times = [e["time"] for e in EVENTS if e["name"] == "play" and e["time"] >= START]
    days: dict[str, int] = {}
    for time in times:
        local = datetime.fromtimestamp(time / 1000, UTC).astimezone(ZoneInfo(zone))
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        days[str(round(midnight.timestamp() * 1000))] = days.get(str(round(midnight.timestamp() * 1000)), 0) + 1
    found = {key: int(value) for key, (value,) in rows(html, "plays").items() if value != "0"}
    assert found == days
    assert sum(found.values()) == int(re.search(r'data-metric="count_plays" data-value="(\d+)"', html)[1])  # type: ignore[index]


def test_a_short_while_is_shown_by_the_hour(app: Flask, account: Any) -> None:
    html = get(app, account, "/media/1_room/analytics?session=cp2", timezone="Asia/Kathmandu").text
    since = START + 30 * HOUR
    times = [e["time"] for e in EVENTS if e["name"] == "play" and e["time"] >= since]
    shift = 45 * 60_000  # Kathmandu's hours begin a quarter past those of UTC
    hours: dict[str, int] = {}
    for time in times:
        hour = str((time + shift) // HOUR * HOUR - shift)
        hours[hour] = hours.get(hour, 0) + 1
    assert {key: int(value) for key, (value,) in rows(html, "plays").items() if value != "0"} == hours


def test_the_pictures_have_immutable_addresses(app: Flask, account: Any) -> None:
    somebody = visitor(app, account.partner_id, channel="course-7")
    for page, name in (("", "plays"), ("/recordings", "retention")):
        html = somebody.client.get(f"/media/1_room/analytics{page}?session=cp1", base_url=BASE).text
        address = re.search(rf'src="(/media/1_room/analytics/{name}.svg[^"]+)"', html)
        assert address
        picture = somebody.client.get(address[1].replace("&amp;", "&"), base_url=BASE)
        assert (picture.status_code, picture.mimetype) == (200, "image/svg+xml")
        assert "immutable" in picture.headers["Cache-Control"]


def test_rooms_without_recordings_or_plays_say_so(app: Flask, account: Any) -> None:
    assert "This room has no recording" in get(app, account, "/media/1_bare/analytics/recordings").text
    quiet = get(app, account, "/media/1_quiet/analytics").text
    assert "Nobody has played a recording" in quiet
    page = get(app, account, "/media/1_quiet/analytics/recordings").text
    assert rows(page, "recordings")["1_new"] == ("0", "0", "0.0", "")
    assert "Nobody has played this recording" in page
    assert 'href="#recordings"' in quiet


@pytest.mark.parametrize(
    "path",
    [
        "/media/1_room/analytics/recordings?session=nothing",
        "/media/1_room/analytics/recordings?recording=1_new",
        "/media/1_room/analytics/retention.svg?recording=1_new",
        "/media/1_room/analytics/retention.svg",
        "/media/1_bare/analytics/plays.svg",
    ],
)
def test_what_is_not_the_rooms_is_not_found(app: Flask, account: Any, path: str) -> None:
    assert get(app, account, path).status_code == 404


def test_wrong_wishes_are_passed_over(app: Flask, account: Any) -> None:
    address = "/media/1_room/analytics/recordings?people_sort=nonsense&people_page=%C2%B2&recordings_page=99999999999"
    assert get(app, account, address).status_code == 200
