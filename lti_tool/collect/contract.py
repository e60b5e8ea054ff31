"""The event contract: what a room event looks like, whatever source it comes from.

Each event name is a class; its fields are the contract's, with their types, so that decoding is checking. Times are
epoch milliseconds inside. ``parse`` is the only way in for JSON lines.
"""

from __future__ import annotations

import functools
import operator
import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta, Struct

MAX_LINE = 1024 * 1024
# 1970-01-02, because a heartbeat reaches back by up to a day, to 2100: span sets count seconds in 32 bits.
EARLIEST, LATEST = 86_400_000, 4_102_444_800_000

Id = Annotated[str, Meta(min_length=1, max_length=255)]
Seconds = Annotated[float, Meta(ge=0, le=86_400)]
Position = Annotated[float, Meta(ge=0, le=31_536_000)]
Text = Annotated[str, Meta(max_length=100_000)]
Word = Annotated[str, Meta(max_length=64)]
Country = Annotated[str, Meta(pattern=r"^([A-Za-z]{2})?\Z")]


class Signal(StrEnum):
    """What a source can or cannot report. A signal nobody reports reads 'not reported', never 0."""

    ENGAGEMENT = "engagement"
    REACTIONS = "reactions"
    RAISED_HANDS = "raised_hands"
    CHAT = "chat"
    QUESTIONS = "questions"
    POLLS = "polls"
    ATTACHMENTS = "attachments"


class EventError(ValueError):
    """A line that is not an event; the message is the reason, for whoever sent it."""


class RoomEvent(Struct, tag_field="name", kw_only=True, rename="camel"):
    """What all events have. ``in_session``: belongs to a session; ``opens``: may open one."""

    in_session: ClassVar[bool] = True
    opens: ClassVar[bool] = False

    id: Id
    time: int | str
    entry_id: Id
    user_id: Id
    session_id: Id | None = None
    country: Country | None = None
    device: Word | None = None
    operating_system: Word | None = None
    browser: Word | None = None
    role: Annotated[str, Meta(max_length=32)] | None = None


class Join(RoomEvent, tag="joinSession"):
    opens: ClassVar[bool] = True
    connection_id: Id | None = None


class Leave(RoomEvent, tag="leaveSession"):
    connection_id: Id | None = None


class View(RoomEvent, tag="view"):
    """A heartbeat of a room or live player, or a watched span of a recording (``playbackType`` ``vod``)."""

    playback_type: Literal["meeting", "live", "vod"] = "meeting"
    seconds: Seconds | None = None
    tab_focused: bool = False
    sound_on: bool = False
    full_screen: bool = False
    camera_on: bool = False
    mic_on: bool = False
    on_stage: bool = False
    play_id: Id | None = None
    from_position: Position | None = None
    to_position: Position | None = None

    @property
    def engaged(self) -> bool:
        """Room: tab focused or full screen or camera on or on stage. Live player: sound on and tab focused."""
        if self.playback_type == "live":
            return self.sound_on and self.tab_focused
        return self.tab_focused or self.full_screen or self.camera_on or self.on_stage


class Impression(RoomEvent, tag="playerImpression"):
    in_session: ClassVar[bool] = False


class Play(RoomEvent, tag="play"):
    in_session: ClassVar[bool] = False
    play_id: Id | None = None


class RaiseHand(RoomEvent, tag="raiseHand"):
    pass


class ReactionClicked(RoomEvent, tag="reactionClicked"):
    reaction: Annotated[str, Meta(min_length=1, max_length=64)]


class LoggedIn(RoomEvent, tag="loggedIn"):
    pass


class GroupMessage(RoomEvent, tag="groupMessageSent"):
    message_id: Id | None = None
    text: Text | None = None
    replied_to_message_id: Id | None = None
    sub_context: str | None = None


class MessageLiked(RoomEvent, tag="messageLiked"):
    message_id: Id | None = None


class MessageDeleted(RoomEvent, tag="groupMessageDeleted"):
    message_id: Id | None = None


class PrivateMessage(RoomEvent, tag="privateMessageSent"):
    message_id: Id | None = None
    recipient_id: Id | None = None
    text: Text | None = None


class PrivateChatApproved(RoomEvent, tag="privateChatConnectionRequestApproved"):
    recipient_id: Id | None = None


class QuestionMessage(RoomEvent, tag="questionAnswerMessageSent"):
    thread_id: Id | None = None
    message_id: Id | None = None
    new_thread: bool = False
    text: Text | None = None
    recipient_id: Id | None = None
    labels: list[str] | str | None = None


class ThreadState(RoomEvent, tag="questionAnswerThreadState"):
    thread_id: Id | None = None
    state: Literal["pending", "owned", "resolved", "done", "blocked"] | None = None
    moderator_id: Id | None = None


class PollOption(Struct, kw_only=True, rename="camel"):
    id: Id | int
    text: Text = ""
    is_correct: bool | None = None


class PollLaunched(RoomEvent, tag="pollLaunched"):
    poll_id: Id
    question: Text = ""
    type: Literal["single", "multiple", "open", "quiz", "ratingScale", "crowdVote"] = "single"
    options: list[PollOption] = []
    visual_type: str | None = None
    visual_icon: str | None = None
    group_poll_id: str | None = None
    group_poll_name: str | None = None
    scheduling_type: str | None = None
    scheduling_time: int | str | None = None


class PollAnswered(RoomEvent, tag="pollAnswered"):
    poll_id: Id
    option_ids: list[Id | int] | None = None
    text: Text | None = None


class PollEnded(RoomEvent, tag="pollEnded"):
    poll_id: Id


class Download(RoomEvent, tag="downloadAttachmentClicked"):
    attachment_id: Id | None = None


class StageJoined(RoomEvent, tag="stageJoined"):
    pass


class StageLeft(RoomEvent, tag="stageLeft"):
    pass


class MicOn(RoomEvent, tag="micOn"):
    pass


class MicOff(RoomEvent, tag="micOff"):
    pass


class CameraOn(RoomEvent, tag="cameraOn"):
    pass


class CameraOff(RoomEvent, tag="cameraOff"):
    pass


class ScreenShareStarted(RoomEvent, tag="screenShareStarted"):
    pass


class ScreenShareStopped(RoomEvent, tag="screenShareStopped"):
    pass


class TalkStarted(RoomEvent, tag="talkStarted"):
    pass


class TalkStopped(RoomEvent, tag="talkStopped"):
    pass


class MediaPresented(RoomEvent, tag="mediaPresented"):
    media_id: Id | None = None
    title: Text | None = None
    kind: Literal["slides", "screen", "video", "whiteboard", "file"] | None = None
    page: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None


class MediaRemoved(RoomEvent, tag="mediaRemoved"):
    media_id: Id | None = None
    title: Text | None = None
    kind: str | None = None
    page: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None


class NotUnderstoodEvent(Struct, kw_only=True, rename="camel"):
    """An event whose name we do not know: stored and counted, never an error."""

    in_session: ClassVar[bool] = False
    opens: ClassVar[bool] = False

    name: Annotated[str, Meta(min_length=1, max_length=255)]
    id: Id
    time: int | str
    entry_id: Id
    user_id: Id


KNOWN: tuple[type[RoomEvent], ...] = (
    Join,
    Leave,
    View,
    Impression,
    Play,
    RaiseHand,
    ReactionClicked,
    LoggedIn,
    GroupMessage,
    MessageLiked,
    MessageDeleted,
    PrivateMessage,
    PrivateChatApproved,
    QuestionMessage,
    ThreadState,
    PollLaunched,
    PollAnswered,
    PollEnded,
    Download,
    StageJoined,
    StageLeft,
    MicOn,
    MicOff,
    CameraOn,
    CameraOff,
    ScreenShareStarted,
    ScreenShareStopped,
    TalkStarted,
    TalkStopped,
    MediaPresented,
    MediaRemoved,
)
NAMES = frozenset(str(kind.__struct_config__.tag) for kind in KNOWN)

_decode_known = msgspec.json.Decoder(functools.reduce(operator.or_, KNOWN)).decode
_decode_other = msgspec.json.Decoder(NotUnderstoodEvent).decode
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def belongs_to_session(event: RoomEvent | NotUnderstoodEvent) -> bool:
    """Everything but playback of recordings and what we do not understand."""
    return event.in_session and not (type(event) is View and event.playback_type == "vod")


def may_open_session(event: RoomEvent | NotUnderstoodEvent) -> bool:
    """Joins and live or meeting heartbeats; nothing else opens a session."""
    return event.opens or (type(event) is View and event.playback_type != "vod")


def parse(line: bytes) -> RoomEvent | NotUnderstoodEvent:
    """An event from its JSON text, ``time`` in epoch milliseconds. Raises ``EventError`` with the reason."""
    if len(line) > MAX_LINE:
        raise EventError("longer than 1 MB")
    if b"\\u0000" in line:
        raise EventError("holds a NUL character")
    try:
        event: RoomEvent | NotUnderstoodEvent = _decode_known(line)
    except msgspec.ValidationError as error:
        event = _not_understood(line, error)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise EventError(f"not a JSON object in UTF-8: {error}") from error
    time = event.time
    if type(time) is not int or not EARLIEST <= time < LATEST:
        event.time = time_ms(time)
    return event


def stored(body: str) -> RoomEvent | NotUnderstoodEvent:
    """A stored event. What an older version of the contract let in and this one refuses is not understood."""
    line = body.encode()
    try:
        return parse(line)
    except EventError:
        return _decode_other(line)


def _not_understood(line: bytes, error: msgspec.ValidationError) -> NotUnderstoodEvent:
    """The event, if only its name is new to us; else its first fault."""
    try:
        event: NotUnderstoodEvent = _decode_other(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise EventError(_readable(fault)) from error
    if event.name in NAMES:
        raise EventError(_readable(error)) from error
    return event


def _readable(error: Exception) -> str:
    return re.sub(r" - at `\$\.?(.+?)`$", r" (field \1)", str(error)).replace("`", "'")


def time_ms(text: Any) -> int:
    """Epoch milliseconds of an integer or an ISO 8601 text with a zone, 1970 to 2100. Raises ``EventError``."""
    time = text if type(text) is int else _moment(text)
    if not EARLIEST <= time < LATEST:
        raise EventError("time is outside 1970 to 2100 (milliseconds since the epoch are expected)")
    return time


def _moment(text: Any) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise EventError("time is neither milliseconds since the epoch nor ISO 8601") from error
    if moment.tzinfo is None:
        raise EventError("time has no zone")
    return (moment - _EPOCH) // _MILLISECOND
