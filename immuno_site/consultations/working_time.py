"""When we work: turns "within one working day" into a date and time. Israel time, closed days left out."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from zoneinfo import ZoneInfo

from content.models import SiteProfile
from content.text.opening_hours import Hours, Unreadable, day_of, week_of

ISRAEL = ZoneInfo("Asia/Jerusalem")
USUAL = week_of("Sunday-Thursday, 9:00-17:00")
# A profile that closes every day must not make us count for ever.
LONGEST_BREAK = 370


@dataclass(frozen=True)
class WorkingTime:
    """The hours in which somebody answers. The default is the promise of a site nobody has set up yet."""

    week: Mapping[int, Hours] = field(default_factory=lambda: USUAL)  # Monday is 0
    days: Mapping[datetime.date, Hours | None] = field(default_factory=dict)  # that differ; None: closed

    @classmethod
    def of(cls, profile: SiteProfile, *, on_call: bool = False) -> WorkingTime:
        """What the site profile says. It takes nothing that cannot be read; of an older one that counts as the
        default. `on_call`: when somebody looks at urgent words."""
        days = _days(profile.closed_days)
        try:
            return cls(week_of((on_call and profile.on_call_hours) or profile.working_hours), days)
        except Unreadable:
            return cls(days=days)

    @property
    def day(self) -> datetime.timedelta:
        """How much working time one working day has: a long one, half days are less."""
        return max(hours.length for hours in self.week.values())

    def on(self, day: datetime.date) -> Hours | None:
        """The hours of one day; none when it is closed."""
        return self.days[day] if day in self.days else self.week.get(day.weekday())

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

    def is_open(self, now: datetime.datetime) -> bool:
        return next((opens <= now for opens, _closes in self._shifts(now)), False)

    def _shifts(self, start: datetime.datetime) -> Iterator[tuple[datetime.datetime, datetime.datetime]]:
        """What is left of each working day from `start` on. UTC, so that a change of clocks adds up."""
        first = start.astimezone(ISRAEL).date()
        for number in range(LONGEST_BREAK):
            day = first + datetime.timedelta(days=number)
            hours = self.on(day)
            if hours is None:
                continue
            opens, closes = _moment(day, hours.opens), _moment(day, hours.closes)
            if closes > start:
                yield max(opens, start.astimezone(datetime.UTC)), closes


@dataclass(frozen=True)
class TimeToReply:
    """How long an answer may take by the promise of the site profile, and in which hours that is counted."""

    hours: WorkingTime
    within: datetime.timedelta

    @classmethod
    def of(cls, profile: SiteProfile, *, is_urgent: bool = False) -> TimeToReply:
        hours = WorkingTime.of(profile, on_call=is_urgent)
        if is_urgent:
            return cls(hours, datetime.timedelta(hours=max(1, profile.urgent_hours)))
        return cls(hours, hours.day * max(1, profile.reply_working_days))

    def after(self, start: datetime.datetime) -> datetime.datetime:
        try:
            return self.hours.add(start, self.within)
        except ValueError:  # closed for a year: the promise still needs a date
            return WorkingTime().add(start, self.within)

    def used(self, due: datetime.datetime, *, now: datetime.datetime) -> float:
        """How much of it is used when an answer is due then: 0 is nothing, 1 is all."""
        return 1.0 if now >= due else max(0.0, 1 - self.hours.between(now, due) / self.within)


def reply_due(
    received: datetime.datetime, profile: SiteProfile, *, is_urgent: bool = False
) -> datetime.datetime:
    """By when the promise of the site profile has us answer; urgent words never later than others."""
    due = TimeToReply.of(profile).after(received)
    return min(due, TimeToReply.of(profile, is_urgent=True).after(received)) if is_urgent else due


@lru_cache(maxsize=2_000)  # lists count from the same days again and again
def _moment(day: datetime.date, time: datetime.time) -> datetime.datetime:
    return datetime.datetime.combine(day, time, tzinfo=ISRAEL).astimezone(datetime.UTC)


def _days(lines: Iterable[str]) -> dict[datetime.date, Hours | None]:
    days = {}
    for line in lines:
        with suppress(Unreadable):
            day, hours = day_of(line)
            days[day] = hours
    return days
