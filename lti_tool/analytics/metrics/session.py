"""The metrics of a session, of a person in it and of its minutes."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from lti_tool.analytics.metrics.metric import OWN, Metric, Unit, counted, ratio
from lti_tool.analytics.numbers import INPUTS, Numbers
from lti_tool.models.facts import engagement_rate


def _engaged_share(n: Numbers) -> float | None:
    return engagement_rate(n.engaged_seconds, n.rated_seconds)


def _share(name: str, label: Any, doers: str, audience: str, definition: Any, *, signal: str) -> Metric:
    return Metric(
        name,
        label,
        Unit.SHARE,
        definition,
        (doers, audience),
        lambda n: ratio(getattr(n, doers), getattr(n, audience)),
        _("%(doers)s / %(audience)s", doers=INPUTS[doers], audience=INPUTS[audience]),
        signal,
    )


SESSION = (
    counted(
        "unique_vod_live_viewers",
        _("Unique viewers"),
        "viewers",
        _(
            "People who watched the session live, a recording of the room since the quarter of an hour in which the "
            "session began, or both. Each counts once, on however many devices."
        ),
    ),
    counted(
        "unique_combined_live_viewers",
        _("Live unique viewers"),
        "live_viewers",
        _(
            "People who watched at least one second live. A heartbeat watches the seconds before it; in a session "
            "without any heartbeat a person watches from the join to the leave. Who comes early or stays on counts too."
        ),
    ),
    counted(
        "unique_vod_viewers",
        _("Recording unique viewers"),
        "recording_viewers",
        _(
            "People who watched any of the recordings or videos asked about, each counted once. Of a session these are "
            "the room's recordings, since the quarter of an hour in which it began: what is watched of them is kept by "
            "the quarter."
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
        source=OWN,
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
        lambda n: ratio((n.watched_seconds + n.recording_seconds) / 60, n.viewers),
        _("(live seconds + recording seconds) / 60 / viewers of either"),
    ),
    Metric(
        "combined_live_avg_play_time",
        _("Average minutes viewed live"),
        Unit.MINUTES,
        _("Minutes watched live, divided by the people who watched live. Watching on two devices at once counts once."),
        ("watched_seconds", "live_viewers"),
        lambda n: ratio(n.watched_seconds / 60, n.live_viewers),
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
        lambda n: ratio(n.recording_seconds / 60, n.recording_viewers),
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
    counted(
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
    counted(
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
    counted(
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
    counted(
        "count_poll_answered",
        _("Polls answered"),
        "polls_answered",
        _("Answers to polls: a person who changed an answer has still answered that poll once."),
        signal="polls",
    ),
    counted(
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
    counted(
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
    counted(
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
    counted(
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
    counted(
        "count_plays",
        _("Recording plays"),
        "plays",
        _(
            "How often playback of a recording or video was started: of a session, of the room's recordings since it "
            "began; of a channel or a video, in the dates asked about. A play that is reported again counts once."
        ),
    ),
    counted(
        "count_loads",
        _("Recording impressions"),
        "impressions",
        _(
            "How often a player with a recording or video was loaded: of a session, with one of the room's recordings "
            "since the quarter of an hour in which it began; of a channel or a video, in the dates asked about."
        ),
    ),
    counted(
        "count_sessions",
        _("Sessions"),
        "sessions",
        _("Of a person, the sessions in which they watched at least one second live; of everybody, all sessions."),
        source=OWN,
        of_session=False,
    ),
)
