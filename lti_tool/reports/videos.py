"""Files of video analytics: each table of a page, with all its rows in the order that an address asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from flask_babel import lazy_gettext as _

from lti_tool.access.scope import Scope
from lti_tool.analytics.period import Period
from lti_tool.analytics.queries.videos import Where
from lti_tool.analytics.recordings import PARTS
from lti_tool.analytics.tables import Layout
from lti_tool.analytics.videos import DAYS, lists
from lti_tool.analytics.videos.over_time import stretches
from lti_tool.analytics.videos.pages import video_retention
from lti_tool.models import Entry
from lti_tool.reports.csv import Key, Sheet

Make = Callable[[Scope, Where, Period, Mapping[str, str]], Sheet]


def _videos(scope: Scope, where: Where, period: Period, arguments: Mapping[str, str]) -> Sheet:
    videos = lists.every_video(scope, where, period, lists.VIDEOS.asked(arguments))
    rows = (((video.external_id, video.name), numbers) for video, numbers in videos)
    return Sheet("videos", (Key("object_id", _("ID")), Key("entry_name", _("Video"))), lists.VIDEOS, rows)


def _viewers(scope: Scope, where: Where, period: Period, arguments: Mapping[str, str]) -> Sheet:
    people = lists.every_viewer(scope, where, period, lists.PEOPLE.asked(arguments))
    rows = (((person.external_id, person.name), numbers) for person, numbers in people)
    return Sheet("viewers", (Key("user_id", _("ID")), Key("user_name", _("Name"))), lists.PEOPLE, rows)


def _countries(scope: Scope, where: Where, period: Period, arguments: Mapping[str, str]) -> Sheet:
    return _groups(scope, where, period, lists.COUNTRIES, arguments, Key("country", _("Country")))


def _devices(scope: Scope, where: Where, period: Period, arguments: Mapping[str, str]) -> Sheet:
    return _groups(scope, where, period, lists.DEVICES, arguments, Key("device", _("Device")))


def _groups(  # noqa: PLR0917
    scope: Scope, where: Where, period: Period, layout: Layout, arguments: Mapping[str, str], key: Key
) -> Sheet:
    groups = lists.every_group(scope, where, period, layout, layout.asked(arguments))
    return Sheet(layout.name, (key,), layout, [((name,), numbers) for name, numbers in groups])


def _days(scope: Scope, where: Where, period: Period, arguments: Mapping[str, str]) -> Sheet:
    made = stretches(scope, where, period, DAYS.columns)
    key = Key("date_id", _("Day")) if period.unit == 1 else Key("week_start", _("Week from"))
    if arguments.get("compare") != "1":
        return Sheet("days", (key,), DAYS, [((one.key,), one.numbers) for one in made])
    before = stretches(scope, where, period.previous, DAYS.columns)
    pairs = list(zip(made, (*before, *[None] * len(made)), strict=False))
    return Sheet(
        "days",
        (key, Key(f"before_{key.name}", _("The period before"))),
        DAYS,
        [((one.key, then.key if then else ""), one.numbers) for one, then in pairs],
        before=[then.numbers if then else None for _one, then in pairs],
    )


def _retention(entry: Entry, scope: Scope, _where: Where, period: Period, _arguments: Mapping[str, str]) -> Sheet:
    curve = video_retention(scope, entry, period)
    keys = (
        Key("percentile", _("Percentile")),
        Key("from_second", _("From (seconds)")),
        Key("to_second", _("To (seconds)")),
    )
    rows = (((str(place), str(start), str(end)), numbers) for place, start, end, numbers in curve.parts)
    return Sheet("retention", keys, PARTS, rows)


_TABLES: dict[str, Make] = {"viewers": _viewers, "countries": _countries, "devices": _devices, "days": _days}
OF_CHANNEL: dict[str, Make] = {"videos": _videos, **_TABLES}


def of_video(entry: Entry) -> dict[str, Make]:
    """The tables of the page of a video."""
    return {**_TABLES, "retention": partial(_retention, entry)}
