"""(d) Each page at 20 and at 20,000 people: time to first byte through the WSGI application, and bytes."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator
from io import BytesIO
from itertools import islice
from random import Random
from typing import Any

from flask import current_app
from flask.testing import FlaskClient

from benchmarks.scratch import account, timed
from lti_tool.collect import tasks
from lti_tool.collect.registry import SOURCES
from lti_tool.collect.sources.events import read_lines
from lti_tool.models import Registration, begin_write, db
from tests.actors import visitor

START = 1_778_600_040_000
HOUR = 3_600_000
POLLS = 20
RECORDINGS = [f"recording{number}" for number in range(8)]
DAYS = 14  # in which the recordings are watched
ANALYTICS = "/media/room/analytics"
PAGES = {
    "room": ANALYTICS,
    "room, least engaged first": f"{ANALYTICS}?sort=rate&order=asc",
    "room, a part": f"{ANALYTICS}?from=15:40&to=16:10",
    "explained": f"{ANALYTICS}/explained",
    "recordings": f"{ANALYTICS}/recordings",
    "countries": f"{ANALYTICS}/countries",
    "devices": f"{ANALYTICS}/devices",
    "browsers": f"{ANALYTICS}/devices?device=Computer&operating_system=Linux",
    "interactions, by participants": f"{ANALYTICS}?poll_sort=participants",
    "one interaction": f"{ANALYTICS}/interactions/poll0",
    "media": "/media/room",
    "my media": "/my-media",
}
TOOL = "https://tool.example"


def run(sizes: tuple[int, int] = (20, 20_000)) -> None:
    few, many = (_measured(people) for people in sizes)
    for name in PAGES:
        (quick, small), (slow, large) = few[name], many[name]
        print(
            f"page {name + ',':30} {sizes[0]} and {sizes[1]:,} people: {quick * 1e3:6.1f} and {slow * 1e3:7.1f} ms"
            f" = {slow / quick:5.2f} x; {small:,} and {large:,} bytes",
            flush=True,
        )


def _measured(people: int) -> dict[str, tuple[float, int]]:
    """Of each page the median seconds to its first byte, and its bytes."""
    with account(LTI_TOOL_PUBLIC_URL=TOOL) as account_id:
        _fill(account_id, people)
        app = current_app._get_current_object()
        browser = visitor(app, account_id, person="teacher", channel="course")
        return {name: _page(browser.client, path) for name, path in PAGES.items()}


def _page(client: FlaskClient, path: str, runs: int = 9) -> tuple[float, int]:
    def first_byte() -> None:
        response = client.get(path, base_url=TOOL, buffered=False)
        assert response.status_code == 200, response.text
        sizes.append(len(response.data))

    sizes: list[int] = []
    first_byte()
    return statistics.median(timed(first_byte) for _ in range(runs)), sizes[-1]


def _fill(account_id: int, people: int) -> None:
    begin_write()
    names = {"issuer": "https://lms.example", "client_id": "client", "family": "other"}
    urls = dict.fromkeys(("auth_url", "token_url", "jwks_url"), "https://lms.example")
    db.session.add(Registration(account_id=account_id, **names, **urls))
    db.session.commit()
    catalog = json.dumps(_catalog()).encode()
    tasks.store(account_id, SOURCES["catalog"].read(BytesIO(catalog), None), "catalog")
    events = (json.dumps({"id": f"e{n}", **event}).encode() for n, event in enumerate(_events(people)))
    while some := list(islice(events, 100_000)):
        assert tasks.store(account_id, read_lines(some), "events").rejected == 0
    tasks.fold_account(account_id)


def _catalog() -> dict[str, Any]:
    room = {"id": "room", "name": "Room", "type": "room", "channelIds": ["101"], "recordingEntryIds": RECORDINGS}
    videos = [{"id": id, "name": id, "type": "video", "durationSeconds": 3600} for id in RECORDINGS]
    return {
        "channels": [{"id": "101", "name": "Course", "contextId": "course"}],
        "entries": [room | {"ownerId": "teacher"}, *videos],
        "sessions": [{"id": "s", "entryId": "room", "startTime": START, "endTime": START + HOUR}],
    }


def _events(people: int) -> Iterator[dict[str, Any]]:
    rng = Random(1)
    for number in range(POLLS):
        options = [{"id": f"o{option}", "text": f"Option {option}"} for option in range(4)]
        poll = {"pollId": f"poll{number}", "question": f"Question {number}?", "type": "single", "options": options}
        yield {"entryId": "room", "userId": "host", "name": "pollLaunched", "time": START + number * 60_000} | poll
    for number in range(10):
        on_stage = {"entryId": "room", "userId": f"p{number:05}"}
        yield on_stage | {"name": "stageJoined", "time": START + number * 60_000}
        yield on_stage | {"name": "stageLeft", "time": START + HOUR}
    for number in range(people):
        yield from _person(f"p{number:05}", rng)


def _person(user: str, rng: Random) -> Iterator[dict[str, Any]]:
    device, system = rng.choice((("Computer", "Windows"), ("Computer", "Linux"), ("Mobile", "iOS")))
    there = {"userId": user, "country": rng.choice(("DE", "FR", "US", "BR", "JP")), "device": device}
    there |= {"operatingSystem": system, "browser": rng.choice(("Firefox", "Chrome"))}
    live = there | {"entryId": "room"}
    for half in (1, 2):
        seen = {"name": "view", "seconds": 1800, "tabFocused": rng.random() < 0.7}
        yield live | seen | {"time": START + half * HOUR // 2}
    for number in range(POLLS // 2):
        answer = {"pollId": f"poll{number}", "optionIds": [f"o{rng.randrange(4)}"]}
        yield live | {"name": "pollAnswered", "time": START + number * 60_000 + 5_000} | answer
    for recording in RECORDINGS:
        at = START + HOUR + rng.randrange(DAYS * 24 * HOUR)
        played = there | {"entryId": recording, "playId": user}
        yield played | {"name": "playerImpression", "time": at}
        yield played | {"name": "play", "time": at + 1_000}
        watched = {"name": "view", "playbackType": "vod", "fromPosition": 0, "toPosition": rng.randrange(60, 3600)}
        yield played | watched | {"time": at + 60_000}
