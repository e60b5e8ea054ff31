"""Files of video analytics: each table of a page, with all its rows."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import lazy_gettext as _

from lti_tool.access.scope import Scope
from lti_tool.analytics.period import Period
from lti_tool.analytics.queries.videos import Where
from lti_tool.analytics.videos import DAYS, lists
from lti_tool.analytics.videos.over_time import stretches
from lti_tool.reports.csv import Key, Sheet

Make = Callable[[Scope, Where, Period], Sheet]


def _videos(scope: Scope, where: Where, period: Period) -> Sheet:
    rows = (((video.external_id, video.name), numbers) for video, numbers in lists.every_video(scope, where, period))
    return Sheet("videos", (Key("object_id", _("ID")), Key("entry_name", _("Video"))), lists.VIDEOS, rows)


def _viewers(scope: Scope, where: Where, period: Period) -> Sheet:
    people = lists.every_viewer(scope, where, period)
    rows = (((person.external_id, person.name), numbers) for person, numbers in people)
    return Sheet("viewers", (Key("user_id", _("ID")), Key("user_name", _("Name"))), lists.PEOPLE, rows)


def _countries(scope: Scope, where: Where, period: Period) -> Sheet:
    rows = [((key,), numbers) for key, numbers in lists.every_group(scope, where, period, "country")]
    return Sheet("countries", (Key("country", _("Country")),), lists.COUNTRIES, rows)


def _devices(scope: Scope, where: Where, period: Period) -> Sheet:
    rows = [((key,), numbers) for key, numbers in lists.every_group(scope, where, period, "device")]
    return Sheet("devices", (Key("device", _("Device")),), lists.DEVICES, rows)


def _days(scope: Scope, where: Where, period: Period) -> Sheet:
    rows = [((one.key,), one.numbers) for one in stretches(scope, where, period, DAYS.columns)]
    return Sheet("days", (Key("date_id", _("Day") if period.unit == 1 else _("Week from")),), DAYS, rows)


OF_VIDEO: dict[str, Make] = {"viewers": _viewers, "countries": _countries, "devices": _devices, "days": _days}
OF_CHANNEL: dict[str, Make] = {"videos": _videos, **OF_VIDEO}
