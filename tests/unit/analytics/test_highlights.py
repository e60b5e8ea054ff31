"""The most engaging stretches and the largest drops, by their rules."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lti_tool.analytics.highlights import drops, engaging, recording_of
from lti_tool.analytics.numbers import Numbers
from lti_tool.analytics.timeline import MINUTE, Minute, Timeline
from lti_tool.models import Entry, RoomSession

minutes = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 10)), max_size=25)


def made(rows: list[tuple[int, int]]) -> Timeline:
    """Minutes of (viewers, tenths of their seconds that were engaged)."""
    return Timeline(
        tuple(
            Minute(
                at * MINUTE,
                Numbers(live_viewers=viewers, rated_seconds=viewers * 60, engaged_seconds=viewers * 6 * tenths),
                (),
            )
            for at, (viewers, tenths) in enumerate(rows)
        ),
        rated=True,
    )


def rate(rows: list[tuple[int, int]]) -> float:
    people = sum(viewers for viewers, _tenths in rows)
    return sum(viewers * tenths for viewers, tenths in rows) / (10 * people) if people else 0


@given(minutes)
def test_engaging_stretches_are_the_best_and_apart(rows: list[tuple[int, int]]) -> None:
    found = engaging(made(rows))
    most = max((viewers for viewers, _tenths in rows), default=0)
    fit = {
        at: rate(rows[at : at + 5])
        for at in range(len(rows) - 4)
        if min(viewers for viewers, _ in rows[at : at + 5]) >= most / 2 and rate(rows[at : at + 5]) > rate(rows)
    }
    starts = [one.start_ms // MINUTE for one in found]
    assert set(starts) <= set(fit)
    assert all(later - earlier >= 5 for earlier, later in pairwise(starts))
    if fit and most:
        assert any(abs(fit[start] - max(fit.values())) < 1e-9 for start in starts)
    assert len(found) <= 3


@given(minutes)
def test_drops_are_the_largest_and_before_the_end(rows: list[tuple[int, int]]) -> None:
    session = RoomSession(start_ms=0, end_ms=len(rows) * MINUTE - 1)
    found = drops(made(rows), session)
    viewers = [count for count, _tenths in rows][:-1]
    falls = [viewers[at] - viewers[at + 5] for at in range(len(viewers) - 5)]
    least = max(2, max(viewers, default=0) / 20)
    assert bool(found) == any(fall >= least for fall in falls)
    if found:
        assert max(one.fall for one in found) == max(falls)


def test_a_sessions_recording_is_the_one_made_before_the_next_session() -> None:
    sessions = [RoomSession(start_ms=start) for start in (3000, 2000, 1000)]
    recordings = [Entry(id=at, created_at=made_at) for at, made_at in enumerate((900, 1500, 1600, None, 3500))]
    assert [recording_of(session, sessions, recordings) for session in sessions] == [recordings[4], None, recordings[1]]
