"""A map with a dot for each country, on the outlines of ``static/world.svg``: Natural Earth 1:110m, public domain.

Where a country's dot lies follows from the places of the time zone database, which are public domain too.

That database names for each time zone of a country the place that it is called after, the most populous first. A
country's dot is at its first place; a country of five time zones and more has it in the middle of them.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

# The outlines are drawn for this size and these latitudes.
WIDTH, HEIGHT = 1000, 470
SOUTH, NORTH = -56, 80  # what the map shows; Antarctica has nobody to show
SPREAD = 5
SMALLEST, LARGEST = 5.0, 20.0


@dataclass(frozen=True)
class Dot:
    """A country on the map: where, and how large its live disc and its ring of recording viewers are (0: none)."""

    country: str
    x: float
    y: float
    live: int
    recorded: int
    live_radius: float
    recorded_radius: float


def dots(viewers: Mapping[str, tuple[int, int]]) -> tuple[Dot, ...]:
    """Countries with (live, recording) viewers, the larger first so that they hide none. Areas are as the numbers."""
    most = max((count for pair in viewers.values() for count in pair), default=0)
    places = _countries()
    found = [
        Dot(country, *places[country], live, recorded, _radius(live, most), _radius(recorded, most))
        for country, (live, recorded) in viewers.items()
        if country in places
    ]
    return tuple(sorted(found, key=lambda dot: (-max(dot.live, dot.recorded), dot.country)))


@cache
def outlines_version() -> str:
    """The digest of the outlines, which their address names: browsers keep them for ever."""
    return hashlib.sha256((files("lti_tool") / "static" / "world.svg").read_bytes()).hexdigest()[:16]


def _radius(count: int, most: int) -> float:
    return round(max(SMALLEST, LARGEST * math.sqrt(count / most)), 1) if count else 0


@cache
def _countries() -> dict[str, tuple[float, float]]:
    found = {country: _project(*_middle(places)) for country, places in _places().items()}
    return {country: (x, y) for country, (x, y) in found.items() if 0 <= y <= HEIGHT}


@cache
def _places() -> dict[str, list[tuple[float, float]]]:
    """Latitude and longitude of every place, by country."""
    found: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    text = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="ascii")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            country, where = line.split("\t")[:2]
            latitude, longitude = re.findall(r"[+-]\d+", where)
            found[country].append((_degrees(latitude, 2), _degrees(longitude, 3)))
    return dict(found)


def _degrees(written: str, digits: int) -> float:
    """``+4030`` or ``-0740023``: degrees, minutes and perhaps seconds."""
    sign, rest = written[0], written[1 + digits :]
    value = int(written[1 : 1 + digits]) + int(rest[:2]) / 60 + int(rest[2:] or 0) / 3600
    return -value if sign == "-" else value


def _middle(places: list[tuple[float, float]]) -> tuple[float, float]:
    """The first place; of five and more the middle of them on the globe."""
    if len(places) < SPREAD:
        return places[0]
    x = y = z = 0.0
    for latitude, longitude in places:
        up, around = math.radians(latitude), math.radians(longitude)
        x += math.cos(up) * math.cos(around)
        y += math.cos(up) * math.sin(around)
        z += math.sin(up)
    return math.degrees(math.atan2(z, math.hypot(x, y))), math.degrees(math.atan2(y, x))


def _project(latitude: float, longitude: float) -> tuple[float, float]:
    return round((longitude + 180) / 360 * WIDTH, 1), round((NORTH - latitude) / (NORTH - SOUTH) * HEIGHT, 1)
