"""The schedule: what runs by itself, how often, and why. Every job here is safe to repeat and to skip."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Periodic:
    """``function`` is the path of a function without arguments, called every ``seconds``."""

    name: str
    function: str
    seconds: int
    sentence: str


SCHEDULE: tuple[Periodic, ...] = (
    Periodic(
        "fold",
        "lti_tool.collect.tasks.fold_pending",
        10,
        "Turns events that were taken in but not yet counted into facts.",
    ),
    Periodic(
        "launches",
        "lti_tool.launch.tasks.forget_expired",
        300,
        "Deletes attempts to log in that are ten minutes old, and launches that are ten hours old.",
    ),
    Periodic(
        "exports",
        "lti_tool.reports.tasks.run_waiting",
        10,
        "Has reports made and mailed that wait, whose worker died, or whose pause is over.",
    ),
    Periodic(
        "expired exports",
        "lti_tool.reports.tasks.forget_expired",
        600,
        "Deletes files whose links have expired, and requests three months afterwards.",
    ),
    Periodic(
        "drawings",
        "lti_tool.analytics.tasks.forget_drawings",
        24 * 3600,
        "Deletes charts that were drawn more than 30 days ago; a chart that is asked for again is drawn again.",
    ),
)
