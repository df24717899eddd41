"""When we work: turns "within one working day" into a date and time. Israel time, closed days left out."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from content.models import SiteProfile

ISRAEL = ZoneInfo("Asia/Jerusalem")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HOURS = re.compile(r"(\w+) *[-\u2013] *(\w+), *(\d{1,2}):(\d\d) *[-\u2013] *(\d{1,2}):(\d\d)")
# A profile that closes every day must not make us count for ever.
LONGEST_BREAK = 370


@dataclass(frozen=True)
class WorkingTime:
    """The hours in which somebody answers. The default is the promise of a site nobody has set up yet."""

    weekdays: frozenset[int] = frozenset({6, 0, 1, 2, 3})  # Sunday to Thursday; Monday is 0
    opens: datetime.time = datetime.time(9)
    closes: datetime.time = datetime.time(17)
    closed_days: frozenset[datetime.date] = field(default_factory=frozenset)

    @classmethod
    def of(cls, profile: SiteProfile) -> WorkingTime:
        """What the site profile says; hours that cannot be read count as the default."""
        closed = frozenset(day for line in profile.closed_days if (day := _day(line)))
        match = HOURS.fullmatch(profile.working_hours.strip())
        if not match:
            return cls(closed_days=closed)
        first, last, *clock = match.groups()
        weekdays = _weekdays(first.lower(), last.lower())
        try:
            opens = datetime.time(int(clock[0]), int(clock[1]))
            closes = datetime.time(int(clock[2]), int(clock[3]))
        except ValueError:
            return cls(closed_days=closed)
        if not weekdays or opens >= closes:
            return cls(closed_days=closed)
        return cls(weekdays, opens, closes, closed)

    @property
    def day(self) -> datetime.timedelta:
        """How much working time one working day has."""
        midnight = datetime.date.min
        combine = datetime.datetime.combine
        return combine(midnight, self.closes) - combine(midnight, self.opens)

    def add(self, start: datetime.datetime, amount: datetime.timedelta) -> datetime.datetime:
        """The moment at which `amount` of working time has passed since `start`."""
        for opens, closes in self._shifts(start):
            if amount <= closes - opens:
                return opens + amount
            amount -= closes - opens
        raise ValueError("There is no working time in the next year.")

    def between(self, start: datetime.datetime, end: datetime.datetime) -> datetime.timedelta:
        """The working time between two moments; none if the end comes first."""
        total = datetime.timedelta()
        if end <= start:
            return total
        for opens, closes in self._shifts(start):
            if opens >= end:
                break
            total += min(closes, end) - opens
        return total

    def _shifts(self, start: datetime.datetime) -> Iterator[tuple[datetime.datetime, datetime.datetime]]:
        """What is left of each working day from `start` on. UTC, so that a change of clocks adds up."""
        first = start.astimezone(ISRAEL).date()
        for number in range(LONGEST_BREAK):
            day = first + datetime.timedelta(days=number)
            if day.weekday() not in self.weekdays or day in self.closed_days:
                continue
            opens = _moment(day, self.opens)
            closes = _moment(day, self.closes)
            if closes > start:
                yield max(opens, start.astimezone(datetime.UTC)), closes


def reply_due(received: datetime.datetime, profile: SiteProfile) -> datetime.datetime:
    """By when the promise of the site profile has us answer."""
    hours = WorkingTime.of(profile)
    try:
        return hours.add(received, hours.day * profile.reply_working_days)
    except ValueError:  # closed for a year: the promise still needs a date
        return WorkingTime().add(received, WorkingTime().day * profile.reply_working_days)


def _moment(day: datetime.date, time: datetime.time) -> datetime.datetime:
    return datetime.datetime.combine(day, time, tzinfo=ISRAEL).astimezone(datetime.UTC)


def _day(line: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(line.strip())
    except ValueError:
        return None


def _weekdays(first: str, last: str) -> frozenset[int]:
    """From one weekday to another, over the end of the week if need be."""
    if first not in WEEKDAYS or last not in WEEKDAYS:
        return frozenset()
    start, end = WEEKDAYS.index(first), WEEKDAYS.index(last)
    return frozenset((start + number) % 7 for number in range((end - start) % 7 + 1))
