"""The numbers of a range of dates are those of the events of its sessions: people once, seconds and counts added up."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import date, datetime
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from lti_tool.access.scope import Scope
from lti_tool.analytics.attendees import Question
from lti_tool.analytics.interactions import Order
from lti_tool.analytics.over_sessions import RangeDashboard, range_dashboard, range_explained
from lti_tool.analytics.period import Period
from lti_tool.collect import tasks
from lti_tool.collect.registry import SOURCES
from lti_tool.models import Entry, RoomSession, db
from tests.properties import plain
from tests.properties.strategies import CATALOG, HOUR, START, room_events
from tests.properties.test_fold import EXAMPLES, deliver, new_account

SECONDS = 100  # of the recording: a second is a percentile
ROOMS = ("room", "second", "aside")
ENTRIES = [
    {"id": "room", "name": "Room", "type": "room", "recordingEntryIds": ["rec"]},
    {"id": "second", "name": "Second", "type": "breakout", "recordingEntryIds": ["rec"]},
    {"id": "aside", "name": "Not asked about", "type": "room", "recordingEntryIds": ["other"]},
    {"id": "rec", "name": "Recording", "type": "video", "durationSeconds": SECONDS},
    {"id": "other", "name": "Of another room", "type": "video", "durationSeconds": SECONDS},
]
COUNTS = ("reactions", "chat_messages", "threads", "downloads", "raised_hands")
PEOPLE = {
    "reaction_people": "reactions",
    "chat_people": "chat_messages",
    "poll_people": "votes",
    "thread_people": "threads",
    "download_people": "downloads",
    "logged_in": "logged_in",
}


def catalog_of(room: str) -> list[dict[str, Any]]:
    return [{**session, "id": f"{room}-{session['id']}", "entryId": room} for session in CATALOG]


def moved(events: list[dict[str, Any]], room: str) -> list[dict[str, Any]]:
    """The same events in another room, with its sessions."""
    found = [{**event, "entryId": room, "id": f"{room}-{event['id']}"} for event in events]
    return [{**e, "sessionId": f"{room}-{e['sessionId']}"} if "sessionId" in e else e for e in found]


def played(entry: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    common = {
        "entryId": st.just(entry),
        "userId": st.sampled_from(["ada", "dee"]),
        "time": st.integers(START - 2 * HOUR, START + 5 * HOUR),
        "country": st.sampled_from(["DE", "FR"]),
    }
    positions = st.integers(0, SECONDS)
    one = st.one_of(
        st.fixed_dictionaries({"name": st.just("playerImpression"), **common}),
        st.fixed_dictionaries({"name": st.just("play"), "playId": st.sampled_from(["a", "b"]), **common}),
        st.tuples(st.fixed_dictionaries({**common, "playId": st.sampled_from(["a", "b"])}), positions, positions).map(
            lambda made: (
                made[0]
                | {"name": "view", "playbackType": "vod", "fromPosition": min(made[1:]), "toPosition": max(made[1:])}
            )
        ),
    )
    return st.lists(one, max_size=8).map(lambda made: [{"id": f"{entry}{n}", **e} for n, e in enumerate(made)])


terms = st.tuples(*(room_events.map(lambda events, room=room: moved(events, room)) for room in ROOMS)).map(
    lambda rooms: [event for room in rooms for event in room]
)
# Midnight there lies among the events.
periods = st.builds(
    lambda days, zone: Period(min(days), max(days), ZoneInfo(zone)),
    st.lists(st.dates(date(2026, 5, 12), date(2026, 5, 13)), min_size=1, max_size=2),
    st.sampled_from(["Asia/Shanghai", "Asia/Kathmandu", "UTC"]),
)


# One of two viewers logged in to the chat: the other could not chat. Chance rarely makes that.
COMMON = {"entryId": "room", "sessionId": "room-cp1", "time": START + HOUR // 2}
HALF = [
    {"id": "h1", "name": "view", "userId": "ada", **COMMON},
    {"id": "h2", "name": "loggedIn", "userId": "ada", **COMMON},
    {"id": "h3", "name": "view", "userId": "bo", **COMMON},
]


class Expected:
    """The sessions of a period, from their events."""

    def __init__(self, account: int, events: list[dict[str, Any]], period: Period) -> None:
        self.period, self.events = period, plain.unique(events)
        self.sessions: dict[tuple[str, str], plain.SessionNumbers] = {}
        for room in ("room", "second"):
            mine = [event for event in self.events if event["entryId"] == room]
            groups = plain.assign(mine, catalog_of(room))
            query = select(RoomSession).join(Entry).where(Entry.account_id == account, Entry.external_id == room)
            for session in db.session.scalars(query):
                if self.holds(session.start_ms):
                    numbers = plain.session_numbers(groups[session.external_id], session.end_ms)
                    self.sessions[room, session.external_id] = numbers
        self.playback = [event for event in self.events if event["entryId"] == "rec"]

    def holds(self, time_ms: int) -> bool:
        return self.period.first <= datetime.fromtimestamp(time_ms / 1000, self.period.zone).date() <= self.period.last

    def live(self) -> set[str]:
        return {name for session in self.sessions.values() for name in session.viewers}

    def recorded(self) -> set[str]:
        views = [e for e in self.playback if e["name"] == "view" and e["toPosition"] > e["fromPosition"]]
        return {event["userId"] for event in views if self.holds(event["time"])}

    def doers(self, name: str) -> set[str]:
        return {who for s in self.sessions.values() for who, person in s.people.items() if getattr(person, name)}

    def could_chat(self) -> set[str]:
        found: set[str] = set()
        for session in self.sessions.values():
            logged_in = {name for name, person in session.people.items() if person.logged_in}
            found |= logged_in or session.viewers
        return found

    def starts(self) -> dict[tuple[str, str], int]:
        """(user, play) -> when it was started, of those in the period."""
        times: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        for event in self.playback:
            if event["name"] == "play":
                times[event["userId"], event["playId"]].append(event["time"])
        return {play: min(found) for play, found in times.items() if self.holds(min(found))}

    def percentiles(self) -> int:
        seen = {
            (e["userId"], e["playId"], second)
            for e in self.playback
            if e["name"] == "view" and (e["userId"], e["playId"]) in self.starts()
            for second in range(e["fromPosition"], e["toPosition"])
        }
        return len(seen)

    def numbers(self) -> dict[str, Any]:
        sessions = self.sessions.values()
        people = [person for session in sessions for person in session.people.values()]
        rated = [session for session in sessions if session.has_heartbeats]
        inside = [event for event in self.playback if self.holds(event["time"])]
        return {
            "sessions": len(sessions),
            "live_viewers": len(self.live()),
            "recording_viewers": len(self.recorded()),
            "viewers": len(self.live() | self.recorded()),
            "watched_seconds": sum(len(person.watched) for person in people),
            "rated_seconds": sum(len(person.watched) for session in rated for person in session.people.values()),
            "engaged_seconds": sum(len(person.engaged) for session in rated for person in session.people.values()),
            "could_chat": len(self.could_chat()),
            "polls": sum(session.polls for session in sessions),
            "polls_answered": sum(len(person.votes) for person in people),
            **{name: sum(getattr(person, name) for person in people) for name in COUNTS},
            **{name: len(self.doers(field)) for name, field in PEOPLE.items()},
            "plays": len(self.starts()),
            "measured_plays": len(self.starts()),
            "percentiles": self.percentiles(),
            "impressions": sum(event["name"] == "playerImpression" for event in inside),
            "recording_seconds": sum(e["toPosition"] - e["fromPosition"] for e in inside if e["name"] == "view"),
        }

    def rows(self) -> dict[str, tuple[int, float, float | None, tuple[str, ...]]]:
        """Person -> (sessions, minutes, rate, ids of the sessions)."""
        found = {}
        for name in {name for session in self.sessions.values() for name in session.people}:
            mine = {key: (s, s.people[name]) for key, s in self.sessions.items() if name in s.people}
            watched = sum(len(person.watched) for _session, person in mine.values())
            rated = sum(len(person.watched) for session, person in mine.values() if session.has_heartbeats)
            engaged = sum(len(person.engaged) for session, person in mine.values() if session.has_heartbeats)
            ids = tuple(sorted(key[1] for key, (_session, person) in mine.items() if person.watched))
            found[name] = (len(ids), watched / 60, engaged / rated if rated else None, ids)
        return found

    def countries(self) -> dict[str, int]:
        seen = {
            (person.country or "", name)
            for session in self.sessions.values()
            for name, person in session.people.items()
            if person.watched
        }
        return Counter(country for country, _name in seen)


def shown(page: RangeDashboard) -> dict[str, tuple[Any, ...]]:
    found = {}
    for row in page.attendees.rows:
        values = {reading.metric.name: reading.value for reading in row.readings}
        rate = values["combined_live_engaged_users_play_time_ratio"]
        ids = tuple(sorted(visit.held.session.external_id for visit in row.visits))
        rate = rate if isinstance(rate, float) else None
        found[row.person.external_id] = (values["count_sessions"], values["live_view_time"], rate, ids)
    return found


def test_a_range_is_the_union_of_its_sessions(context: Flask) -> None:
    @settings(max_examples=EXAMPLES[db.engine.dialect.name] // 3)
    @given(terms, played("rec"), played("other"), periods)
    @example(HALF, [], [], Period(date(2026, 5, 12), date(2026, 5, 13), ZoneInfo("UTC")))
    def check(live: list[dict[str, Any]], rec: list[Any], other: list[Any], period: Period) -> None:
        account = new_account()
        sessions = [session for room in ROOMS for session in catalog_of(room)]
        document = json.dumps({"entries": ENTRIES, "sessions": sessions}).encode()
        tasks.store(account, SOURCES["catalog"].read(BytesIO(document), None), "catalog")
        deliver(account, [*live, *rec, *other])
        tasks.fold_account(account)
        scope = Scope(account, whole_account=True, people=True)
        where = Entry.external_id.in_(["room", "second"])
        page = range_dashboard(scope, where, period, Question(), Order(), {})
        expected = Expected(account, [*live, *rec, *other], period)
        wanted = expected.numbers()
        assert {name: getattr(page.numbers, name) for name in wanted} == wanted
        assert range_explained(scope, where, period).numbers == page.numbers
        assert {(one.room.external_id, one.session.external_id) for one in page.sessions} == set(expected.sessions)
        for one in page.sessions:
            of_session = expected.sessions[one.room.external_id, one.session.external_id]
            assert one.numbers.live_viewers == len(of_session.viewers)
        assert shown(page) == expected.rows()
        assert {group.key: group.numbers.live_viewers for group in page.audiences[0].groups} == {
            group.key: expected.countries()[group.key] for group in page.audiences[0].groups
        }
        by_day = Counter(datetime.fromtimestamp(t / 1000, period.zone).date() for t in expected.starts().values())
        buckets = page.plays_over_time.buckets if page.plays_over_time else ()
        days = {datetime.fromtimestamp(b.at_ms / 1000, period.zone).date(): b.plays for b in buckets}
        assert {day: plays for day, plays in days.items() if plays} == by_day
        nobody = range_dashboard(Scope(account), where, period, Question(), Order(), {})
        assert (nobody.numbers.viewers, nobody.rooms, nobody.sessions, nobody.recordings) == (0, 0, (), [])

    with context.test_request_context():
        check()
