"""Drawing by many threads at once, and how long drawings are kept."""

import re
import threading
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from lti_tool.analytics import tasks, timeline_charts
from lti_tool.analytics.lanes import Lane, Mark
from lti_tool.analytics.session_charts import SessionsChart
from lti_tool.analytics.timeline_charts import TimelineChart
from lti_tool.analytics.video_charts import OverTimeChart
from lti_tool.models import Drawing, db, now_ms

CHART = TimelineChart(
    theme="light",
    shape="wide",
    language="en",
    minutes=2,
    ticks=((0, "10:00"),),
    viewers=(1, 2),
    rates=(0.5, None),
    rated=True,
    lanes=(Lane("poll", "Polls", (Mark(0.5, 0, 1, "Why?"),)),),
    viewers_label="viewers",
    rate_label="rate",
)


def test_one_thread_draws_at_a_time_and_leaves_the_settings_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib import rcParams

    before = dict(rcParams)
    together = threading.Barrier(2)
    met: list[int] = []
    two_scales = timeline_charts.two_scales

    def meet(*parts: Any, rated: bool) -> None:
        try:
            met.append(together.wait(0.3))
        except threading.BrokenBarrierError:
            together.reset()
        two_scales(*parts, rated=rated)

    monkeypatch.setattr(timeline_charts, "two_scales", meet)
    drawn: list[bytes] = []
    threads = [threading.Thread(target=lambda: drawn.append(CHART.draw())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert met == []
    assert drawn[0] == drawn[1]
    assert dict(rcParams) == before


@pytest.mark.parametrize(
    ("language", "written"),
    [("en", {"2,000", "50%"}), ("de", {"2.000", "50\u00a0%"}), ("fr", {"2\u202f000", "50\u00a0%"})],
)
def test_axes_write_numbers_as_the_page_does(language: str, written: set[str]) -> None:
    chart = replace(CHART, language=language, viewers=(2000, 1000))
    assert written <= set(re.findall(r"<!-- (.*?) -->", chart.draw().decode()))


def test_old_drawings_are_forgotten(context: Flask) -> None:
    day = 86_400_000
    for key, age in (("old", 31 * day), ("young", 29 * day)):
        db.session.add(Drawing(key=key, svg=b"", drawn_at=now_ms() - age))
    db.session.commit()
    tasks.forget_drawings()
    assert db.session.scalars(select(Drawing.key)).all() == ["young"]


@pytest.mark.parametrize(("language", "count", "share"), [("en", "2,000", "100%"), ("de", "2.000", "100\u00a0%")])
def test_charts_of_sessions_and_of_videos_write_numbers_as_the_page_does(language: str, count: str, share: str) -> None:
    sessions = SessionsChart("light", "wide", language, (((0.5, 2000, 1.0),),), (), "viewers", "rate", rated=True)
    plays = OverTimeChart("light", "wide", language, (0.0, 2000.0), (), (), percent=False, whole=True)
    rates = OverTimeChart("light", "wide", language, (0.0, 100.0), (), (), percent=True, whole=False)
    texts = [re.findall(r"<!-- (.*?) -->", chart.draw().decode()) for chart in (sessions, plays, rates)]
    assert count in texts[0] and share in texts[0]
    assert count in texts[1] and share in texts[2]
