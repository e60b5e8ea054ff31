"""The custom reports once more, as plain as possible: rows of texts straight from the catalogue and the events.

``Question`` says which entries (a set of ids), from when to before when, and which ids the filters let pass.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.properties import plain

Event = dict[str, Any]
Rows = list[list[str]]


@dataclass
class Question:
    entries: set[str]
    start: int
    end: int
    users: set[str] | None = None
    sessions: set[str] | None = None
    events: set[int] | None = None


@dataclass
class World:
    """A catalogue and events, and what each event's session is."""

    catalog: dict[str, Any]
    events: list[Event]
    session_of: dict[str, tuple[str, int]] = field(default_factory=dict)  # event id -> session, its start
    held: dict[tuple[str, str], tuple[int, int, list[Event]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for entry in {event["entryId"] for event in self.events} | {s["entryId"] for s in self.catalog["sessions"]}:
            told = {s["id"]: s for s in self.catalog["sessions"] if s["entryId"] == entry}
            mine = [event for event in self.events if event["entryId"] == entry]
            for session, group in plain.assign(mine, list(told.values())).items():
                times = [event["time"] for event in group if event.get("sessionId") == session]
                if session in told:
                    start, end = told[session]["startTime"], told[session]["endTime"]
                elif session.startswith("opened-"):
                    start = int(session.removeprefix("opened-"))
                    end = max(event["time"] for event in group)
                else:
                    start, end = min(times), max(times)
                self.held[entry, session] = (start, end, group)
                for event in group:
                    self.session_of[event["id"]] = (session, start)

    def asked(self, question: Question, *names: str) -> list[Event]:
        """The events of these names that are asked about, by time."""
        found = []
        for event in self.events:
            if event["name"] not in names or event["entryId"] not in question.entries:
                continue
            session, start = self.session_of.get(event["id"], (None, event["time"]))
            if question.start <= start < question.end and (question.sessions is None or session in question.sessions):
                found.append(event)
        return sorted(found, key=lambda e: (e["time"], e["id"]))

    def entry(self, id: str) -> dict[str, Any]:
        return next(entry for entry in self.catalog["entries"] if entry["id"] == id)

    def person(self, id: str | None) -> dict[str, Any]:
        return next((person for person in self.catalog["people"] if person["id"] == id), {"id": id})

    def name(self, id: str | None) -> str:
        person = self.person(id)
        return " ".join(person[key] for key in ("firstName", "lastName") if person.get(key)) or id or ""

    def first_name(self, id: str) -> str | None:
        person = self.person(id)
        return person.get("firstName") if person.get("lastName") else self.name(id)

    def role(self, event: Event) -> str:
        session = self.session_of.get(event["id"])
        said = []
        if session:
            group = self.held[event["entryId"], session[0]][2]
            said = [e for e in group if e["userId"] == event["userId"] and e.get("role")]
        first = min(said, key=lambda e: (e["time"], e["id"]))["role"] if said else event.get("role")
        return first or self.person(event["userId"]).get("role") or ""


def iso(ms: int) -> str:
    return datetime.fromtimestamp(ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{ms % 1000:03}Z"


ENDS = (";", "\t", "\r", "\n")


def runs(text: str) -> bool:
    """Whether a cell that began so would be a formula: one that calls something, or begins as only a formula does."""
    if text[0] not in "=+-@":
        return False
    if text[0] == "=":
        return text[1:2] not in (">", ")", "=")
    cell = min((text.split(end, maxsplit=1)[0] for end in ENDS), key=len)
    for name, sign, after in zip(cell[1:], cell[2:], f"{cell[3:]} ", strict=False):
        called = sign in "(|" or (sign == "!" and (after.isalnum() or after in "'$_"))
        if called and (name.isalnum() or name in "_']"):
            return True
    return False


def safe(cell: Any) -> str:
    """As it stands in the file: a formula is none any more."""
    text = "" if cell is None else str(cell)
    for place in range(len(text) - 1, 0, -1):
        before = text[:place].rstrip('"')
        if before.endswith(ENDS) and runs(text[place:]):
            text = f"{text[:place]}'{text[place:]}"
    try:
        float(text)
    except ValueError:
        return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") and text else text
    return text


def group_chat_transcripts(world: World, question: Question) -> Rows:
    rows = []
    for event in world.asked(question, "groupMessageSent"):
        if question.users is not None and event["userId"] not in question.users:
            continue
        same = [
            e for e in world.events if e["entryId"] == event["entryId"] and e.get("messageId") == event["messageId"]
        ]
        likes = {e["userId"] for e in same if e["name"] == "messageLiked"}
        gone = any(e["name"] == "groupMessageDeleted" for e in same)
        person = world.person(event["userId"])
        who = [event["userId"], world.first_name(event["userId"]), person.get("lastName"), person.get("email")]
        what = [event["messageId"], iso(event["time"]), event.get("text"), event.get("repliedToMessageId")]
        rows.append([*who, world.role(event), *what, len(likes), str(gone).lower(), event.get("subContext")])
    return rows


def threads(world: World, question: Question, entry: str) -> dict[str, tuple[str, str | None]]:
    """Thread -> (state, owner), of those with anything asked about."""
    found: dict[str, tuple[str, str | None]] = {}
    for event in world.asked(question, "questionAnswerMessageSent", "questionAnswerThreadState"):
        if event["entryId"] != entry:
            continue
        state, owner = found.get(event["threadId"], ("pending", None))
        if event["name"] == "questionAnswerThreadState":
            state = event["state"]
            if event.get("moderatorId"):
                owner = event["moderatorId"]
            elif state == "pending":
                owner = None
            elif state == "owned" or (state in ("resolved", "done") and owner is None):
                owner = event["userId"]
        found[event["threadId"]] = (state, owner)
    return found


def chat_moderation(world: World, question: Question) -> Rows:
    rows = []
    for entry in question.entries:
        mine = world.asked(question, "questionAnswerMessageSent", "questionAnswerThreadState")
        mine = [event for event in mine if event["entryId"] == entry]
        if not mine:
            continue
        found = threads(world, question, entry)
        states = Counter(state for state, _owner in found.values())
        moderators = {owner for _state, owner in found.values()} | {event.get("moderatorId") for event in mine}
        sent = [event for event in mine if event["name"] == "questionAnswerMessageSent"]
        by = sum(e["userId"] in moderators or world.role(e) in ("host", "moderator") for e in sent)
        row = [entry, world.entry(entry)["name"], iso(max(event["time"] for event in mine))]
        row += [states[state] for state in ("pending", "owned", "resolved", "done", "blocked")]
        row += [len(sent) - by, by]
        for some in (("resolved", "done"), ("pending", "owned")):
            owners = Counter(world.person(o).get("email") or o for state, o in found.values() if o and state in some)
            row.append("; ".join(f"{o} ({n})" for o, n in sorted(owners.items(), key=lambda one: (-one[1], one[0]))))
        rows.append(row)
    return rows


def moderator_transcript(world: World, question: Question) -> Rows:
    rows = []
    for event in world.asked(question, "questionAnswerMessageSent"):
        if question.users is not None and event["userId"] not in question.users:
            continue
        entry, to = event["entryId"], event.get("recipientId")
        same = [e for e in world.events if e["entryId"] == entry and e.get("threadId") == event["threadId"]]
        opened = [e for e in same if e.get("newThread")]
        creator = min(opened, key=lambda e: (e["time"], e["id"]))["userId"] if opened else None
        labels = event.get("labels")
        rows.append(
            [
                *(entry, world.entry(entry)["name"], world.name(creator)),
                *(world.name(event["userId"]), world.person(event["userId"]).get("email")),
                *(world.name(to), world.person(to).get("email")),
                *(event.get("text"), iso(event["time"]), threads(world, question, entry)[event["threadId"]][0]),
                "; ".join(labels) if isinstance(labels, list) else labels,
            ]
        )
    return rows


def related(world: World, one: str, other: str) -> bool:
    first, second = world.person(one), world.person(other)
    if first.get("company") and second.get("company"):
        return str(first["company"]).strip().lower() == str(second["company"]).strip().lower()
    domains = [str(person.get("email") or "@").split("@")[-1].lower() for person in (first, second)]
    return domains[0] == domains[1] != ""


def chat_user_activity(world: World, question: Question) -> Rows:
    friends: dict[str, set[str]] = defaultdict(set)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for event in world.asked(question, "privateMessageSent", "privateChatConnectionRequestApproved"):
        one, other = event["userId"], event.get("recipientId")
        if other is None:
            continue
        if event["name"] == "privateMessageSent":
            kind = "internal" if related(world, one, other) else "external"
            counts[one][f"{kind} sent"] += 1
            counts[other][f"{kind} received"] += 1
        elif one != other:
            friends[one].add(other)
            friends[other].add(one)
    columns = ("internal received", "internal sent", "external received", "external sent")
    return [
        [user, world.person(user).get("email"), len(friends[user]), *(counts[user][column] for column in columns)]
        for user in friends.keys() | counts.keys()
        if question.users is None or user in question.users
    ]


def polls_activity(world: World, question: Question) -> Rows:
    votes: dict[tuple[str, str, str, str], Event] = {}
    for event in world.asked(question, "pollAnswered"):
        if event["id"] in world.session_of and (question.users is None or event["userId"] in question.users):
            session = world.session_of[event["id"]][0]
            votes[event["entryId"], session, event["pollId"], event["userId"]] = event
    rows = []
    for (entry, session, poll, user), vote in votes.items():
        group = world.held[entry, session][2]
        launches = [e for e in group if e["name"] == "pollLaunched" and e["pollId"] == poll]
        launch = min(launches, key=lambda e: (e["time"], e["id"])) if launches else {}
        texts = {str(option["id"]): option["text"] for option in launch.get("options", [])}
        chosen = [str(id) for id in vote.get("optionIds") or []]
        right = {str(option["id"]) for option in launch.get("options", []) if option.get("isCorrect")}
        planned = launch.get("schedulingTime")
        person = world.person(user)
        rows.append(
            [
                *(entry, poll, user, world.first_name(user), person.get("lastName"), person.get("email")),
                *(launch.get("question"), launch.get("type")),
                *("; ".join(texts.get(id, id) for id in chosen) or vote.get("text"), iso(vote["time"])),
                *(launch.get("visualType"), launch.get("visualIcon")),
                str(set(chosen) == right).lower() if right else None,
                *(launch.get("groupPollName"), launch.get("groupPollId"), launch.get("schedulingType")),
                iso(planned) if planned else None,
            ]
        )
    return rows


def _sessions(world: World, question: Question) -> list[tuple[str, str, int, int, list[Event]]]:
    rooms = {entry["id"] for entry in world.catalog["entries"] if entry["type"] in ("room", "breakout")}
    return [
        (entry, session, start, end, group)
        for (entry, session), (start, end, group) in world.held.items()
        if entry in question.entries & rooms and question.start <= start < question.end
        if question.sessions is None or session in question.sessions
    ]


def _rate(group: list[Event], engaged: int, watched: int) -> Any:
    if group and not any(event["name"] == "view" for event in group):
        return "not-reported"
    return engaged / watched if watched else None


def room_data(world: World, question: Question) -> Rows:
    rows = []
    for entry, session, start, end, group in _sessions(world, question):
        numbers = plain.session_numbers(group, end)
        watched = sum(len(person.watched) for person in numbers.people.values())
        engaged = sum(len(person.engaged) for person in numbers.people.values())
        host = next((s.get("hostId") for s in world.catalog["sessions"] if s["id"] == session), None)
        known = world.entry(entry)
        what = [entry, known["name"], known.get("parentEntryId"), session, start // 1000, end // 1000, host]
        rows.append([*what, len(numbers.viewers), _rate(group, engaged, watched)])
    return rows


def attendees_data(world: World, question: Question) -> Rows:
    rows = []
    for entry, session, _start, end, group in _sessions(world, question):
        for user, one in plain.session_numbers(group, end).people.items():
            if question.users is None or user in question.users:
                role = one.role or world.person(user).get("role")
                who = [user, world.name(user), world.person(user).get("email"), role]
                rate = _rate(group, len(one.engaged), len(one.watched))
                rows.append([entry, session, *who, len(one.watched) / 60, rate])
    return rows


def breakout_room_sessions(world: World, question: Question) -> Rows:
    rows = []
    for entry, name, parent, session, start, end, host, viewers, rate in room_data(world, question):
        if parent:
            of = world.entry(parent)["name"]
            rows.append([parent, of, entry, name, session, world.name(host), start, end])
            rows[-1] += [int(end) - int(start), viewers, rate]
    return rows


def rsvp(world: World, question: Question) -> Rows:
    rows = []
    for one in world.catalog["registrations"]:
        created = one.get("createdAt", time.time() * 1000)  # without a time: when it was imported
        if one["status"] in ("unregistered", "invited", "blocked") or not question.start <= created < question.end:
            continue
        if one.get("entryId") and one["entryId"] not in question.entries:
            continue
        if question.events is not None and one["virtualEventId"] not in question.events:
            continue
        if question.users is not None and one["personId"] not in question.users:
            continue
        person = world.person(one["personId"])
        names = [person.get("firstName"), person.get("lastName")]
        event = next(e for e in world.catalog["virtualEvents"] if e["id"] == one["virtualEventId"])
        media = world.entry(one["entryId"])["name"] if one.get("entryId") else event["name"]
        rows.append([one.get("entryId"), media, *(names if any(names) else [one["personId"], None])])
        rows[-1] += [person.get(key) for key in ("title", "company", "email", "country")]
        rows[-1] += [one.get("role") or person.get("role"), person.get("industry")]
    return rows


def texts(rows: Rows) -> list[list[str]]:
    """As they stand in the file, in any order."""
    return sorted([safe(cell) for cell in row] for row in rows)


EVERY = {
    "group-chat-transcripts": group_chat_transcripts,
    "chat-moderation": chat_moderation,
    "chat-user-activity": chat_user_activity,
    "moderator-transcript": moderator_transcript,
    "polls-activity": polls_activity,
    "room-data": room_data,
    "attendees-data": attendees_data,
    "breakout-room-sessions": breakout_room_sessions,
    "rsvp": rsvp,
}
