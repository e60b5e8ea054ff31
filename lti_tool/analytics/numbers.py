"""What formulas take: sums and counts of whatever is asked about, and what each is called."""

from __future__ import annotations

from dataclasses import dataclass

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
    # Over several sessions: who could chat, session by session; nothing of a single session.
    could_chat: int | None = None
    sessions: int = 0
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
    play_people: int = 0
    private_people: int = 0
    stage_seconds: float = 0
    mic_seconds: float = 0
    camera_seconds: float = 0
    talk_seconds: float = 0
    screen_seconds: float = 0
    host_talk_seconds: float = 0
    presented_seconds: float = 0
    first_viewers: int = 0
    last_viewers: int = 0
    options: int = 0
    participants: int = 0
    choosers: int = 0
    # Of plays of recordings whose length is known: how many, the percentiles that they watched, and how many of them
    # watched the percentile asked about.
    measured_plays: int = 0
    percentiles: int = 0
    percentile_plays: int = 0
    # Of one person over many sessions and media.
    on_demand_seconds: float = 0
    sessions_viewed: int = 0
    videos: int = 0
    attachments: int = 0
    seen_percentiles: int = 0
    # Of the videos of a channel, or of one of them: the owners, the most that any of them has, and what all have.
    contributors: int = 0
    most_viewers: int = 0
    most_seconds: float = 0
    all_measured_plays: int = 0
    all_percentiles: int = 0
    # Where the numbers are those of a part of the viewers, such as a country: the viewers of all parts.
    all_live_viewers: int = 0
    all_recording_viewers: int = 0

    @property
    def chat_audience_input(self) -> str:
        """Which of the counts the chat's audience is: the people logged in to it, else the live unique viewers."""
        if self.could_chat is not None:
            return "could_chat"
        return "logged_in" if self.logged_in else "live_viewers"

    @property
    def chat_audience(self) -> int:
        """Who could chat, ask and answer."""
        return int(getattr(self, self.chat_audience_input))


INPUTS = {
    "live_viewers": _("people with any watched second"),
    "recording_viewers": _("people who watched any of the recordings or videos"),
    "viewers": _("people who watched live or a recording"),
    "watched_seconds": _("watched seconds, live"),
    "rated_seconds": _("watched seconds whose source reports engagement"),
    "engaged_seconds": _("engaged seconds"),
    "recording_seconds": _("watched seconds of recordings or videos, every play"),
    "logged_in": _("people logged in to the chat"),
    "could_chat": _("people logged in to the chat, or watching live a session that reports no log-ins"),
    "chat_audience": _("people logged in to the chat; if none are reported, people with any watched second"),
    "sessions": _("sessions"),
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
    "plays": _("plays of recordings or videos"),
    "impressions": _("times the player was loaded"),
    "play_people": _("people who started a play"),
    "private_people": _("people who sent a private message"),
    "stage_seconds": _("seconds on stage"),
    "mic_seconds": _("seconds with the microphone on"),
    "camera_seconds": _("seconds with the camera on"),
    "talk_seconds": _("seconds talking"),
    "screen_seconds": _("seconds sharing the screen"),
    "host_talk_seconds": _("seconds the hosts talked"),
    "presented_seconds": _("seconds it was shown"),
    "first_viewers": _("viewers in its first minute"),
    "last_viewers": _("viewers in its last minute"),
    "options": _("answers to choose from"),
    "participants": _("people who answered the poll"),
    "choosers": _("people who chose the answer"),
    "measured_plays": _("plays of recordings or videos whose length is known"),
    "percentiles": _("percentiles watched, summed over these plays"),
    "percentile_plays": _("plays that watched the percentile"),
    "on_demand_seconds": _("watched seconds of other videos, every play"),
    "sessions_viewed": _("sessions with a watched second"),
    "videos": _("recordings and videos of which something was watched or, in a channel, played"),
    "attachments": _("different attachments downloaded"),
    "seen_percentiles": _("percentiles watched in any of the plays"),
    "contributors": _("owners of videos of which something was watched or played"),
    "most_viewers": _("viewers of the video that most people watched"),
    "most_seconds": _("watched seconds of the video that was watched longest"),
    "all_measured_plays": _("plays of any of the channel's videos whose length is known"),
    "all_percentiles": _("percentiles watched, summed over the plays of all the channel's videos"),
    "all_live_viewers": _("live unique viewers of all"),
    "all_recording_viewers": _("recording unique viewers of all"),
}
