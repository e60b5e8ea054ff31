"""What a custom report is asked about: whose data, which rooms, from when to when, and filters."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from io import StringIO

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, true

from lti_tool.access.scope import Scope
from lti_tool.analytics.period import PRESETS, Period, asked_period
from lti_tool.errors import ToolError
from lti_tool.models import Entry, RoomSession
from lti_tool.models.catalog import ROOMS

Where = ColumnElement[bool]
FILTERS = ("entry_ids", "user_ids", "cue_point_ids", "virtual_event_ids", "parentEntryIds")
MOST_IDS = 1000
LONGEST_ID = 255


class Unusable(ToolError):
    """A parameter that cannot be used. ``allowed``: what is, as the end of a sentence."""

    def __init__(self, name: str, allowed: str) -> None:
        super().__init__("parameter", _("'%(name)s' cannot be used: %(allowed)s.", name=name, allowed=allowed))
        self.allowed = allowed


@dataclass(frozen=True)
class Asked:
    """``where``: which entries are meant, of those in the scope; nothing: all of them. From ``start_ms`` to before
    ``end_ms``. ``filters``: ids by names of ``FILTERS``; a filter that is not there lets everything pass.

    A session is taken whole if it starts in that time; what belongs to no session, if it happened in that time.
    """

    scope: Scope
    start_ms: int
    end_ms: int
    where: Where | None = None
    filters: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def entries(self, *, rooms_only: bool = False) -> Where:
        """The condition on ``Entry``; legacy rooms are in no report."""
        kind = Entry.type.in_(ROOMS) if rooms_only else Entry.type != "legacyMeeting"
        where = true() if self.where is None else self.where
        return and_(self.scope.entries(), kind, where, *self._filtered())

    def sessions(self) -> Where:
        """The condition on ``RoomSession``."""
        inside = and_(RoomSession.start_ms >= self.start_ms, RoomSession.start_ms < self.end_ms)
        ids = self.filters.get("cue_point_ids")
        return inside if ids is None else and_(inside, RoomSession.external_id.in_(ids))

    def includes(self, time_ms: int, session: tuple[str, int] | None) -> bool:
        """Whether something that happened then is asked about. ``session``: id and start of the one it belongs to."""
        ids = self.filters.get("cue_point_ids")
        if session is None:
            return ids is None and self.start_ms <= time_ms < self.end_ms
        return self.start_ms <= session[1] < self.end_ms and (ids is None or session[0] in ids)

    def person(self, user_id: str) -> bool:
        """Whether rows of this person are asked for."""
        ids = self.filters.get("user_ids")
        return ids is None or user_id in ids

    def _filtered(self) -> Iterable[Where]:
        found = self.filters
        if "entry_ids" in found:
            yield Entry.external_id.in_(found["entry_ids"])
        if "parentEntryIds" in found:
            yield Entry.parent_id.in_(found["parentEntryIds"])
        if "virtual_event_ids" in found:
            yield Entry.virtual_event_id.in_(numbers(found["virtual_event_ids"]))


def numbers(ids: Iterable[str]) -> list[int]:
    """Ids of events, which are numbers."""
    return [int(one) for one in ids]


def read_filters(given: Mapping[str, str], allowed: tuple[str, ...]) -> dict[str, frozenset[str]]:
    """Filters from comma-separated ids, those with a comma in quotes; empty ones are none. Raises ``Unusable``."""
    found = {}
    for name, text in given.items():
        ids = _ids(name, text)
        if not ids:
            continue
        if name not in allowed:
            raise Unusable(name, _("this report can be filtered by %(names)s", names=", ".join(allowed)))
        if len(ids) > MOST_IDS or any(len(one) > LONGEST_ID or "\0" in one for one in ids):
            raise Unusable(name, _("it takes up to 1,000 ids, separated by commas, each of up to 255 characters"))
        if name == "virtual_event_ids" and not all(one.isascii() and one.isdigit() and len(one) < 19 for one in ids):
            raise Unusable(name, _("it takes numbers, separated by commas"))
        found[name] = ids
    return found


def _ids(name: str, text: str) -> frozenset[str]:
    rows = csv.reader(StringIO(text, newline=""), skipinitialspace=True, strict=True)
    try:
        return frozenset(one.strip() for row in rows for one in row if one.strip())
    except csv.Error as error:
        raise Unusable(name, _("a double quote that begins an id needs one that ends it")) from error


def quoted(id: str) -> str:
    """The id as a filter takes it."""
    doubled = id.replace('"', '""')
    return f'"{doubled}"' if any(sign in id for sign in ',"\r\n') else id


def read_period(arguments: Mapping[str, str]) -> Period:
    """The period that an address asks for. Raises ``Unusable`` where a page would say so and show the usual one."""
    period = asked_period(arguments)
    if not period.misread:
        return period
    if arguments.keys() & {"from", "to"}:
        raise Unusable(
            "from, to",
            _("the dates must exist, the first must not come after the last, and at most three years may lie between"),
        )
    raise Unusable("range", _("it takes %(days)s, the days until today", days=", ".join(map(str, PRESETS))))
