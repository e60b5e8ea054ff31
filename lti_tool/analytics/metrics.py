"""The catalogue of metrics: every number that any page, file or API shows has its one formula here.

A formula works on ``Numbers``: the sums and counts of whatever is asked about, a session, several, or one person in
one. It returns nothing where there is nobody to divide by. Names are those of Kaltura's report API where it has one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _

from lti_tool.analytics.numbers import INPUTS, Numbers
from lti_tool.models.facts import engagement_rate


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
    ``note``: where Kaltura's help text and its code disagree, or we with them: the other rule.
    ``of_session``: asked of a whole session; else only of a part of it, such as a minute or a poll.
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
    note: Any = None
    of_session: bool = True

    def value(self, numbers: Numbers) -> Value:
        """The unrounded value; nothing where nobody is there to divide by; not reported without its signal."""
        if self.signal is not None and self.signal not in numbers.reported:
            return NOT_REPORTED
        return self.formula(numbers)

    def reading(self, numbers: Numbers) -> Reading:
        """The metric with its value."""
        return Reading(self, self.value(numbers))


@dataclass(frozen=True)
class Reading:
    """A metric and its value for what is asked about."""

    metric: Metric
    value: Value


def data_value(value: Value) -> str:
    """A value as pages write it for machines: unrounded, empty for no value."""
    return "" if value is None else str(value)


def _ratio(dividend: float, divisor: float) -> float | None:
    return dividend / divisor if divisor else None


def _engaged_share(n: Numbers) -> float | None:
    return engagement_rate(n.engaged_seconds, n.rated_seconds)


def _count(name: str) -> Callable[[Numbers], int]:
    return lambda n: int(getattr(n, name))


def _counted(name: str, label: Any, field: str, definition: Any, **more: Any) -> Metric:
    unit = Unit.PEOPLE if field.endswith(("people", "viewers", "participants", "choosers")) else Unit.COUNT
    return Metric(name, label, unit, definition, (field,), _count(field), INPUTS[field], **more)


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


def _lasting(name: str, label: Any, field: str, definition: Any) -> Metric:
    return Metric(
        name,
        label,
        Unit.MINUTES,
        definition,
        (field,),
        lambda n: getattr(n, field) / 60,
        _("%(seconds)s / 60", seconds=INPUTS[field]),
        source=_OWN,
    )


_UNTIL = _("From each time it was switched on until it was next switched off, or to the session's end.")
_STAGE = (
    _lasting("stage_time", _("On stage"), "stage_seconds", _("From each time of joining the stage until leaving it.")),
    _lasting("mic_time", _("Microphone"), "mic_seconds", _UNTIL),
    _lasting("camera_time", _("Camera"), "camera_seconds", _UNTIL),
    _lasting("talk_time", _("Talking"), "talk_seconds", _("From each time somebody began to talk until the pause.")),
    _lasting("screen_time", _("Screen sharing"), "screen_seconds", _UNTIL),
    Metric(
        "host_talk_ratio",
        _("Talk share of the host"),
        Unit.SHARE,
        _("Of all the time that anybody talked, added up person by person, the share of the hosts."),
        ("host_talk_seconds", "talk_seconds"),
        lambda n: _ratio(n.host_talk_seconds, n.talk_seconds),
        _("seconds the hosts talked / seconds talking"),
        source=_OWN,
    ),
)
_PRESENTED = (
    replace(
        _lasting("presented_time", _("Shown for"), "presented_seconds", _("From when it was presented until removed.")),
        of_session=False,
    ),
    Metric(
        "viewers_change",
        _("Change of viewers"),
        Unit.PEOPLE,
        _("How many more people watched in the last minute in which it was shown than in the first. Fewer: below 0."),
        ("first_viewers", "last_viewers"),
        lambda n: n.last_viewers - n.first_viewers,
        _("viewers in its last minute − viewers in its first minute"),
        source=_OWN,
        of_session=False,
    ),
)

_ALL = (
    _counted(
        "unique_vod_live_viewers",
        _("Unique viewers"),
        "viewers",
        _(
            "People who watched the session live, a recording of the room since the quarter of an hour in which the "
            "session began, or both. Each counts once, on however many devices."
        ),
    ),
    _counted(
        "unique_combined_live_viewers",
        _("Live unique viewers"),
        "live_viewers",
        _(
            "People who watched at least one second live. A heartbeat watches the seconds before it; in a session "
            "without any heartbeat a person watches from the join to the leave. Who comes early or stays on counts too."
        ),
    ),
    _counted(
        "unique_vod_viewers",
        _("Recording unique viewers"),
        "recording_viewers",
        _(
            "People who watched any of the room's recordings since the quarter of an hour in which the session began: "
            "what is watched of recordings is kept by the quarter."
        ),
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
        _(
            "All minutes, live and of recordings since the quarter of an hour in which the session began, divided by "
            "the people who watched either."
        ),
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
        _(
            "Minutes watched of recordings since the quarter of an hour in which the session began, every play summed, "
            "divided by the people who watched any."
        ),
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
            "A second on two devices is one second. Watching before the session's start or after its end counts."
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
            "while the sound is on and the tab has the focus. Only seconds whose source reports engagement are taken. "
            "Nobody watched: no rate, shown as a dash."
        ),
        ("engaged_seconds", "rated_seconds"),
        _engaged_share,
        _("engaged seconds / watched seconds whose source reports engagement"),
        "engagement",
        note=_(
            "Kaltura's help says it more loosely, of rooms and players alike: in full screen, or with the tab in focus "
            "and the sound on. The code of its reports has the two rules above, and they are taken here. Its heat map "
            "has a third: in a room it asks for the sound too where the tab has the focus."
        ),
    ),
    _counted(
        "combined_live_view_period_count",
        _("Live unique viewers in the minute"),
        "live_viewers",
        _("People who watched at least one second of the minute live. Each counts once, on however many devices."),
        note=_(
            "Kaltura's code counts the rows that arrived for the minute, which comes near the number of people. "
            "Here it is the people, as its help calls them."
        ),
        of_session=False,
    ),
    Metric(
        "combined_live_engaged_users_ratio",
        _("Live engagement rate in the minute"),
        Unit.SHARE,
        _("The share of the seconds watched in the minute, by everybody together, that were engaged."),
        ("engaged_seconds", "rated_seconds"),
        _engaged_share,
        _("engaged seconds / watched seconds whose source reports engagement"),
        "engagement",
        note=_(
            "Kaltura's code divides the rows that arrived for the minute. Here it is the seconds, as in the whole rate."
        ),
        of_session=False,
    ),
    _counted(
        "count_reaction_clicked",
        _("Reactions"),
        "reactions",
        _("Every reaction that was sent, of any kind; none is left out."),
        signal="reactions",
        note=_("Kaltura lets a person send one only every few seconds, so it may count fewer."),
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
        note=_(
            "Kaltura's help shows a column of raised hands where its text and its code have polls answered. "
            "The table of attendees has both here."
        ),
    ),
    _counted(
        "count_plays",
        _("Recording plays"),
        "plays",
        _(
            "How often playback of one of the room's recordings was started since the session began. A play that is "
            "reported again counts once."
        ),
    ),
    _counted(
        "count_loads",
        _("Recording impressions"),
        "impressions",
        _(
            "How often a player with one of the room's recordings was loaded since the quarter of an hour in which the "
            "session began."
        ),
    ),
)

_OF_POLL: dict[str, Any] = {"signal": "polls", "of_session": False}
_POLLS = (
    _counted(
        "poll_participants",
        _("Unique participants"),
        "participants",
        _("People who answered the poll, each once: a later answer replaces the earlier, also when launched again."),
        **_OF_POLL,
    ),
    _counted("poll_options", _("Options"), "options", _("Answers to choose from, as first launched."), **_OF_POLL),
    _counted(
        "poll_option_participants",
        _("Unique participants"),
        "choosers",
        _("People whose answer to the poll, the last one, has this option. Each counts once."),
        **_OF_POLL,
    ),
    Metric(
        "poll_rate",
        _("Rate"),
        Unit.SHARE,
        _(
            "People who chose the answer, of the people who answered the poll. Where people may choose several, the "
            "rates can add up to more than 100 percent."
        ),
        ("choosers", "participants"),
        lambda n: _ratio(n.choosers, n.participants),
        _("%(chosen)s / %(answered)s", chosen=INPUTS["choosers"], answered=INPUTS["participants"]),
        **_OF_POLL,
        note=_(
            "Kaltura's help divides by the participants of the poll, as here. Its app divides the votes for the answer "
            "by the sum of all votes: where people may choose several, its rates are lower, and add up to 100 percent."
        ),
    ),
)

METRICS: dict[str, Metric] = {metric.name: metric for metric in (*_ALL, *_POLLS)}
