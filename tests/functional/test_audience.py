"""Countries and devices: viewers by where they were and what they used, from events sent over HTTP."""

from __future__ import annotations

import re
from importlib.resources import files
from itertools import accumulate
from random import Random
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale

from lti_tool.analytics import world
from lti_tool.analytics.audience import COUNTRIES, Audience, Group
from lti_tool.analytics.numbers import Numbers
from tests.actors import account_with, visitor
from tests.functional.test_recordings import rows

BASE = "https://tool.example"
START = 1_778_600_000_000
CATALOG = {
    "channels": [{"id": "101", "name": "Training", "contextId": "course-7"}],
    "entries": [
        {
            "id": "1_room",
            "name": "My room",
            "type": "room",
            "channelIds": ["101"],
            "recordingEntryIds": ["1_rec", "1_sec"],
        },
        {"id": "1_rec", "name": "Recording", "type": "video", "durationSeconds": 600},
        {"id": "1_sec", "name": "Second", "type": "video", "durationSeconds": 600},
    ],
    "sessions": [{"id": "cp1", "entryId": "1_room", "startTime": START, "endTime": START + 3_600_000}],
}
FIELDS = ("country", "device", "operatingSystem", "browser")
CLIENTS = (
    {"device": "Computer", "operatingSystem": "Windows", "browser": "Edge"},
    {"device": "Computer", "operatingSystem": "Windows", "browser": "Firefox"},
    {"device": "Computer", "operatingSystem": "Linux", "browser": "Firefox"},
    {"device": "Mobile", "operatingSystem": "iOS", "browser": "<b>Safari"},
    {"device": "Mobile"},
    {},
)
LANDS = ("DE", "FR", "BR", "US", "NZ", "KE", "JP", "IN", "XK", "gr", "CN", "ZA", "CA")


def made_up() -> list[dict[str, Any]]:
    rng = Random(11)
    events: list[dict[str, Any]] = []

    def context() -> dict[str, str]:
        return rng.choice(CLIENTS) | ({"country": rng.choice(LANDS)} if rng.random() < 0.6 else {})

    for number in range(60):
        person = f"p{number:02}"
        if rng.random() < 0.75:
            name = rng.choice(("view", "view", "view", "raiseHand"))  # who only raises a hand has not watched
            for turn in range(2):  # the second has another context, which does not count where the first says something
                at = START + 10_000 * (1 + turn)
                events.append({"entryId": "1_room", "userId": person, "name": name, "time": at} | context())
        for entry in ("1_rec", "1_sec"):
            if rng.random() < 0.4:
                base = {"entryId": entry, "userId": person, "time": START + rng.randint(-90, 900) * 60_000}
                events.append(base | {"name": "playerImpression"} | context())
                if rng.random() < 0.8:
                    watched = {"name": "view", "playbackType": "vod", "seconds": rng.choice((0, 60))}
                    events.append(base | watched | {"time": base["time"] + 60_000} | context())
    return [{"id": f"e{place}", **event} for place, event in enumerate(events)]


EVENTS = made_up()


def contexts(entry: str) -> dict[str, dict[str, str]]:
    """What is known of everybody who did anything with an entry: of each field the earliest that says it."""
    known: dict[str, dict[str, str]] = {}
    for event in sorted(EVENTS, key=lambda e: (e["time"], e["id"])):
        if event["entryId"] == entry:
            mine = known.setdefault(event["userId"], {})
            for field in FIELDS:
                if event.get(field):
                    mine.setdefault(field, event[field].upper() if field == "country" else event[field])
    return known


def viewers() -> tuple[list[tuple[str, dict[str, str]]], list[tuple[str, dict[str, str]]]]:
    """(person, context) of all who watched live, and of all who watched a recording since the session's quarter."""
    live = {e["userId"] for e in EVENTS if e["entryId"] == "1_room" and e["name"] == "view"}
    room = contexts("1_room")
    recorded = []
    for entry in ("1_rec", "1_sec"):
        since = START // 900_000 * 900_000
        views = [e for e in EVENTS if e["entryId"] == entry and e["name"] == "view" and e["seconds"]]
        for person in {e["userId"] for e in views if e["time"] >= since}:
            recorded.append((person, contexts(entry)[person]))
    return [(person, room[person]) for person in live], recorded


def plain(field: str, **only: str) -> dict[str, tuple[str, str]]:
    """Live and recording unique viewers by a field, and of all."""
    sides = [
        [(who, known) for who, known in side if all(known.get(name, "") == value for name, value in only.items())]
        for side in viewers()
    ]
    keys = {known.get(field, "") for side in sides for _who, known in side}
    found = {
        key: tuple(str(len({who for who, known in side if known.get(field, "") == key})) for side in sides)
        for key in keys
    }
    return found | {"all": tuple(str(len({who for who, _known in side})) for side in sides)}  # type: ignore[return-value]


@pytest.fixture
def account(app: Flask) -> Any:
    return account_with(app, CATALOG, EVENTS)


def get(app: Flask, account: Any, path: str, **who: Any) -> str:
    page = visitor(app, account.partner_id, **{"channel": "course-7", **who}).client.get(path, base_url=BASE)
    assert page.status_code == 200
    return page.text


def test_all_countries_with_their_shares(app: Flask, account: Any) -> None:
    expected = plain("country")
    found: dict[str, tuple[str, ...]] = {}
    for page in range(1, -(-(len(expected) - 1) // 10) + 1):
        html = get(app, account, f"/media/1_room/analytics/countries?countries_page={page}")
        found |= rows(html, "countries")
    assert {key: (row[0], row[2]) for key, row in found.items()} == expected
    for key, row in found.items():
        for place in (0, 1):
            share = int(expected[key][place]) / int(expected["all"][place])
            assert float(row[2 * place + 1]) == pytest.approx(share)
    assert "" in found
    assert "GR" in found  # written small by its events


def test_the_dashboard_has_the_ten_countries_with_most_viewers_and_all_devices(app: Flask, account: Any) -> None:
    html = get(app, account, "/media/1_room/analytics?session=cp1")
    expected = plain("country")
    shown = rows(html, "countries")
    assert all(shown[key] == expected[key] for key in shown)
    assert len(shown) == 11
    assert min(int(shown[key][0]) for key in shown) >= max(
        int(expected[key][0]) for key in expected if key not in shown
    )
    assert rows(html, "devices") == plain("device")
    # Both columns of the row of all are the numbers of the overview.
    for name, value in zip(("unique_combined_live_viewers", "unique_vod_viewers"), expected["all"], strict=True):
        assert re.search(rf'data-metric="{name}" data-value="(\d+)"', html)[1] == value  # type: ignore[index]


def test_from_a_device_to_its_browsers(app: Flask, account: Any) -> None:
    address = "/media/1_room/analytics/devices?session=cp1"
    for query, field, only in (
        ("", "device", {}),
        ("&device=Computer", "operatingSystem", {"device": "Computer"}),
        (
            "&device=Computer&operating_system=Windows",
            "browser",
            {"device": "Computer", "operatingSystem": "Windows"},
        ),
        ("&device=Mobile&operating_system=iOS", "browser", {"device": "Mobile", "operatingSystem": "iOS"}),
        ("&device=Mobile&operating_system=", "browser", {"device": "Mobile", "operatingSystem": ""}),
    ):
        html = get(app, account, address + query)
        found = {key.replace("&lt;", "<").replace("&gt;", ">"): row for key, row in rows(html, "devices").items()}
        assert {key: (row[0], row[2]) for key, row in found.items()} == plain(field, **only)
        assert "<b>Safari" not in html
    assert 'href="/media/1_room/analytics/devices?session=cp1&amp;device=Computer' in get(app, account, address)


@pytest.mark.parametrize(("language", "order"), [("en", ["FR", "DE", "GR", ""]), ("de", ["DE", "FR", "GR", ""])])
def test_countries_sort_by_their_names_in_the_readers_language(context: Flask, language: str, order: list[str]) -> None:
    groups = tuple(Group(key, Numbers(live_viewers=place)) for place, key in enumerate(("", "GR", "FR", "DE")))
    made = Audience("country", {}, groups, Numbers())
    with context.test_request_context(), force_locale(language):
        table = made.table(COUNTRIES, COUNTRIES.asked({"countries_sort": "name"}))
        assert [row.key for row in table.rows] == order
        assert [row.key for row in made.countries.rows] == ["DE", "FR", "GR", ""]


def test_who_has_no_country_is_counted_as_not_known(app: Flask, account: Any) -> None:
    html = get(app, account, "/media/1_room/analytics/countries?countries_sort=name&countries_order=desc")
    part = html[html.index('data-row=""') :].partition("</tr>")[0]
    assert "Not known" in part
    assert rows(html, "countries")[""][0] == plain("country")[""][0] != "0"
    assert "not reported by this source" in html


def test_the_map_has_a_dot_for_each_country_that_has_a_place() -> None:
    dots = world.dots({"DE": (8, 2), "XK": (1, 0), "": (3, 3), "AQ": (1, 1), "NZ": (0, 2), "US": (4, 0)})
    assert [dot.country for dot in dots] == ["DE", "US", "NZ"]
    germany, states, zealand = dots
    assert germany.live_radius / states.live_radius == pytest.approx(2**0.5, rel=0.02)  # areas are as the numbers
    assert (states.recorded_radius, zealand.live_radius) == (0, 0)
    assert states.x < germany.x < zealand.x
    assert germany.y < zealand.y


def countries_drawn() -> list[list[tuple[float, float]]]:
    """The polygons of the outlines, on the map's own measure."""
    drawn = (files("lti_tool") / "static" / "world.svg").read_text(encoding="utf-8")
    width = float(re.search(r'viewBox="0 0 (\d+) ', drawn)[1])  # type: ignore[index]
    polygons = []
    for ring in re.findall(r"M([^z]+)z", drawn):
        numbers = [int(number) * world.WIDTH / width for number in re.findall(r"-?\d+", ring)]
        xs, ys = accumulate(numbers[::2]), accumulate(numbers[1::2])
        polygons.append(list(zip(xs, ys, strict=True)))
    return polygons


def within(x: float, y: float, ring: list[tuple[float, float]]) -> bool:
    crossed = False
    for (ax, ay), (bx, by) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (ay > y) != (by > y) and x < ax + (y - ay) / (by - ay) * (bx - ax):
            crossed = not crossed
    return crossed


def test_the_dots_of_large_countries_lie_on_their_land() -> None:
    drawn = countries_drawn()
    found = set()
    for dot in world.dots(
        dict.fromkeys(("DE", "FR", "CN", "IN", "KE", "CD", "BO", "PL", "IR", "MX", "ZA", "MN", "RU"), (1, 0))
    ):
        land = [ring for ring in drawn if within(dot.x, dot.y, ring)]
        assert land, dot.country
        found.add(min(land, key=len)[0])
    assert len(found) == 13  # each on a land of its own


def test_the_outlines_are_kept_for_ever_under_the_address_that_names_them(app: Flask, account: Any) -> None:
    html = get(app, account, "/media/1_room/analytics/countries")
    address = re.search(r'<image href="([^"]+)"', html)[1]  # type: ignore[index]
    for asked, kept in ((address, True), (address.partition("?")[0], False)):
        with app.test_client().get(asked) as response:
            assert ("immutable" in response.headers["Cache-Control"]) == kept
    assert len(html) < 60_000
