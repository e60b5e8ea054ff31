"""The definitions of the numbers once more, as plain as possible, straight from the events.

Nothing here is fast and nothing is shared with the program: sets of clock seconds, loops and dictionaries. Events are
dictionaries in the contract's form with ``time`` in milliseconds.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

Event = dict[str, Any]
MINUTE = 60_000


def opens(event: Event) -> bool:
    return event["name"] == "joinSession" or (event["name"] == "view" and event.get("playbackType") != "vod")


def in_session(event: Event) -> bool:
    if event["name"] in ("play", "playerImpression", "somethingNew"):
        return False
    return not (event["name"] == "view" and event.get("playbackType") == "vod")


def unique(events: list[Event]) -> list[Event]:
    """The first of each id: a known id with another body is a duplicate."""
    seen: dict[str, Event] = {}
    for event in events:
        seen.setdefault(event["id"], event)
    return list(seen.values())


def assign(events: list[Event], catalog: list[dict[str, Any]]) -> dict[str, list[Event]]:
    """Session id -> its events, by contract 3."""
    spans = {s["id"]: (s["startTime"], s.get("endTime") if s.get("endTime") is not None else math.inf) for s in catalog}
    live = [event for event in events if in_session(event)]
    named: dict[str, list[Event]] = defaultdict(list)
    for event in live:
        if event.get("sessionId") and event["sessionId"] not in spans:
            named[event["sessionId"]].append(event)
    for name, group in named.items():
        if any(opens(event) for event in group):
            spans[name] = (min(e["time"] for e in group), max(e["time"] for e in group))
    result: dict[str, list[Event]] = {name: [] for name in spans}
    rest = []
    for event in live:
        if event.get("sessionId") in spans:
            result[event["sessionId"]].append(event)
        elif (near := nearest(event["time"], spans)) is not None:
            result[near].append(event)
        else:
            rest.append(event)
    rest.sort(key=lambda e: (e["time"], not opens(e)))
    opened: list[list[int]] = []
    for event in rest:
        if opened and event["time"] - opened[-1][1] < 30 * MINUTE:
            opened[-1][1] = event["time"]
        elif opens(event):
            opened.append([event["time"], event["time"]])
    spans_opened = {f"opened-{start}": (start, end) for start, end in opened}
    result |= {name: [] for name in spans_opened}
    for event in rest:
        near = nearest(event["time"], spans_opened)
        if near is not None:
            result[near].append(event)
    return result


def nearest(time: int, spans: dict[str, tuple[float, float]]) -> str | None:
    best = None
    for name, (start, end) in spans.items():
        distance = max(start - time, time - end, 0)
        if distance <= 15 * MINUTE and (best is None or (distance, -start, _reverse(name)) < best[:3]):
            best = (distance, -start, _reverse(name), name)
    return best[3] if best else None


def _reverse(text: str) -> tuple[int, ...]:
    """Sorts texts the other way round."""
    return (*(-ord(c) for c in text), 1)


def seconds_before(end_ms: float, seconds: float) -> set[int]:
    """The clock seconds k with end - seconds <= k < end."""
    return set(range(math.ceil(end_ms / 1000 - seconds), math.ceil(end_ms / 1000)))


def engaged(event: Event) -> bool:
    if event.get("playbackType") == "live":
        return bool(event.get("soundOn") and event.get("tabFocused"))
    return any(event.get(flag) for flag in ("tabFocused", "fullScreen", "cameraOn", "onStage"))


@dataclass
class PersonNumbers:
    watched: set[int] = field(default_factory=set)
    engaged: set[int] = field(default_factory=set)
    reactions: int = 0
    raised_hands: int = 0
    chat_messages: int = 0
    threads: int = 0
    downloads: int = 0
    logged_in: bool = False
    votes: dict[str, tuple[int, str, Any]] = field(default_factory=dict)
    role: str | None = None
    country: str | None = None


@dataclass
class SessionNumbers:
    people: dict[str, PersonNumbers]
    has_heartbeats: bool
    polls: int
    reaction_minutes: dict[tuple[int, str], int]

    @property
    def viewers(self) -> set[str]:
        return {name for name, person in self.people.items() if person.watched}

    def total(self, name: str) -> int:
        return sum(getattr(person, name) for person in self.people.values())

    def doers(self, name: str) -> int:
        return sum(1 for person in self.people.values() if getattr(person, name))

    @property
    def denominator(self) -> int:
        """Of chat, Q&A and polls: who logged in to the chat, else the live unique viewers."""
        return self.doers("logged_in") or len(self.viewers)

    def minutes(self) -> dict[int, tuple[int, int, int]]:
        """Minute since the epoch -> people watching in it, watched seconds, engaged seconds."""
        result: dict[int, list[Any]] = {}
        for name, person in self.people.items():
            for second in person.watched:
                row = result.setdefault(second // 60, [set(), 0, 0])
                row[0].add(name)
                row[1] += 1
                row[2] += second in person.engaged
        return {minute: (len(row[0]), row[1], row[2]) for minute, row in result.items()}


def session_numbers(events: list[Event], end_ms: float | None) -> SessionNumbers:
    """The numbers of one session from its events; ``end_ms`` closes what is open at the end."""
    people: dict[str, PersonNumbers] = defaultdict(PersonNumbers)
    heartbeats = any(event["name"] == "view" for event in events)
    minutes: dict[tuple[int, str], int] = defaultdict(int)
    for event in sorted(events, key=lambda e: (e["time"], e["id"])):
        person = people[event["userId"]]
        person.role = person.role or event.get("role")
        person.country = person.country or event.get("country")
        match event["name"]:
            case "view":
                seconds = seconds_before(event["time"], event.get("seconds", 10))
                person.watched |= seconds
                person.engaged |= seconds if engaged(event) else set()
            case "reactionClicked":
                person.reactions += 1
                minutes[event["time"] // MINUTE, event["reaction"]] += 1
            case "raiseHand":
                person.raised_hands += 1
            case "loggedIn":
                person.logged_in = True
            case "groupMessageSent":
                person.chat_messages += 1
            case "questionAnswerMessageSent":
                person.threads += bool(event.get("newThread"))
            case "pollAnswered":
                person.votes[event["pollId"]] = (event["time"], event["id"], event.get("optionIds"))
            case "downloadAttachmentClicked":
                person.downloads += 1
    if not heartbeats:
        for name, seconds in presence(events, end_ms).items():
            people[name].watched = seconds
    polls = len({event["pollId"] for event in events if event["name"] == "pollLaunched"})
    return SessionNumbers(dict(people), heartbeats, polls, dict(minutes))


STAGE = {
    "stageJoined": ("stage", True),
    "stageLeft": ("stage", False),
    "micOn": ("mic", True),
    "micOff": ("mic", False),
    "talkStarted": ("talk", True),
}


def rows(events: list[Event]) -> dict[str, list[dict[str, Any]]]:
    """Moments, edges of the stage and of presented media, each sorted."""
    moments, stage, media = [], [], []
    for event in events:
        name, common = event["name"], {"user": event["userId"], "time_ms": event["time"]}
        if name == "raiseHand":
            moments.append(common | {"kind": "raised_hand", "about": None})
        elif name == "groupMessageSent":
            moments.append(common | {"kind": "message", "about": event.get("messageId")})
        elif name == "downloadAttachmentClicked":
            moments.append(common | {"kind": "download", "about": event.get("attachmentId")})
        elif name == "questionAnswerMessageSent" and event["newThread"]:
            moments.append(common | {"kind": "thread", "about": event.get("threadId")})
        elif name in STAGE:
            stage.append(common | dict(zip(("kind", "on"), STAGE[name], strict=True)))
        elif name in ("mediaPresented", "mediaRemoved"):
            title, kind = event.get("title"), event.get("kind")
            known = {"title": title, "kind": kind, "page": event.get("page"), "on": name == "mediaPresented"}
            media.append(common | known | {"media_id": event.get("mediaId") or title or kind})
    found = {"moment": moments, "stage_edge": stage, "media_edge": media}
    return {table: sorted(made, key=str) for table, made in found.items()}


def presented(events: list[Event], numbers: SessionNumbers, end_ms: float) -> list[tuple[Any, ...]]:
    """(media, start, end, viewers, watched, engaged, first minute's people, last minute's people) of each showing."""
    edges = [event for event in events if event["name"] in ("mediaPresented", "mediaRemoved")]
    found = []
    for media in {_media(event) for event in edges}:
        mine = sorted((e for e in edges if _media(e) == media), key=lambda e: (e["time"], e["name"] == "mediaRemoved"))
        until = -1.0
        for edge in mine:
            if edge["name"] == "mediaRemoved" or edge["time"] < until:
                continue
            ends = [e["time"] for e in mine if e["name"] == "mediaRemoved" and e["time"] > edge["time"]]
            until = min(ends, default=max(end_ms, edge["time"]))
            shown = range(math.ceil(edge["time"] / 1000), math.ceil(until / 1000))
            people = [person.watched & set(shown) for person in numbers.people.values()]
            first, last = set(shown[:60]), set(shown[-60:])
            found.append(
                (
                    media,
                    edge["time"],
                    until,
                    sum(bool(seconds) for seconds in people),
                    sum(len(seconds) for seconds in people),
                    sum(len(p.engaged & set(shown)) for p in numbers.people.values()) if numbers.has_heartbeats else 0,
                    sum(bool(seconds & first) for seconds in people),
                    sum(bool(seconds & last) for seconds in people),
                )
            )
    return sorted(found, key=lambda one: (one[1], one[0]))


def _media(event: Event) -> str:
    return str(event.get("mediaId") or event.get("title") or event.get("kind"))


def presence(events: list[Event], end_ms: float | None) -> dict[str, set[int]]:
    edges = [event for event in events if event["name"] in ("joinSession", "leaveSession")]
    if end_ms is None:
        end_ms = max((event["time"] for event in edges), default=0)
    result: dict[str, set[int]] = defaultdict(set)
    for join in edges:
        if join["name"] != "joinSession":
            continue
        same = (join["userId"], join.get("connectionId"))
        ends = [
            e["time"]
            for e in edges
            if e["name"] == "leaveSession" and (e["userId"], e.get("connectionId")) == same and e["time"] > join["time"]
        ]
        end = min(ends, default=end_ms)
        result[join["userId"]] |= set(range(math.ceil(join["time"] / 1000), math.ceil(end / 1000)))
    return result


def playback(events: list[Event]) -> dict[str, tuple[int, int, list[int]]]:
    """User -> impressions, watched milliseconds and the times of the plays of a recording; one play per playId."""
    result: dict[str, tuple[int, int, list[int]]] = {}
    for user in {event["userId"] for event in events}:
        mine = [event for event in events if event["userId"] == user]
        impressions = sum(event["name"] == "playerImpression" for event in mine)
        watched = 0
        plays: dict[str, list[int]] = defaultdict(list)
        for event in mine:
            if event["name"] == "play":
                plays[event.get("playId") or event["id"]].append(event["time"])
            elif event["name"] == "view":
                span = event["toPosition"] - event["fromPosition"]
                watched += round(event.get("seconds", max(0, span)) * 1000)
        result[user] = (impressions, watched, sorted(min(times) for times in plays.values()))
    return result
