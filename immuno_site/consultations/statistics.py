"""How the promise is kept, in numbers: what is open now, and how the last weeks went. No person is in them."""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, Min, Q, QuerySet
from django.db.models.functions import TruncWeek
from django.utils import timezone

from immuno_site.consultations.clock import Clocks
from immuno_site.consultations.models import ConsultationRequest, OutgoingMail, Status
from immuno_site.consultations.models.request import IS_OPEN, has_nobody, is_late
from immuno_site.consultations.working_time import ISRAEL

PERIODS = (30, 90, 365)
OTHERS_FROM = 10  # so many bars can be read


@dataclass(frozen=True)
class Replies:
    """First replies of a period, in working time."""

    number: int
    median: datetime.timedelta | None
    ninetieth: datetime.timedelta | None
    kept: int
    missed: int

    @property
    def share_kept(self) -> int | None:
        """Percent of those whose promise has been decided."""
        decided = self.kept + self.missed
        return round(100 * self.kept / decided) if decided else None


@dataclass(frozen=True)
class Week:
    starts: datetime.date
    received: int
    answered: int


def open_now(rows: QuerySet[ConsultationRequest], *, now: datetime.datetime) -> dict[str, int]:
    return rows.aggregate(
        open=Count("pk", filter=IS_OPEN),
        new=Count("pk", filter=Q(status=Status.NEW)),
        late=Count("pk", filter=IS_OPEN & is_late(now)),
        waiting=Count("pk", filter=Q(status=Status.WAITING)),
        with_doctor=Count("pk", filter=Q(status=Status.WITH_DOCTOR)),
        unowned=Count("pk", filter=IS_OPEN & has_nobody()),
        suspected=Count("pk", filter=Q(status=Status.SUSPECTED)),
    )


def replies(rows: QuerySet[ConsultationRequest], *, since: datetime.datetime, clocks: Clocks) -> Replies:
    """First replies given since then; a promise also counts as missed while nobody has answered."""
    answered = list(
        rows.filter(answered_at__gte=since)
        .order_by()
        .values_list("received_at", "answered_at", "answered_in_time")
    )
    times = sorted(clocks.hours.between(received, first) for received, first, _kept in answered if first)
    kept = sum(bool(in_time) for _received, _first, in_time in answered)
    unanswered = rows.filter(IS_OPEN, is_late(clocks.now), answered_at__isnull=True).count()
    return Replies(
        number=len(times),
        median=percentile(times, 50),
        ninetieth=percentile(times, 90),
        kept=kept,
        missed=len(times) - kept + unanswered,
    )


def percentile(times: list[datetime.timedelta], percent: int) -> datetime.timedelta | None:
    """The time within which so many percent were answered: one that really happened, nothing in between."""
    if not times:
        return None
    return times[max(0, -(-len(times) * percent // 100) - 1)]


def by(
    rows: QuerySet[ConsultationRequest], column: str, *, since: datetime.datetime
) -> list[tuple[str, int]]:
    """How many came for each value, most first; the rest of a long list together."""
    counted = Counter(
        dict(
            rows.filter(received_at__gte=since)
            .exclude(status=Status.SUSPECTED)
            .order_by()
            .values_list(column)
            .annotate(Count("pk"))
        )
    )
    found = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    if len(found) <= OTHERS_FROM:
        return found
    rest = sum(number for _value, number in found[OTHERS_FROM - 1 :])
    return [*found[: OTHERS_FROM - 1], ("*", rest)]


def weeks(
    rows: QuerySet[ConsultationRequest], *, since: datetime.datetime, now: datetime.datetime
) -> list[Week]:
    """Week by week, oldest first, those without any too."""
    received = _per_week(rows.exclude(status=Status.SUSPECTED), "received_at", since)
    answered = _per_week(rows, "answered_at", since)
    monday = _monday(timezone.localdate(since, ISRAEL))
    last = _monday(timezone.localdate(now, ISRAEL))
    number = (last - monday).days // 7 + 1
    starts = [monday + datetime.timedelta(weeks=week) for week in range(number)]
    return [Week(start, received.get(start, 0), answered.get(start, 0)) for start in starts]


def _per_week(
    rows: QuerySet[ConsultationRequest], column: str, since: datetime.datetime
) -> dict[datetime.date, int]:
    found = (
        rows.filter(**{f"{column}__gte": since})
        .order_by()
        .annotate(week=TruncWeek(column, tzinfo=ISRAEL))
        .values_list("week")
        .annotate(Count("pk"))
    )
    return {week.date(): number for week, number in found}


def _monday(day: datetime.date) -> datetime.date:
    return day - datetime.timedelta(days=day.weekday())


def letters_waiting() -> dict[str, object]:
    """The outbox: how many letters have not left, and since when."""
    return OutgoingMail.objects.filter(sent_at__isnull=True, given_up_at__isnull=True).aggregate(
        number=Count("pk"), oldest=Min("created_at")
    )
