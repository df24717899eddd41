"""When we are open, as an editor types it: the hours of a week, and the days that differ."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from django.utils.translation import gettext

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DASH = r" *[-\u2013] *"
_CLOCK = rf"(\d{{1,2}})(?::(\d\d))?{_DASH}(\d{{1,2}})(?::(\d\d))?"
_CLOCKS = re.compile(_CLOCK)
_PART = re.compile(rf"([^\W\d]+)(?:{_DASH}([^\W\d]+))?,? *({_CLOCK})")
_TIME = re.compile(r"(\d{1,2})(?::(\d\d))?")
_BETWEEN = re.compile(r"\s*(?:[,;]|\band\b)?\s*")
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(?:[ ,:]+(.*))?")


class Unreadable(ValueError):
    """What was typed says no hours or no day. As text: what to change."""


@dataclass(frozen=True)
class Hours:
    """From when to when on one day."""

    opens: datetime.time
    closes: datetime.time

    def __str__(self) -> str:
        return f"{self.opens:%H:%M}\u2013{self.closes:%H:%M}"

    @property
    def length(self) -> datetime.timedelta:
        some_day = datetime.date.min
        combine = datetime.datetime.combine
        return combine(some_day, self.closes) - combine(some_day, self.opens)


def week_of(typed: str) -> dict[int, Hours]:
    """Weekday (Monday is 0) -> hours, of "Sunday-Thursday, 9:00-17:00; Friday, 9:00-13:00". Raises Unreadable."""
    week: dict[int, Hours] = {}
    place, typed = 0, typed.strip()
    while place < len(typed) or not week:
        found = _PART.match(typed, place)
        if not found:
            raise Unreadable(
                gettext("Write days and hours like this: Sunday-Thursday, 9:00-17:00; Friday, 9:00-13:00.")
            )
        first, last, clock = found[1], found[2] or found[1], found[3]
        hours = _hours(clock)
        for day in _days_from(first, last):
            if day in week:
                raise Unreadable(gettext("%(day)s has two times. Keep one.") % {"day": WEEKDAYS[day].title()})
            week[day] = hours
        between = _BETWEEN.match(typed, found.end())
        place = between.end() if between else found.end()
    return week


def times_in(words: str) -> set[tuple[int, int]]:
    """Hours and minutes that a text in any language says, in whatever digits."""
    return {(int(hour), int(minute or 0)) for hour, minute in _TIME.findall(words)}


def day_of(line: str) -> tuple[datetime.date, Hours | None]:
    """A day that differs, and its hours: none on a closed day. After the date its hours, or what it is called:
    "2026-12-24 9:00-13:00", "2026-12-05 Hanukkah". Raises Unreadable."""
    found = _DAY.fullmatch(line.strip())
    try:
        day = datetime.date.fromisoformat(found[1]) if found else None
    except ValueError:
        day = None
    rest = (found[2] or "").strip() if found else ""
    if day and (hours := _CLOCKS.match(rest)):
        return day, _hours(hours[0])
    if day is None or any(sign.isdigit() for sign in rest):
        raise Unreadable(
            gettext(
                "\u201c%(line)s\u201d: write year-month-day, like 2026-12-31. Hours of a short day come behind it: "
                "2026-12-31 9:00-13:00."
            )
            % {"line": line.strip()}
        )
    return day, None


def _hours(clock: str) -> Hours:
    found = _CLOCKS.fullmatch(clock)
    if found is None:
        raise Unreadable(clock)
    try:
        opens, closes = (datetime.time(int(found[n]), int(found[n + 1] or 0)) for n in (1, 3))
    except ValueError:
        raise Unreadable(gettext("\u201c%(clock)s\u201d is no time of the day.") % {"clock": clock}) from None
    if opens >= closes:
        raise Unreadable(gettext("\u201c%(clock)s\u201d ends before it begins.") % {"clock": clock})
    return Hours(opens, closes)


def _days_from(first: str, last: str) -> list[int]:
    """From one weekday to another, over the end of the week if need be."""
    for name in (first, last):
        if name.lower() not in WEEKDAYS:
            raise Unreadable(gettext("\u201c%(name)s\u201d is no day of the week.") % {"name": name})
    start, end = WEEKDAYS.index(first.lower()), WEEKDAYS.index(last.lower())
    return [(start + number) % 7 for number in range((end - start) % 7 + 1)]
