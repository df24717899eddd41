"""How we are doing: now, and with the requests of a time, on the screen, on paper and as a file. Numbers only."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from content.account import signed_in
from immuno_site.consultations.admin import csv_rows, statistics
from immuno_site.consultations.admin.charts import Chart, lying, standing
from immuno_site.consultations.admin.numbers import Numbers, Table, asked_time, months, numbers_of, periods
from immuno_site.consultations.admin.room import page, record
from immuno_site.consultations.admin.statistics import Tally
from immuno_site.consultations.clock import Clocks, duration
from immuno_site.consultations.models import AccessEvent, ConsultationRequest

COLUMNS = (_("Received"), _("Answered"), _("In time"), _("Promise missed"), _("Half within"))
SIDE_BY_SIDE = (_("Received"), _("In time"), _("Promise missed"))
IN_CLEAR = ("by", "value", "received", "answered", "in_time", "missed", "half_within_minutes")
OVER_TIME = ("months", "weeks", "hours")
MINUTE = datetime.timedelta(minutes=1)


@require_safe
def dashboard_view(request: HttpRequest) -> HttpResponse:
    """Of all requests, also for those who may not open all: there is no patient in a number."""
    clocks, numbers = _numbers(request)
    rows = ConsultationRequest.objects.all()
    return page(
        request,
        "dashboard.html",
        _("Dashboard"),
        numbers=numbers,
        periods=periods(clocks.now),
        months=months(clocks.now),
        now_open=statistics.open_now(rows, now=clocks.now),
        letters=statistics.letters_waiting(),
        median=_words(numbers.whole.median, clocks),
        ninetieth=_words(numbers.whole.ninetieth, clocks),
        charts=[_chart(table, clocks) for table in numbers.tables],
    )


@require_safe
def print_view(request: HttpRequest) -> HttpResponse:
    """The same numbers as tables, for a meeting."""
    clocks, numbers = _numbers(request)
    tables = [(table, [_cells(line, clocks) for line in table.lines]) for table in numbers.tables]
    everything = [_cells((gettext("All"), numbers.whole), clocks)]
    return page(
        request,
        "numbers.html",
        _("How we answer"),
        numbers=numbers,
        columns=COLUMNS,
        everything=everything,
        tables=tables,
        now=clocks.now,
    )


@require_safe
def csv_view(request: HttpRequest) -> HttpResponse:
    """The same numbers for a spreadsheet, without the cancers: a line of one request would be somebody's health."""
    _clocks, numbers = _numbers(request)
    record(request, AccessEvent.Action.EXPORTED, detail="numbers")
    response = HttpResponse(
        "".join(csv_rows.lines(IN_CLEAR, _rows(numbers))), content_type="text/csv; charset=utf-8"
    )
    span = numbers.time.span
    response["Content-Disposition"] = f'attachment; filename="numbers-{span.first}-{span.last}.csv"'
    return response


def _numbers(request: HttpRequest) -> tuple[Clocks, Numbers]:
    clocks = Clocks.at(timezone.now())
    time = asked_time(request.GET, now=clocks.now)
    return clocks, numbers_of(time, clocks=clocks, user=signed_in(request))


def _rows(numbers: Numbers) -> Iterator[list[object]]:
    yield ["all", "", *_plain(numbers.whole)]
    for table in numbers.tables:
        if table.name != "cancers":
            yield from ([table.name, name, *_plain(tally)] for name, tally in table.lines)


def _plain(tally: Tally) -> list[object]:
    minutes = "" if tally.median is None else tally.median // MINUTE
    return [tally.received, tally.answered, tally.kept, tally.missed, minutes]


def _cells(line: tuple[str, Tally], clocks: Clocks) -> list[str | int]:
    name, tally = line
    return [
        name,
        tally.received,
        tally.answered,
        tally.kept,
        tally.missed,
        _words(tally.median, clocks) or "–",
    ]


def _words(time: datetime.timedelta | None, clocks: Clocks) -> str:
    return "" if time is None else duration(time, day=clocks.hours.day)


def _chart(table: Table, clocks: Clocks) -> Chart:
    """Bars, in one sentence, and all numbers as a table."""
    columns, rows = (table.column, *COLUMNS), [_cells(line, clocks) for line in table.lines]
    if table.name in OVER_TIME:
        received, missed = (
            sum(getattr(tally, name) for _line, tally in table.lines) for name in ("received", "missed")
        )
        words = gettext("%(received)d received, the promise missed with %(missed)d of them.")
        return standing(
            table.name,
            table.title,
            [(name, (tally.received, tally.kept, tally.missed)) for name, tally in table.lines],
            series=SIDE_BY_SIDE,
            columns=columns,
            rows=rows,
            summary=words % {"received": received, "missed": missed},
        )
    pairs = [(name, tally.received) for name, tally in table.lines]
    return lying(table.name, table.title, pairs, columns=columns, rows=rows, summary=_most(pairs))


def _most(pairs: list[tuple[str, int]]) -> str:
    name, number = max(pairs, key=lambda pair: pair[1], default=("", 0))
    if not number:
        return gettext("None in this time.")
    words = ngettext("Most: %(name)s, %(number)d request.", "Most: %(name)s, %(number)d requests.", number)
    return words % {"name": name, "number": number}
