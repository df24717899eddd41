"""The numbers of one time, divided by month, week, hour, person, language and cancer."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import User
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from content.text.hints import Words
from immuno_site.consultations.admin import statistics
from immuno_site.consultations.admin.filters import cancers_to_choose
from immuno_site.consultations.admin.room import shown_name
from immuno_site.consultations.admin.statistics import OTHERS, Came, Key, Span, Tally, counted, ranked
from immuno_site.consultations.clock import Clocks
from immuno_site.consultations.models import ConsultationRequest
from immuno_site.consultations.models.coordinator import SEE_ALL
from immuno_site.consultations.working_time import ISRAEL

PERIODS = (30, 90, 365)
FIRST_PERIOD = 90
MONTHS = 12  # requests of older ones are erased
DAY = datetime.timedelta(days=1)

Lines = Sequence[tuple[str, Tally]]


@dataclass(frozen=True)
class Table:
    """One way to divide them: a line for each week, person, language ..."""

    name: str
    title: Words
    column: Words
    lines: Lines


@dataclass(frozen=True)
class Time:
    """Which requests are counted; its name in words and in the address."""

    span: Span
    title: str
    name: str  # of its parameter
    value: str

    @property
    def query(self) -> str:
        return f"{self.name}={self.value}"


@dataclass(frozen=True)
class Numbers:
    """All that is said of one time."""

    time: Time
    whole: Tally
    tables: Sequence[Table]


def months(now: datetime.datetime) -> list[Time]:
    """Those that can be looked at, the latest first."""
    today = timezone.localdate(now, ISRAEL)
    firsts = Span(today - DAY * 366, today).months[-MONTHS:]
    return [
        Time(Span(first, _next_month(first) - DAY), date_format(first, "F Y"), "month", f"{first:%Y-%m}")
        for first in reversed(firsts)
    ]


def _next_month(first: datetime.date) -> datetime.date:
    return (first + DAY * 31).replace(day=1)


def periods(now: datetime.datetime) -> list[Time]:
    """Up to today."""
    today = timezone.localdate(now, ISRAEL)
    words = gettext("the last %(days)d days")
    return [
        Time(Span(today - DAY * (days - 1), today), words % {"days": days}, "days", str(days))
        for days in PERIODS
    ]


def asked_time(asked: QueryDict, *, now: datetime.datetime) -> Time:
    """What the address asks for; where that cannot be read, what one sees first."""
    known = [*periods(now), *months(now)]
    first = next(time for time in known if time.value == str(FIRST_PERIOD))
    return next((time for time in known if asked.get(time.name) == time.value), first)


def numbers_of(time: Time, *, clocks: Clocks, user: User) -> Numbers:
    found = statistics.came(ConsultationRequest.objects.all(), time.span, clocks=clocks)
    whole = Tally()
    for one in found:
        whole.add(one)
    return Numbers(time, whole, [*_by_time(found, time.span), *_by_kind(found, user=user)])


def _by_time(found: list[Came], span: Span) -> Iterator[Table]:
    by_month = counted(found, lambda one: one.month, keys=span.months)
    yield Table("months", _("By month"), _("Month"), _named(by_month, lambda day: date_format(day, "M Y")))
    by_week = counted(found, lambda one: one.week, keys=span.weeks)
    yield Table("weeks", _("By week"), _("Week from"), _named(by_week, lambda day: date_format(day, "j M Y")))
    by_hour = counted(found, lambda one: one.at.hour, keys=range(24))
    title = _("By the hour they came, in Israel")
    yield Table("hours", title, _("Hour"), _named(by_hour, lambda hour: f"{hour}:00"))


def _by_kind(found: list[Came], *, user: User) -> Iterator[Table]:
    yield Table("people", _("By who has it"), _("Person"), _people(found, user=user))
    spoken = dict(settings.LANGUAGES)
    by_language = ranked(counted(found, lambda one: one.language))
    lines = _named(by_language, lambda code: str(spoken.get(code, code)))
    yield Table("languages", _("By language"), _("Language"), lines)
    names = {**dict(cancers_to_choose()), "": _("Not asked (call back)"), OTHERS: _("All others")}
    by_cancer = ranked(counted(found, lambda one: one.cancer))
    lines = _named(by_cancer, lambda slug: str(names.get(slug, slug)))
    yield Table("cancers", _("By cancer"), _("Cancer"), lines)


def _named(tallies: dict[Key, Tally], name: Callable[[Key], str]) -> Lines:
    return [(name(key), tally) for key, tally in tallies.items()]


def _people(found: list[Came], *, user: User) -> Lines:
    """Of all for whoever leads; everybody else sees their own line."""
    by_owner = counted(found, lambda one: one.owner)
    if not user.has_perm(SEE_ALL):
        return [(shown_name(user), by_owner.get(user.pk, Tally()))]
    people = User.objects.in_bulk([pk for pk in by_owner if pk is not None])
    lines = [(shown_name(people[pk]), tally) for pk, tally in by_owner.items() if pk in people]
    nobody = [(gettext("Nobody"), by_owner[None])] if None in by_owner else []
    return [*sorted(lines, key=lambda line: line[0]), *nobody]
