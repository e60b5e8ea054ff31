"""Who the stage's lane names in each minute, beside a look at every stay."""

from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.analytics.charts import look
from lti_tool.analytics.lanes import with_lanes
from lti_tool.analytics.numbers import Numbers
from lti_tool.analytics.stage import Stage, _changes, _stays
from lti_tool.analytics.timeline import MINUTE, Minute, Timeline
from lti_tool.analytics.timeline_charts import timeline_chart
from lti_tool.models import Person, SessionFacts

SECOND = 1000
stays = st.lists(
    st.tuples(st.integers(1, 4), st.integers(-60, 500), st.integers(0, 200)).map(lambda s: (s[0], s[1], s[1] + s[2])),
    max_size=7,
)


def lane_of(made: list[tuple[int, int, int]], *, names: bool = True) -> Timeline:
    spans: dict[int, dict[str, tuple[tuple[int, int], ...]]] = {}
    for person, start, end in made:
        mine = spans.setdefault(person, {"stage": ()})
        mine["stage"] = (*mine["stage"], (start * SECOND, end * SECOND))
    stage = Stage(len(spans), Numbers(), (), 1, 1, _changes(spans), _stays(spans))
    minutes = Timeline(tuple(Minute(at * MINUTE, Numbers(), ()) for at in range(8)), rated=True)
    people = {key: Person(first_name=f"P{key}", external_id=str(key)) for key in range(1, 5)}
    return with_lanes(minutes, SessionFacts(presented=[]), (), stage, lambda ids: people if names and ids else {})


@given(stays)
def test_each_minute_names_the_first_two_and_counts_the_others(
    context: Flask, made: list[tuple[int, int, int]]
) -> None:
    expected = []
    for at in range(8):
        there = sorted(
            (start, end, p) for p, start, end in made if start < at * 60 + 60 and end > at * 60 and start < end
        )
        people = list(dict.fromkeys(person for _start, _end, person in there))
        more = f" +{len(people) - 2}" if len(people) > 2 else ""
        expected.append(", ".join(f"P{person}" for person in people[:2]) + more)
    with context.test_request_context():
        lanes = lane_of(made).lanes
    assert [lanes[0].at(place) if lanes else "" for place in range(8)] == expected


def test_without_names_it_counts_and_the_picture_is_the_same(context: Flask) -> None:
    made = [(1, 0, 120), (2, 30, 300), (3, 70, 100)]
    with context.test_request_context():
        named, counted = lane_of(made), lane_of(made, names=False)
        assert [counted.lanes[0].at(place) for place in range(6)] == ["2", "3", "1", "1", "1", ""]
        keys = [timeline_chart(one, look("light", "wide")).key for one in (named, counted)]
    assert keys[0] == keys[1]
