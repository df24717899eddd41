"""The clock where a patient lives: Israel's time says little to somebody in Moscow."""

from __future__ import annotations

import datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from babel.core import get_global
from babel.dates import get_timezone_location
from django.conf import settings
from django.utils.translation import get_language

from immuno_site.consultations.working_time import ISRAEL


def there(moment: datetime.datetime, *, country: str, city: str = "") -> datetime.datetime | None:
    """The same moment on the patient's clock; nothing where that is not known."""
    zone = _zone(moment, country, city)
    return moment.astimezone(zone) if zone else None


def there_if_other(moment: datetime.datetime, *, country: str, city: str = "") -> datetime.datetime | None:
    """Nothing, too, where their clock shows what ours in Israel shows."""
    theirs = there(moment, country=country, city=city)
    is_same = theirs is None or theirs.utcoffset() == moment.astimezone(ISRAEL).utcoffset()
    return None if is_same else theirs


def cities(country: str, *, now: datetime.datetime) -> list[tuple[str, datetime.datetime]]:
    """The places that zones of a country are named after, and the time there, from west to east."""
    found = [
        (_city(name, get_language() or "en"), now.astimezone(ZoneInfo(name))) for name in _zones(country)
    ]
    return sorted(found, key=lambda place: (place[1].utcoffset(), place[0]))


def _zone(moment: datetime.datetime, country: str, city: str) -> ZoneInfo | None:
    """Of the place they named, or of the country if all of it has one time."""
    if name := _named().get(city.strip().casefold()):
        return ZoneInfo(name)
    zones = [ZoneInfo(name) for name in _zones(country)]
    offsets = {moment.astimezone(zone).utcoffset() for zone in zones}
    return zones[0] if len(offsets) == 1 and not city.strip() else None


@cache
def _countries() -> dict[str, str]:
    """Zone -> country, as far as this machine knows both."""
    known = available_timezones()
    return {zone: country for zone, country in get_global("zone_territories").items() if zone in known}


@cache
def _zones(country: str) -> tuple[str, ...]:
    return tuple(zone for zone, where in _countries().items() if where == country)


@cache
def _city(zone: str, language: str) -> str:
    return get_timezone_location(ZoneInfo(zone), locale=language, return_city=True)


@cache
def _named() -> dict[str, str]:
    """Zones by what their place is called in each language of the site."""
    return {_city(zone, code).casefold(): zone for code, _name in settings.LANGUAGES for zone in _countries()}
