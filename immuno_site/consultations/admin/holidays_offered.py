"""The holidays of Israel as lines of closed days, for an editor to tick. Nobody is closed by itself."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Set

from holidays import OPTIONAL, PUBLIC, country_holidays

from immuno_site.consultations.working_time import WorkingTime

AHEAD = datetime.timedelta(days=400)  # so that next year's are offered before this one is over
EVE_CLOSES = "13:00"
DAY = datetime.timedelta(days=1)


def offered(profile_days: Set[datetime.date], hours: WorkingTime, *, today: datetime.date) -> list[str]:
    """What stands in no line yet and would be a working day, in the order of the year."""
    found = dict(_lines(hours, today=today))
    return [line for day, line in sorted(found.items()) if day not in profile_days]


def _lines(hours: WorkingTime, *, today: datetime.date) -> Iterator[tuple[datetime.date, str]]:
    """Day and line. Eves first: where a holiday follows another one, its eve is that holiday."""
    years = [today.year, today.year + 1, today.year + 2]
    public, other = (
        country_holidays("IL", years=years, language="en_US", categories=(category,))
        for category in (PUBLIC, OPTIONAL)
    )
    for day, name in public.items():
        eve = hours.week.get((day - DAY).weekday())
        if eve and _is_ahead(day - DAY, today) and f"{eve.closes:%H:%M}" > EVE_CLOSES:
            yield day - DAY, f"{day - DAY} {eve.opens:%H:%M}-{EVE_CLOSES} eve of {name}"
    for named in (other, public):
        for day, name in named.items():
            if hours.week.get(day.weekday()) and _is_ahead(day, today):
                yield day, f"{day} {name}"


def _is_ahead(day: datetime.date, today: datetime.date) -> bool:
    return today <= day <= today + AHEAD
