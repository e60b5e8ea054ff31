"""Ways back: from a page to those it links to and back to the very same dates, session, part, search and page."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from flask import Flask

from tests.actors import INSTRUCTOR, account_with, visitor
from tests.functional import test_channel_rooms as of_channel
from tests.functional import test_events as of_event
from tests.functional import test_videos as of_videos

BASE = "https://tool.example"


class Walk:
    """A browser that follows links: the page it is on, and how."""

    def __init__(self, app: Flask, made: tuple[Any, Any], **who: Any) -> None:
        self.client = visitor(app, account_with(app, *made).partner_id, **who).client
        self.at = ""
        self.html = ""

    def open(self, address: str) -> Walk:
        response = self.client.get(address, base_url=BASE, follow_redirects=True)
        assert response.status_code == 200, (address, response.status_code)
        self.at, self.html = response.request.full_path, response.text
        return self

    def follow(self, beginning: str) -> Walk:
        links = [unescape(link) for link in re.findall(r'href="([^"]+)"', self.html)]
        return self.open(next(link for link in links if re.match(beginning, link)))

    def ways(self) -> list[tuple[str, str]]:
        """(where it leads, what it says) of each way back."""
        found = re.findall(r'data-action="back" href="([^"]+)">([^<]+)<', self.html)
        return [(unescape(address), words) for address, words in found]

    def back(self, words: str) -> Walk:
        return self.open(next(address for address, says in self.ways() if says == words))

    def send(self, part: str, **filled: str) -> Walk:
        """Send the form whose head has this part, with what it holds hidden."""
        form = next(one for one in re.findall(r"<form.*?</form>", self.html, re.S) if part in one)
        hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form))
        fields = {name: unescape(value) for name, value in hidden.items()} | filled
        action = unescape(re.search(r'action="([^"#]+)', form)[1]).partition("?")[0]  # type: ignore[index]
        return self.open(action + "?" + "&".join(f"{name}={quote(value)}" for name, value in fields.items()))


def asked(address: str) -> dict[str, str]:
    """What an address asks, besides the launch that it belongs to and where one came from."""
    return {name: value for name, value in parse_qsl(urlsplit(address).query) if name not in ("launch", "via")}


def same(address: str, other: str) -> bool:
    return (urlsplit(address).path, asked(address)) == (urlsplit(other).path, asked(other))


@pytest.fixture
def channel(app: Flask) -> Walk:
    return Walk(app, (of_channel.CATALOG, of_channel.EVENTS), channel="course-7", timezone="America/New_York")


@pytest.fixture
def event(app: Flask) -> Walk:
    return Walk(app, (of_event.CATALOG, of_event.EVENTS), permissions=of_event.ADMIN)


def test_the_details_of_a_channels_session_lead_back_to_it_with_its_part(channel: Walk) -> None:
    start = "/channels/101/analytics/rooms?session=cp1&room=1_room&to=04%3A30"
    for detail in ("countries", "devices", "recordings", "interactions/poll-cp1"):
        channel.open(start).follow(f"/media/1_room/analytics/{detail}")
        assert same(channel.back("Back to analytics").at, start), detail
    channel.open(start).follow("/channels/101/analytics/rooms/explained")
    assert same(channel.back("Back to analytics").at, start)
    assert same(channel.follow("/people/").back("Back to session analytics").at, start)


def test_a_device_in_a_device_still_leads_back(channel: Walk) -> None:
    start = "/channels/101/analytics/rooms?session=cp1&room=1_room"
    channel.open(start).follow("/media/1_room/analytics/devices").follow("/media/1_room/analytics/devices.*device=")
    assert same(channel.back("Back to analytics").at, start)


def test_a_session_of_a_range_leads_back_to_the_range(channel: Walk) -> None:
    start = "/channels/101/analytics/rooms?range=120"
    of_range = of_channel.RANGE
    channel.open(of_range).follow("/channels/101/analytics/rooms[^#]*session=cp1")
    assert [words for _address, words in channel.ways()] == ["Back to Room Analytics", "Back to Channel"]
    other = channel.send('name="show"', show="session:1_room/cp2")  # another session: still from that range
    assert "session=cp2" in other.at and same(other.back("Back to Room Analytics").at, of_range)
    videos = channel.open(of_range).follow("/channels/101/analytics/videos")
    assert same(videos.at, of_range.replace("rooms", "videos"))
    assert same(videos.follow("/channels/101/analytics/rooms").at, of_range)
    videos = (
        channel.open(of_range)
        .follow("/channels/101/analytics/rooms[^#]*session=cp1")
        .follow("/channels/101/analytics/videos")
    )
    assert same(videos.at, of_range.replace("rooms", "videos"))
    assert asked(channel.open(start).follow("/channels/101/analytics/videos").at) == {"range": "120"}


def test_a_poll_of_a_range_leads_back_to_the_range(channel: Walk) -> None:
    channel.open(of_channel.RANGE + "&poll_sort=question").follow("/media/1_room/analytics/interactions")
    assert same(channel.back("Back to analytics").at, of_channel.RANGE + "&poll_sort=question")


def test_a_session_of_an_event_stays_in_the_event(event: Walk) -> None:
    event.open("/events/77").follow("/media/e1/analytics")
    event.send("data-part", to="22:00").send("search-box", search="Guest").send('id="session"', session="early")
    assert asked(event.at)["event"] == "77"
    for detail in ("explained", "countries", "devices"):
        event.follow(f"/media/e1/analytics/{detail}").back("Back to analytics")  # says so; with the session, as it was
        assert asked(event.at)["event"] == "77" and asked(event.at)["session"] == "early", detail
    assert same(event.back("Back to the agenda").at, "/events/77/agenda")


def test_a_part_is_kept_on_the_way_to_a_person_and_back(event: Walk) -> None:
    start = "/media/e1/analytics?session=early&event=77&to=15:45&search=Guest&sort=name"
    person = event.open(start).follow("/people/g00/analytics")
    assert asked(person.at) == {"event": "77"}
    assert same(person.back("Back to session analytics").at, start)


def test_from_a_list_to_a_person_to_a_session_and_all_the_way_back(event: Walk) -> None:
    start = "/events/77/people?search=guest&role=viewer&order=desc&page=3"
    person = event.open(start).follow("/people/g00/analytics")
    assert same(person.follow("/people/g00/analytics[^#]*sessions_sort=minutes").at, person.at)
    session = person.follow("/media/e1/analytics")
    says = [words for _address, words in session.ways()]
    assert says == ["Back to user analytics", "Back to the agenda", "Back to media page"]
    explained = session.follow("/media/e1/analytics/explained")
    session = explained.back("Back to analytics")
    person = session.back("Back to user analytics")
    assert "sessions_sort=minutes" in person.at
    assert same(person.back("Back to all users").at, start)


def test_going_round_in_circles_does_not_make_addresses_grow_for_ever(event: Walk) -> None:
    event.open("/media/e1/analytics?session=early")
    for _round in range(8):
        event.follow("/people/g00/analytics").follow("/media/e1/analytics[^#]*via=person")
    assert len(event.at) < 2000
    assert same(event.back("Back to user analytics").at, "/people/g00/analytics")


def test_a_viewer_and_a_video_lead_back_to_the_page_as_it_was(app: Flask) -> None:
    walk = Walk(app, (of_videos.CATALOG, of_videos.EVENTS), channel="c-101", timezone=of_videos.ZONE)
    start = of_videos.PAGE + "&compare=1&metric=minutes&viewers_sort=minutes&viewers_page=2"
    assert same(walk.open(start).follow("/people/").back("Back to analytics").at, start)
    video = walk.open(start).follow("/media/v")
    assert same(video.follow("/people/").back("Back to analytics").at, video.at)
    assert same(video.back("Back to analytics").at, start)
    walk.follow("/channels/101/analytics/videos/countries").send('name="range"', range="120")
    assert asked(walk.back("Back to analytics").at) == {
        "compare": "1", "metric": "minutes", "viewers_sort": "minutes", "viewers_page": "2", "range": "120"
    }  # fmt: skip


@pytest.mark.parametrize(
    "via",
    [
        "https://evil.example/", "//evil.example", "channel_rooms", "channel_rooms?channel_id=102", "?#?", "my_media",
        "room?entry_id=1_else", "people?event_id=77", "static?filename=x", "room?entry_id=1_room%00",
        "room?_external=1&_scheme=javascript", "channel_rooms?channel_id=102&endpoint=x", "room?entry_id=%ff%fe",
    ],
)  # fmt: skip
def test_a_way_that_was_made_up_leads_nowhere(channel: Walk, via: str) -> None:
    page = channel.open("/media/1_room/analytics?session=cp1&via=" + quote(via))
    assert [(urlsplit(address).path, words) for address, words in page.ways()] == [
        ("/media/1_room", "Back to media page")
    ]
    person = channel.open("/people/u01/analytics?via=" + quote(via))
    assert [words for _address, words in person.ways()] == ["Back to Channel"]


def test_a_way_is_never_the_address_of_another_host(channel: Walk) -> None:
    via = "room?entry_id=1_room&_external=1&_scheme=javascript&_anchor=x&launch=other&session=cp1#</a>"
    address = channel.open("/people/u01/analytics?via=" + quote(via)).ways()[0][0]
    assert address.startswith("/media/1_room/analytics?session=cp1&launch=") and "other" not in address


def test_no_link_to_a_channel_that_may_not_be_opened(channel: Walk) -> None:
    page = channel.open("/people/u01/analytics?channel=102")
    assert "/channels/102" not in page.html
    page = channel.open("/people/u01/analytics?via=channel_rooms%3Fchannel_id%3D102")
    assert "/channels/102" not in page.html


def test_a_report_that_is_asked_for_leads_back_to_where_it_was(event: Walk) -> None:
    start = "/media/e1/analytics?session=early&event=77&to=15:45"
    dialog = event.open(start).follow("/media/e1/analytics/export")
    assert same(dialog.back("Back to the report").at, start)


def test_names_stay_hidden_behind_ways(app: Flask) -> None:
    walk = Walk(app, (of_event.CATALOG, of_event.EVENTS), permissions=INSTRUCTOR[:1], channel="c-101")
    page = walk.open("/media/e1/analytics?via=person%3Fuser_id%3Dg00")
    assert [words for _address, words in page.ways()] == ["Back to media page"]
