"""How we are doing, on one page: now, and over the last weeks. Numbers only."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from content.text.hints import Words
from immuno_site.consultations import statistics
from immuno_site.consultations.admin.filters import cancers_to_choose
from immuno_site.consultations.admin.room import page
from immuno_site.consultations.charts import Chart, lying, standing
from immuno_site.consultations.clock import Clocks, duration
from immuno_site.consultations.models import ConsultationRequest

FIRST_PERIOD = 90


@require_safe
def dashboard_view(request: HttpRequest) -> HttpResponse:
    """Of all requests, also for those who may not open all: there is no person in a number."""
    now = timezone.now()
    days = _period(request.GET.get("days", ""))
    since = now - datetime.timedelta(days=days)
    rows, clocks = ConsultationRequest.objects.all(), Clocks.at(now)
    replies = statistics.replies(rows, since=since, clocks=clocks)
    return page(
        request,
        "dashboard.html",
        _("Dashboard"),
        days=days,
        periods=statistics.PERIODS,
        now_open=statistics.open_now(rows, now=now),
        replies=replies,
        median=_words(replies.median, clocks),
        ninetieth=_words(replies.ninetieth, clocks),
        letters=statistics.letters_waiting(),
        charts=[
            _weeks(statistics.weeks(rows, since=since, now=now)),
            _by_cancer(statistics.by(rows, "cancer", since=since)),
            _by_language(statistics.by(rows, "language", since=since)),
        ],
    )


def _period(asked: str) -> int:
    return next((days for days in statistics.PERIODS if str(days) == asked), FIRST_PERIOD)


def _words(time: datetime.timedelta | None, clocks: Clocks) -> str:
    return "" if time is None else duration(time, day=clocks.hours.day)


def _weeks(weeks: list[statistics.Week]) -> Chart:
    received, answered = sum(week.received for week in weeks), sum(week.answered for week in weeks)
    return standing(
        "weeks",
        _("Received and first answered, by week"),
        [(date_format(week.starts, "j M"), (week.received, week.answered)) for week in weeks],
        columns=(_("Week from"), _("Received"), _("First answered")),
        summary=gettext("%(weeks)d weeks: %(received)d received, %(answered)d first answered.")
        % {"weeks": len(weeks), "received": received, "answered": answered},
    )


def _by_cancer(pairs: list[tuple[str, int]]) -> Chart:
    names = {**dict(cancers_to_choose()), "": _("Not asked (call back)"), "*": _("All others")}
    return _ranked("cancers", _("Requests by cancer"), _("Cancer"), pairs, names)


def _by_language(pairs: list[tuple[str, int]]) -> Chart:
    return _ranked("languages", _("Requests by language"), _("Language"), pairs, dict(settings.LANGUAGES))


def _ranked(
    name: str, title: Words, column: Words, pairs: list[tuple[str, int]], names: dict[str, object]
) -> Chart:
    named = [(str(names.get(value, value)), number) for value, number in pairs]
    if named:
        words = ngettext(
            "Most: %(name)s, %(number)d request.", "Most: %(name)s, %(number)d requests.", named[0][1]
        )
        summary = words % {"name": named[0][0], "number": named[0][1]}
    else:
        summary = gettext("None in this time.")
    return lying(name, title, named, columns=(column, _("Requests")), summary=summary)
