"""How the promise is kept, in numbers: what is open now, and how it went with those that came in a time. No patient is
in them.

Everything is counted by the day a request came, so that each is in one line of each table: answered in time, missed,
or not decided yet. What is spam, or looks like it, is not counted.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from django.db.models import Count, Min, Q, QuerySet

from immuno_site.consultations.clock import Clocks
from immuno_site.consultations.models import ConsultationRequest, OutgoingMail, Status
from immuno_site.consultations.models.request import IS_OPEN, IS_SPAM, OPEN, has_nobody, is_late
from immuno_site.consultations.working_time import ISRAEL

OTHERS_FROM = 10  # so many bars can be read
OTHERS = "*"
DAY = datetime.timedelta(days=1)

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Span:
    """From one day to another, both counted."""

    first: datetime.date
    last: datetime.date

    @property
    def weeks(self) -> list[datetime.date]:
        sunday = _sunday(self.first)
        return [sunday + 7 * DAY * number for number in range((self.last - sunday).days // 7 + 1)]

    @property
    def months(self) -> list[datetime.date]:
        number = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1
        first = self.first.year * 12 + self.first.month - 1
        return [datetime.date(month // 12, month % 12 + 1, 1) for month in range(first, first + number)]


def _sunday(day: datetime.date) -> datetime.date:
    """With which the working week begins."""
    return day - DAY * (day.isoweekday() % 7)


class Came(NamedTuple):
    """One request, and how it went; without anything that says whose it is."""

    at: datetime.datetime  # in Israel
    owner: int | None
    language: str
    cancer: str
    took: datetime.timedelta | None  # to the first answer, in working time
    is_kept: bool
    is_missed: bool

    @property
    def week(self) -> datetime.date:
        return _sunday(self.at.date())

    @property
    def month(self) -> datetime.date:
        return self.at.date().replace(day=1)


COLUMNS = (
    "received_at", "reply_due_at", "answered_at", "answered_in_time", "status", "owner", "language", "cancer",
)  # fmt: skip


def came(rows: QuerySet[ConsultationRequest], span: Span, *, clocks: Clocks) -> list[Came]:
    """Those that came in this time. One query, whatever is counted of them."""
    begins, ends = (
        datetime.datetime.combine(day, datetime.time(), ISRAEL) for day in (span.first, span.last + DAY)
    )
    found = rows.filter(received_at__gte=begins, received_at__lt=ends).exclude(status=Status.SUSPECTED)
    columns = found.exclude(IS_SPAM).order_by().values_list(*COLUMNS)
    return [_came(*values, clocks=clocks) for values in columns.iterator(chunk_size=2000)]


def _came(
    received: datetime.datetime,
    due: datetime.datetime,
    answered: datetime.datetime | None,
    in_time: bool | None,
    status: str,
    owner: int | None,
    language: str,
    cancer: str,
    *,
    clocks: Clocks,
) -> Came:
    """Missed: answered too late, given up too late, or late and still waiting for us."""
    is_kept = bool(answered and in_time)
    is_late = status in OPEN and status != Status.WAITING and due < clocks.now
    return Came(
        at=received.astimezone(ISRAEL),
        owner=owner,
        language=language,
        cancer=cancer,
        took=clocks.hours.between(received, answered) if answered else None,
        is_kept=is_kept,
        is_missed=not is_kept and (bool(answered) or in_time is False or is_late),
    )


@dataclass
class Tally:
    """Some of them, counted."""

    received: int = 0
    kept: int = 0
    missed: int = 0
    times: list[datetime.timedelta] = field(default_factory=list)

    def add(self, one: Came) -> None:
        self.received += 1
        self.kept += one.is_kept
        self.missed += one.is_missed
        if one.took is not None:
            self.times.append(one.took)

    @property
    def answered(self) -> int:
        return len(self.times)

    @property
    def share_kept(self) -> int | None:
        """Percent of those whose promise has been decided."""
        decided = self.kept + self.missed
        return round(100 * self.kept / decided) if decided else None

    @property
    def median(self) -> datetime.timedelta | None:
        return percentile(self.times, 50)

    @property
    def ninetieth(self) -> datetime.timedelta | None:
        return percentile(self.times, 90)


def percentile(times: Iterable[datetime.timedelta], percent: int) -> datetime.timedelta | None:
    """The time within which so many percent were answered: one that really happened, nothing in between."""
    ordered = sorted(times)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)] if ordered else None


def counted(
    found: Iterable[Came], key: Callable[[Came], Key], *, keys: Iterable[Key] = ()
) -> dict[Key, Tally]:
    """Tallies by a key; those of `keys` are there, in this order, also where nothing came."""
    tallies: dict[Key, Tally] = {known: Tally() for known in keys}
    for one in found:
        tallies.setdefault(key(one), Tally()).add(one)
    return tallies


def ranked(tallies: dict[str, Tally]) -> dict[str, Tally]:
    """Most first; the rest of a long list together."""
    ordered = sorted(tallies.items(), key=lambda pair: (-pair[1].received, pair[0]))
    if len(ordered) <= OTHERS_FROM:
        return dict(ordered)
    others = Tally()
    for _name, tally in ordered[OTHERS_FROM - 1 :]:
        others.received += tally.received
        others.kept += tally.kept
        others.missed += tally.missed
        others.times += tally.times
    return {**dict(ordered[: OTHERS_FROM - 1]), OTHERS: others}


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


def letters_waiting() -> dict[str, object]:
    """The outbox: how many letters have not left, and since when."""
    return OutgoingMail.objects.all().waiting().aggregate(number=Count("pk"), oldest=Min("created_at"))
