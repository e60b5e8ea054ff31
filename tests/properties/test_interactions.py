"""Answers counted by the ways to answer are the answers counted one by one."""

import json
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from lti_tool.analytics.interactions import count_choices

people = st.lists(st.lists(st.sampled_from(["1", "2", "3", 'a "quoted" é'])), max_size=40)


@given(people)
def test_choices_are_counted_by_person(answers: list[list[str]]) -> None:
    ways = Counter(json.dumps(answer) for answer in answers)
    answered, chosen = count_choices(ways.items())
    assert answered == len(answers)
    for option in {option for answer in answers for option in answer}:
        assert chosen[option] == sum(option in answer for answer in answers)
    assert all(count <= answered for count in chosen.values())
