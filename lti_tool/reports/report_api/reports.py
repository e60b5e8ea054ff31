"""The reports by their numbers: the columns of each, its rows, and what all of them come to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from babel import Locale

from lti_tool.analytics import engagement, selected
from lti_tool.analytics.attendees import person_numbers
from lti_tool.analytics.dashboards import signals
from lti_tool.analytics.engagement import COLUMNS, OF_LIVE, OF_VIDEOS, Cell, Column
from lti_tool.analytics.numbers import Numbers
from lti_tool.analytics.queries import engagement as people
from lti_tool.analytics.queries import selected as queries
from lti_tool.analytics.queries.engagement import PLAYED
from lti_tool.reports.report_api import columns
from lti_tool.reports.report_api.errors import not_allowed, too_general
from lti_tool.reports.report_api.filters import Asked

MOST_MINUTES = 60_000
Row = tuple[Mapping[str, Cell], Numbers]


@dataclass(frozen=True)
class Order:
    """By which column, and which way round."""

    column: str
    descending: bool


@dataclass(frozen=True)
class Page:
    """``size``: how many rows, or all; ``start``: how many come before them."""

    size: int | None = None
    start: int = 0


@dataclass(frozen=True)
class Rows:
    """The rows of a page, of ``found`` in all."""

    cells: list[list[Cell]]
    found: int


@dataclass(frozen=True)
class Report:
    """A report. ``order``: the column that it is sorted by unless asked otherwise, downwards; without one it stays in
    its own order. ``objects``: what its ``objectIds`` are, a field of ``Selection``. ``sums``: what all rows come to.
    """

    id: int
    columns: tuple[Column, ...]
    rows: Callable[[Report, Asked, Order | None, Page], Rows]
    order: str = ""
    objects: str = ""
    sums: Callable[[Asked], Row] = lambda asked: ({}, selected.total(asked.selection))

    @property
    def total_columns(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.metric or column.name in _ADDED)

    def table(self, asked: Asked, order: str = "", page: Page | None = None) -> Rows:
        """A page of its rows."""
        return self.rows(self, asked, self._order(order), page or Page())

    def total(self, asked: Asked) -> list[Cell]:
        """The cells of the row over everything."""
        keys, numbers = self.sums(asked)
        return [_cell(column, keys, numbers) for column in self.total_columns]

    def check_order(self, asked: str) -> None:
        """Raises ``ApiError``, where there is no such column."""
        self._order(asked)

    def _order(self, asked: str) -> Order | None:
        name = asked.strip()
        if not name:
            return Order(self.order, True) if self.order else None
        descending, name = name.startswith("-"), name.lstrip("+- ")
        known = [column.name for column in self.columns]
        if name not in known and name != "name":
            raise not_allowed(asked, "order", f"one of {', '.join(known)}, with + or - in front")
        return Order(name, descending)


def _cell(column: Column, keys: Mapping[str, Cell], numbers: Numbers) -> Cell:
    return engagement.value(column.metric, numbers) if column.metric else keys.get(column.name)


def _short(make: Callable[[Asked], Iterable[Row]]) -> Callable[[Report, Asked, Order | None, Page], Rows]:
    """A table that is sorted in memory."""

    def rows(report: Report, asked: Asked, order: Order | None, page: Page) -> Rows:
        made = [[_cell(column, keys, numbers) for column in report.columns] for keys, numbers in make(asked)]
        names = [column.name for column in report.columns]
        if order and order.column in names:
            made = _sorted(made, names.index(order.column), descending=order.descending)
        end = None if page.size is None else page.start + page.size
        return Rows(made[page.start : end], len(made))

    return rows


def _sorted(rows: list[list[Cell]], place: int, *, descending: bool) -> list[list[Cell]]:
    """Those without a value come last, whichever way round; equal ones stay as they were."""
    known = [row for row in rows if row[place] not in (None, "")]
    known.sort(key=lambda row: _rank(row[place]), reverse=descending)
    return known + [row for row in rows if row[place] in (None, "")]


def _rank(value: Cell) -> tuple[int, float, str]:
    return (0, value, "") if isinstance(value, int | float) else (1, 0.0, str(value))


# Reports of one row.


def _one(asked: Asked) -> Iterable[Row]:
    return [({}, selected.total(asked.selection))]


def _participation(asked: Asked) -> Row:
    return {}, selected.total(asked.selection, private=True)


# Reports by minute.


def _timeline(asked: Asked) -> Iterable[Row]:
    found = {minute.at: minute for minute in selected.minutes(asked.selection)}
    for at in _axis(asked, found):
        minute = found.get(at) or selected.Minute(at, Numbers(), {})
        yield _minute_keys(at, minute.reactions), minute.numbers


def _timeline_total(asked: Asked) -> Row:
    sums: dict[str, int] = {}
    for minute in selected.minutes(asked.selection):
        for kind, count in minute.reactions.items():
            sums[kind] = sums.get(kind, 0) + count
    return _minute_keys(0, sums), selected.total(asked.selection)


def _minute_keys(at: int, reactions: Mapping[str, int]) -> dict[str, Cell]:
    sent = {f"reaction_{kind.lower()}_clicked": reactions.get(kind, 0) for kind in selected.REACTIONS}
    return {"position": at * 60, **sent}


def _axis(asked: Asked, found: Iterable[int]) -> range:
    """The minutes from the filter's first to its last; without these, those in which anything happened."""
    start, end = asked.selection.start_ms, asked.selection.end_ms
    seen = sorted(found)
    if not seen and (start is None or end is None):
        return range(0)
    first = seen[0] if start is None else start // 60_000
    last = seen[-1] + 1 if end is None else -(-end // 60_000)
    if last - first > MOST_MINUTES:
        raise too_general(f"a report by minute takes at most {MOST_MINUTES} minutes between fromDate and toDate")
    return range(first, last)


def _levels(asked: Asked) -> Iterable[Row]:
    found, none = selected.levels(asked.selection), Numbers()
    for at in _axis(asked, found):
        engaged, present = found.get(at, (0, 0))
        kinds = {"Engaged": engaged, "Not Engaged": present} if engaged or present else {"Offline": 0}
        for kind, count in kinds.items():
            if count or kind == "Offline":
                yield {"position": at * 60, "user_engagement": kind, "count_viewers": count}, none


def _levels_total(asked: Asked) -> Row:
    numbers = selected.total(asked.selection)
    return {"count_viewers": numbers.live_viewers}, numbers


def _moments(asked: Asked) -> Iterable[Row]:
    for entry, minute in selected.minutes_by_entry(asked.selection):
        yield {"entry_id": entry.external_id, "entry_name": entry.name, "position": minute.at * 60}, minute.numbers


# Reports by where and on what.


def _devices(asked: Asked, *, live: bool = True) -> Iterable[Row]:
    found = selected.by_context(asked.selection, "device", live=live)
    return [({"device": key}, one) for key, one in sorted(found.items())]


def _countries(asked: Asked, *, live: bool = True) -> Iterable[Row]:
    names = Locale("en").territories
    for key, one in sorted(selected.by_context(asked.selection, "country", live=live).items()):
        yield {"object_id": key, "country": names.get(key, key), "region": "", "city": "", "coordinates": ""}, one


# Reports by entry and session.


def _recordings(asked: Asked) -> Iterable[Row]:
    for entry, numbers in selected.by_entry(asked.selection):
        yield {"entry_id": entry.external_id, "entry_name": entry.name}, numbers


def _sessions(asked: Asked) -> Iterable[Row]:
    for held in selected.by_session(asked.selection):
        name = held.session.name or held.entry.name
        yield {"event_session_context_id": held.session.external_id, "name": name}, held.numbers


def _downloads(asked: Asked) -> Iterable[Row]:
    none = Numbers()
    for at_ms, entry, entry_name, attachment, name, count in queries.downloads(queries.counted(asked.selection)):
        _stem, dot, ending = (name or "").rpartition(".")
        yield (
            {
                "extract_time": int(at_ms) // 1000,
                "entry_id": entry,
                "entry_name": entry_name,
                "attachment_id": attachment,
                "attachment_name": name,
                "attachment_ext": ending.lower() if dot else "",
                "count_download_attachment_clicked": int(count),
            },
            none,
        )


def _downloads_total(asked: Asked) -> Row:
    numbers = selected.total(asked.selection)
    return {"count_download_attachment_clicked": numbers.downloads}, numbers


# Columns that are no metric of a row and yet have a total.
_ADDED = frozenset({"count_viewers", "count_download_attachment_clicked"}) | {
    f"reaction_{kind.lower()}_clicked" for kind in selected.REACTIONS
}


def _room_data(asked: Asked) -> Iterable[Row]:
    for held in selected.every_session(asked.selection, ("room", "breakout")):
        keys: dict[str, Cell] = {"entry_id": held.entry.external_id, "entry_name": held.entry.name}
        keys |= {"parent_entry_id": held.entry.parent_id, "session_host_user_id": held.session.host_id}
        yield {**keys, **_session_keys(held)}, held.numbers


def _breakouts(asked: Asked) -> Iterable[Row]:
    held = selected.every_session(asked.selection, ("breakout",))
    scope = asked.selection.scope
    parents = queries.parents(scope, [one.entry.parent_id for one in held if one.entry.parent_id])
    hosts = queries.names(scope, [one.session.host_id for one in held if one.session.host_id])
    for one in held:
        parent, host = parents.get(one.entry.parent_id or ""), hosts.get(one.session.host_id or "")
        keys: dict[str, Cell] = {
            "parent_entry_id": one.entry.parent_id,
            "parent_entry_name": parent.name if parent else None,
            "breakout_entry_id": one.entry.external_id,
            "breakout_entry_name": one.entry.name,
            "session_initiator": host.name if host else one.session.host_id,
            "duration": one.session.until_ms // 1000 - one.session.start_ms // 1000,
        }
        yield {**keys, **_session_keys(one)}, one.numbers


def _session_keys(held: selected.Held) -> dict[str, Cell]:
    return {
        "cue_point_id": held.session.external_id,
        "session_start_time": held.session.start_ms // 1000,
        "session_end_time": held.session.until_ms // 1000,
    }


# Reports of videos, in which nothing live counts.


def _played(asked: Asked) -> Row:
    return {}, selected.of_videos(asked.selection)


def _videos(asked: Asked) -> Iterable[Row]:
    found = selected.ranked(selected.by_entry(asked.selection))
    owners = queries.names(asked.selection.scope, [entry.owner_id for entry, _numbers in found if entry.owner_id])
    for entry, numbers in found:
        owner = owners.get(entry.owner_id or "")
        yield (
            {
                "object_id": entry.external_id,
                "entry_name": entry.name,
                "creator_name": owner.name if owner else entry.owner_id,
                "created_at": None if entry.created_at is None else entry.created_at // 1000,
                "media_type": entry.type,
                "duration_msecs": entry.duration_ms,
            },
            numbers,
        )


def _over_time(asked: Asked) -> Iterable[Row]:
    return [({"date_id": date}, selected.total(part, live=False)) for date, part in asked.buckets()]


# Reports by person, sorted in the database.

_SORTS = {
    "user_id": "external_id",
    "user_name": "name_key",
    "full_name": "name_key",
    "name": "name_key",
    "vod_view_time": "watched_ms",
    "sum_vod_view_period": "watched_ms",
    "sum_view_period": "watched_ms",
    "vod_avg_play_time": "watched_ms",
    "live_view_time": "watched_seconds",
    "total_view_time": "seconds",
    "avg_completion_rate": "completion",
    "combined_live_engaged_users_play_time_ratio": "rate",
    "count_reaction_clicked": "reactions",
    "count_raise_hand_clicked": "raised_hands",
    "count_group_chat_messages_sent": "chat_messages",
    "count_poll_answered": "polls_answered",
    "count_q_and_a_threads": "threads",
    "count_download_attachment_clicked": "downloads",
    "count_plays": "plays",
    "count_loads": "impressions",
}
_LIVE = ("watched_seconds", *people.DONE)
# What somebody has to have done to be in the report.
_ACTIVE = {60010: _LIVE, 60012: PLAYED, 60013: (*_LIVE, "watched_ms", "plays"), 13: PLAYED}


def _people(report: Report, asked: Asked, order: Order | None, page: Page) -> Rows:
    active, order = _ACTIVE[report.id], order or Order(report.order, True)
    of = queries.counted(asked.selection, live=_LIVE[0] in active, played="plays" in active)
    sort, told = _SORTS.get(order.column, order.column), engagement.signals(of)
    found, count = people.page(
        asked.selection.scope,
        of,
        active=active,
        sort=sort,
        descending=order.descending,
        limit=page.size,
        start=page.start,
    )
    return Rows([engagement.row(told, one, report.columns) for one in found], count)


def _attendees(report: Report, asked: Asked, _order: Order | None, page: Page) -> Rows:
    found, count = queries.attended(queries.counted(asked.selection), limit=page.size, start=page.start)
    cells = []
    for attendance, person, session, entry, reported, has_heartbeats in found:
        keys = {
            "entry_id": entry.external_id,
            "cue_point_id": session.external_id,
            "user_id": person.external_id,
            "user_name": person.name,
            "user_email": person.email,
            "user_type": attendance.role or person.role,
        }
        numbers = person_numbers(attendance, signals(reported, has_heartbeats=has_heartbeats))
        cells.append([_cell(column, keys, numbers) for column in report.columns])
    return Rows(cells, count)


_PLAIN = (
    Report(60001, columns.HIGHLIGHTS, _short(_one)),
    Report(60002, columns.UNIQUE_USERS, _short(_one)),
    Report(60003, columns.ENGAGEMENT, _short(_one)),
    Report(60004, columns.TIMELINE, _short(_timeline), sums=_timeline_total),
    Report(60005, columns.TOP_RECORDING, _short(_recordings), "count_plays", "entries"),
    Report(60006, columns.PLATFORMS, _short(_devices), "unique_combined_live_viewers"),
    Report(60007, columns.COUNTRIES, _short(_countries), "unique_combined_live_viewers"),
    Report(60008, columns.REGIONS, _short(_countries), "unique_combined_live_viewers"),
    Report(60009, columns.CITIES, _short(_countries), "unique_combined_live_viewers"),
    Report(60010, OF_LIVE, _people, "live_view_time", "people"),
    Report(60011, columns.LEVELS, _short(_levels), sums=_levels_total),
    Report(60012, OF_VIDEOS, _people, "count_plays", "people"),
    Report(60013, COLUMNS, _people, "live_view_time", "people"),
    Report(60016, columns.TOP_MOMENTS, _short(_moments), "combined_live_view_period_count", "entries"),
    Report(60017, columns.TOP_SESSIONS, _short(_sessions), "unique_combined_live_viewers"),
    Report(60019, columns.DOWNLOADS, _short(_downloads), sums=_downloads_total),
    Report(70001, columns.PARTICIPATION, _short(lambda asked: [_participation(asked)]), sums=_participation),
    Report(52, columns.VIDEO_HIGHLIGHTS, _short(lambda asked: [_played(asked)]), sums=_played),
    Report(38, columns.TOP_VIDEOS, _short(_videos), "engagement_ranking", "entries", _played),
    Report(13, columns.TOP_VIEWERS, _people, "count_plays", "people", _played),
    Report(34, columns.OVER_TIME, _short(_over_time), sums=_played),
    Report(36, columns.VIDEO_COUNTRIES, _short(partial(_countries, live=False)), "count_plays", sums=_played),
    Report(21, columns.VIDEO_DEVICES, _short(partial(_devices, live=False)), "count_plays", sums=_played),
    Report(6000, columns.ROOM_DATA, _short(_room_data)),
    Report(6001, columns.ATTENDEES_DATA, _attendees),
    Report(6002, columns.BREAKOUT_SESSIONS, _short(_breakouts)),
)
REPORTS: dict[int, Report] = {report.id: report for report in _PLAIN}
