"""The letters of a person's minutes, beside a count second by second."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.analytics.heatmap import Detail, states
from lti_tool.models import spans

FIRST, MINUTES = 5, 10
pairs = st.lists(st.tuples(st.integers(0, 1200), st.integers(0, 200)).map(lambda p: (p[0], p[0] + p[1])), max_size=8)


def union(made: list[tuple[int, int]]) -> spans.Spans:
    return spans.union(np.array(made, dtype=np.int64).reshape(-1, 2))


@given(pairs, pairs)
def test_a_minute_is_engaged_if_any_second_is_else_there_if_any_second_is(
    there: list[tuple[int, int]], engaged: list[tuple[int, int]]
) -> None:
    watched = {second for start, end in there for second in range(start, end)}
    attentive = {second for start, end in engaged for second in range(start, end)}
    expected = ""
    for minute in range(FIRST, FIRST + MINUTES):
        seconds = set(range(minute * 60, minute * 60 + 60))
        expected += "E" if seconds & attentive else "N" if seconds & watched else "O"
    assert states(union(there), union(engaged), FIRST, MINUTES) == expected


@given(st.text("ENO", max_size=30))
def test_runs_are_the_letters_again(letters: str) -> None:
    detail = Detail(0, letters, True, (), (), (), (), False)
    assert "".join(run.state * run.minutes for run in detail.runs) == letters
    assert [run.place for run in detail.runs] == [
        sum(r.minutes for r in detail.runs[:n]) for n in range(len(detail.runs))
    ]
