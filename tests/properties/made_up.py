"""A made-up account for the custom reports: rooms, breakout rooms, strange names, and chats of every kind by dice."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.properties.plain_reports import World

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
START = 1_778_601_600_000  # 2026-05-12, 16:00 UTC
STRANGE = ["=1+1", "+49 30", "-", "@home", "a\nb", 'say "no", or; yes', "שלום עולם", "مرحبا", "1,5", "-5", "\tx", "😀"]
STRANGE += ["007", "x;=1+1;y", "two\n=2+2\nlines", 'a;"=3+3;b', "a\t@b\tc"]
PEOPLE = [
    {"id": "u0", "firstName": '=HYPERLINK("http://x")', "lastName": "Byron", "email": "a@Kite.example"},
    {"id": "u1", "firstName": "נועה", "lastName": "ברק", "email": "n@kite.example", "company": "Kite"},
    {"id": "u2", "firstName": "Line\nbreak", "lastName": 'O"Neil, jr.; x', "company": " kite "},
    {"id": "u3", "email": "nameless@other.example", "role": "speaker", "company": "Other"},
    {"id": "u4", "firstName": "-5", "lastName": "+1", "email": "mod@kite.example", "role": "moderator"},
    {"id": "@u6", "firstName": "😀;=1;", "lastName": "042", "title": "Dr.", "country": "GR", "industry": "Education"},
]
USERS = [*(str(person["id"]) for person in PEOPLE), "u5"]  # nobody has told of u5
ENTRIES: list[dict[str, Any]] = [
    {"id": "r1", "name": "=Room, one", "type": "room", "channelIds": ["101"], "virtualEventId": 77},
    {"id": "r2", "name": "Room\ntwo", "type": "room", "channelIds": ["101"]},
    {"id": "b1", "name": "Group", "type": "breakout", "parentEntryId": "r1", "channelIds": ["101"]},
    {"id": "x1", "name": "Elsewhere", "type": "room", "channelIds": ["102"], "virtualEventId": 78},
    {"id": "old", "name": "Legacy", "type": "legacyMeeting", "channelIds": ["101"]},
]
SESSIONS = [
    {"id": f"{entry}-s{n}", "entryId": entry, "startTime": START + n * DAY, "endTime": START + n * DAY + HOUR}
    | ({"hostId": host} if (host := ["u4", None, "u3"][n]) else {})
    for entry in ("r1", "b1", "x1", "old")
    for n in range(3)
]
STATES = ("pending", "owned", "resolved", "done", "blocked")
STATUSES = ("registered", "confirmed", "attended", "participated", "blocked", "unregistered", "invited", "created")
POLL_TYPES = ("single", "multiple", "open", "quiz", "ratingScale", "crowdVote")


def made_up(seed: int, count: int = 400) -> World:
    dice = Random(seed)
    events = [
        {"id": f"{dice.randrange(10**6):06}-{n}", **_event(dice)}
        | {"entryId": (entry := dice.choice(ENTRIES)["id"]), "userId": dice.choice(USERS)}
        | _when(dice, entry)
        for n in range(count)
    ]
    return World(_catalog(dice), events)


def _when(dice: Random, entry: str) -> dict[str, Any]:
    """Mostly in a session, named or not; sometimes in one that only events know, or in none."""
    day, kind = dice.randrange(3), dice.random()
    time = START + day * DAY + dice.randrange(HOUR)
    if kind < 0.3 and entry != "r2":
        return {"time": time, "sessionId": f"{entry}-s{day}"}
    if kind < 0.4:
        return {"time": time + 5 * HOUR, "sessionId": f"{entry}-unknown"}
    return {"time": time + (4 * HOUR if kind > 0.9 else 0)}


def _event(dice: Random) -> dict[str, Any]:
    message, thread, other = f"m{dice.randrange(12)}", f"t{dice.randrange(6)}", dice.choice([*USERS, None])
    text, poll = dice.choice(STRANGE), dice.randrange(len(POLL_TYPES))
    moderator = dice.choice(["u4", "u5", "u1", None])
    event: dict[str, Any] = dice.choice(
        [
            {"name": "view", "seconds": dice.choice([10, 60]), "tabFocused": dice.random() < 0.5},
            {"name": "raiseHand"},
            {"name": "groupMessageSent", "messageId": message, "text": text, "subContext": "stage"},
            {"name": "groupMessageSent", "messageId": message, "text": text, "repliedToMessageId": "m1"},
            {"name": "messageLiked", "messageId": message},
            {"name": "messageLiked", "messageId": message},
            {"name": "groupMessageDeleted", "messageId": message},
            {"name": "privateMessageSent", "messageId": message, "recipientId": other, "text": text},
            {"name": "privateChatConnectionRequestApproved", "recipientId": other},
            {"name": "questionAnswerMessageSent", "threadId": thread, "messageId": message, "text": text}
            | {"newThread": dice.random() < 0.5, "labels": dice.choice([None, ["a", "=b"], "c"]), "recipientId": other},
            {"name": "questionAnswerThreadState", "threadId": thread, "state": dice.choice(STATES)}
            | {"moderatorId": moderator},
            _launch(poll, text, dice),
            {"name": "pollAnswered", "pollId": f"p{poll}"} | _answer(poll, text, dice),
            {"name": "pollAnswered", "pollId": f"p{poll}"} | _answer(poll, text, dice),
        ]
    )
    return event | ({"role": dice.choice(["host", "viewer", "moderator"])} if dice.random() < 0.2 else {})


def _launch(poll: int, text: str, dice: Random) -> dict[str, Any]:
    quiz = POLL_TYPES[poll] == "quiz"
    options = [{"id": f"o{n}", "text": f"{text} {n}"} | ({"isCorrect": n < 2} if quiz else {}) for n in range(4)]
    launch: dict[str, Any] = {"name": "pollLaunched", "pollId": f"p{poll}", "question": text, "type": POLL_TYPES[poll]}
    if POLL_TYPES[poll] != "open":
        launch["options"] = options
    if dice.random() < 0.5:
        launch |= {"visualType": "rating scale", "visualIcon": "thumbs up", "groupPollId": "g", "groupPollName": text}
        launch |= {"schedulingType": "planned", "schedulingTime": START + dice.randrange(HOUR)}
    return launch


def _answer(poll: int, text: str, dice: Random) -> dict[str, Any]:
    if POLL_TYPES[poll] == "open":
        return {"text": text}
    return {"optionIds": [f"o{n}" for n in dice.sample(range(4), dice.randint(1, 2))]}


def _catalog(dice: Random) -> dict[str, Any]:
    of_entry = [("r1", 77), ("b1", 77), ("x1", 78), (None, 77), (None, 78)]
    registrations = []
    for person in [*USERS, "u9"]:
        for entry, event in of_entry:
            registration = {"virtualEventId": event, "personId": person, "status": dice.choice(STATUSES)}
            registration |= {"entryId": entry} if entry else {}
            registration |= {"createdAt": START + dice.randrange(3 * DAY)} if dice.random() < 0.8 else {}
            registrations.append(registration | ({"role": "speaker"} if dice.random() < 0.3 else {}))
    return {
        "channels": [
            {"id": "101", "name": "Statistics", "contextId": "c-101"},
            {"id": "102", "name": "History", "contextId": "c-102"},
        ],
        "people": PEOPLE,
        "entries": ENTRIES,
        "sessions": SESSIONS,
        "virtualEvents": [{"id": 77, "name": "@Open day"}, {"id": 78, "name": "Other"}],
        "registrations": registrations,
    }
