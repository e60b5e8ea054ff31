"""The minutes of a session, from what was folded."""

from typing import Any

import numpy as np
import pytest

from lti_tool.analytics.metrics import METRICS, NOT_REPORTED
from lti_tool.analytics.numbers import EVERYTHING
from lti_tool.analytics.timeline import LONGEST, MINUTE, timeline
from lti_tool.models import RoomSession, SessionFacts

START = 29_643_334  # minutes since the epoch


def folded(*rows: tuple[int, int, int, int, int], reactions: tuple[Any, ...] = (), heartbeats: bool = True) -> Any:
    """Facts with these rows: minute of the session, viewers, watched, rated and engaged seconds."""
    curve = np.array([(START + at, *rest) for at, *rest in rows], dtype="<u4").tobytes()
    minutes = [[START + at, kind, count] for at, kind, count in reactions]
    return SessionFacts(curve=curve, reaction_minutes=minutes, has_heartbeats=heartbeats)


def session(minutes: int = 3) -> RoomSession:
    return RoomSession(start_ms=START * MINUTE, end_ms=(START + minutes) * MINUTE)


def values(minute: Any) -> list[Any]:
    return [reading.value for reading in minute.readings]


def test_every_minute_of_the_axis_has_the_numbers_of_the_catalogue() -> None:
    facts = folded((0, 2, 60, 60, 45), (2, 1, 10, 10, 0), reactions=((0, "Clap", 2), (0, "Wow", 1)))
    made = timeline(session(), facts, EVERYTHING)
    assert [values(minute) for minute in made.minutes] == [[2, 0.75, 3], [0, None, 0], [1, 0.0, 0]]
    assert [minute.at_ms // MINUTE - START for minute in made.minutes] == [0, 1, 2]
    assert made.peak == made.minutes[0]


def test_a_signal_that_no_source_carries_is_not_reported() -> None:
    made = timeline(session(1), folded((0, 2, 60, 0, 0), heartbeats=False), EVERYTHING - {"engagement", "reactions"})
    assert values(made.minutes[0]) == [2, NOT_REPORTED, NOT_REPORTED]


def test_the_axis_stretches_to_early_comers_and_late_leavers_but_not_to_a_stray_event() -> None:
    made = timeline(session(), folded((-2, 1, 5, 5, 5), (4, 1, 5, 5, 5)), EVERYTHING)
    assert (made.minutes[0].at_ms // MINUTE, len(made.minutes), made.cut) == (START - 2, 7, 0)
    stray = timeline(session(), folded((0, 1, 5, 5, 5), (10 * LONGEST, 1, 5, 5, 5)), EVERYTHING)
    assert (len(stray.minutes), stray.cut) == (LONGEST // 4 + 3, 1)
    weeks = timeline(session(30 * LONGEST), folded((0, 1, 5, 5, 5), (2 * LONGEST, 1, 5, 5, 5)), EVERYTHING)
    assert (len(weeks.minutes), weeks.cut) == (LONGEST, 1)


@pytest.mark.parametrize("facts", [None, folded()], ids=["no events", "nobody watched"])
def test_nothing_to_show_is_no_axis(facts: Any) -> None:
    assert timeline(session(), facts, EVERYTHING).minutes == ()


def test_the_rate_of_a_minute_and_of_a_session_is_one_formula() -> None:
    minute, whole = (METRICS[f"combined_live_engaged_users_{of}"] for of in ("ratio", "play_time_ratio"))
    assert minute.formula is whole.formula
