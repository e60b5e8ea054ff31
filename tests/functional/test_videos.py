"""Video analytics of a channel and of one video: pages and files of events that were sent over HTTP; who sees them."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from html import unescape
from io import StringIO
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from lti_tool.access.flags import ANALYTICS, set_flag
from lti_tool.access.roles import COURSE_ANALYTICS
from lti_tool.models import begin_write, db
from lti_tool.reports.csv import harmless
from tests.actors import INSTRUCTOR, account_with, visitor
from tests.properties.test_completion import plain_percentiles

BASE = "https://tool.example"
ZONE = "America/St_Johns"
NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)
NOW = round(NOON.timestamp() * 1000)
DAY = 86_400_000
LENGTHS: dict[str, float | None] = {f"v{n:02}": 60.0 + n for n in range(12)} | {"live": None}
NAMES = {"v00": "=cmd|' /C calc'!A0", "v01": "-5", "v02": 'Say "hi", <b>all</b>', "v04": "שיעור é"}
PEOPLE_OF_IT = [{"id": f"p{n:02}", "firstName": "+Zoë" if n == 3 else "Zoë", "lastName": f"{n:02}"} for n in range(14)]
CATALOG: dict[str, Any] = {
    "channels": [
        {"id": "101", "name": "Statistics", "contextId": "c-101"},
        {"id": "102", "name": "History", "contextId": "c-102"},
        {"id": "103", "name": "Bare", "contextId": "c-103"},
    ],
    "people": PEOPLE_OF_IT,
    "entries": [
        *(
            {"id": id, "name": NAMES.get(id, f"Video {id}"), "type": "live" if id == "live" else "video"}
            | {"durationSeconds": length, "channelIds": ["101"], "ownerId": f"o{n % 3}"}
            for n, (id, length) in enumerate(LENGTHS.items())
        ),
        {"id": "other", "name": "Other", "type": "video", "channelIds": ["102"], "durationSeconds": 60},
        {"id": "room", "name": "Room", "type": "room", "channelIds": ["101"]},
        {"id": "old", "name": "Old", "type": "legacyMeeting", "channelIds": ["101"]},
    ],
}


def made_up() -> list[dict[str, Any]]:
    rng = Random(3)
    events: list[dict[str, Any]] = []
    for number in range(150):
        entry, person = rng.choice([*list(LENGTHS)[:8], "live", "other"]), f"p{rng.randrange(14):02}"
        at = NOW - rng.randrange(70 * DAY)
        base: dict[str, Any] = {"entryId": entry, "userId": person, "playId": f"play{number}"}
        where = {"country": f"{rng.choice('ABCDEFG')}{rng.choice('EL')}", "device": rng.choice(["Computer", "Mobile"])}
        events.append({**base, **where, "name": "playerImpression", "time": at})
        if rng.random() < 0.8:
            events.append({**base, "name": "play", "time": at + 1000})
        if rng.random() < 0.8:
            span = {"fromPosition": rng.randrange(40), "toPosition": rng.randrange(40, 80)}
            events.append({**base, "name": "view", "time": at + 60_000, "playbackType": "vod", **span})
    return [{"id": f"e{n}", **event} for n, event in enumerate(events)]


EVENTS = made_up()
FIRST, LAST = (NOON.astimezone(ZoneInfo(ZONE)).date() - timedelta(days=days) for days in (29, 0))
RANGE = f"from={FIRST}&to={LAST}"
BEFORE = (FIRST - timedelta(days=30), FIRST - timedelta(days=1))
PAGE = f"/channels/101/analytics/videos?{RANGE}"
FILE = f"/channels/101/analytics/videos.csv?{RANGE}"


def inside(event: dict[str, Any], first: Any = FIRST, last: Any = LAST) -> bool:
    return bool(first <= datetime.fromtimestamp(event["time"] / 1000, ZoneInfo(ZONE)).date() <= last)


def seconds(event: dict[str, Any]) -> int:
    return int(event["toPosition"] - event["fromPosition"])


def plain(days: tuple[Any, Any] = (FIRST, LAST), **only: str) -> dict[str, Any]:
    """The numbers of the channel, or of one video or person of it, straight from the events."""
    mine = [e for e in EVENTS if e["entryId"] in LENGTHS and all(e[key] == value for key, value in only.items())]
    kept = [e for e in mine if inside(e, *days)]
    plays = [e for e in kept if e["name"] == "play"]
    views = [e for e in kept if e["name"] == "view" and seconds(e)]
    rates = [
        len(plain_percentiles([(v["fromPosition"], v["toPosition"]) for v in watched], LENGTHS[play["entryId"]]))
        for play in plays
        if LENGTHS[play["entryId"]]
        for watched in [[e for e in mine if e["name"] == "view" and e["playId"] == play["playId"]]]
    ]
    touched = {e["entryId"] for e in (*plays, *views)}
    return {
        "count_loads": sum(e["name"] == "playerImpression" for e in kept),
        "count_plays": len(plays),
        "unique_vod_viewers": len({e["userId"] for e in views}),
        "sum_vod_view_period": sum(map(seconds, views)) / 60,
        "unique_videos": len(touched),
        "unique_contributors": len({list(LENGTHS).index(video) % 3 for video in touched}),
        "avg_completion_rate": sum(rates) / len(rates) if rates else None,
    }


def audience(field: str) -> dict[str, int]:
    first: dict[tuple[str, str], str] = {}
    for e in sorted(EVENTS, key=lambda e: (e["time"], e["id"])):
        if field in e:
            first.setdefault((e["entryId"], e["userId"]), e[field])
    people = defaultdict(set)
    for e in EVENTS:
        if e["entryId"] in LENGTHS and e["name"] == "view" and seconds(e) and inside(e):
            people[first[e["entryId"], e["userId"]]].add(e["userId"])
    return {value: len(who) for value, who in people.items()}


@pytest.fixture
def account(app: Flask) -> Any:
    return account_with(app, CATALOG, EVENTS)


def get(
    app: Flask, account: Any, path: str, permissions: Collection[str] = INSTRUCTOR, channel: str | None = "c-101"
) -> Any:
    somebody = visitor(app, account.partner_id, permissions=permissions, channel=channel, timezone=ZONE)
    return somebody.client.get(path, base_url=BASE)


def shown(html: str) -> dict[str, float | None]:
    """The highlights."""
    part = html[html.index('id="highlights"') :].partition("</section>")[0]
    found = re.findall(r'class="big"><span class="number " data-metric="(\w+)" data-value="([^"]*)"', part)
    return {name: float(value) if value else None for name, value in found}


def rows(html: str, table: str) -> dict[str, list[float | None]]:
    part = html[html.index(f'data-table="{table}"') :].partition("</table>")[0]
    found = re.findall(r'<tr[^>]*data-row="([^"]*)">(.*?)</tr>', part, re.S)
    return {
        unescape(key): [float(v) if v else None for v in re.findall(r'data-value="([^"]*)"', row)] for key, row in found
    }


def read(response: Any) -> list[list[str]]:
    assert response.status_code == 200 and response.content_type == "text/csv; charset=utf-8"
    assert response.data.startswith(b"\xef\xbb\xbf") and response.data.endswith(b"\r\n")
    return list(csv.reader(StringIO(response.data.decode("utf-8-sig"), newline="")))


def near(numbers: dict[str, Any], *names: str) -> list[Any]:
    return [None if numbers[name] is None else pytest.approx(numbers[name]) for name in names]


def refusal(response: Any) -> str | None:
    found = re.search(r'data-refusal="([^"]+)"', response.text)
    return found[1] if found else None


IN_TABLE = ("count_plays", "unique_vod_viewers", "sum_vod_view_period", "avg_completion_rate")


def test_the_highlights_are_the_events_and_so_are_those_before(app: Flask, account: Any) -> None:
    now, before = plain(), plain(BEFORE)
    html = get(app, account, PAGE).text
    assert shown(html) == {name: pytest.approx(value) for name, value in now.items()}
    assert "data-change" not in html
    compared = get(app, account, f"{PAGE}&compare=1").text
    assert shown(compared) == shown(html)
    for name, value in before.items():
        part = compared[compared.index(f'data-change="{name}"') :].partition("</p>")[0]
        assert float(re.search(r'data-value="([^"]*)"', part)[1]) == pytest.approx(value)  # type: ignore[index]
        word = "unchanged" if now[name] == value else "up by" if now[name] > value else "down by"
        assert word in part
    by = now["avg_completion_rate"] - before["avg_completion_rate"]
    share = abs(by / before["avg_completion_rate"])
    assert f"{'up' if by > 0 else 'down'} by {abs(by):.1f} percentage points ({share:.1%})" in compared
    days = rows(compared, "days")
    assert [sum(values[place] or 0 for values in days.values()) for place in (0, 1)] == [
        now["count_plays"],
        before["count_plays"],
    ]


def test_videos_in_pages_and_by_any_column(app: Flask, account: Any) -> None:
    seen: dict[str, list[float | None]] = {}
    for page in (1, 2):
        table = rows(get(app, account, f"{PAGE}&videos_page={page}").text, "videos")
        assert table.pop("all")[:4] == near(plain(), *IN_TABLE)
        seen |= table
    assert set(seen) == set(LENGTHS)
    for video, values in seen.items():
        assert values[:4] == near(plain(entryId=video), *IN_TABLE)
    ranks = [values[4] for values in seen.values()]
    assert ranks == sorted(ranks, reverse=True) and 1 <= min(ranks) <= max(ranks) <= 10  # type: ignore[type-var, operator]
    for place, sort in enumerate(("plays", "viewers", "minutes", "completion", "ranking")):
        for order in ("asc", "desc"):
            table = rows(get(app, account, f"{PAGE}&videos_sort={sort}&videos_order={order}").text, "videos")
            found = [-1 if row[place] is None else row[place] for key, row in table.items() if key != "all"]
            assert found == sorted(found, reverse=order == "desc")  # type: ignore[type-var]
    html = get(app, account, PAGE).text
    assert re.search(r'href="/media/v\d\d/analytics\?[^"]*via=channel_videos', html)
    assert "<b>all" not in html


def test_viewers_in_pages_with_links_to_each(app: Flask, account: Any) -> None:
    seen: dict[str, list[float | None]] = {}
    for page in (1, 2, 9):
        html = get(app, account, f"{PAGE}&viewers_sort=minutes&viewers_page={page}").text
        assert re.search(r'href="/people/p\d\d/analytics\?[^"]*via=channel_videos', html)
        seen |= rows(html, "viewers")
    total = seen.pop("all")
    names = ("count_plays", "sum_vod_view_period", "avg_completion_rate")
    assert total == near(plain(), *names)
    wanted = {p["id"]: plain(userId=p["id"]) for p in PEOPLE_OF_IT}
    wanted = {who: of for who, of in wanted.items() if of["count_plays"] or of["sum_vod_view_period"]}
    assert seen == {who: near(of, *names) for who, of in wanted.items()}
    assert [row[1] for row in seen.values()] == sorted((row[1] for row in seen.values()), reverse=True)


def test_countries_and_devices_the_first_five_and_all(app: Flask, account: Any) -> None:
    html = get(app, account, PAGE).text
    for table, field in (("countries", "country"), ("devices", "device")):
        wanted = audience(field)
        first, every = (
            rows(html, table),
            rows(get(app, account, PAGE.replace("videos?", f"videos/{table}?")).text, table),
        )
        assert len(first) == 1 + min(5, len(wanted))
        assert first["all"][0] == every["all"][0] == plain()["unique_vod_viewers"]
        assert first.items() <= every.items()
        assert [row[0] for row in first.values()][1:] == sorted(wanted.values(), reverse=True)[:5]
        file = read(get(app, account, f"{FILE}&table={table}"))
        assert file[0] == [field, "unique_vod_viewers", "unique_vod_viewers_share"]
        assert {row[0]: int(row[1]) for row in file[1:]} == wanted
    assert len(audience("country")) > 5


@pytest.mark.parametrize(
    ("metric", "name"),
    [
        ("plays", "count_plays"),
        ("loads", "count_loads"),
        ("minutes", "sum_vod_view_period"),
        ("viewers", "unique_vod_viewers"),
        ("completion", "avg_completion_rate"),
    ],
)
def test_a_metric_by_day_and_by_week(app: Flask, account: Any, metric: str, name: str) -> None:
    by_day = rows(get(app, account, f"{PAGE}&metric={metric}").text, "days")
    days = [FIRST + timedelta(days=n) for n in range(30)]
    assert by_day == {str(day): near(plain((day, day)), name) for day in days}
    weeks = rows(
        get(
            app, account, f"/channels/101/analytics/videos?from={LAST - timedelta(days=104)}&to={LAST}&metric={metric}"
        ).text,
        "days",
    )
    starts = [LAST - timedelta(days=7 * n + 6) for n in range(15)][::-1]
    assert weeks == {str(day): near(plain((day, day + timedelta(days=6))), name) for day in starts}
    file = read(get(app, account, f"{FILE}&table=days"))
    place = file[0].index(name)
    assert [[float(row[place]) if row[place] else None] for row in file[1:]] == list(by_day.values())


def test_weeks_are_called_weeks_and_a_short_first_one_is_told(app: Flask, account: Any) -> None:
    for days, note in ((119, None), (120, "has 1 day only"), (122, "has 3 days only"), (30, None)):
        asked = f"from={LAST - timedelta(days=days - 1)}&to={LAST}"
        html = get(app, account, f"/channels/101/analytics/videos?{asked}").text
        found = re.search(r'data-note="short-week">([^<]*)<', html)
        assert (found is not None) == (note is not None) and (not found or note in found[1])  # type: ignore[operator]
        file = get(app, account, f"/channels/101/analytics/videos.csv?{asked}&table=days")
        assert read(file)[0][0] == ("date_id" if days == 30 else "week_start")


def test_the_file_of_videos_has_every_row_and_runs_nowhere(app: Flask, account: Any) -> None:
    found = read(get(app, account, FILE))
    names = ["object_id", "entry_name", *IN_TABLE, "engagement_ranking"]
    assert found[0] == names
    by_id = {row[0]: dict(zip(names, row, strict=True)) for row in found[1:]}
    assert set(by_id) == set(LENGTHS)
    for video, row in by_id.items():
        wanted = plain(entryId=video)
        assert [float(row[name]) if row[name] else None for name in IN_TABLE] == near(wanted, *IN_TABLE)
    assert by_id["v00"]["entry_name"] == f"'{NAMES['v00']}"
    assert (by_id["v01"]["entry_name"], by_id["v02"]["entry_name"]) == ("-5", NAMES["v02"])
    described = get(app, account, f"{FILE}&descriptive=1")
    assert read(described)[0][-1] == "Engagement ranking" and read(described)[1:] == found[1:]
    assert described.headers["Content-Disposition"] == "attachment; filename=Statistics_videos.csv"
    people = read(get(app, account, f"{FILE}&table=viewers"))
    assert people[0] == ["user_id", "user_name", "count_plays", "sum_vod_view_period", "avg_completion_rate"]
    assert "'+Zoë 03" in [row[1] for row in people]
    assert get(app, account, f"{FILE}&table=nonsense").status_code == 404
    named = get(app, account, "/media/v04/analytics/video.csv?table=devices").headers["Content-Disposition"]
    assert named.encode("ascii").endswith(b"filename*=UTF-8''%D7%A9%D7%99%D7%A2%D7%95%D7%A8%20%C3%A9_devices.csv")


def test_the_ranking_does_not_favour_a_video_whose_length_is_not_known(app: Flask) -> None:
    entries = [
        {"id": id, "name": id, "type": "video", "channelIds": ["101"]}
        | ({} if length is None else {"durationSeconds": length})
        for id, length in (("known", 100), ("unknown", None), ("low", 100), ("idle", 100))
    ]
    events = [
        {"id": f"{id}{n}", "entryId": id, "userId": f"u{n}", "playId": f"{id}{n}", "time": NOW - DAY} | what
        for id, seen in (("known", 50), ("unknown", 50), ("low", 20))
        for n, what in enumerate(
            [
                {"name": "play"},
                {
                    "name": "view",
                    "playbackType": "vod",
                    "fromPosition": 0,
                    "toPosition": seen,
                    "userId": "u0",
                    "playId": f"{id}0",
                },
            ]
        )
    ]
    made = account_with(app, {"channels": CATALOG["channels"], "entries": entries}, events)
    found = rows(get(app, made, PAGE).text, "videos")
    ranks = {video: row[4] for video, row in found.items() if video != "all"}
    shares = {"known": (1, 1, 0.5), "unknown": (1, 1, 0.35), "low": (1, 0.4, 0.2), "idle": (0, 0, 0)}
    assert ranks == {video: pytest.approx(1 + 9 * sum(each) / 3) for video, each in shares.items()}


@pytest.mark.parametrize("order", ["", "_order=asc"])
@pytest.mark.parametrize(
    ("table", "sorts"),
    [
        ("videos", ("", "name", "plays", "viewers", "minutes", "completion", "ranking")),
        ("viewers", ("", "name", "plays", "minutes", "completion")),
        ("countries", ("", "name", "viewers", "share")),
        ("devices", ("", "name", "viewers")),
    ],
)
def test_a_file_is_in_the_order_of_its_table(
    app: Flask, account: Any, table: str, sorts: tuple[str, ...], order: str
) -> None:
    page = PAGE if table in ("videos", "viewers") else PAGE.replace("videos?", f"videos/{table}?")
    somebody = visitor(app, account.partner_id, channel="c-101", timezone=ZONE)
    for sort in sorts:
        asked = (f"&{table}_sort={sort}" if sort else "") + (f"&{table}{order}" if order else "")
        seen: list[str] = []
        for number in (1, 2):
            html = somebody.client.get(f"{page}{asked}&{table}_page={number}", base_url=BASE).text
            seen += [key for key in rows(html, table) if key != "all" and key not in seen]
        link = re.search(rf'data-action="export" href="([^"]*table={table}[^"]*)"', html)
        assert link
        file = read(somebody.client.get(unescape(link[1]), base_url=BASE))
        assert [row[0] for row in file[1:]] == seen, sort


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30 1", "'+49 30 1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\r=1", "'\r'=1"),
        ("\tx", "'\tx"),
        ("x;=1;y", "x;'=1;y"),
        ('x;"=1', "x;\"'=1"),
        ("x\n=1\n+2", "x\n'=1\n+2"),
        ("x;+SUM(1)", "x;'+SUM(1)"),
        ("x\n-2+cmd|' /C calc'!A0", "x\n'-2+cmd|' /C calc'!A0"),
        ("x;+'S 1'!A1", "x;'+'S 1'!A1"),
        ("see you ;-)\n- one\n=> two\n@Ada thanks! (see)", "see you ;-)\n- one\n=> two\n@Ada thanks! (see)"),
        ("x; y\n\nz-1", "x; y\n\nz-1"),
        ("-1.5", "-1.5"),
        ("-2+3", "'-2+3"),
        ("1e-05", "1e-05"),
        ("", ""),
        ("Ada", "Ada"),
    ],
)
def test_cells_that_would_run_are_made_harmless(cell: str, written: str) -> None:
    assert harmless(cell) == written


def test_one_video(app: Flask, account: Any) -> None:
    html = get(app, account, f"/media/v03/analytics?{RANGE}&via=channel_videos?channel_id%3D101").text
    wanted = plain(entryId="v03")
    assert shown(html) == {
        name: None if wanted[name] is None else pytest.approx(wanted[name])
        for name in ("count_loads", "count_plays", "unique_vod_viewers", "sum_vod_view_period", "avg_completion_rate")
    }
    plays = [e for e in EVENTS if e["entryId"] == "v03" and e["name"] == "play" and inside(e)]
    parts = []
    for play in plays:
        views = [e for e in EVENTS if e["name"] == "view" and e["playId"] == play["playId"]]
        parts.append(plain_percentiles([(e["fromPosition"], e["toPosition"]) for e in views], 63.0))
    found = rows(html, "retention")
    assert found == {str(p): [pytest.approx(sum(p in one for one in parts) / len(plays))] for p in range(1, 101)}
    people = {e["userId"] for e in EVENTS if e["entryId"] == "v03" and inside(e) and e["name"] in ("play", "view")}
    assert set(rows(html, "viewers")) == {"all", *people}
    file = read(get(app, account, f"/media/v03/analytics/video.csv?{RANGE}"))
    assert {row[0] for row in file[1:]} == people
    assert re.findall(r'data-action="back" href="([^"?]+)', html) == ["/channels/101/analytics/videos", "/media/v03"]
    assert "length of this video is not known" in get(app, account, "/media/live/analytics").text
    assert "Nobody has played this video" in get(app, account, "/media/v11/analytics").text


def test_how_much_of_a_video_was_watched_is_a_file_too(app: Flask, account: Any) -> None:
    html = get(app, account, f"/media/v03/analytics?{RANGE}").text
    (link,) = re.findall(r'href="(/media/v03/analytics/video.csv\?table=retention[^"]+)"', html)
    header, *parts = read(get(app, account, re.sub(r"launch=\w+", "", unescape(link))))
    assert header == ["percentile", "from_second", "to_second", "percentile_retention"]
    assert {row[0]: [float(row[3])] for row in parts} == rows(html, "retention")
    assert [float(row[1]) for row in parts] == pytest.approx([place * 0.63 for place in range(100)])
    assert [row[1] for row in parts[1:]] == [row[2] for row in parts[:-1]] and parts[-1][2] == "63.0"
    descriptive = read(get(app, account, f"/media/v03/analytics/video.csv?table=retention&descriptive=1&{RANGE}"))[0]
    assert descriptive[:3] == ["Percentile", "From (seconds)", "To (seconds)"]
    for video in ("live", "v11"):
        assert len(read(get(app, account, f"/media/{video}/analytics/video.csv?table=retention"))) == 1
    assert "table=retention" not in get(app, account, "/media/v11/analytics").text


@pytest.mark.parametrize("dates", [RANGE, "from=2026-01-01&to=2026-06-30", "from=2026-02-01&to=2026-02-28"])
def test_a_comparison_is_in_the_file_too(app: Flask, account: Any, dates: str) -> None:
    page = f"/channels/101/analytics/videos?{dates}&compare=1"
    html = get(app, account, page).text
    (link,) = re.findall(r'href="(/channels/101/analytics/videos.csv\?table=days[^"]+)"', html)
    header, *days = read(get(app, account, re.sub(r"launch=\w+", "", unescape(link))))
    names = [name for name in header if not name.startswith("before_")]
    assert header[:2] == [names[0], f"before_{names[0]}"] and names[0] == (
        "date_id" if "06" not in dates else "week_start"
    )
    assert header[2:] == names[1:] + [f"before_{name}" for name in names[1:]]
    for sort, metric in (("plays", "count_plays"), ("viewers", "unique_vod_viewers")):
        now, before = header.index(metric), header.index(f"before_{metric}")
        shown = rows(get(app, account, f"{page}&metric={sort}").text, "days")
        assert {row[0]: [float(row[at]) for at in (now, before) if row[at]] for row in days} == shown
    assert all(row[1] < row[0] for row in days)
    (link,) = re.findall(r'href="([^"]+table=days[^"]*)"', get(app, account, page.removesuffix("&compare=1")).text)
    assert read(get(app, account, re.sub(r"launch=\w+", "", unescape(link))))[0] == names
    descriptive = read(
        get(app, account, f"/channels/101/analytics/videos.csv?table=days&{dates}&compare=1&descriptive=1")
    )
    assert "The period before: Plays" in descriptive[0]


def test_pictures_have_addresses_of_their_own(app: Flask, account: Any) -> None:
    somebody = visitor(app, account.partner_id, channel="c-101", timezone=ZONE)
    for page in (f"{PAGE}&metric=completion&compare=1", f"/media/v03/analytics?{RANGE}"):
        html = somebody.client.get(page, base_url=BASE).text
        addresses = re.findall(r'src="(/[^"]+\.svg[^"]+)"', html)
        assert len(addresses) == (1 if "channels" in page else 2)
        for address in addresses:
            picture = somebody.client.get(unescape(address), base_url=BASE)
            assert (picture.status_code, picture.mimetype) == (200, "image/svg+xml")
            assert "immutable" in picture.headers["Cache-Control"]
    assert get(app, account, "/media/v11/analytics/video/retention.svg").status_code == 404


ADDRESSES = [
    "/channels/101/analytics/videos",
    "/channels/101/analytics/videos/countries",
    "/channels/101/analytics/videos/over-time.svg",
    "/channels/101/analytics/videos.csv",
    "/media/v03/analytics",
    "/media/v03/analytics/video/devices",
    "/media/v03/analytics/video/over-time.svg",
    "/media/v03/analytics/video/retention.svg",
    "/media/v03/analytics/video.csv",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_who_may_not_see_it_is_told_why(app: Flask, account: Any, address: str) -> None:
    assert refusal(get(app, account, address, ())) == "role"
    assert refusal(get(app, account, address, channel="c-102")) == "scope"
    other = account_with(app, {"channels": CATALOG["channels"][1:]}, [])
    assert refusal(get(app, other, address)) == "scope"
    assert app.test_client().get(address, base_url=BASE).status_code == 401
    with app.app_context():
        begin_write()
        set_flag(account.partner_id, ANALYTICS, False, actor="test")
        db.session.commit()
    assert refusal(get(app, account, address)) == "feature"


def test_designers_see_totals_and_no_names(app: Flask, account: Any) -> None:
    only = (COURSE_ANALYTICS,)
    for page in (PAGE, f"/media/v03/analytics?{RANGE}"):
        html = get(app, account, page, only).text
        assert shown(html)["count_plays"] == plain(**({"entryId": "v03"} if "v03" in page else {}))["count_plays"]
        assert "Zoë" not in html and 'data-table="viewers"' not in html
    assert refusal(get(app, account, f"{FILE}&table=viewers", only)) == "role"
    assert refusal(get(app, account, "/media/v03/analytics/video.csv", only)) == "role"
    assert len(read(get(app, account, FILE, only))) == len(LENGTHS) + 1


def test_rooms_and_legacy_rooms_stay_what_they_were(app: Flask, account: Any) -> None:
    assert refusal(get(app, account, "/media/old/analytics")) == "legacy"
    assert refusal(get(app, account, "/media/old/analytics/video.csv")) == "legacy"
    assert refusal(get(app, account, "/media/v03/analytics/recordings")) == "scope"
    assert get(app, account, "/media/room/analytics/video.csv").status_code == 404
    assert "No session has taken place" in get(app, account, "/media/room/analytics").text


def test_menus_lead_to_the_analytics_of_videos(app: Flask, account: Any) -> None:
    html = get(app, account, "/channels/101?search=v05").text
    assert re.search(r'data-action="analytics" href="/media/v05/analytics', html)
    assert 'data-action="analytics" href="/media/old' not in get(app, account, "/channels/101?search=old").text


@pytest.mark.parametrize(
    "query", ["from=2026-05-05&to=2026-05-04", "from=yesterday", "from=", "from=1900-01-01&to=2026-01-01", "range=9"]
)
def test_dates_that_are_none_are_told(app: Flask, account: Any, query: str) -> None:
    for page in ("/channels/101/analytics/videos", "/media/v03/analytics", "/channels/101/analytics/videos/countries"):
        html = get(app, account, f"{page}?{query}&metric=nonsense&compare=x&viewers_page=%C2%B2").text
        assert "These dates cannot be shown" in html
        assert re.search(r'<option value="30" selected>', html)
        link = re.search(r'data-action="export" href="([^"]+)"', html)
        assert link and get(app, account, unescape(link[1]).partition("&launch=")[0]).status_code == 200
    refused = get(app, account, f"/channels/101/analytics/videos.csv?{query}")
    assert refused.status_code == 400 and "cannot be used" in refused.text


def test_a_preset_wins_over_dates_that_a_form_still_holds(app: Flask, account: Any) -> None:
    html = get(app, account, f"{PAGE}&range=7").text
    assert "These dates cannot be shown" not in html and len(rows(html, "days")) == 7


def test_a_channel_without_videos_says_so(app: Flask, account: Any) -> None:
    page = get(app, account, "/channels/103/analytics/videos", channel="c-103")
    assert page.status_code == 200 and "No video has been published" in page.text
