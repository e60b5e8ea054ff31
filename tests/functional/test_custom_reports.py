"""Custom reports over HTTP: the pages that ask, the files, who may have them, and what is refused."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from html import unescape
from io import StringIO
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import or_
from werkzeug.http import parse_options_header

from lti_tool.access.roles import ACCOUNT_ANALYTICS, COURSE_ANALYTICS, PEOPLE
from lti_tool.access.scope import Scope
from lti_tool.analytics import period
from lti_tool.models import Entry
from lti_tool.reports.custom import OF_EVENT, OF_ROOM, REPORTS, Asked, lines
from tests.actors import INSTRUCTOR, account_with, visitor
from tests.properties.made_up import DAY, START, made_up

BASE = "https://tool.example"
DATES = "from=2026-05-01&to=2026-05-31"
ROOM, CHANNEL = "/media/r1/analytics/custom", "/channels/101/analytics/custom"
EVENT = "/events/77/analytics/custom"
# 2026-05-12 begins then in New York.
MIDNIGHT = 1_778_558_400_000


@pytest.fixture
def account(app: Flask) -> int:
    world = made_up(7, 150)
    return account_with(app, world.catalog, world.events).partner_id


def get(app: Flask, account: int, address: str, **more: Any) -> Any:
    somebody = visitor(app, account, **({"permissions": INSTRUCTOR, "channel": "c-101"} | more))
    return somebody.client.get(address, base_url=BASE)


def table(answer: Any) -> list[list[str]]:
    assert answer.status_code == 200, answer.text
    assert answer.data.startswith(b"\xef\xbb\xbf") and not answer.data.startswith(b"\xef\xbb\xbf\xef\xbb\xbf")
    return list(csv.reader(StringIO(answer.data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(("page", "reports"), [(ROOM, OF_ROOM), (CHANNEL, REPORTS), (EVENT, OF_EVENT)])
def test_the_form_asks_for_each_report_and_its_file_is_that_of_the_report(app, account, page, reports) -> None:
    text = get(app, account, page).text
    assert re.findall(r'name="report" value="([^"]+)"', text) == list(reports)
    usual = "365" if page == EVENT else "30"
    assert re.search(rf'name="range" value="{usual}" checked', text) and 'data-action="custom-report">' in text
    (action,) = re.findall(r'<form class="custom" method="get" action="([^"]+)"', text)
    for name in reports:
        sent = get(app, account, f"{unescape(action).split('?')[0]}?download=1&report={name}&{DATES}&entry_ids=")
        assert (sent.status_code, sent.location.split("&launch=")[0]) == (303, f"{page}.csv?report={name}&{DATES}")
        answer = get(app, account, sent.location.split("&launch=")[0])
        of = {ROOM: "=Room, one", CHANNEL: "Statistics", EVENT: "@Open day"}[page]
        named = parse_options_header(answer.headers["Content-Disposition"])
        assert named == ("attachment", {"filename": f"{name}_{of}_2026-05-01_2026-05-31.csv"})
        assert (answer.mimetype, answer.headers["Cache-Control"]) == ("text/csv", "no-store")
        rows = table(answer)
        where = or_(Entry.external_id.in_(["r1", "r2", "b1"] if page == CHANNEL else ["r1", "b1"]))
        with app.app_context():
            scope = Scope(account, channel_id="101", owner_id="teacher", people=True)
            asked = Asked(scope, START - DAY, START + 4 * DAY, where)
            if (page, name) == (EVENT, "rsvp"):
                filters = {"virtual_event_ids": frozenset(["77"])}
                asked = Asked(scope, START - DAY, START + 4 * DAY, filters=filters)
            assert answer.data == b"".join(lines(REPORTS[name], asked, descriptive=False))
        assert len(rows) > 1


def test_the_page_is_reached_from_the_room_and_the_channel_by_whoever_sees_names(app, account) -> None:
    for page in ("/media/r1/analytics", "/channels/101/analytics/rooms", "/events/77/agenda", "/events/77/people"):
        link = r'data-action="custom-report" href="([^"?]+)'
        (found,) = re.findall(link, get(app, account, page).text)
        assert found in (ROOM, CHANNEL, EVENT)
        assert not re.findall(link, get(app, account, page, permissions=(COURSE_ANALYTICS,)).text)


def test_rsvp_of_an_event_is_had_from_its_page_by_whoever_sees_it(app, account) -> None:
    everything = {"permissions": (ACCOUNT_ANALYTICS, PEOPLE), "channel": None}
    for who in (everything, {}):
        rows = table(get(app, account, f"{EVENT}.csv?{DATES}", **who))  # the first report is RSVP
        with app.app_context():
            every = Scope(account, whole_account=True, people=True)
            filters = {"virtual_event_ids": frozenset(["77"])}
            wanted = lines(
                REPORTS["rsvp"], Asked(every, START - DAY, START + 4 * DAY, filters=filters), descriptive=False
            )
            assert rows == list(csv.reader(StringIO(b"".join(wanted).decode("utf-8-sig"), newline="")))
        assert len(rows) > 5
        other = table(get(app, account, f"{EVENT}.csv?{DATES}&virtual_event_ids=78", **who))
        assert other == rows
    assert get(app, account, EVENT.replace("77", "78")).status_code == 403  # it lies elsewhere
    assert 'name="virtual_event_ids"' not in get(app, account, EVENT).text


def test_the_form_remembers_and_filters(app, account) -> None:
    asked = f"report=attendees-data&{DATES}&cue_point_ids=r1-s1&user_ids=u1&descriptive=1&entry_ids=r1"
    text = get(app, account, f"{CHANNEL}?{asked}").text
    for chosen in (
        'value="attendees-data" checked',
        'value="dates" checked',
        'value="2026-05-31"',
        'value="r1-s1" selected',
        'value="r1" selected',
        'name="user_ids" value="u1"',
        'name="descriptive" value="1" checked',
    ):
        assert chosen in text, chosen
    rows = table(get(app, account, f"{CHANNEL}.csv?{asked}"))
    assert rows[0][:3] == ["Room ID", "Session ID", "User ID"]
    assert {tuple(row[:3]) for row in rows[1:]} <= {("r1", "r1-s1", "u1")}


@pytest.mark.parametrize(
    ("asked", "days"),
    [("", 30), ("range=7", 7), ("range=365&from=&to=", 365), (f"range=7&{DATES}", 31), (f"range=dates&{DATES}", 31)],
)
def test_dates_that_are_filled_in_win_over_the_range(app, account, asked, days, monkeypatch) -> None:
    monkeypatch.setattr(period, "now_ms", lambda: START + 10 * DAY)
    name = get(app, account, f"{ROOM}.csv?{asked}").headers["Content-Disposition"]
    first, last = re.findall(r"\d{4}-\d\d-\d\d", name)
    assert (period.date.fromisoformat(last) - period.date.fromisoformat(first)).days == days - 1
    assert days == 31 or last == "2026-05-22"


def test_days_are_those_of_the_readers_zone_and_half_open(app) -> None:
    starts = {"before": MIDNIGHT - 1, "first": MIDNIGHT, "last": MIDNIGHT + DAY - 1, "after": MIDNIGHT + DAY}
    catalog = {
        "channels": [{"id": "101", "name": "S", "contextId": "c-101"}],
        "entries": [{"id": "r1", "name": "R", "type": "room", "channelIds": ["101"]}],
        "sessions": [
            {"id": id, "entryId": "r1", "startTime": start, "endTime": start + 1000} for id, start in starts.items()
        ],
    }
    account = account_with(app, catalog, []).partner_id
    address = f"{ROOM}.csv?from=2026-05-12&to=2026-05-12"
    rows = table(get(app, account, address, timezone="America/New_York"))
    assert [row[3] for row in rows[1:]] == ["first", "last"]
    assert [row[-2:] for row in rows[1:]] == [["0", ""], ["0", ""]]
    assert [row[3] for row in table(get(app, account, address))[1:]] == ["before", "first"]  # in UTC


def test_nobody_gets_what_is_not_theirs(app, account) -> None:
    stranger = account_with(app, {"channels": [{"id": "101", "name": "S", "contextId": "c-101"}]}, []).partner_id
    everything = {"permissions": (ACCOUNT_ANALYTICS, PEOPLE), "channel": None}
    for name in REPORTS:
        for asked in ("entry_ids=x1,old,r1", "entry_ids=x1,old"):
            if name != "rsvp":
                rows = table(get(app, account, f"{CHANNEL}.csv?report={name}&{DATES}&{asked}"))
                assert "x1" not in {cell for row in rows for cell in row} and (len(rows) == 1 or "r1" in asked)
        assert len(table(get(app, stranger, f"{CHANNEL}.csv?report={name}&{DATES}&entry_ids=r1", **everything))) == 1
    for permissions in ((), (COURSE_ANALYTICS,)):
        for address in (ROOM, CHANNEL):
            for kind in ("", ".csv"):
                refused = get(app, account, f"{address}{kind}?{DATES}", permissions=permissions)
                assert (refused.status_code, 'data-refusal="role"' in refused.text) == (403, True)
    assert 'data-refusal="legacy"' in get(app, account, f"/media/old/analytics/custom.csv?{DATES}").text


def test_a_registration_for_a_whole_event_is_for_whoever_sees_all_of_it(app, account) -> None:
    def media(**who: Any) -> set[str]:
        rows = table(get(app, account, f"{CHANNEL}.csv?report=rsvp&{DATES}", **who))
        return {row[1] for row in rows[1:]}

    assert media() <= {"'=Room, one", "Group", "'@Open day"} and "'@Open day" in media()
    # The second event has a room elsewhere only.
    assert "Other" not in media(permissions=(ACCOUNT_ANALYTICS, PEOPLE), channel=None)


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ("report=everything", "report"),
        ("from=0001-01-01&to=2738-11-28", "from, to"),
        ("from=2026-05-31&to=2026-05-01", "from, to"),
        ("from=2026-02-30&to=2026-05-01", "from, to"),
        ("range=dates", "from, to"),
        ("range=9", "range"),
        ("range=" + quote("7' OR 1=1 --"), "range"),
        (f"{DATES}&report=room-data&user_ids=u1", "user_ids"),
        (f"{DATES}&virtual_event_ids=" + quote("77) OR (1=1"), "virtual_event_ids"),
        (f"{DATES}&virtual_event_ids=" + "9" * 30, "virtual_event_ids"),
        (f"{DATES}&report=attendees-data&user_ids=%00", "user_ids"),
        (f"{DATES}&entry_ids=" + "x" * 256, "entry_ids"),
        (f"{DATES}&entry_ids=" + ",".join(map(str, range(1001))), "entry_ids"),
        (f"{DATES}&report=attendees-data&user_ids=" + quote('"Doe, Jane'), "user_ids"),
    ],
)
def test_what_cannot_be_used_is_named_with_what_is_allowed(app, account, asked, named) -> None:
    answer = get(app, account, f"{CHANNEL}.csv?{asked}")
    assert answer.status_code == 400
    assert f"'{named}' cannot be used: " in unescape(answer.text)
    assert f'href="{CHANNEL}?launch=' in answer.text  # back to the form
    assert get(app, account, f"{CHANNEL}?{asked}").status_code == 200


NOT_BY = "cannot be narrowed by this. Clear it, or choose another report."
DATES_MUST = "The dates must exist, the first must not come after the last, and at most three years may lie between."


@pytest.mark.parametrize(
    ("asked", "field", "told", "kept"),
    [
        (f"{DATES}&report=room-data&user_ids=u1", "user_ids", f"'Room data' {NOT_BY}", 'name="user_ids" value="u1"'),
        (f"{DATES}&report=rsvp&cue_point_ids=r1-s1", "cue_point_ids", f"'RSVP' {NOT_BY}", 'value="r1-s1" selected'),
        ("range=dates&from=&to=", "dates", DATES_MUST, 'value="dates" checked'),
        ("range=30&from=2026-05-31&to=2026-05-01", "dates", DATES_MUST, 'name="from" value="2026-05-31"'),
        ("range=9", "dates", "It takes 7, 30, 120, 365, the days until today.", 'value="30" checked'),
        (f"{DATES}&report=rsvp&user_ids=" + "x" * 256, "user_ids", "It takes up to 1,000 ids", 'value="rsvp" checked'),
        (f"{DATES}&report=rsvp&user_ids=%22Doe", "user_ids", "A double quote that begins", 'value="&#34;Doe"'),
        (f"{DATES}&entry_ids=b1&cue_point_ids=r1-s1", "cue_point_ids", "not of the room", 'value="b1" selected'),
    ],
)
def test_what_the_form_cannot_take_is_told_beside_its_field(app, account, asked, field, told, kept) -> None:
    answer = get(app, account, f"{CHANNEL}?download=1&{asked}")
    text = unescape(answer.text)
    assert (answer.status_code, text.count('role="alert"')) == (400, 1)
    found = re.search(rf'<p class="wrong" id="wrong-{field}" role="alert">(.*?)</p>', text)
    assert found and told in found[1]
    assert f'aria-describedby="wrong-{field}' in text and (kept in text or kept in answer.text)
    (focused,) = re.findall(r"<[^>]+ autofocus>|<[^>]+ autofocus[ >]", answer.text)  # seen at once, on any screen
    assert f"wrong-{field}" in focused
    assert "user_ids' cannot" not in text


@pytest.mark.parametrize("time", ["", "range=7", "from=2026-05-01&to=2026-05-02"])
def test_a_session_that_is_chosen_is_of_its_own_day_whatever_the_time_frame(app, account, time) -> None:
    for report, column in (("room-data", 3), ("attendees-data", 1), ("group-chat-transcripts", None)):
        asked = f"report={report}&cue_point_ids=r1-s1"
        wanted = table(get(app, account, f"{CHANNEL}.csv?{asked}&{DATES}"))
        answer = get(app, account, f"{CHANNEL}.csv?{asked}&{time}")
        assert table(answer) == wanted and len(wanted) > 1
        assert column is None or {row[column] for row in wanted[1:]} == {"r1-s1"}
        assert "_2026-05-13_2026-05-13.csv" in answer.headers["Content-Disposition"]
    assert len(table(get(app, account, f"{CHANNEL}.csv?report=room-data&cue_point_ids=never&{time}"))) == 1


def test_an_id_with_a_comma_is_asked_for_in_quotes(app) -> None:
    ids = ["Doe, Jane", "Doe", "Jane", 'say "hi", all']
    catalog = {
        "channels": [{"id": "101", "name": "S", "contextId": "c-101"}],
        "entries": [{"id": "r,1", "name": "R", "type": "room", "channelIds": ["101"]}],
        "sessions": [{"id": "s,1", "entryId": "r,1", "startTime": START, "endTime": START + 60_000}],
    }
    seen = {"name": "view", "time": START + 30_000, "entryId": "r,1", "sessionId": "s,1"}
    events = [{"id": f"e{place}", "userId": user} | seen for place, user in enumerate(ids)]
    account = account_with(app, catalog, events).partner_id
    session = re.search(r'<option value="([^"]*s,1[^"]*)"', get(app, account, CHANNEL).text)
    assert session
    for text, wanted in (
        ('"Doe, Jane"', ids[:1]),
        ('"Doe, Jane", Jane', ["Doe, Jane", "Jane"]),
        ("Doe, Jane", ["Doe", "Jane"]),
        ('"say ""hi"", all"', ids[3:]),
    ):
        asked = f"report=attendees-data&{DATES}&cue_point_ids={quote(unescape(session[1]))}&user_ids={quote(text)}"
        rows = table(get(app, account, f"{CHANNEL}.csv?{asked}"))
        assert sorted(row[2] for row in rows[1:]) == sorted(wanted), text


def test_the_form_says_where_ids_of_people_are_found(app, account) -> None:
    for page in (ROOM, CHANNEL, EVENT):
        text = unescape(get(app, account, page).text)
        assert "A person's id is in the report 'Attendees data', in the column 'User ID' (user_id)." in text
    for descriptive, named in (("", "user_id"), ("&descriptive=1", "User ID")):
        (head, *_rows) = table(get(app, account, f"{ROOM}.csv?report=attendees-data&{DATES}{descriptive}"))
        assert named in head


def test_ids_are_only_ids(app, account) -> None:
    for text in ("' OR '1'='1", "%", "r1'; DROP TABLE entry; --", "r_"):
        for name in ("entry_ids", "cue_point_ids"):
            assert len(table(get(app, account, f"{CHANNEL}.csv?report=room-data&{DATES}&{name}={quote(text)}"))) == 1
    answer = get(app, account, f"{CHANNEL}.csv?report=" + quote("a\r\nSet-Cookie: x=1"))
    assert (answer.status_code, "x=1" in str(answer.headers)) == (400, False)


def test_the_head_is_sent_before_anything_is_asked_of_the_database(app, account, monkeypatch) -> None:
    asked: list[str] = []
    report = REPORTS["attendees-data"]

    def rows(question: Asked) -> Any:
        asked.append("rows")
        return iter(())

    monkeypatch.setitem(OF_ROOM, report.name, replace(report, rows=rows))
    somebody = visitor(app, account, permissions=INSTRUCTOR, channel="c-101")
    answer = somebody.client.get(f"{ROOM}.csv?report=attendees-data&{DATES}", base_url=BASE, buffered=False)
    parts = iter(answer.response)
    assert next(parts).startswith(b"\xef\xbb\xbfentry_id,")
    assert asked == []
    assert (list(parts), asked) == ([], ["rows"])
