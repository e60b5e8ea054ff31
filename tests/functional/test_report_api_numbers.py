"""Every number of the report API is that of the events that were sent, by whatever is filtered."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from flask import Flask

from lti_tool.reports.report_api.reports import REPORTS, Report
from tests.actors import account_with
from tests.functional.api_data import CATALOG, HOUR, MINUTE, REACTIONS, SESSIONS, START, USERS, Truth, events
from tests.kaltura import Client, user_filter

EVENTS = events()
ALL = ["s1", "s2", "s3", "sb"]
# Filter -> sessions, media and more that it leaves.
FILTERS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "everything": ({}, {"sessions": ALL, "media": ["rec", "clip"]}),
    "a room alone": ({"entryIdIn": "r1"}, {"sessions": ["s1", "s2"], "media": []}),
    "a room and its recording": ({"entryIdIn": "r1|rec"}, {"sessions": ["s1", "s2"], "media": ["rec"]}),
    "sessions": ({"cuePointIdIn": "s1|s3"}, {"sessions": ["s1", "s3"], "media": []}),
    "an event": ({"virtualEventIdIn": "77"}, {"sessions": ["s1", "s2"], "media": []}),
    "dates": (
        {"fromDate": START // 1000, "toDate": (START + HOUR // 2) // 1000},
        {"sessions": ["s1", "sb"], "media": ["rec", "clip"], "start": START, "end": START + HOUR // 2},
    ),
    "a day in a zone": (
        {"fromDay": "20260513", "toDay": "20260513", "timeZoneOffset": -120},
        {"sessions": ["s2"], "media": ["rec", "clip"], "start": 1_778_623_200_000, "end": 1_778_709_600_000},
    ),
    "people": ({"userIds": "ada|dee"}, {"sessions": ALL, "media": ["rec", "clip"], "users": {"ada", "dee"}}),
    "a country": ({"countryIn": "DE"}, {"sessions": ALL, "media": ["rec", "clip"], "users": {"bo", "cy"}}),
    "a device": ({"deviceIn": "Mobile"}, {"sessions": ALL, "media": ["rec", "clip"], "users": {"bo"}}),
    "nothing": ({"entryIdIn": "nobody's"}, {"sessions": [], "media": []}),
    "a legacy room": ({"entryIdIn": "old"}, {"sessions": [], "media": []}),
}
# Columns with numbers that are no metric.
NUMBERS = {"position", "count_viewers", "extract_time", "count_download_attachment_clicked", "duration", "date_id"}
NUMBERS |= {"session_start_time", "session_end_time", "created_at", "duration_msecs"}
NUMBERS |= {f"reaction_{kind.lower()}_clicked" for kind in REACTIONS}
cases = pytest.mark.parametrize("case", FILTERS)


@pytest.fixture
def client(app: Flask) -> Client:
    made = account_with(app, CATALOG, EVENTS)
    client = Client(app.test_client())
    client.start(made.admin_secret, made.partner_id)
    return client


def asked(case: str) -> tuple[dict[str, Any], Truth]:
    given, expected = FILTERS[case]
    return user_filter(**given), Truth(EVENTS, **expected)


def number(value: float | None) -> str | Any:
    return "" if value is None else pytest.approx(value)


def same(found: dict[str, str], expected: dict[str, float | None]) -> None:
    read = {name: float(value) if value else "" for name, value in found.items()}
    assert read == {name: number(value) for name, value in expected.items()}
    assert list(found) == list(expected)  # in this order


def ratio(dividend: float, divisor: float) -> float | None:
    return dividend / divisor if divisor else None


@cases
def test_highlights_unique_users_engagement_and_participation(client: Client, case: str) -> None:
    given, truth = asked(case)
    live, recorded = truth.live("watched"), truth.recorded
    minutes, played = truth.sum("watched") / 60, truth.recording_seconds / 60
    same(
        client.total(60001, given),
        {
            "vod_avg_play_time": ratio(played, len(recorded)),
            "combined_live_avg_play_time": ratio(minutes, len(live)),
            "vod_live_avg_view_time": ratio(minutes + played, len(live | recorded)),
        },
    )
    same(
        client.total(60002, given),
        {
            "unique_vod_viewers": len(recorded),
            "unique_combined_live_viewers": len(live),
            "unique_vod_live_viewers": len(live | recorded),
        },
    )
    same(
        client.total(60003, given),
        {
            "combined_live_engaged_users_play_time_ratio": ratio(truth.sum("engaged"), truth.sum("watched")),
            "download_attachment_unique_users": len(truth.live("downloads")),
            "count_download_attachment_clicked": truth.sum("downloads"),
            "unique_combined_live_viewers": len(live),
            "reaction_clicked_unique_users": len(truth.live("reactions")),
            "count_reaction_clicked": truth.sum("reactions"),
        },
    )
    same(
        client.total(70001, given),
        {
            "count_reaction_clicked": truth.sum("reactions"),
            "reaction_clicked_unique_users": len(truth.live("reactions")),
            "count_cnc_group_message_sent": truth.sum("chat_messages"),
            "unique_users_sent_group_message": len(truth.live("chat_messages")),
            "unique_users_answered_poll": len(truth.live("votes")),
            "unique_users_q_and_a_thread": len(truth.live("threads")),
            "q_and_a_threads_count": truth.sum("threads"),
            "unique_users_sent_private_message": len(
                {e["userId"] for e in truth.events if e["name"] == "privateMessageSent"}
            ),
            "unique_logged_in_users": len(truth.could_chat) if case not in ("people", "a country", "a device") else
            len(could_chat_of(case)),
        },
    )  # fmt: skip


def could_chat_of(case: str) -> set[str]:
    """Whether a session reports log-ins is a matter of all its people, also of those who are not asked about."""
    _given, expected = FILTERS[case]
    return Truth(EVENTS, **{**expected, "users": None}).could_chat & expected["users"]


def person_row(truth: Truth, user: str) -> dict[str, float | None]:
    count = lambda name: truth.of_person(user, name)  # noqa: E731
    plays = [truth.plays(entry, user) for entry in truth.played]
    watched, played = count("watched") / 60, sum(play[2] for play in plays) / 60
    return {
        "vod_view_time": played,
        "live_view_time": watched,
        "total_view_time": watched + played,
        "avg_completion_rate": ratio(sum(play[3] for play in plays), sum(play[1] for play in plays)),
        "count_reaction_clicked": count("reactions"),
        "count_raise_hand_clicked": count("raised_hands"),
        "combined_live_engaged_users_play_time_ratio": ratio(count("engaged"), count("watched")),
        "count_group_chat_messages_sent": count("chat_messages"),
        "count_poll_answered": count("votes"),
        "count_q_and_a_threads": count("threads"),
        "count_download_attachment_clicked": count("downloads"),
    }


DEEDS = ("watched", "reactions", "raised_hands", "chat_messages", "votes", "threads", "downloads")
NAMES = {"ada": "Ada Byron", "bo": "Bo  drop Li ng", "cy": "=1+1", "dee": "dee"}


@cases
def test_the_tables_of_people(client: Client, case: str) -> None:
    given, truth = asked(case)
    live = {user for user in USERS if any(truth.of_person(user, deed) for deed in DEEDS)}
    recorded = {user for user in USERS if any(any(truth.plays(e, user)[:3]) for e in truth.played)}
    header, rows, count = client.table(60010, given)
    assert count == len(rows) == len(live)
    for row in rows:
        user = row[0]
        assert row[1] == NAMES[user]
        expected = person_row(truth, user)
        for gone in ("vod_view_time", "total_view_time", "avg_completion_rate"):
            del expected[gone]
        same(dict(zip(header[8:], row[8:], strict=True)), expected)
    assert [float(row[8]) for row in rows] == sorted((float(row[8]) for row in rows), reverse=True)
    header, rows, count = client.table(60013, given)
    assert count == len(rows) == len(live | recorded)
    by_first = {"Ada": "ada", "Bo  drop": "bo", "=1+1": "cy", "dee": "dee"}
    for row in rows:
        same(dict(zip(header[8:], row[8:], strict=True)), person_row(truth, by_first[row[0]]))
    header, rows, count = client.table(60012, given)
    assert {row[0] for row in rows} == recorded and count == len(recorded)
    for row in rows:
        plays = [truth.plays(entry, row[0]) for entry in truth.played]
        minutes = sum(play[2] for play in plays) / 60
        expected = {
            "count_plays": sum(play[1] for play in plays),
            "sum_vod_view_period": minutes,
            "vod_avg_play_time": minutes,
            "count_loads": sum(play[0] for play in plays),
            "avg_completion_rate": ratio(sum(play[3] for play in plays), sum(play[1] for play in plays)),
        }
        same(dict(zip(header[2:], row[2:], strict=True)), expected)


@cases
def test_the_tables_of_entries_devices_and_countries(client: Client, case: str) -> None:
    given, truth = asked(case)
    header, rows, _count = client.table(60005, given)
    wanted = {entry for entry in truth.played if any(truth.plays(entry)[:3])}
    assert {row[0] for row in rows} == wanted
    for row in rows:
        loads, plays, seconds, percentiles, started, _watched = truth.plays(row[0])
        expected = {
            "count_plays": plays,
            "count_loads": loads,
            "sum_vod_view_period": seconds / 60,
            "unique_viewers": len(started),
            "avg_completion_rate": ratio(percentiles, plays),
        }
        same(dict(zip(header[2:], row[2:], strict=True)), expected)
    for report, place in ((60006, 1), (60007, 0), (60009, 0)):
        header, rows, _count = client.table(report, given)
        groups = {(USERS[user][place] or "") for user in truth.live("watched") | truth.recorded}
        assert {row[0] for row in rows} == groups
        for row in rows:
            mine = {user for user in USERS if (USERS[user][place] or "") == row[0]}
            assert [int(cell) for cell in row[-2:]] == [
                len(truth.recorded & mine),
                len(truth.live("watched") & mine),
            ]


@cases
def test_the_minutes(client: Client, case: str) -> None:
    given, truth = asked(case)
    header, rows, _count = client.table(60004, given, size=12_000)
    _given, bounds = FILTERS[case]
    minutes: dict[int, list[Any]] = {}
    for one in truth.sessions.values():
        for user, person in one.people.items():
            for second in person.watched:
                at = minutes.setdefault(second // 60, [set(), 0, 0])
                at[0].add(user)
                at[1] += 1
                at[2] += second in person.engaged
    sent = Counter((e["time"] // MINUTE, e["reaction"]) for e in truth.events if e["name"] == "reactionClicked")
    seen = sorted({*minutes, *(at for at, _kind in sent)})
    first, last = (seen[0], seen[-1] + 1) if seen else (0, 0)
    if "end" in bounds:
        first, last = bounds["start"] // MINUTE, bounds["end"] // MINUTE
    assert [int(row[0]) for row in rows] == [at * 60 for at in range(first, last)]
    for row in rows:
        people, watched, engaged = minutes.get(int(row[0]) // 60, [(), 0, 0])
        expected = {"combined_live_view_period_count": len(people)}
        expected["combined_live_engaged_users_ratio"] = ratio(engaged, watched)
        expected |= {f"reaction_{kind.lower()}_clicked": sent[int(row[0]) // 60, kind] for kind in REACTIONS}
        same(dict(zip(header[1:], row[1:], strict=True)), expected)
    levels: dict[int, dict[str, int]] = {}
    for at in range(first, last):
        here = {
            user: any(second in person.engaged for second in person.watched if second // 60 == at)
            for one in truth.sessions.values() for user, person in one.people.items()
            if any(second // 60 == at for second in person.watched)
        }  # fmt: skip
        for one in truth.sessions.values():  # somebody may be in two sessions at once
            for user, person in one.people.items():
                if any(second // 60 == at for second in person.engaged):
                    here[user] = True
        kinds = Counter("Engaged" if engaged else "Not Engaged" for engaged in here.values())
        levels[at * 60] = dict(kinds) or {"Offline": 0}
        if at - first > 40:
            break
    _header, rows, _count = client.table(60011, given, size=12_000)
    found: dict[int, dict[str, int]] = {}
    for position, kind, count in rows:
        found.setdefault(int(position), {})[kind] = int(count)
    if not FILTERS[case][1].get("end"):  # the axis of 60011 has no reactions on it
        levels = {at: kinds for at, kinds in levels.items() if at in found or "Offline" not in kinds}
    assert {at: found.get(at) for at in levels} == levels


@cases
def test_moments_and_sessions(client: Client, case: str) -> None:
    given, truth = asked(case)
    _header, rows, _count = client.table(60016, given, size=12_000)
    expected: dict[tuple[str, str], set[str]] = {}
    for name, one in truth.sessions.items():
        for user, person in one.people.items():
            for second in person.watched:
                expected.setdefault((SESSIONS[name]["entryId"], str(second // 60 * 60)), set()).add(user)
    assert {(row[0], row[2]): int(row[3]) for row in rows} == {key: len(people) for key, people in expected.items()}
    assert [int(row[3]) for row in rows] == sorted((int(row[3]) for row in rows), reverse=True)
    header, rows, _count = client.table(60017, given)
    assert {row[0] for row in rows} >= {name for name, one in truth.sessions.items() if one.people}
    for row in rows:
        one, media = truth.sessions[row[0]], ["rec"] if row[0] in ("s1", "s2") and "rec" in truth.played else []
        bounds = FILTERS[case][1]
        since = max(SESSIONS[row[0]]["startTime"], bounds.get("start", 0))
        of = Truth(EVENTS, [], media, start=since, end=bounds.get("end", 1 << 60), users=bounds.get("users"))
        plays = of.plays("rec") if media else (0, 0, 0, 0, set(), set())
        watched, engaged = one.total_seconds if hasattr(one, "total_seconds") else (
            sum(len(p.watched) for p in one.people.values()), sum(len(p.engaged) for p in one.people.values())
        )  # fmt: skip
        same(
            dict(zip(header[2:], row[2:], strict=True)),
            {
                "unique_combined_live_viewers": len(one.viewers),
                "combined_live_engaged_users_ratio": ratio(engaged, watched),
                "unique_vod_viewers": len(plays[5]),
                "avg_vod_completion_rate": ratio(plays[3], plays[1]),
                "union_live_meeting_vod_view_time": (watched + plays[2]) / 60,
                "combined_live_engaged_users_play_time_ratio": ratio(engaged, watched),
            },
        )


@cases
def test_downloads(client: Client, case: str) -> None:
    given, truth = asked(case)
    _header, rows, _count = client.table(60019, given)
    sent = [e for e in truth.events if e["name"] == "downloadAttachmentClicked"]
    expected = Counter((str(e["time"] // 1000), e["entryId"], "a1", "Plan.final.PDF", "pdf", "1") for e in sent)
    assert Counter((row[0], row[1], *row[3:]) for row in rows) == expected
    assert [row[0] for row in rows] == sorted((row[0] for row in rows), reverse=True)


def test_each_download_is_a_row_also_two_of_one_second(app: Flask) -> None:
    """Newest first, and those of one time by room and attachment."""
    clicked = {"name": "downloadAttachmentClicked", "entryId": "r1", "sessionId": "s1", "time": START + 2000}
    sent = [("ada", "a1", 1), ("bo", "a2", 0), ("cy", "a1", 0), ("ada", "a1", 0), ("bo", "a3", 999)]
    more = [
        {**clicked, "id": f"d{place}", "userId": user, "attachmentId": attachment, "time": START + 2000 + later}
        for place, (user, attachment, later) in enumerate(sent)
    ]
    made = account_with(app, CATALOG, more)
    client = Client(app.test_client())
    client.start(made.admin_secret, made.partner_id)
    _header, rows, count = client.table(60019, user_filter())
    assert count == 5 and [(row[3], row[6]) for row in rows] == [(name, "1") for name in ("a3", "a1", "a1", "a1", "a2")]
    assert {row[0] for row in rows} == {str(START // 1000 + 2)}
    assert client.total(60019, user_filter()) == {"count_download_attachment_clicked": "5"}


@cases
def test_videos(client: Client, case: str) -> None:
    given, truth = asked(case)
    plays = {entry: truth.plays(entry) for entry in truth.played}
    touched = [entry for entry, of in plays.items() if any(of[1:3])]
    started = {user for of in plays.values() for user in of[4]}
    rate = ratio(sum(of[3] for of in plays.values()), sum(of[1] for of in plays.values()))
    sums = {
        "count_plays": sum(of[1] for of in plays.values()),
        "count_loads": sum(of[0] for of in plays.values()),
        "unique_viewers": len(started),
        "sum_view_period": sum(of[2] for of in plays.values()) / 60,
    }
    owners = {"rec"} & set(touched)  # the clip has none
    videos = {"unique_videos": len(touched), "unique_contributors": len(owners)}
    same(client.total(52, given), {**sums, **videos, "avg_completion_rate": rate})
    header, rows, count = client.table(38, given)
    assert {row[0] for row in rows} == {entry for entry, of in plays.items() if any(of[:3])} and count == len(rows)
    most = max((len(of[5]) for of in plays.values()), default=0)
    longest = max((of[2] for of in plays.values()), default=0)
    for row in rows:
        loads, number_, seconds, percentiles, of_entry, watched = plays[row[0]]
        shares = [len(watched) / most, seconds / longest, *([percentiles / number_ / 100] if number_ else [])]
        expected = {
            "count_plays": number_,
            "count_loads": loads,
            "unique_viewers": len(of_entry),
            "sum_view_period": seconds / 60,
            "avg_completion_rate": ratio(percentiles, number_),
            "total_completion_rate": len(truth.seen(row[0])) if number_ else None,
            "engagement_ranking": 1 + 9 * sum(shares) / len(shares),
        }
        same(dict(zip(header[6:], row[6:], strict=True)), expected)
    every = set().union(*(truth.seen(entry) for entry in plays))
    total = client.total(38, given)["total_completion_rate"]
    assert total == (str(len(every)) if sum(of[1] for of in plays.values()) else "")
    header, rows, count = client.table(13, given)
    assert sum(int(row[2]) for row in rows) == sums["count_plays"]
    assert sum(float(row[4]) for row in rows) == pytest.approx(sums["sum_view_period"])
    for report, place in ((36, 0), (21, 1)):
        header, rows, _count = client.table(report, given)
        found = {row[0]: int(row[header.index("unique_viewers")]) for row in rows}
        groups = {(USERS[user][place] or "") for user in started | truth.recorded}
        mine = {group: {u for u in started if (USERS[u][place] or "") == group} for group in groups}
        assert found == {group: len(users) for group, users in mine.items()}


def test_a_video_of_unknown_length_ranks_as_on_the_page_of_its_channel(app: Flask) -> None:
    """The average completion rate of all of them stands for its own."""
    entries = [{"id": "clip", "name": "C", "type": "video", "durationSeconds": 100}, {"id": "long", "name": "L"}]
    events = [
        {"id": f"{entry}{place}", "entryId": entry, "userId": "ada", "playId": entry, "time": START + place, **more}
        for entry, last in (("clip", 50), ("long", 25))
        for place, more in enumerate(
            ({"name": "play"}, {"name": "view", "playbackType": "vod", "fromPosition": 0, "toPosition": last})
        )
    ]
    made = account_with(app, {"entries": [entries[0], {"type": "video", **entries[1]}]}, events)
    client = Client(app.test_client())
    client.start(made.admin_secret, made.partner_id)
    header, rows, _count = client.table(38, user_filter())
    found = {row[0]: dict(zip(header, row, strict=True)) for row in rows}
    assert float(found["clip"]["engagement_ranking"]) == pytest.approx(1 + 9 * (1 + 1 + 0.5) / 3)
    assert float(found["long"]["engagement_ranking"]) == pytest.approx(1 + 9 * (1 + 0.5 + 0.5) / 3)
    place = header.index("total_completion_rate")
    for given in ({}, {"fromDate": START // 1000 - 1}, {"fromDate": START // 1000}, {"userIds": "ada"}):
        _header, rows, _count = client.table(38, user_filter(**given))
        assert {row[0]: row[place] for row in rows} == {"clip": "50", "long": ""}


def test_videos_over_time_and_of_a_channel(client: Client) -> None:
    start, days = 1_778_544_000, 3
    given = {"fromDate": start, "toDate": start + days * 86_400}
    _header, rows, _count = client.table(34, user_filter(**given))
    assert [row[0] for row in rows] == ["20260512", "20260513", "20260514"]
    for day, row in enumerate(rows):
        first = (start + day * 86_400) * 1000
        truth = Truth(EVENTS, [], ["rec", "clip"], start=first, end=first + 86_400_000)
        assert row[1] == str(sum(truth.plays(entry)[1] for entry in truth.played))
    of_channel = client.total(52, user_filter(playbackContextIdsIn="101"))
    truth = Truth(EVENTS, [], ["clip"])
    assert (of_channel["count_plays"], of_channel["unique_videos"]) == (str(truth.plays("clip")[1]), "1")


def test_what_sessions_come_to_is_of_the_kinds_of_rooms_that_they_are_listed_of(app: Flask) -> None:
    """6000: rooms and breakout rooms; 6002: breakout rooms only; graphs as totals."""
    catalog = {
        **CATALOG,
        "entries": [*CATALOG["entries"], {"id": "live", "name": "Stream", "type": "live"}],
        "sessions": [*CATALOG["sessions"], {**SESSIONS["s1"], "id": "sl", "entryId": "live", "hostId": None}],
    }
    stream = {"name": "view", "entryId": "live", "sessionId": "sl", "playbackType": "live", "soundOn": True}
    fan = {"id": "fan", "userId": "fan", "time": START + MINUTE, "tabFocused": True, **stream}
    made = account_with(app, catalog, [*EVENTS, fan])
    client = Client(app.test_client())
    client.start(made.admin_secret, made.partner_id)
    names = {
        6000: ("meeting_view_period_unique_users", "meeting_engaged_play_time_ratio", ["s1", "s2", "s3", "sb"]),
        6002: ("participant_count", "engagement_rate", ["sb"]),
    }
    for report, (viewers, rate, sessions) in names.items():
        truth = Truth(EVENTS, sessions, [])
        expected = {viewers: len(truth.live("watched")), rate: truth.sum("engaged") / truth.sum("watched")}
        same(client.total(report, user_filter()), expected)
        same(client.total(report, user_filter(entryIdIn="live")), {viewers: 0, rate: None})
    same(client.total(6002, user_filter(entryIdIn="r1")), {"participant_count": 0, "engagement_rate": None})
    dates = user_filter(fromDay="20260512", toDay="20260513")
    graphs = client.call("report", "getGraphs", reportType="6002", reportInputFilter=dates)
    points = {item.findtext("id"): item.findtext("data") or "" for item in graphs.findall("item")}
    of_breakout = len(Truth(EVENTS, ["sb"], []).live("watched"))
    assert points["participant_count"] == f"20260512,{of_breakout};20260513,0;"


@pytest.mark.parametrize("report", REPORTS.values(), ids=lambda report: str(report.id))
def test_every_report_is_sorted_by_each_of_its_columns_both_ways(app: Flask, report: Report) -> None:
    """Rows without a value come last, whichever way round; and files are in the same order."""
    nameless = {"id": "eve", "email": "eve@example.edu", "lastName": "O", "role": "viewer"}
    hers = {"id": "eve1", "name": "view", "entryId": "r1", "sessionId": "s1", "userId": "eve", "time": START + MINUTE}
    more = [hers, {**hers, "id": "eve2", "name": "play", "entryId": "rec", "playId": "p", "sessionId": None}]
    made = account_with(app, {**CATALOG, "people": [*CATALOG["people"], nameless]}, [*EVENTS, *more])
    client = Client(app.test_client())
    client.start(made.admin_secret, made.partner_id)
    given = {"fromDate": START // 1000 - 7200, "toDate": START // 1000 + 7200}
    usual = client.table(report.id, user_filter(**given))[1]
    for place, column in enumerate(report.columns):
        for sign in "-+":
            _header, rows, _count = client.table(report.id, user_filter(**given), order=f"{sign}{column.name}")
            assert sorted(rows) == sorted(usual)
            known = [row[place] for row in rows if row[place]]
            assert [row[place] for row in rows] == known + [""] * (len(rows) - len(known)), column.name
            keys = list(map(float, known)) if column.metric else [cell.casefold() for cell in known]
            if column.name in NUMBERS:
                keys = list(map(float, known))
            assert keys == sorted(keys, reverse=sign == "-"), (column.name, sign)
            params = f"order_by={sign}{column.name};from_date={given['fromDate']};to_date={given['toDate']}"
            file = client.http.get(client.url("report", "getCsvFromStringParams", id=report.id, params=params))
            lines = [line.split(",") for line in file.data.decode("utf-8-sig").splitlines()[1:]]
            in_file = [line[place].lstrip("'").replace(";", " ") for line in lines]
            assert in_file == [row[place].replace(",", " ") for row in rows]


def test_a_private_message_counts_in_its_own_session_only(app: Flask) -> None:
    """Without the name of one it lies in the second, though near the end of the first as well."""
    times = {"a": (START, START + HOUR), "b": (START + HOUR + 10 * MINUTE, START + 2 * HOUR)}
    sessions = [{"id": key, "entryId": "r1", "startTime": start, "endTime": end} for key, (start, end) in times.items()]
    sent = {"name": "privateMessageSent", "entryId": "r1", "userId": "ada", "recipientUserId": "bo"}
    made = account_with(
        app, {**CATALOG, "sessions": sessions}, [{"id": "p", "time": START + HOUR + 12 * MINUTE, **sent}]
    )
    client = Client(app.test_client())
    client.start(made.admin_secret, made.partner_id)
    for session, people in (("a", "0"), ("b", "1")):
        total = client.total(70001, user_filter(cuePointIdIn=session))
        assert total["unique_users_sent_private_message"] == people
