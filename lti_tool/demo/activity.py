"""What the people of a demo session do beside being there: reactions, chat, polls, questions, the stage, slides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from lti_tool.demo.lessons import CHAT, REACTIONS, DemoPoll
from lti_tool.demo.people import DemoPerson
from lti_tool.demo.sessions import MINUTE, SECOND, DemoSession, Visit

Events = Iterator[dict[str, Any]]


def moments(session: DemoSession) -> list[int]:
    """When something happens: the polls, and a few scenes people react to."""
    rng = session.random("moments")
    count = 3 + session.seconds // 1500
    step = (session.until_ms - session.start_ms) // (count + 1)
    return [session.start_ms + step * number + rng.randint(-60, 60) * SECOND for number in range(1, count + 1)]


class Room:
    """Who is in the room at a time. Only somebody who is there can do something."""

    def __init__(self, session: DemoSession, attended: Sequence[Visit]) -> None:
        self.session = session
        self.visits = [visit for visit in attended if not visit.second_device]
        self.start, self.end = session.start_ms, session.until_ms

    def part(self, number: int, of: int) -> int:
        """When ``number`` of ``of`` equal parts of the session are over."""
        return self.start + (self.end - self.start) * number // of

    def at(self, time_ms: int) -> list[DemoPerson]:
        """The people there at a time, without the host, each once."""
        there = {v.person.id: v.person for v in self.visits if v.start_ms < time_ms < v.end_ms}
        return [person for id, person in there.items() if id != self.session.host.id]

    def talker(self, time_ms: int, rng: Random) -> DemoPerson | None:
        """One of them, if anybody is there, the talkative more often."""
        there = self.at(time_ms)
        return rng.choices(there, [0.1 + each.chattiness for each in there])[0] if there else None

    def some(self, time_ms: int, share: float, rng: Random) -> list[DemoPerson]:
        """About ``share`` of them, the talkative more often."""
        return [each for each in self.at(time_ms) if rng.random() < share * (0.6 + each.chattiness)]


def reactions(room: Room, peaks: Sequence[int]) -> Events:
    """Clusters of reactions after each peak, and a raised hand now and then."""
    rng = room.session.random("reactions")
    kinds, weights = [kind for kind, _ in REACTIONS], [weight for _, weight in REACTIONS]
    for peak in peaks:
        favourite = rng.choice(kinds)
        for person in room.some(peak, 0.45, rng):
            for _ in range(rng.choice((1, 1, 1, 2, 3))):
                kind = favourite if rng.random() < 0.6 else rng.choices(kinds, weights)[0]
                time_ms = peak + int(abs(rng.gauss(0, 25)) * SECOND)
                if time_ms < room.end:
                    yield room.session.event("reactionClicked", time_ms, person, reaction=kind)
        for person in room.some(peak, 0.08, rng):
            yield room.session.event("raiseHand", peak - rng.randint(5, 50) * SECOND, person)


def chat(room: Room) -> Events:
    """Log-ins of nearly everybody, lines, replies, likes, a deletion and private words."""
    session, rng = room.session, room.session.random("chat")
    seen: set[str] = set()
    for visit in room.visits:
        if visit.person.id not in seen:
            yield session.event("loggedIn", visit.start_ms + rng.randint(3, 30) * SECOND, visit.person)
        seen.add(visit.person.id)
    sent: list[tuple[str, DemoPerson]] = []
    lines = max(4, len(seen) * session.seconds // 3600)
    for number in range(lines):
        time_ms = room.start + int(session.seconds * SECOND * (number + rng.random()) / lines)
        person = room.talker(time_ms, rng)
        if person is None:
            continue
        fields = {"messageId": f"{session.id}-m{number}", "text": CHAT[number % len(CHAT)]}
        if sent and rng.random() < 0.2:
            fields["repliedToMessageId"] = rng.choice(sent)[0]
        yield session.event("groupMessageSent", time_ms, person, **fields)
        sent.append((fields["messageId"], person))
        for fan in room.some(time_ms, 0.05, rng):
            yield session.event("messageLiked", time_ms + 8 * SECOND, fan, messageId=fields["messageId"])
    if len(sent) > 6:
        message, author = sent[3]
        yield session.event("groupMessageDeleted", room.end - 2 * MINUTE, author, messageId=message)
    yield from _private(room, rng)


def _private(room: Room, rng: Random) -> Events:
    middle = room.part(1, 2)
    there = room.at(middle)
    for number in range(min(2, len(there) // 5)):
        one, other = rng.sample(there, 2)
        time_ms = middle + number * MINUTE
        words = {"messageId": f"{room.session.id}-p{number}", "text": "Shall we do the exercise together?"}
        yield room.session.event("privateChatConnectionRequestApproved", time_ms, one, recipientId=other.id)
        yield room.session.event("privateMessageSent", time_ms + 20 * SECOND, one, recipientId=other.id, **words)


def questions(room: Room, asked: Sequence[tuple[str, str]]) -> Events:
    """Q&A threads: asked by a participant, taken and answered by the host. The last may stay open."""
    session, host, rng = room.session, room.session.host, room.session.random("questions")
    for number, (question, answer) in enumerate(asked):
        time_ms = room.part(number + 1, len(asked) + 2)
        person = room.talker(time_ms, rng)
        if person is None:
            continue
        thread = f"{session.id}-q{number}"
        opening: dict[str, Any] = {"messageId": f"{thread}-1", "newThread": True, "text": question}
        reply = {"messageId": f"{thread}-2", "newThread": False, "text": answer, "recipientId": person.id}
        steps: list[tuple[int, str, DemoPerson, dict[str, Any]]] = [
            (0, "questionAnswerMessageSent", person, opening),
            (1, "questionAnswerThreadState", host, {"state": "pending", "moderatorId": host.id}),
            (70, "questionAnswerThreadState", host, {"state": "owned", "moderatorId": host.id}),
            (100, "questionAnswerMessageSent", host, reply),
            (110, "questionAnswerThreadState", host, {"state": "resolved", "moderatorId": host.id}),
        ]
        answered = not (number and rng.random() < 0.2)
        for seconds, name, who, fields in steps if answered else steps[:2]:
            yield session.event(name, time_ms + seconds * SECOND, who, threadId=thread, **fields)


def polls(room: Room, asked: Sequence[DemoPoll]) -> Events:
    """Each poll is open for two minutes; most answer, some think again."""
    session, rng = room.session, room.session.random("polls")
    for number, poll in enumerate(asked):
        time_ms = room.part(2 * number + 1, 2 * len(asked) + 1) + 4 * MINUTE
        poll_id = f"{session.id}-poll{number}"
        options: list[dict[str, Any]] = [
            {"id": f"{poll_id}-{index}", "text": text} for index, text in enumerate(poll.options)
        ]
        if poll.correct is not None:
            options = [{**option, "isCorrect": at == poll.correct} for at, option in enumerate(options)]
        launch: dict[str, Any] = {"pollId": poll_id, "question": poll.question, "type": poll.type, "options": options}
        if poll.visual:
            launch |= {"visualType": "icons", "visualIcon": poll.visual}
        yield session.event("pollLaunched", time_ms, session.host, **launch)
        for person in room.at(time_ms):
            if rng.random() > 0.55 + 0.4 * person.attention:
                continue
            delay = rng.randint(6, 90)
            for again in range(2 if rng.random() < 0.06 else 1):
                answer = _answer(poll, poll_id, rng)
                when = time_ms + (delay + 20 * again) * SECOND
                yield session.event("pollAnswered", when, person, pollId=poll_id, **answer)
        yield session.event("pollEnded", time_ms + 2 * MINUTE, session.host, pollId=poll_id)


def _answer(poll: DemoPoll, poll_id: str, rng: Random) -> dict[str, Any]:
    if poll.type == "open":
        return {"text": rng.choice(poll.answers)}
    chosen = {rng.choices(range(len(poll.options)), poll.leaning)[0]}
    if poll.type == "multiple":
        chosen |= {rng.randrange(len(poll.options)) for _ in range(rng.choice((0, 1, 1)))}
    return {"optionIds": [f"{poll_id}-{index}" for index in sorted(chosen)]}


def stage(room: Room) -> Events:
    """The host is on stage throughout; a few others speak for a minute or two."""
    session, host, rng = room.session, room.session.host, room.session.random("stage")
    for on, off in (("stageJoined", "stageLeft"), ("cameraOn", "cameraOff"), ("micOn", "micOff")):
        yield session.event(on, room.start, host)
        if session.end_ms is not None:
            yield session.event(off, room.end, host)
    yield session.event("screenShareStarted", room.start + 12 * MINUTE, host)
    yield session.event("screenShareStopped", room.start + 17 * MINUTE, host)
    time_ms = room.start + 2 * MINUTE
    while time_ms < room.end - 6 * MINUTE:
        talk = rng.randint(60, 240) * SECOND
        yield session.event("talkStarted", time_ms, host)
        yield session.event("talkStopped", time_ms + talk, host)
        time_ms += talk + rng.randint(10, 120) * SECOND
    for number in range(3):
        time_ms = room.part(number + 1, 4)
        there = room.some(time_ms, 0.5, rng)
        if there:
            yield from _guest(room, there[0], time_ms, rng.randint(45, 150) * SECOND)


def _guest(room: Room, person: DemoPerson, start: int, length: int) -> Events:
    for offset, on, off in ((0, "stageJoined", "stageLeft"), (2, "micOn", "micOff"), (4, "talkStarted", "talkStopped")):
        yield room.session.event(on, start + offset * SECOND, person)
        yield room.session.event(off, start + length - offset * SECOND, person)


def slides(room: Room, title: str, pages: int) -> Events:
    """The pages of a set of slides, one after the other."""
    session, step = room.session, (room.end - room.start - 6 * MINUTE) // pages
    for page in range(1, pages + 1):
        shown = {"mediaId": f"{session.id}-slides", "title": title, "kind": "slides", "page": page}
        yield session.event("mediaPresented", room.start + 3 * MINUTE + (page - 1) * step, session.host, **shown)
        yield session.event("mediaRemoved", room.start + 3 * MINUTE + page * step, session.host, **shown)


def downloads(room: Room, attachments: Sequence[str]) -> Events:
    """Some take the files that the room offers."""
    rng = room.session.random("downloads")
    for attachment in attachments:
        time_ms = room.start + rng.randint(3, 25) * MINUTE
        for person in room.some(time_ms, 0.4, rng):
            when = time_ms + rng.randint(0, 120) * SECOND
            yield room.session.event("downloadAttachmentClicked", when, person, attachmentId=attachment)
