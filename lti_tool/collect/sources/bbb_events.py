"""``bbb-events``: a BigBlueButton recording, ``events.xml``.

Streamed, so that a file of any size costs little memory; document type declarations, and with them entities, are
refused. The person is the ``externalUserId``; the internal id is the connection. Presence comes from joins and leaves.
What BigBlueButton cannot know (focus, full screen, downloads, Q&A) is not reported.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from hashlib import blake2b
from typing import Any, BinaryIO
from xml.etree.ElementTree import Element, ParseError

import msgspec
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from lti_tool.collect.contract import EventError, Signal, parse
from lti_tool.collect.sources import Ignored, Incoming, Item, Rejected, SeenPerson, SeenRoom, SeenSession, Source

# Emoji and status names -> the contract's reactions; others keep their own name.
REACTIONS = {
    "applause": "Clap",
    "👏": "Clap",
    "heart": "Heart",
    "❤️": "Heart",
    "❤": "Heart",
    "confused": "Think",
    "🤔": "Think",
    "😮": "Wow",
    "😯": "Wow",
    "happy": "Smile",
    "😀": "Smile",
    "😃": "Smile",
    "😄": "Smile",
    "😁": "Smile",
    "🙂": "Smile",
    "😊": "Smile",
}
NOT_REACTIONS = frozenset({"none", "away", "raiseHand", "clear_status", ""})
STREAM_USER = re.compile(r"[wv]_[a-z0-9]+")

Fields = dict[str, str]
MadeEvent = tuple[str, str, dict[str, Any]]  # name, internal user id, further fields
Made = Iterator[MadeEvent]


class Recording:
    """What has to be remembered while the file streams by."""

    def __init__(self, meeting_id: str, room: str | None) -> None:
        self.meeting_id = meeting_id
        created = meeting_id.rpartition("-")[2]
        self.created_ms = int(created) if created.isdigit() else None
        self.room = room
        self.name = ""
        self.breakout = False
        self.first_timestamp: int | None = None
        self.start_ms: int | None = None
        self.end_ms = 0
        self.external: dict[str, str] = {}
        self.presenter: str | None = None
        self.moderator: str | None = None
        self.files: dict[str, str] = {}
        self.votes: dict[str, dict[str, list[Fields]]] = {}
        self.open_polls: set[str] = set()
        self.seen: Counter[bytes] = Counter()

    def time_of(self, attributes: dict[str, str], fields: Fields) -> int:
        """Absolute time: the event's own UTC time, else creation plus the monotonic distance. Raises ValueError."""
        stamp = int(attributes["timestamp"])
        if self.first_timestamp is None:
            self.first_timestamp = stamp
        utc = fields.get("timestampUTC", "")
        if utc.isdigit():
            return int(utc)
        if self.created_ms is None:
            raise ValueError("no timestampUTC, and the meeting id holds no creation time")
        return self.created_ms + stamp - self.first_timestamp

    def person(self, internal: str) -> str:
        """The outside id of an internal one; who never joined (telephone) keeps the internal id."""
        return self.external.get(internal, internal)

    def speaker(self) -> str:
        """Who presents: on whose behalf slides and polls are shown."""
        return self.presenter or self.moderator or next(iter(self.external), "presenter")


def _read(file: BinaryIO, room: str | None) -> Iterator[Item]:
    recording: Recording | None = None
    number = 0
    people: dict[str, SeenPerson] = {}
    try:
        for action, element in iterparse(file, events=("start", "end"), forbid_dtd=True):
            if recording is None:
                if element.tag != "recording" or not element.get("meeting_id"):
                    yield Rejected(1, "not a BigBlueButton recording: no <recording meeting_id=…>")
                    return
                recording, root = Recording(element.get("meeting_id"), room), element
            elif action == "end" and element.tag == "meeting":
                recording.room = room or element.get("externalId")
                recording.name = element.get("name") or ""
                recording.breakout = element.get("breakout") == "true"
            elif action == "end" and element.tag == "event":
                number += 1
                if recording.room is None:
                    yield Rejected(number, "the file names no room: use --room")
                    return
                yield from _event(recording, element, number, people)
                root.clear()
    except ParseError as error:
        if recording:
            recording.open_polls.clear()  # an answer may be half there, and the whole file would not replace it
        yield Rejected(error.position[0], f"the XML is broken here: {error.msg if hasattr(error, 'msg') else error}")
    except DefusedXmlException:
        yield Rejected(1, "document type declarations and entities are not allowed")
    if recording is not None and recording.end_ms:
        yield from _rest(recording, number, people)
    elif recording is not None:
        yield Rejected(1, "the recording holds no events that can be used")


def _event(recording: Recording, element: Element, number: int, people: dict[str, SeenPerson]) -> Iterator[Item]:
    fields = {child.tag: (child.text or "").strip() for child in element}
    kind = (element.get("module", ""), element.get("eventname", ""))
    try:
        time_ms = recording.time_of(dict(element.attrib), fields)
        fields["@time"] = str(time_ms)
        make = EVENTS.get(kind)
        made = list(make(recording, fields)) if make else []
    except (ValueError, KeyError) as error:
        yield Rejected(number, f"{kind[0]} {kind[1]}: {_reason(error)}")
        return
    recording.start_ms = time_ms if recording.start_ms is None else min(recording.start_ms, time_ms)
    recording.end_ms = max(recording.end_ms, time_ms)
    if kind[1] in ("ParticipantJoinEvent", "ParticipantJoinedEvent"):
        _remember_person(recording, kind, fields, people)
    for one in made:
        yield _incoming(recording, number, time_ms, one)
    if not made:
        yield Ignored(number)


def _reason(error: Exception) -> str:
    return f"no {error.args[0]}" if isinstance(error, KeyError) else str(error)


def _remember_person(
    recording: Recording, kind: tuple[str, str], fields: Fields, people: dict[str, SeenPerson]
) -> None:
    if kind[0] == "PARTICIPANT":
        person = recording.person(fields["userId"])
        role = "moderator" if fields.get("role") == "MODERATOR" else "viewer"
        people.setdefault(person, SeenPerson(person, fields.get("name"), role))
    elif fields.get("participant", "").startswith("v_"):
        person = recording.person(fields["participant"])
        people.setdefault(person, SeenPerson(person, fields.get("callername"), "viewer"))


def _incoming(recording: Recording, number: int, time_ms: int, made: MadeEvent) -> Incoming | Rejected:
    """An event in the contract's form. Its id is a digest of what it says, so that a file read again adds nothing."""
    name, internal, more = made
    body: dict[str, Any] = {
        "name": name,
        "time": time_ms,
        "entryId": recording.room,
        "sessionId": recording.meeting_id,
        "userId": recording.person(internal),
        **more,
    }
    text = json.dumps([recording.meeting_id, internal, body], sort_keys=True)
    same = blake2b(text.encode(), digest_size=16).digest()  # not the text: a long recording has many
    recording.seen[same] += 1
    digest = blake2b(f"{text}{recording.seen[same]}".encode(), digest_size=16).hexdigest()
    encoded = msgspec.json.encode({"id": f"bbb-{digest}", **body})
    try:
        event = parse(encoded)
    except EventError as error:
        return Rejected(number, f"{name}: {error}")
    return Incoming(number, event.id, event.entry_id, int(event.time), encoded.decode())


def _rest(recording: Recording, number: int, people: dict[str, SeenPerson]) -> Iterator[Item]:
    """What is known at the end of the file: polls still open, the people, the room and its session."""
    for poll in sorted(recording.open_polls):
        for one in _answers(recording, poll):
            yield _incoming(recording, number, recording.end_ms, one)
    yield SeenRoom(str(recording.room), recording.name or str(recording.room), recording.breakout)
    start = recording.created_ms or recording.start_ms or 0
    yield SeenSession(
        recording.meeting_id,
        str(recording.room),
        recording.name,
        min(start, recording.end_ms),
        recording.end_ms,
        recording.moderator,
    )
    yield from people.values()


# One function per kind of event: recording and fields in, contract events out.


def _joined(recording: Recording, fields: Fields) -> Made:
    internal = fields["userId"]
    recording.external[internal] = fields.get("externalUserId") or internal
    moderator = fields.get("role") == "MODERATOR"
    if moderator and recording.moderator is None:
        recording.moderator = recording.external[internal]
    role = "moderator" if moderator else "viewer"
    yield "joinSession", internal, {"connectionId": internal, "role": role}


def _left(_recording: Recording, fields: Fields) -> Made:
    yield "leaveSession", fields["userId"], {"connectionId": fields["userId"]}


def _voice_joined(recording: Recording, fields: Fields) -> Made:
    internal = fields["participant"]
    if internal.startswith("v_") and internal not in recording.external:
        yield "joinSession", internal, {"connectionId": internal, "role": "viewer"}
    if fields.get("muted") == "false" and not fields.get("callername", "").startswith("LISTENONLY-"):
        yield "micOn", internal, {}


def _voice_left(recording: Recording, fields: Fields) -> Made:
    internal = fields["participant"]
    if internal.startswith("v_") and internal not in recording.external:
        yield "leaveSession", internal, {"connectionId": internal}
    yield "micOff", internal, {}
    yield "talkStopped", internal, {}


def _talking(_recording: Recording, fields: Fields) -> Made:
    yield "talkStarted" if fields["talking"] == "true" else "talkStopped", fields["participant"], {}


def _muted(_recording: Recording, fields: Fields) -> Made:
    yield "micOff" if fields["muted"] == "true" else "micOn", fields["participant"], {}


def _status(_recording: Recording, fields: Fields) -> Made:
    status, value = fields["status"], fields.get("value", "")
    user = fields["userId"]
    if (status, value) in (("emojiStatus", "raiseHand"), ("raiseHand", "true")):
        yield "raiseHand", user, {}
    elif status in ("emojiStatus", "reactionEmoji") and value not in NOT_REACTIONS:
        yield "reactionClicked", user, {"reaction": REACTIONS.get(value, value)[:64]}
    elif status == "hasStream":
        yield "cameraOn" if value.startswith("true") else "cameraOff", user, {}


def _presenter(recording: Recording, fields: Fields) -> Made:
    recording.presenter = fields.get("userid") or fields.get("userId") or recording.presenter
    yield from ()


def _chat(recording: Recording, fields: Fields) -> Made:
    message = {"text": fields.get("message", "")}
    for key in ("id", "messageId"):
        if fields.get(key):
            message["messageId"] = fields[key]
    if fields.get("replyToMessageId"):
        message["repliedToMessageId"] = fields["replyToMessageId"]
    yield "groupMessageSent", fields.get("senderId") or fields["userId"], message


def _poll_started(recording: Recording, fields: Fields) -> Made:
    poll = fields["pollId"]
    recording.open_polls.add(poll)
    options = [
        {"id": str(option["id"]), "text": str(option["key"])} for option in json.loads(fields["answers"] or "[]")
    ]
    multiple = fields.get("multipleResponse", fields.get("isMultipleResponse", "")) == "true"
    kind = "open" if fields.get("type", "").startswith("R-") else "multiple" if multiple else "single"
    more = {"pollId": poll, "question": fields.get("question", ""), "type": kind, "options": options}
    yield "pollLaunched", fields.get("userId") or recording.speaker(), more


def _poll_answer(recording: Recording, fields: Fields) -> Made:
    if fields.get("userId"):  # a secret poll names nobody
        recording.votes.setdefault(fields["pollId"], {}).setdefault(fields["userId"], []).append(fields)
        recording.open_polls.add(fields["pollId"])
    yield from ()


def _poll_stopped(recording: Recording, fields: Fields) -> Made:
    if fields["pollId"] in recording.open_polls:
        yield from _answers(recording, fields["pollId"])
        yield "pollEnded", recording.speaker(), {"pollId": fields["pollId"]}
        recording.open_polls.discard(fields["pollId"])


def _answers(recording: Recording, poll: str) -> Made:
    """One answer a person: BigBlueButton writes one event per option that was chosen."""
    for internal, chosen in recording.votes.get(poll, {}).items():
        more: dict[str, Any] = {
            "time": max(int(c["@time"]) for c in chosen),
            "pollId": poll,
            "optionIds": list(dict.fromkeys(c["answerId"] for c in chosen)),
        }
        if any(c.get("answer") for c in chosen):
            more["text"] = "; ".join(dict.fromkeys(c["answer"] for c in chosen if c.get("answer")))
        yield "pollAnswered", internal, more


def _uploaded(recording: Recording, fields: Fields) -> Made:
    recording.files[fields["presentationName"]] = fields.get("originalFilename", "")
    yield from ()


def _slide(recording: Recording, fields: Fields) -> Made:
    media = fields.get("presentationName") or fields["id"].rpartition("/")[0]
    page = int(fields["slide"]) + 1 if fields.get("slide", "").isdigit() else None
    more = {"mediaId": media, "title": recording.files.get(media) or media, "kind": "slides", "page": page}
    yield "mediaPresented", recording.speaker(), more


def _video_started(recording: Recording, fields: Fields) -> Made:
    url = fields.get("externalVideoUrl", "")
    yield "mediaPresented", recording.speaker(), {"mediaId": url[:255] or "video", "title": url, "kind": "video"}


def _video_stopped(recording: Recording, _fields: Fields) -> Made:
    yield "mediaRemoved", recording.speaker(), {"kind": "video"}


def _camera(name: str) -> Callable[[Recording, Fields], Made]:
    def made(_recording: Recording, fields: Fields) -> Made:
        if match := STREAM_USER.search(fields.get("stream", "")):
            yield name, match[0], {}

    return made


def _share(name: str) -> Callable[[Recording, Fields], Made]:
    def made(recording: Recording, _fields: Fields) -> Made:
        yield name, recording.speaker(), {}

    return made


EVENTS: dict[tuple[str, str], Callable[[Recording, Fields], Made]] = {
    ("PARTICIPANT", "ParticipantJoinEvent"): _joined,
    ("PARTICIPANT", "ParticipantLeftEvent"): _left,
    ("PARTICIPANT", "ParticipantStatusChangeEvent"): _status,
    ("PARTICIPANT", "AssignPresenterEvent"): _presenter,
    ("VOICE", "ParticipantJoinedEvent"): _voice_joined,
    ("VOICE", "ParticipantLeftEvent"): _voice_left,
    ("VOICE", "ParticipantTalkingEvent"): _talking,
    ("VOICE", "ParticipantMutedEvent"): _muted,
    ("CHAT", "PublicChatEvent"): _chat,
    ("POLL", "PollStartedRecordEvent"): _poll_started,
    ("POLL", "UserRespondedToPollRecordEvent"): _poll_answer,
    ("POLL", "PollStoppedRecordEvent"): _poll_stopped,
    ("POLL", "PollPublishedRecordEvent"): _poll_stopped,
    ("PRESENTATION", "ConversionCompletedEvent"): _uploaded,
    ("PRESENTATION", "GotoSlideEvent"): _slide,
    ("EXTERNAL-VIDEO", "StartExternalVideo"): _video_started,
    ("EXTERNAL-VIDEO", "StopExternalVideo"): _video_stopped,
    ("WEBCAM", "StartWebcamShareEvent"): _camera("cameraOn"),
    ("WEBCAM", "StopWebcamShareEvent"): _camera("cameraOff"),
    ("Deskshare", "DeskShareStartRTMP"): _share("screenShareStarted"),
    ("Deskshare", "DeskShareStopRTMP"): _share("screenShareStopped"),
    ("Deskshare", "StartWebRTCDesktopShareEvent"): _share("screenShareStarted"),
    ("Deskshare", "StopWebRTCDesktopShareEvent"): _share("screenShareStopped"),
}


def _recognises(head: bytes) -> bool:
    return head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<") and (b"<recording" in head or b"<?xml" in head)


SOURCE = Source(
    name="bbb-events",
    recognises=_recognises,
    read=_read,
    reports=frozenset({Signal.REACTIONS, Signal.RAISED_HANDS, Signal.CHAT, Signal.POLLS}),
)
