"""The catalogue of metrics: every number that any page, file or API shows has its one formula here.

A formula works on ``Numbers``: the sums and counts of whatever is asked about, a session, several, or one person in
one. It returns nothing where there is nobody to divide by. Names are those of Kaltura's report API where it has one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _

EVERYTHING = frozenset({"engagement", "reactions", "raised_hands", "chat", "questions", "polls", "attachments"})


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """Sums and counts that formulas take. Seconds are clock seconds; people are distinct.

    ``reported`` names the signals that the sources carry; of the others every count here is 0 and means nothing.
    """

    reported: frozenset[str] = EVERYTHING
    live_viewers: int = 0
    recording_viewers: int = 0
    viewers: int = 0
    watched_seconds: int = 0
    rated_seconds: int = 0
    engaged_seconds: int = 0
    recording_seconds: float = 0
    logged_in: int = 0
    reactions: int = 0
    reaction_people: int = 0
    chat_messages: int = 0
    chat_people: int = 0
    polls: int = 0
    polls_answered: int = 0
    poll_people: int = 0
    threads: int = 0
    thread_people: int = 0
    downloads: int = 0
    download_people: int = 0
    raised_hands: int = 0
    plays: int = 0
    impressions: int = 0

    @property
    def chat_audience(self) -> int:
        """Who could chat, ask and answer: the people logged in to the chat, else the live unique viewers."""
        return self.logged_in or self.live_viewers


INPUTS = {
    "live_viewers": _("people with any watched second"),
    "recording_viewers": _("people who watched any of the recordings"),
    "viewers": _("people who watched live or a recording"),
    "watched_seconds": _("watched seconds, live"),
    "rated_seconds": _("watched seconds whose source reports engagement"),
    "engaged_seconds": _("engaged seconds"),
    "recording_seconds": _("watched seconds of recordings, every play"),
    "logged_in": _("people logged in to the chat"),
    "chat_audience": _("people logged in to the chat; if none are reported, people with any watched second"),
    "reactions": _("reactions"),
    "reaction_people": _("people who reacted"),
    "chat_messages": _("messages sent in the group chat"),
    "chat_people": _("people who sent a message"),
    "polls": _("polls launched"),
    "polls_answered": _("answers, one a person and poll"),
    "poll_people": _("people who answered a poll"),
    "threads": _("Q&A threads opened"),
    "thread_people": _("people who opened a thread"),
    "downloads": _("attachment downloads"),
    "download_people": _("people who downloaded an attachment"),
    "raised_hands": _("raised hands"),
    "plays": _("plays of recordings"),
    "impressions": _("times the player was loaded"),
}


class Unit(StrEnum):
    PEOPLE = "people"
    COUNT = "count"
    SHARE = "share"  # a fraction from 0, shown as a percentage
    MINUTES = "minutes"


class NotReported:
    """The value of a metric whose signal the source does not carry."""

    def __repr__(self) -> str:
        return "not-reported"


NOT_REPORTED = NotReported()
Value = float | int | None | NotReported


@dataclass(frozen=True)
class Metric:
    """A number: its name in the API, what it is called, what it means, what goes into it and how.

    ``signal``: what a source must report for the number to exist. ``source``: where the definition comes from.
    """

    name: str
    label: Any
    unit: Unit
    definition: Any
    inputs: tuple[str, ...]
    formula: Callable[[Numbers], float | int | None]
    words: Any
    signal: str | None = None
    source: str = "Kaltura help, Session analytics"

    def value(self, numbers: Numbers) -> Value:
        """The unrounded value; nothing where nobody is there to divide by; not reported without its signal."""
        if self.signal is not None and self.signal not in numbers.reported:
            return NOT_REPORTED
        return self.formula(numbers)


def data_value(value: Value) -> str:
    """A value as pages write it for machines: unrounded, empty for no value."""
    return "" if value is None else str(value)


def _ratio(dividend: float, divisor: float) -> float | None:
    return dividend / divisor if divisor else None


def _count(name: str) -> Callable[[Numbers], int]:
    return lambda n: int(getattr(n, name))


def _counted(name: str, label: Any, field: str, definition: Any, *, signal: str | None = None) -> Metric:
    unit = Unit.PEOPLE if field.endswith(("people", "viewers")) else Unit.COUNT
    return Metric(name, label, unit, definition, (field,), _count(field), INPUTS[field], signal)


def _share(name: str, label: Any, doers: str, audience: str, definition: Any, *, signal: str) -> Metric:
    return Metric(
        name,
        label,
        Unit.SHARE,
        definition,
        (doers, audience),
        lambda n: _ratio(getattr(n, doers), getattr(n, audience)),
        _("%(doers)s / %(audience)s", doers=INPUTS[doers], audience=INPUTS[audience]),
        signal,
    )


_OWN = "this tool"

_ALL = (
    _counted(
        "unique_vod_live_viewers",
        _("Unique viewers"),
        "viewers",
        _("People who watched the session live, its recordings, or both. Each counts once, on however many devices."),
    ),
    _counted(
        "unique_combined_live_viewers",
        _("Live unique viewers"),
        "live_viewers",
        _(
            "People who watched at least one second live. A heartbeat watches the seconds before it; where a "
            "source sends only joins and leaves, a person watches from the join to the leave."
        ),
    ),
    _counted(
        "unique_vod_viewers",
        _("Recording unique viewers"),
        "recording_viewers",
        _("People who watched any of the room's recordings since the session began."),
    ),
    Metric(
        "unique_live_and_vod_viewers",
        _("Viewers of both"),
        Unit.PEOPLE,
        _("People who watched live and a recording too."),
        ("live_viewers", "recording_viewers", "viewers"),
        lambda n: n.live_viewers + n.recording_viewers - n.viewers,
        _("live viewers + recording viewers − viewers of either"),
        source=_OWN,
    ),
    Metric(
        "vod_live_avg_view_time",
        _("Average minutes viewed"),
        Unit.MINUTES,
        _("All minutes, live and of recordings, divided by the people who watched either."),
        ("watched_seconds", "recording_seconds", "viewers"),
        lambda n: _ratio((n.watched_seconds + n.recording_seconds) / 60, n.viewers),
        _("(live seconds + recording seconds) / 60 / viewers of either"),
    ),
    Metric(
        "combined_live_avg_play_time",
        _("Average minutes viewed live"),
        Unit.MINUTES,
        _("Minutes watched live, divided by the people who watched live. Watching on two devices at once counts once."),
        ("watched_seconds", "live_viewers"),
        lambda n: _ratio(n.watched_seconds / 60, n.live_viewers),
        _("live seconds / 60 / live viewers"),
    ),
    Metric(
        "vod_avg_play_time",
        _("Average minutes viewed of recordings"),
        Unit.MINUTES,
        _("Minutes watched of recordings, every play summed, divided by the people who watched any."),
        ("recording_seconds", "recording_viewers"),
        lambda n: _ratio(n.recording_seconds / 60, n.recording_viewers),
        _("recording seconds / 60 / recording viewers"),
    ),
    Metric(
        "live_view_time",
        _("Minutes viewed"),
        Unit.MINUTES,
        _(
            "Clock seconds watched live, over all devices together, divided by 60. "
            "A second on two devices is one second."
        ),
        ("watched_seconds",),
        lambda n: n.watched_seconds / 60,
        _("live seconds / 60"),
    ),
    Metric(
        "combined_live_engaged_users_play_time_ratio",
        _("Live engagement rate"),
        Unit.SHARE,
        _(
            "The share of watched seconds that were engaged. In a room a second is engaged while the tab has the "
            "focus, or the room fills the screen, or the camera is on, or the person is on stage; in a live player "
            "while the sound is on and the tab has the focus. Nobody watched: no rate, shown as a dash."
        ),
        ("engaged_seconds", "rated_seconds"),
        lambda n: _ratio(n.engaged_seconds, n.rated_seconds),
        _("engaged seconds / watched seconds whose source reports engagement"),
        "engagement",
    ),
    _counted(
        "count_reaction_clicked",
        _("Reactions"),
        "reactions",
        _("Every reaction that was sent, of any kind; none is left out."),
        signal="reactions",
    ),
    _share(
        "reaction_clicked_user_ratio",
        _("Attendees who reacted"),
        "reaction_people",
        "live_viewers",
        _("People who sent at least one reaction, of the live unique viewers."),
        signal="reactions",
    ),
    _counted(
        "count_group_chat_messages_sent",
        _("Chat messages"),
        "chat_messages",
        _("Messages sent in the group chat. A message that was deleted later still counts as sent."),
        signal="chat",
    ),
    _share(
        "group_message_participation",
        _("Attendees who chatted"),
        "chat_people",
        "chat_audience",
        _(
            "People who sent at least one message, of those who were logged in to the chat; where a source reports no "
            "log-ins, of the live unique viewers."
        ),
        signal="chat",
    ),
    _counted(
        "count_poll_answered",
        _("Polls answered"),
        "polls_answered",
        _("Answers to polls: a person who changed an answer has still answered that poll once."),
        signal="polls",
    ),
    _counted(
        "count_poll_launched",
        _("Polls launched"),
        "polls",
        _("Polls that were launched; one launched again counts once."),
        signal="polls",
    ),
    _share(
        "poll_participation",
        _("Attendees who answered polls"),
        "poll_people",
        "chat_audience",
        _(
            "People who answered at least one poll, of those who were logged in to the chat; where a source reports no "
            "log-ins, of the live unique viewers."
        ),
        signal="polls",
    ),
    _counted(
        "q_and_a_threads_count", _("Q&A threads"), "threads", _("Questions that opened a thread."), signal="questions"
    ),
    _share(
        "q_and_a_thread_participation",
        _("Attendees who asked"),
        "thread_people",
        "chat_audience",
        _(
            "People who opened at least one thread, of those who were logged in to the chat; where a source reports no "
            "log-ins, of the live unique viewers."
        ),
        signal="questions",
    ),
    _counted(
        "count_download_attachment_clicked",
        _("Attachment downloads"),
        "downloads",
        _("Every download of an attachment."),
        signal="attachments",
    ),
    _share(
        "download_attachment_user_ratio",
        _("Attendees who downloaded"),
        "download_people",
        "live_viewers",
        _("People who downloaded at least one attachment, of the live unique viewers."),
        signal="attachments",
    ),
    _counted(
        "count_raise_hand_clicked",
        _("Raised hands"),
        "raised_hands",
        _("How often hands were raised."),
        signal="raised_hands",
    ),
    _counted(
        "count_plays",
        _("Recording plays"),
        "plays",
        _("How often playback of one of the room's recordings was started since the session began."),
    ),
    _counted(
        "count_loads",
        _("Recording impressions"),
        "impressions",
        _("How often a player with one of the room's recordings was loaded since the session began."),
    ),
)

METRICS: dict[str, Metric] = {metric.name: metric for metric in _ALL}
