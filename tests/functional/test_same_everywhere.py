"""One number, wherever it is: the cell of a page, of the document, of the files and of the report API is the same one.

Values are compared as they are written for machines, digit by digit; what people read, letter by letter.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from html import unescape
from io import StringIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lti_tool.access.roles import ACCOUNT_ANALYTICS, PEOPLE
from lti_tool.analytics import attendees, engagement, over_sessions, person
from lti_tool.analytics.metrics import Metric
from lti_tool.analytics.over_sessions.held import SESSION_METRICS
from lti_tool.analytics.videos import lists
from lti_tool.reports import pdf
from lti_tool.reports.custom import REPORTS as CUSTOM
from lti_tool.reports.report_api.reports import REPORTS
from tests.actors import account_with, visitor
from tests.functional.api_data import CATALOG, events
from tests.functional.test_exports import BASE, app, ask, link, mails, work
from tests.kaltura import Client, user_filter

__all__ = ["app"]  # a fixture
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Rows = dict[str, dict[str, str]]  # what a row is about -> its cells by name
RANGE = "from=2026-05-01&to=2026-05-31"
DATES = {"fromDay": "20260501", "toDay": "20260531", "timeZoneOffset": 0}
WEEKLY = CATALOG | {  # and a second video, in the channel too
    "people": [*CATALOG["people"], {"id": "teacher", "email": "teacher@example.edu"}],
    "entries": [one | {"channelIds": ["101"]} if one["id"] == "rec" else one for one in CATALOG["entries"]],
}


class Surfaces:
    """The ways in which numbers leave the tool, for an administrator of one account."""

    def __init__(self, app: Flask, monkeypatch: pytest.MonkeyPatch, locale: str = "en") -> None:
        made = account_with(app, WEEKLY, events())
        self.app = app
        who = {"permissions": (ACCOUNT_ANALYTICS, PEOPLE), "channel": "c-101", "locale": locale}
        self.visitor = visitor(app, made.partner_id, **who)  # type: ignore[arg-type]
        self.api = Client(app.test_client())
        self.api.start(made.admin_secret, made.partner_id)
        self.documents: list[str] = []

        def make(document: str, _css: Any) -> bytes:
            self.documents.append(document)
            return b""

        monkeypatch.setattr(pdf, "make", make)

    def get(self, address: str) -> str:
        client: FlaskClient = self.visitor.client
        answer = client.get(address, base_url=BASE)
        assert answer.status_code == 200, address
        return answer.data.decode("utf-8-sig")

    def page(self, address: str, table: str) -> tuple[Rows, list[list[str]]]:
        """A table of a page: the values of its rows by metric, and what people read of each row."""
        flat = re.sub(r"<details.*?</details>", "", self.get(address), flags=re.DOTALL)  # more on some rows
        html = re.search(rf'data-table="{table}">.*?</table>', flat, re.DOTALL)
        assert html
        rows = {key: row for key, row in _rows(html[0]) if key not in ("all", "total")}
        return (
            {key: {name: value for name, value, _read in row} for key, row in rows.items()},
            [[read for _name, _value, read in row] for row in rows.values()],
        )

    def document(self, address: str, heading: str, columns: int) -> list[list[str]]:
        """What people read in the rows of a document's table: the last ``columns`` of each."""
        self.get(address)
        html = self.documents[-1].partition(f"<h2>{heading}</h2>")[2].partition("</table>")[0]
        rows = [
            re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in re.findall(r"<tr>.*?</tr>", html, re.DOTALL)
        ]
        return [[_text(cell) for cell in row[-columns:]] for row in rows if row]

    def file(self, address: str, *key: str) -> Rows:
        return _by(key, *csv.reader(StringIO(self.get(address), newline="")))

    def mailed(self, address: str, *, descriptive: bool = False) -> tuple[list[str], list[list[str]]]:
        assert ask(self.visitor, address, descriptive=descriptive).status_code == 303
        work(self.app)
        text = self.app.test_client().get(f"{link(mails(self.app)[-1])}/file", base_url=BASE).data.decode("utf-8-sig")
        header, *rows = csv.reader(StringIO(text, newline=""))
        return header, rows

    def called(self, report: int, *key: str, **asked: Any) -> Rows:
        header, rows, _count = self.api.table(report, user_filter(**asked))
        return _by(key, header, *rows)


def _rows(html: str) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
    for key, row in re.findall(r'<tr[^>]* data-row="([^"]*)">(.*?)</tr>', html, re.DOTALL):
        cells = re.findall(r'data-metric="([^"]+)" data-value="([^"]*)">(.*?)</span>', row, re.DOTALL)
        yield unescape(key), [(name, value, _text(read)) for name, value, read in cells]


def _text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def _by(key: tuple[str, ...], header: list[str], *rows: list[str]) -> Rows:
    found = [dict(zip(header, row, strict=True)) for row in rows]
    return {"/".join(row[name] for name in key): row for row in found}


def values(rows: Rows, names: Mapping[str, str]) -> Rows:
    """Some of the cells, by other names."""
    return {key: {name: row[other] for name, other in names.items()} for key, row in rows.items()}


def by_metric(columns: Any, metrics: tuple[Metric, ...]) -> dict[str, str]:
    """Names of metrics -> what a list of columns calls them."""
    wanted = {metric.name for metric in metrics}
    return {column.metric.name: column.name for column in columns if column.metric and column.metric.name in wanted}


def of_layout(layout: Any) -> tuple[Metric, ...]:
    return tuple(column.metric for column in layout.columns)


@pytest.fixture
def surfaces(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Surfaces:
    return Surfaces(app, monkeypatch)


def test_attendees_of_a_session(surfaces: Surfaces) -> None:
    page, read = surfaces.page("/media/r1/analytics?session=s1", "attendees")
    metrics = attendees.ATTENDEE_METRICS
    assert len(page) == 3 and all(set(row) == {metric.name for metric in metrics} for row in page.values())
    assert surfaces.document("/media/r1/analytics/summary.pdf?session=s1", "Attendees", len(metrics)) == read
    names = by_metric(engagement.OF_LIVE, metrics)
    assert len(names) == len(metrics)
    assert values(surfaces.called(60010, "user_id", cuePointIdIn="s1"), names) == page
    # One by one: the columns of the custom report and those of the API.
    session = surfaces.called(6001, "user_id", cuePointIdIn="s1")
    custom = surfaces.file(f"/media/r1/analytics/custom.csv?report=attendees-data&cue_point_ids=s1&{RANGE}", "user_id")
    assert [column.name for column in CUSTOM["attendees-data"].columns] == list(session["ada"])
    of_both = {"live_view_time": "meeting_view_time", metrics[-1].name: "meeting_engaged_play_time_ratio"}
    shared = [{key: {name: row[name] for name in of_both} for key, row in page.items()}]
    assert [values(custom, of_both), values(session, of_both)] == 2 * shared


def test_viewer_engagement(surfaces: Surfaces) -> None:
    header, mailed = surfaces.mailed(f"/channels/101/analytics/export?{RANGE}")
    rooms = {"entryIdIn": "r1|b1|rec", **DATES}
    called, rows, _count = surfaces.api.table(60013, user_filter(**rooms), order="-live_view_time")
    assert header == called == [column.name for column in engagement.COLUMNS]
    first = len(header) - sum(column.metric is not None for column in engagement.COLUMNS)
    assert len(mailed) == 4 and [row[first:] for row in mailed] == [row[first:] for row in rows]
    page, read = surfaces.page(f"/channels/101/analytics/rooms?{RANGE}", "attendees")
    metrics = tuple(column.metric for column in over_sessions.ATTENDEE_COLUMNS if column.metric)
    names = by_metric(engagement.COLUMNS, metrics)
    assert len(names) == len(metrics) - 1  # all but the sessions that somebody came to
    cells = [[row[header.index(name)] for name in names.values()] for row in mailed]
    assert cells == [[row[metric] for metric in names] for row in page.values()]
    shown = surfaces.document(f"/channels/101/analytics/rooms/summary.pdf?{RANGE}", "Attendees", len(metrics))
    assert shown == read and len(read) == 4


def test_sessions(surfaces: Surfaces) -> None:
    page, read = surfaces.page(f"/channels/101/analytics/rooms?{RANGE}", "sessions")
    assert len(page) == 3
    document = surfaces.document(f"/channels/101/analytics/rooms/summary.pdf?{RANGE}", "Engagement over time", 4)
    assert document == read
    custom = surfaces.file(f"/channels/101/analytics/custom.csv?report=room-data&{RANGE}", "cue_point_id")
    called = surfaces.called(6000, "cue_point_id", entryIdIn="r1|b1", **DATES)
    assert [column.name for column in CUSTOM["room-data"].columns] == list(called["s1"])
    assert custom == called
    names = by_metric(REPORTS[6000].columns, SESSION_METRICS)
    assert len(names) == 2 and values(called, names) == {
        key: {name: row[name] for name in names} for key, row in page.items()
    }
    breakouts = surfaces.file(
        f"/channels/101/analytics/custom.csv?report=breakout-room-sessions&{RANGE}", "cue_point_id"
    )
    called = surfaces.called(6002, "cue_point_id", entryIdIn="b1", **DATES)
    for row in (breakouts["sb"], called["sb"]):
        row["session_initiator"] = row["session_initiator"].replace(";", " ").replace("\n", " ")  # as the API writes it
    assert breakouts == called


def test_videos_and_viewers(surfaces: Surfaces) -> None:
    address, channel = f"/channels/101/analytics/videos?{RANGE}", {"categoriesIdsIn": "101", **DATES}
    for layout, report, key, of_api in (
        (lists.VIDEOS, 38, "object_id", "object_id"),
        (lists.PEOPLE, 13, "user_id", "name"),
    ):
        page, _read = surfaces.page(address, layout.name)
        assert len(page) >= 2
        file = surfaces.file(f"/channels/101/analytics/videos.csv?table={layout.name}&{RANGE}", key)
        assert values(file, {metric.name: metric.name for metric in of_layout(layout)}) == page
        names = by_metric(REPORTS[report].columns, of_layout(layout))
        assert len(names) >= 3
        called = values(surfaces.called(report, of_api, **channel), names)
        assert called == {key: {name: row[name] for name in names} for key, row in page.items()}


def test_videos_and_sessions_of_a_person(surfaces: Surfaces) -> None:
    address = "/people/ada/analytics"
    for layout, heading in (
        (person.SESSIONS, "Sessions"),
        (person.RECORDINGS, "Recordings"),
        (person.VIDEOS, "Content on demand"),
    ):
        page, read = surfaces.page(f"{address}?of=all", layout.name)
        shown = [row[: len(layout.columns)] if layout is not person.SESSIONS else row[-2:] for row in read]
        assert page and surfaces.document(f"{address}/summary.pdf?of=all", heading, len(layout.columns)) == shown


def test_headers_of_published_layouts_are_english_and_those_of_pages_are_theirs(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    german = Surfaces(app, monkeypatch, "de")
    header, _rows = german.mailed(f"/channels/101/analytics/export?{RANGE}", descriptive=True)
    assert header == [column.header for column in engagement.COLUMNS] and header[0] == "First Name"
    for name, report in CUSTOM.items():
        address = f"/channels/101/analytics/custom.csv?report={name}&descriptive=1&{RANGE}"
        assert german.get(address).partition("\r\n")[0].split(",") == [column.label for column in report.columns]
    page, file = (german.get(f"/channels/101/analytics/videos{more}{RANGE}") for more in ("?", ".csv?descriptive=1&"))
    labels = file.partition("\r\n")[0].split(",")
    assert labels[2] == "Wiedergaben" and all(label in page for label in labels[1:])
