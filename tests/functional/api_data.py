"""A made-up account for the report API, and its numbers once more in plain code, straight from the events."""

from __future__ import annotations

from collections import defaultdict
from random import Random
from typing import Any

from tests.properties import plain

START = 1_778_599_800_000  # a whole quarter of an hour
MINUTE, HOUR = 60_000, 3_600_000
CATALOG: dict[str, Any] = {
    "channels": [{"id": "101", "name": "Statistics", "contextId": "c-101"}],
    "people": [
        {"id": "ada", "firstName": "Ada", "lastName": "Byron", "email": "ada@example.edu", "title": "Lecturer"}
        | {"company": "Example, U", "industry": "Education", "country": "GB", "role": "host"},
        {"id": "bo", "firstName": "Bo; drop", "lastName": "Li\nng", "email": "bo@example.edu"},
        {"id": "cy", "firstName": "=1+1"},
    ],
    "entries": [
        {"id": "r1", "name": "Lecture, weekly", "type": "room", "recordingEntryIds": ["rec"], "ownerId": "ada"}
        | {"virtualEventId": 77, "channelIds": ["101"]},
        {"id": "r2", "name": "Seminar", "type": "room"},
        {"id": "b1", "name": "Group 1", "type": "breakout", "parentEntryId": "r1"},
        {"id": "rec", "name": "Recording", "type": "video", "durationSeconds": 100, "ownerId": "ada"},
        {"id": "clip", "name": "Clip", "type": "video", "durationSeconds": 60, "channelIds": ["101"]},
        {"id": "old", "name": "Old", "type": "legacyMeeting"},
    ],
    "sessions": [
        {"id": "s1", "entryId": "r1", "name": "Week 1", "startTime": START, "endTime": START + HOUR, "hostId": "ada"},
        {"id": "s2", "entryId": "r1", "startTime": START + 24 * HOUR, "endTime": START + 25 * HOUR},
        {"id": "s3", "entryId": "r2", "startTime": START + HOUR // 2, "endTime": START + 2 * HOUR},
        {"id": "sb", "entryId": "b1", "startTime": START + 5 * MINUTE, "endTime": START + 20 * MINUTE, "hostId": "bo"},
        {"id": "none", "entryId": "r2", "startTime": START + 50 * HOUR, "endTime": START + 51 * HOUR},
        {"id": "sold", "entryId": "old", "startTime": START, "endTime": START + HOUR},
    ],
    "attachments": [{"id": "a1", "name": "Plan.final.PDF", "entryId": "r1"}],
    "virtualEvents": [{"id": 77, "name": "Open day"}],
}
USERS = {"ada": ("GB", "Computer"), "bo": ("DE", "Mobile"), "cy": ("DE", "Computer"), "dee": (None, None)}
SESSIONS = {one["id"]: one for one in CATALOG["sessions"]}
LENGTHS = {"rec": 100, "clip": 60}
REACTIONS = ("Clap", "Heart", "Think", "Wow", "Smile")


def events() -> list[dict[str, Any]]:
    rng, made = Random(7), []

    def add(**event: Any) -> None:
        made.append({"id": f"e{len(made)}", **event})

    for session in SESSIONS.values():
        if session["id"] == "none":
            continue
        for user in rng.sample(list(USERS), 3):
            country, device = USERS[user]
            where = {"country": country, "device": device} if country else {}
            common = {"entryId": session["entryId"], "sessionId": session["id"], "userId": user, **where}
            first = session["startTime"] + rng.randrange(-2, 5) * MINUTE
            for beat in range(rng.randrange(30, 90)):
                flags = {"tabFocused": rng.random() < 0.6, "onStage": rng.random() < 0.1}
                add(name="view", time=first + beat * 10_000 + 3000, seconds=10, **flags, **common)
            for name, more in _deeds(rng):
                add(name=name, time=first + rng.randrange(40) * MINUTE // 4, **more, **common)
    for entry, seconds in LENGTHS.items():
        for user in rng.sample(list(USERS), 3):
            country, device = USERS[user]
            where = {"country": country, "device": device} if country else {}
            for play in range(rng.randrange(1, 4)):
                at = START + rng.randrange(-2, 40) * HOUR + 5 * MINUTE
                common = {"entryId": entry, "userId": user, "playId": f"{entry}{user}{play}", **where}
                add(name="playerImpression", time=at, entryId=entry, userId=user, **where)
                add(name="play", time=at, **common)
                first = rng.randrange(seconds // 2)
                last = rng.randrange(first + 1, seconds)
                add(name="view", playbackType="vod", time=at + 1000, fromPosition=first, toPosition=last, **common)
    return made


def _deeds(rng: Random) -> list[tuple[str, dict[str, Any]]]:
    deeds: list[tuple[str, dict[str, Any]]] = [("reactionClicked", {"reaction": rng.choice(REACTIONS)})]
    deeds += [("reactionClicked", {"reaction": rng.choice(REACTIONS)}) for _ in range(rng.randrange(3))]
    deeds += [("groupMessageSent", {"messageId": str(n), "text": "x"}) for n in range(rng.randrange(3))]
    deeds += [("raiseHand", {})] * rng.randrange(3)
    deeds += [("loggedIn", {})] if rng.random() < 0.5 else []
    deeds += [("questionAnswerMessageSent", {"threadId": "t", "newThread": True, "text": "?"})] * rng.randrange(2)
    deeds += [("pollAnswered", {"pollId": "p", "optionIds": ["1"]})] * rng.randrange(3)
    deeds += [("downloadAttachmentClicked", {"attachmentId": "a1"})] * rng.randrange(2)
    deeds += [("privateMessageSent", {"messageId": "m", "recipientId": "bo", "text": "?"})] * rng.randrange(2)
    return deeds


class Truth:
    """What is asked about, in sets of seconds and lists of plays. ``end`` is not part of it."""

    def __init__(
        self,
        every: list[dict[str, Any]],
        sessions: list[str],
        media: list[str],
        *,
        start: int = 0,
        end: int = 1 << 60,
        users: set[str] | None = None,
    ) -> None:
        mine = [event for event in every if users is None or event["userId"] in users]
        self.sessions = {
            name: plain.session_numbers([e for e in mine if e.get("sessionId") == name], SESSIONS[name]["endTime"])
            for name in sessions
        }
        self.events = [e for e in mine if e.get("sessionId") in sessions]
        self.played = {
            entry: [e for e in mine if e["entryId"] == entry and start <= e["time"] < end] for entry in media
        }

    def live(self, name: str) -> set[str]:
        """Who did something, or watched."""
        return {user for one in self.sessions.values() for user, person in one.people.items() if getattr(person, name)}

    def sum(self, name: str) -> int:
        return sum(_size(getattr(p, name)) for one in self.sessions.values() for p in one.people.values())

    def of_person(self, user: str, name: str) -> int:
        return sum(_size(getattr(one.people[user], name)) for one in self.sessions.values() if user in one.people)

    @property
    def could_chat(self) -> set[str]:
        found: set[str] = set()
        for one in self.sessions.values():
            logged = {user for user, person in one.people.items() if person.logged_in}
            found |= logged or one.viewers
        return found

    def plays(self, entry: str, user: str | None = None) -> tuple[int, int, float, int, set[str], set[str]]:
        """Impressions, plays, watched seconds, percentiles; who started, who watched."""
        mine = [e for e in self.played[entry] if user in (None, e["userId"])]
        views = [e for e in mine if e["name"] == "view"]
        watched = self.percentiles(entry, views)
        seconds = sum((e["toPosition"] - e["fromPosition"] for e in views), 0.0)
        started = [e for e in mine if e["name"] == "play"]
        return (
            sum(e["name"] == "playerImpression" for e in mine),
            len(started),
            seconds,
            sum(len(watched[e["playId"]]) for e in started),
            {e["userId"] for e in started},
            {e["userId"] for e in mine if e["name"] == "view"},
        )

    def seen(self, entry: str) -> set[int]:
        """The percentiles of the plays that were started, together."""
        watched = self.percentiles(entry, [e for e in self.played[entry] if e["name"] == "view"])
        return set().union(*(watched[e["playId"]] for e in self.played[entry] if e["name"] == "play"))

    @staticmethod
    def percentiles(entry: str, views: list[dict[str, Any]]) -> defaultdict[str, set[int]]:
        """By play."""
        watched: defaultdict[str, set[int]] = defaultdict(set)
        for event in views:
            for percentile in range(1, 101):
                low, high = (percentile - 1) * LENGTHS[entry] / 100, percentile * LENGTHS[entry] / 100
                if event["fromPosition"] < high and event["toPosition"] > low:
                    watched[event["playId"]].add(percentile)
        return watched

    @property
    def recorded(self) -> set[str]:
        return {user for entry in self.played for user in self.plays(entry)[5]}

    @property
    def recording_seconds(self) -> float:
        return sum(self.plays(entry)[2] for entry in self.played)


def _size(value: Any) -> int:
    return len(value) if isinstance(value, set | dict) else int(value)
