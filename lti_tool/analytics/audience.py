"""Countries and devices: how many watched live and how many the recordings, by where they were and what they used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lti_tool import formats
from lti_tool.access.scope import Scope
from lti_tool.analytics import world
from lti_tool.analytics.numbers import EVERYTHING, Numbers
from lti_tool.analytics.part import part as part_of_session
from lti_tool.analytics.queries import rooms
from lti_tool.analytics.tables import Layout, Order, Row, Table, in_order, pick, table
from lti_tool.analytics.timeline import timeline
from lti_tool.analytics.world import Dot
from lti_tool.models import Entry, RoomSession, SessionFacts, SessionPlayback
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


def _numbers_of(group: Group) -> Numbers:
    return group.numbers


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
        picked = pick(layout, order, self.groups, numbers=_numbers_of, name=self._name)
        rows = [Row(group.key, group.key, layout.readings(group.numbers)) for group in picked.items]
        return table(layout, order, picked, rows, self.total)

    def in_order(self, layout: Layout, order: Order) -> list[Group]:
        """All rows of the table."""
        return in_order(layout, order, self.groups, numbers=_numbers_of, name=self._name)

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
    """Everything that a page of countries, devices, operating systems or browsers shows. ``part`` and ``outside`` are
    those of ``RoomDashboard``.
    """

    entry: Entry
    session: RoomSession
    part: tuple[int, int] | None
    outside: bool
    audience: Audience
    table: Table


def audience(
    facts: SessionFacts | None, playback: SessionPlayback | None, field: str, only: Sequence[str] = ()
) -> Audience:
    """The viewers of a session and of the room's recordings since it began, by ``country``, or by the device, operating
    system or browser of those who have the values ``only`` of the levels above.
    """
    kind, path = ("countries" if field == "country" else "devices"), list(only)
    live, recorded = (getattr(found, kind) if found else [] for found in (facts, playback))
    if path:
        live_viewers, recording_viewers = (
            sum(people for at, people in rows if at == path) for rows in (live, recorded)
        )
    else:
        live_viewers, recording_viewers = facts.viewers if facts else 0, playback.viewers if playback else 0
    total = Numbers(
        live_viewers=live_viewers,
        recording_viewers=recording_viewers,
        all_live_viewers=live_viewers,
        all_recording_viewers=recording_viewers,
    )
    lives, records = _below(path, live), _below(path, recorded)
    groups = tuple(
        Group(key, replace(total, live_viewers=lives.get(key, 0), recording_viewers=records.get(key, 0)))
        for key in sorted({*lives, *records})
    )
    return Audience(field, dict(zip(LEVELS, path, strict=False)), groups, total)


def _below(path: list[str], rows: Iterable[Any]) -> dict[str, int]:
    """Value -> people, one level below a path."""
    return {at[-1]: people for at, people in rows if at[:-1] == path}


def countries_page(scope: Scope, entry: Entry, session: RoomSession, arguments: Mapping[str, str]) -> AudiencePage:
    """All countries, with their shares."""
    return _page(scope, entry, session, arguments, "country")


def devices_page(scope: Scope, entry: Entry, session: RoomSession, arguments: Mapping[str, str]) -> AudiencePage | None:
    """All devices; the operating systems of one that is asked for; the browsers of an operating system on it.

    Nothing if nobody used what is asked for.
    """
    only: list[str] = []
    for level in LEVELS[:-1]:
        if level not in arguments:
            break
        only.append(arguments[level])
    page = _page(scope, entry, session, arguments, LEVELS[len(only)], only)
    return page if page.audience.groups or not only else None


def _page(  # noqa: PLR0917
    scope: Scope, entry: Entry, session: RoomSession, arguments: Mapping[str, str], field: str, only: Sequence[str] = ()
) -> AudiencePage:
    facts, playback = rooms.session_facts(scope, session), rooms.session_playback(scope, session)
    minutes = timeline(session, facts, EVERYTHING)
    part, lies_in = minutes.part(arguments.get("from", ""), arguments.get("to", ""))
    if part and facts:
        facts, _attendances = part_of_session(scope, session, facts, *part)
    found, layout = audience(facts, playback, field, only), ALL_COUNTRIES if field == "country" else ALL_DEVICES
    return AudiencePage(entry, session, part, not lies_in, found, found.table(layout, layout.asked(arguments)))
