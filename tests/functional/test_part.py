"""A part of a session: every section of the page shows the numbers of the part, beside counts by plain loops."""

from __future__ import annotations

import random
import re
from html import unescape
from typing import Any

import pytest
from flask import Flask

from tests.actors import account_with
from tests.functional.test_sections import get, rows, section
from tests.properties import plain

START = 1_778_600_040_000  # 15:34 UTC, a whole minute
MINUTE = 60_000
END = START + 40 * MINUTE
PAGE = "/media/1_room/analytics?session=cp1"
CATALOG = {
    "channels": [{"id": "101", "name": "Course", "contextId": "course-7"}],
    "entries": [{"id": "1_room", "name": "Room", "type": "room", "channelIds": ["101"]}],
    "sessions": [{"id": "cp1", "entryId": "1_room", "startTime": START, "endTime": END}],
}
CLIENTS = (
    {"country": "DE", "device": "Computer", "operatingSystem": "Linux", "browser": "Firefox"},
    {"country": "FR", "device": "Computer", "operatingSystem": "Windows", "browser": "Edge"},
    {"country": "BR", "device": "Mobile"},
    {},
)


def made_up() -> list[dict[str, Any]]:
    """Forty minutes of fourteen people, and three who only raise a hand; twelve polls, and one towards the end."""
    rng = random.Random(5)
    events: list[dict[str, Any]] = []

    def say(name: str, user: str, time: float, **more: Any) -> None:
        body = {"id": f"e{len(events):04}", "name": name, "entryId": "1_room", "sessionId": "cp1", "userId": user}
        events.append(body | {"time": int(time)} | more)

    for number in range(14):
        user, first, last = f"u{number:02}", rng.randrange(25), rng.randrange(26, 41)
        first, last = (0, 18) if number < 3 else (first, last)
        client = CLIENTS[number % len(CLIENTS)]
        say("joinSession", user, START + first * MINUTE)
        for beat in range(first * 6 + 1, last * 6):
            say("view", user, START + beat * 10_000, tabFocused=rng.random() < number / 14, **client)
        say("leaveSession", user, START + last * MINUTE)
        say("raiseHand", user, START + rng.randrange(5, 40) * MINUTE)
    for number in range(3):
        say("raiseHand", f"v{number:02}", START + MINUTE)  # and never watched
    for number in range(13):
        at = START + (30 if number == 12 else number) * MINUTE
        say("pollLaunched", "u00", at, pollId=f"p{number:02}", question=f"Poll {number}?", options=[{"id": 1}])
        say("pollAnswered", "u05", at + 1000, pollId=f"p{number:02}", optionIds=[1])
        say("pollAnswered", "u06", END - 60_000 + number, pollId=f"p{number:02}", optionIds=[1])
    return events


EVENTS = made_up()
NUMBERS = plain.session_numbers(EVENTS, END)
# What is asked for, and which minutes of the session these are.
PARTS = {"from=15:59": (25, 40), "to=15:54": (0, 20), "from=15:44&to=15:59": (10, 25)}


@pytest.fixture
def account(app: Flask) -> Any:
    return account_with(app, CATALOG, EVENTS)


def of_part(first: int, last: int) -> tuple[int, int, set[int]]:
    """From when to when, in milliseconds, and the seconds between."""
    start, end = START + first * MINUTE, START + last * MINUTE
    return start, end, set(range(start // 1000, end // 1000))


@pytest.mark.parametrize("asked", PARTS)
def test_the_polls_of_a_part_are_those_launched_in_it(app: Flask, account: Any, asked: str) -> None:
    start, end, _seconds = of_part(*PARTS[asked])
    launched = [e["pollId"] for e in EVENTS if e["name"] == "pollLaunched" and start <= e["time"] < end]
    html = get(app, account, f"{PAGE}&{asked}")
    assert f"{len(launched)} launched interaction" in html
    found = rows(html, "interactions")
    if len(launched) > 10:
        found += rows(get(app, account, f"{PAGE}&{asked}&poll_page=2"), "interactions")
    assert [row for row, _values in found] == launched
    assert {values["poll_participants"] for _row, values in found} == {"2"}  # of the poll as a whole
    assert "Only polls launched in this part are listed" in html
    assert "Only polls launched in this part are listed" not in get(app, account, PAGE)


def test_a_part_without_polls_still_offers_those_of_the_session(app: Flask, account: Any) -> None:
    html = get(app, account, f"{PAGE}&from=15:49&to=15:54")
    assert "0 launched interactions" in html
    assert "interactions.pdf" in html
    assert "their launch was not reported" not in get(app, account, f"{PAGE}&from=16:10")  # of polls answered late


@pytest.mark.parametrize(
    ("asked", "start", "end", "lies_in"),
    [
        ("from=&to=", "15:34", "16:14", True),
        ("from=15:34&to=16:14", "15:34", "16:14", True),
        ("from=15:44&to=", "15:44", "16:14", True),
        ("to=15:35", "15:34", "15:35", True),
        ("from=03:00&to=04:00", "03:00", "04:00", False),
        ("from=15:30&to=15:44", "15:30", "15:44", False),
        ("from=15:44&to=16:15", "15:44", "16:15", False),
        ("from=16:14&to=", "16:14", "", False),
        ("from=25:99", "25:99", "", False),
        ("from=15:44&to=15:44", "15:44", "15:44", False),
        ("from=15:54&to=15:44", "15:54", "15:44", False),
        ("to=<b>", "", "&lt;b&gt;", False),
    ],
)
def test_a_part_that_does_not_lie_in_the_session_is_told(
    app: Flask, account: Any, asked: str, start: str, end: str, lies_in: bool
) -> None:
    html = get(app, account, f"{PAGE}&{asked}")
    assert ("does not lie in this session" not in html) == lies_in
    assert re.findall(r'<input type="time" name="(from|to)" value="([^"]*)"', html) == [("from", start), ("to", end)]
    if not lies_in:
        watched = sum(len(person.watched) for person in NUMBERS.people.values())
        assert float(dict(rows(html, "attendees"))["total"]["live_view_time"]) == pytest.approx(watched / 60)


def watching(seconds: set[int]) -> list[str]:
    return [name for name, person in NUMBERS.people.items() if person.watched & seconds]


def client_of(user: str) -> dict[str, str]:
    return next(event for event in EVENTS if event["name"] == "view" and event["userId"] == user)


@pytest.mark.parametrize("asked", PARTS)
@pytest.mark.parametrize(
    ("table", "field", "path"),
    [
        ("countries", "country", ""),
        ("countries", "country", "/countries"),
        ("devices", "device", ""),
        ("devices", "device", "/devices"),
        ("devices", "operatingSystem", "/devices"),
    ],
)
def test_countries_and_devices_are_of_who_watched_the_part(
    app: Flask, account: Any, asked: str, table: str, field: str, path: str
) -> None:
    people = watching(of_part(*PARTS[asked])[2])
    if field == "operatingSystem":
        people, asked = (
            [user for user in people if client_of(user).get("device") == "Computer"],
            f"{asked}&device=Computer",
        )
    found = rows(get(app, account, PAGE.replace("?", f"{path}?") + f"&{asked}"), table)
    expected = {key: 0 for key, _values in found} | {"all": len(people)}
    for user in people:
        expected[client_of(user).get(field, "")] += 1
    assert {key: int(values["unique_combined_live_viewers"]) for key, values in found} == expected
    assert len(people) < len(NUMBERS.people) or "Computer" in asked or "to=" in asked


def letters(person: plain.PersonNumbers, first: int, last: int) -> str:
    found = ""
    for minute in range(first, last):
        seconds = of_part(minute, minute + 1)[2]
        found += "E" if seconds & person.engaged else "N" if seconds & person.watched else "O"
    return found


@pytest.mark.parametrize("asked", PARTS)
def test_an_expanded_row_has_the_minutes_of_the_part(app: Flask, account: Any, asked: str) -> None:
    start, end, _seconds = of_part(*PARTS[asked])
    shown: dict[str, tuple[str, str]] = {}
    for page in (1, 2):
        html = get(app, account, f"{PAGE}&{asked}&sort=name&order=asc&page={page}")
        for user, at, states in re.findall(r'data-heatmap="(\w+)" data-start="(\d+)" data-states="([ENO]+)"', html):
            shown[user] = (at, states)
            part = html[html.index(f'data-heatmap="{user}"') :].partition("</details>")[0]
            assert f"Engaged · {states.count('E')} minute" in part
            hands = [e["time"] for e in EVENTS if e["name"] == "raiseHand" and e["userId"] == user]
            raised = re.search(r"<dt>Raised hands</dt><dd>(\d+)", part)
            assert raised and int(raised[1]) == sum(start <= time < end for time in hands)
            assert ("not reported" in part) == user.startswith("v")
    assert shown == {name: (str(start), letters(person, *PARTS[asked])) for name, person in NUMBERS.people.items()}


@pytest.mark.parametrize("asked", PARTS)
def test_the_moments_of_a_part_lie_in_it(app: Flask, account: Any, asked: str) -> None:
    first, last = PARTS[asked]
    html = get(app, account, f"{PAGE}&{asked}")
    found = re.findall(r'data-row="(engaging|drop)-(\d+)"', html)
    places = {(kind, (int(at) - START) // MINUTE) for kind, at in found}
    there = [len(watching(of_part(minute, minute + 1)[2])) for minute in range(40)]
    seconds = of_part(first, last)[2]
    watched = sum(len(person.watched & seconds) for person in NUMBERS.people.values())
    engaged = sum(len(person.engaged & seconds) for person in NUMBERS.people.values())

    def rate(at: int) -> float:
        stretch = of_part(at, at + 5)[2]
        return sum(len(p.engaged & stretch) for p in NUMBERS.people.values()) / sum(
            len(p.watched & stretch) for p in NUMBERS.people.values()
        )

    floor = max(there[first:last]) / 2
    fit = [at for at in range(first, last - 4) if min(there[at : at + 5]) >= floor and rate(at) > engaged / watched]
    best = max(fit, key=rate)
    assert ("engaging", best) in places
    assert {at for kind, at in places if kind == "engaging"} <= set(fit)
    before_the_end = range(first, min(last, 39) - 5)
    falls = {at: there[at] - there[at + 5] for at in before_the_end}
    drops = {at for kind, at in places if kind == "drop"}
    assert bool(drops) == (max(falls.values()) >= max(2, max(there[first : min(last, 39)]) / 20))
    assert not drops or max(falls[at] for at in drops) == max(falls.values())
    assert "stands for the whole" in html


@pytest.mark.parametrize("asked", [*PARTS, "from=03:00"])
def test_a_number_of_a_part_is_explained_as_it_is_shown(app: Flask, account: Any, asked: str) -> None:
    html = get(app, account, f"{PAGE}&{asked}")
    wanted = ("unique_vod_live_viewers", "combined_live_engaged_users_play_time_ratio", "count_poll_launched")
    values = dict(reversed(re.findall(r'data-metric="(\w+)" data-value="([^"]*)"', html)))
    for name in wanted:
        link = re.search(rf'href="(/media/1_room/analytics/explained\?[^"]*)#{name}"', html)
        assert link
        explained = get(app, account, re.sub(r"&launch=\w+", "", unescape(link[1])))
        part = explained[explained.index(f'<div id="{name}">') :].partition("</div>")[0]
        assert f'data-metric="{name}" data-value="{values[name]}"' in part
        note = re.search(r'<p[^>]* role="status">([^<]*)', html)
        assert note and note[1] in explained
        assert re.search(rf'data-action="back" href="[^"]*{asked.split("&", maxsplit=1)[0]}', explained)


HALVES = {"First half": ("to=15:54", 0, 50), "Second half": ("from=15:54", 50, 50)}


@pytest.mark.parametrize("half", HALVES)
def test_the_part_is_seen_in_the_chart_at_its_link_and_above_the_attendees(app: Flask, account: Any, half: str) -> None:
    whole = get(app, account, PAGE)
    assert 'aria-current="true"' not in whole
    assert 'class="shade"' not in whole
    assert 'id="part"' not in whole
    link = re.search(rf'<a href="([^"]+)">{half}</a>', whole)
    form = re.search(r'<form class="part-form"[^>]*action="([^"]+)"', whole)
    assert link and link[1].endswith("#part") and form and form[1].endswith("#part")
    asked, first, length = HALVES[half]
    assert asked in link[1]
    html = get(app, account, f"{PAGE}&{asked}")
    assert html.index('id="part"') < html.index('id="overview"')
    assert re.findall(r'<a aria-current="true" href="[^"]+">([^<]+)</a>', html) == [half]
    clocks = re.search(r'<h2 id="attendees">Attendees <span class="quiet"><bdi>([^<]+)', html)
    assert clocks and clocks[1] == ("15:34 - 15:54" if half == "First half" else "15:54 - 16:14")
    chart = re.search(r'data-wide="([\d. ]+)" data-narrow="([\d. ]+)"', html)
    shades = re.findall(r'<rect class="(wide|narrow)" x="([\d.]+)%" width="([\d.]+)%"', html)
    assert chart and [name for name, _x, _width in shades] == ["wide", "narrow"]
    for axes, (_name, x, width) in zip(chart.groups(), shades, strict=True):
        left, right = (float(one) * 100 for one in axes.split())
        assert float(x) == pytest.approx(left + (right - left) * first / 100, abs=0.01)
        assert float(width) == pytest.approx((right - left) * length / 100, abs=0.01)


@pytest.mark.parametrize("asked", ["", *PARTS])
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_who_has_no_rate_comes_last_whichever_way_it_is_sorted(
    app: Flask, account: Any, asked: str, order: str
) -> None:
    seconds = of_part(*PARTS.get(asked, (-60, 100)))[2]
    rates = {
        name: len(person.engaged & seconds) / len(person.watched & seconds) if person.watched & seconds else None
        for name, person in NUMBERS.people.items()
    }
    path = f"{PAGE}&{asked}&sort=rate&order={order}"
    found = [row for page in (1, 2) for row, _v in rows(get(app, account, f"{path}&page={page}"), "attendees")[1:]]
    assert sorted(found) == sorted(rates)
    values = [rates[name] for name in found]
    rated = [value for value in values if value is not None]
    assert rated == sorted(rated, reverse=order == "desc")
    assert values == rated + [None] * (len(values) - len(rated))
    assert 3 <= values.count(None) < 14


def test_the_least_engaged_are_one_click_away(app: Flask, account: Any) -> None:
    html = get(app, account, f"{PAGE}&from=15:54")
    link = re.search(r'<a href="([^"]+)">Least engaged first</a>', html)
    assert link
    query = unescape(link[1]).partition("#")[0].partition("?")[2]
    assert {"from=15:54", "sort=rate", "order=asc"} <= set(query.split("&"))
    assert "sort=rate&amp;order=desc" in section(html, "attendees")  # the head of the column begins with the most
    assert '<a aria-current="true"' in get(app, account, f"{PAGE}&sort=rate&order=asc")


@pytest.mark.parametrize("path", ["", "/countries", "/devices", "/interactions/p05"])
def test_sorting_and_paging_lead_to_the_table_that_the_keyboard_was_in(app: Flask, account: Any, path: str) -> None:
    html = get(app, account, PAGE.replace("?", f"{path}?"))
    focusable = re.findall(r'<div class="scroll" id="([\w-]+)" tabindex="0"', html)
    assert len(focusable) == len(set(focusable)) >= 1
    links = re.findall(r'<a (?:class="sort"|rel="next"|rel="prev") href="([^"]+)"', html)
    assert {link.partition("#")[2] for link in links} <= set(focusable)
    if not path:
        assert {"attendees-table", "interactions-table"} == {link.partition("#")[2] for link in links}
