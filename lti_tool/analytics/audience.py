"""Countries and devices: how many watched live and how many the recordings, by where they were and what they used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lti_tool import formats
from lti_tool.access.scope import Scope
from lti_tool.analytics import world
from lti_tool.analytics.numbers import Numbers
from lti_tool.analytics.queries import audience as queries
from lti_tool.analytics.queries import rooms
from lti_tool.analytics.tables import Layout, Order, Row, Table, pick, table
from lti_tool.analytics.world import Dot
from lti_tool.models import Entry, RoomSession
from lti_tool.models.names import name_key

_VIEWERS = {"live": "unique_combined_live_viewers", "recorded": "unique_vod_viewers"}
COUNTRIES = Layout.of("countries", "live", **_VIEWERS)
DEVICES = Layout.of("devices", "live", **_VIEWERS)
_SHARES = {
    "live": "unique_combined_live_viewers",
    "live_share": "unique_combined_live_viewers_share",
    "recorded": "unique_vod_viewers",
    "recorded_share": "unique_vod_viewers_share",
}
ALL_COUNTRIES = Layout.of("countries", "live", **_SHARES)
ALL_DEVICES = Layout.of("devices", "live", **_SHARES)
# From a device down to its browsers.
LEVELS = ("device", "operating_system", "browser")


@dataclass(frozen=True)
class Group:
    """The viewers of one country, device, operating system or browser; an empty ``key``: not known."""

    key: str
    numbers: Numbers


@dataclass(frozen=True)
class Audience:
    """The viewers by one field. ``only``: fields and values of what they are a part of."""

    field: str
    only: dict[str, str]
    groups: tuple[Group, ...]
    total: Numbers

    def table(self, layout: Layout, order: Order | None = None) -> Table:
        """The page of a table that is asked for; without an order its first, those with most live viewers on top."""
        order = order or layout.asked({})
        picked = pick(layout, order, self.groups, numbers=lambda group: group.numbers, name=self._name)
        rows = [Row(group.key, group.key, layout.readings(group.numbers)) for group in picked.items]
        return table(layout, order, picked, rows, self.total)

    def _name(self, group: Group) -> tuple[bool, str]:
        """What is not known comes last."""
        shown = formats.country(group.key) if self.field == "country" else group.key
        return not group.key, name_key(shown)

    @property
    def countries(self) -> Table:
        return self.table(COUNTRIES)

    @property
    def devices(self) -> Table:
        return self.table(DEVICES)

    @property
    def dots(self) -> tuple[Dot, ...]:
        """The countries on the map, the larger first so that they hide none."""
        return world.dots({g.key: (g.numbers.live_viewers, g.numbers.recording_viewers) for g in self.groups})


@dataclass(frozen=True)
class AudiencePage:
    """Everything that a page of countries, devices, operating systems or browsers shows."""

    entry: Entry
    session: RoomSession
    audience: Audience
    table: Table


def audiences(
    scope: Scope,
    recordings: Sequence[Entry],
    session: RoomSession,
    fields: Sequence[str],
    only: Mapping[str, str] | None = None,
) -> tuple[Audience, ...]:
    """The viewers of a session and of the room's recordings since it began, by each of the fields."""
    only = dict(only or {})
    live = queries.live(scope, session, fields, only)
    recorded = queries.recorded(scope, recordings, session, fields, only) if recordings else ()
    live_viewers, recording_viewers = sum(row[-1] for row in live), len({row[-1] for row in recorded})
    total = Numbers(
        live_viewers=live_viewers,
        recording_viewers=recording_viewers,
        all_live_viewers=live_viewers,
        all_recording_viewers=recording_viewers,
    )
    return tuple(
        Audience(field, only, _groups(total, live, recorded, place), total) for place, field in enumerate(fields)
    )


def _groups(total: Numbers, live: Sequence[Any], recorded: Sequence[Any], place: int) -> tuple[Group, ...]:
    """The viewers by the field in this place of the rows. Nobody is twice among the viewers of one value."""
    lives: Counter[str] = Counter()
    for row in live:
        lives[row[place]] += row[-1]
    records = Counter(value for value, _person in {(row[place], row[-1]) for row in recorded})
    return tuple(
        Group(key, replace(total, live_viewers=lives[key], recording_viewers=records[key]))
        for key in sorted({*lives, *records})
    )


def countries_page(scope: Scope, entry: Entry, session: RoomSession, arguments: Mapping[str, str]) -> AudiencePage:
    """All countries, with their shares."""
    (found,) = audiences(scope, rooms.recordings(scope, entry), session, ["country"])
    return AudiencePage(entry, session, found, found.table(ALL_COUNTRIES, ALL_COUNTRIES.asked(arguments)))


def devices_page(scope: Scope, entry: Entry, session: RoomSession, arguments: Mapping[str, str]) -> AudiencePage:
    """All devices; the operating systems of one that is asked for; the browsers of an operating system on it."""
    only: dict[str, str] = {}
    for level in LEVELS[:-1]:
        if level not in arguments:
            break
        only[level] = arguments[level]
    (found,) = audiences(scope, rooms.recordings(scope, entry), session, [LEVELS[len(only)]], only)
    return AudiencePage(entry, session, found, found.table(ALL_DEVICES, ALL_DEVICES.asked(arguments)))
