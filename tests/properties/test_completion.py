"""Contract 7 on made-up playback: completion and retention from folded plays equal the definition, event by event."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from lti_tool.collect import tasks
from lti_tool.collect.sources import CatalogItem
from lti_tool.collect.sources.catalog import EntryItem
from lti_tool.models import Entry, Person, Play, db, percentiles, spans
from tests.properties.test_fold import deliver, new_account

START = 1_778_600_000_000
# Lengths whose hundredths are round and ones whose are not; positions on, beside and far beyond their edges.
LENGTHS = (100.0, 60.0, 1.0, 7.3, 4_211.0)
places = st.one_of(
    st.floats(-20, 130).map(lambda share: round(share, 3)),
    st.integers(-2, 102).map(float),
    st.sampled_from([0.999_999_999, 1.000_000_001, 49.5, 99.999_999_999]),
)


def plain_percentiles(views: list[tuple[float, float]], seconds: float) -> set[int]:
    """The percentiles of which any part was watched: by asking each of them of each view."""
    return {
        p
        for p in range(1, 101)
        for start, end in views
        if start < end and start < p * seconds / 100 and end > (p - 1) * seconds / 100
    }


@given(st.lists(st.lists(st.tuples(places, places), max_size=8), max_size=6), st.sampled_from(LENGTHS))
def test_many_plays_at_once_are_each_play_by_the_definition(
    plays: list[list[tuple[float, float]]], seconds: float
) -> None:
    views = [[(a * seconds / 100, b * seconds / 100) for a, b in play] for play in plays]
    stored = [spans.union(np.array(play, dtype=float).reshape(-1, 2)).astype("<f8").tobytes() for play in views]
    expected = [plain_percentiles(play, seconds) for play in views]
    found = percentiles.watched(stored, seconds).tolist()
    assert found == [[int(p in one) for p in range(1, 101)] for one in expected]


@pytest.fixture
def prepared(context: Flask) -> Iterator[str]:
    with context.app_context():
        yield db.engine.dialect.name


vod = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(["view", "view", "view", "play"]),
            "time": st.integers(START, START + 100_000),
            "entryId": st.just("recording"),
            "userId": st.sampled_from(["ada", "bo"]),
            "playbackType": st.just("vod"),
            "fromPosition": st.floats(0, 120).map(lambda at: round(at, 2)),
            "toPosition": st.floats(0, 120).map(lambda at: round(at, 2)),
            "playId": st.sampled_from(["p1", "p2", "p3"]),
        }
    ),
    max_size=25,
).map(lambda made: [{"id": f"v{place}", **one} for place, one in enumerate(made)])


def test_completion_from_events(prepared: str) -> None:
    @settings(max_examples=60 if prepared == "sqlite" else 20)
    @given(vod, st.integers(0, 25))
    def check(events: list[dict[str, Any]], cut: int) -> None:
        account = new_account()
        recording = EntryItem("recording", name="Recording", type="video", duration_seconds=100.0)
        tasks.store(account, [CatalogItem(1, "entries", recording)], "catalog")
        for batch in (events[cut:], events[:cut], events):
            deliver(account, batch)
            tasks.fold_account(account)
        started = {(e["userId"], e["playId"]) for e in events if e["name"] == "play"}
        expected = {
            key: len(
                plain_percentiles(
                    [
                        (e["fromPosition"], e["toPosition"])
                        for e in events
                        if e["name"] == "view" and (e["userId"], e["playId"]) == key
                    ],
                    100,
                )
            )
            for key in started
        }
        query = select(Person.external_id, Play.play_id, Play.percentiles).join(Person, Person.id == Play.person_id)
        query = query.join(Entry, Entry.id == Play.entry_id).where(Entry.account_id == account)
        rows = db.session.execute(query.where(Play.time_ms.is_not(None)))
        assert {(user, play): count for user, play, count in rows} == expected

    check()
