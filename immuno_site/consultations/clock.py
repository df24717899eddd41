"""How much of the promised time is left, in words and in one of five states."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from content.models import SiteProfile
from immuno_site.consultations.models import ConsultationRequest, Status
from immuno_site.consultations.working_time import WorkingTime

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

    @property
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

    @property
    def hint(self) -> str:
        """What the color says, in words."""
        return str(self.state.label) if self.state in (State.AMBER, State.RED) else ""


@dataclass(frozen=True)
class Clocks:
    """Reads the clocks of many requests at one moment."""

    now: datetime.datetime
    hours: WorkingTime

    @classmethod
    def at(cls, now: datetime.datetime) -> Clocks:
        return cls(now, WorkingTime.of(SiteProfile.current()))

    def read(self, request: ConsultationRequest) -> Clock:
        day = self.hours.day
        if not request.is_promised:
            return Clock(State.DONE, datetime.timedelta(), day)
        if request.status == Status.WAITING and request.waiting_since:
            return Clock(State.PAUSED, self.hours.between(request.waiting_since, request.reply_due_at), day)
        if self.now > request.reply_due_at:
            return Clock(State.LATE, self.hours.between(request.reply_due_at, self.now), day)
        used = request.share_of_time_used(now=self.now, hours=self.hours)
        state = State.RED if used >= RED else State.AMBER if used >= AMBER else State.CALM
        return Clock(state, self.hours.between(self.now, request.reply_due_at), day)


def duration(time: datetime.timedelta, *, day: datetime.timedelta) -> str:
    """Working time as people say it: days of work, or hours and minutes."""
    if time >= 2 * day:
        return ngettext("%(days)d working day", "%(days)d working days", time // day) % {"days": time // day}
    hours, minutes = divmod(time // MINUTE, 60)
    if not hours:
        return gettext("%(minutes)d min") % {"minutes": minutes}
    if not minutes:
        return gettext("%(hours)d h") % {"hours": hours}
    return gettext("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
