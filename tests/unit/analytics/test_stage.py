"""Who was on stage when, beside a walk through every moment."""

from hypothesis import given
from hypothesis import strategies as st

from lti_tool.analytics.numbers import Numbers
from lti_tool.analytics.stage import KINDS, Edge, Stage, _changes, participation

END = 60
edges = st.lists(
    st.tuples(st.integers(1, 2), st.sampled_from(KINDS[:2]), st.integers(0, 80), st.booleans()), max_size=15
)


def plainly(made: list[Edge], person: int, kind: str) -> set[int]:
    """The moments in which it is on: from every on to the next off after it, else to the end."""
    on: set[int] = set()
    mine = [(time, is_on) for who, what, time, is_on in made if (who, what) == (person, kind)]
    for start, is_on in mine:
        if is_on:
            on |= set(range(start, min((t for t, off in mine if not off and t > start), default=END)))
    return on


@given(edges)
def test_spans_are_the_moments_in_which_something_is_on(made: list[Edge]) -> None:
    found = participation(made, END)
    for person in (1, 2):
        for kind in KINDS[:2]:
            spans = found.get(person, {}).get(kind, ())
            moments = [moment for start, end in spans for moment in range(start, end)]
            assert len(moments) == len(set(moments))
            assert set(moments) == plainly(made, person, kind)


@given(edges)
def test_how_many_are_on_stage(made: list[Edge]) -> None:
    stage = Stage(2, Numbers(), (), 1, 1, _changes(participation(made, END)))
    together = [sum(moment in plainly(made, person, "stage") for person in (1, 2)) for moment in range(90)]
    for start in range(0, 90, 10):
        assert stage.on_stage(start, start + 10) == max(together[start : start + 10])
