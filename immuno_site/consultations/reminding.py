"""Letters that only time writes: a promise that is almost over or broken, a step that is due, a patient who is silent.

Each leaves once for what it tells of, however often and wherever this runs: the request remembers which promise, day
or waiting that was, and whoever marks it writes the letter. Something new is told of anew.
"""

from __future__ import annotations

import datetime

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from immuno_site.consultations.clock import Clocks
from immuno_site.consultations.models import ConsultationRequest, OutgoingMail
from immuno_site.consultations.thread.writing import tell_patient
from immuno_site.consultations.working_time import ISRAEL

Kind = OutgoingMail.Kind
Rows = QuerySet[ConsultationRequest]


def remind(*, now: datetime.datetime) -> int:
    """Writes the letters that are due; how many. Promises are told of at any hour, other things while we are open."""
    clocks, rows = Clocks.at(now), ConsultationRequest.objects
    told = _tell(rows.late_untold(now), Kind.LATE, now=now)
    soon = [row.pk for row in rows.soon_due_untold(now).only(*CLEAR) if clocks.is_almost_over(row)]
    told += _tell(rows.soon_due_untold(now).filter(pk__in=soon), Kind.SOON_DUE, now=now)
    if clocks.hours.is_open(now):
        told += _tell(rows.step_due_untold(timezone.localdate(now, ISRAEL)), Kind.STEP_DUE, now=now)
        told += _tell(rows.silent_untold(now), Kind.STILL_WAITING, now=now)
    return told


CLEAR = ("status", "is_urgent", "reply_due_at", "waiting_since")
# Where the request remembers it, and what.
REMEMBERED: dict[str, tuple[str, str]] = {
    Kind.LATE: ("late_told_of", "reply_due_at"),
    Kind.SOON_DUE: ("soon_due_told_of", "reply_due_at"),
    Kind.STEP_DUE: ("step_told_of", "next_action_on"),
    Kind.STILL_WAITING: ("silence_told_of", "waiting_since"),
}


def _tell(rows: Rows, kind: str, *, now: datetime.datetime) -> int:
    told, of = REMEMBERED[kind]
    number = 0
    for pk in list(rows.values_list("pk", flat=True)):
        with transaction.atomic():
            # Asked again as it is written: of two workers one writes the letter.
            if rows.filter(pk=pk).update(**{told: F(of)}):
                _write(ConsultationRequest.objects.get(pk=pk), kind, now=now)
                number += 1
    return number


def _write(request: ConsultationRequest, kind: str, *, now: datetime.datetime) -> None:
    if kind == Kind.STILL_WAITING:
        tell_patient(kind, request, now=now)
    else:
        OutgoingMail.objects.queue(kind, reference=request.reference, now=now)
