"""How much of the promised time is left, in words and in one of five states."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import cached_property, lru_cache

from django.db import models
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from content.models import SiteProfile
from immuno_site.consultations.models import ConsultationRequest, Status
from immuno_site.consultations.working_time import TimeToReply, WorkingTime

AMBER, RED = 0.5, 0.8
MINUTE = datetime.timedelta(minutes=1)


class State(models.TextChoices):
    CALM = "calm", _("in time")
    AMBER = "amber", _("half of the time is used")
    RED = "red", _("almost out of time")
    LATE = "late", _("late")
    PAUSED = "paused", _("the clock stands still")
    DONE = "done", _("done")


@dataclass(frozen=True)
class Clock:
    """Where a request stands. `left` is working time; for a late one, how long it has been late."""

    state: State
    left: datetime.timedelta
    day: datetime.timedelta  # how long one working day is

    @cached_property
    def words(self) -> str:
        time = duration(self.left, day=self.day)
        match self.state:
            case State.DONE:
                return ""
            case State.LATE if self.left < MINUTE:  # since we closed for the day
                return gettext("Late")
            case State.LATE:
                return gettext("%(time)s late") % {"time": time}
            case State.PAUSED:
                return gettext("Paused, %(time)s left") % {"time": time}
        return gettext("%(time)s left") % {"time": time}

    @cached_property
    def hint(self) -> str:
        """What the color says, in words."""
        return str(self.state.label) if self.state in (State.AMBER, State.RED) else ""


@dataclass(frozen=True)
class Clocks:
    """Reads the clocks of many requests at one moment."""

    now: datetime.datetime
    ordinary: TimeToReply
    urgent: TimeToReply

    @classmethod
    def at(cls, now: datetime.datetime, profile: SiteProfile | None = None) -> Clocks:
        profile = profile or SiteProfile.current()
        return cls(now, TimeToReply.of(profile), TimeToReply.of(profile, is_urgent=True))

    @property
    def hours(self) -> WorkingTime:
        return self.ordinary.hours

    def is_almost_over(self, request: ConsultationRequest) -> bool:
        """Time to remind whoever has it."""
        return self._used(request) >= RED

    def _used(self, request: ConsultationRequest) -> float:
        return request.share_of_time_used(now=self.now, time=self._time_of(request))

    def _time_of(self, request: ConsultationRequest) -> TimeToReply:
        return self.urgent if request.cannot_wait else self.ordinary

    def read(self, request: ConsultationRequest) -> Clock:
        hours = self._time_of(request).hours
        day = hours.day
        if not request.is_promised:
            return Clock(State.DONE, datetime.timedelta(), day)
        if request.status == Status.WAITING and request.waiting_since:
            return Clock(State.PAUSED, hours.between(request.waiting_since, request.reply_due_at), day)
        if self.now > request.reply_due_at:
            return Clock(State.LATE, hours.between(request.reply_due_at, self.now), day)
        used = self._used(request)
        state = State.RED if used >= RED else State.AMBER if used >= AMBER else State.CALM
        return Clock(state, hours.between(self.now, request.reply_due_at), day)


def duration(time: datetime.timedelta, *, day: datetime.timedelta) -> str:
    """Working time as people say it: days of work, or hours and minutes."""
    days, minutes = (time // day, 0) if time >= 2 * day else (0, time // MINUTE)
    return _in_words(days, minutes, get_language())


@lru_cache(maxsize=5_000)
def _in_words(days: int, minutes: int, _language: str | None) -> str:
    """Lists say the same again and again, and to look a plural up is dear."""
    if days:
        return ngettext("%(days)d working day", "%(days)d working days", days) % {"days": days}
    hours, minutes = divmod(minutes, 60)
    if not hours:
        return gettext("%(minutes)d min") % {"minutes": minutes}
    if not minutes:
        return gettext("%(hours)d h") % {"hours": hours}
    return gettext("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
