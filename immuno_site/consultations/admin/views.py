"""The lists a coordinator works from: each is a condition, so that all of them can be counted at once."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import Case, Count, F, OrderBy, Q, QuerySet, When
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from content.text.hints import Words
from immuno_site.consultations.models import ConsultationRequest, Status
from immuno_site.consultations.models.request import (
    IS_OPEN,
    IS_PROMISED,
    IS_SPAM,
    WARN_BEFORE,
    has_nobody,
    is_covered_by,
    is_late,
    is_soon_erased,
)

FIRST = "queue"
# What cannot wait first: safety, then the clock; who waits for the patient comes last.
WORK_FIRST = (Case(When(status=Status.WAITING, then=1), default=0), "-is_urgent", "reply_due_at", "pk")
ASK_AGAIN_FIRST = (F("next_action_on").asc(nulls_last=True), "waiting_since", "pk")
ERASED_FIRST = ("erase_after", "pk")
ERASED_WITHIN = format_lazy(_("Erased within {days} days"), days=WARN_BEFORE.days)
LATEST_FIRST = ("-changed_at", "-pk")


@dataclass(frozen=True)
class View:
    """One list: what is in it, and what comes first. Counted is only work: what is done grows for years."""

    name: str
    title: Words
    condition: Q
    order: tuple[str | Case | OrderBy, ...] = WORK_FIRST
    is_counted: bool = True


def views_for(user: User, *, now: datetime.datetime, nobody: Q | None = None) -> dict[str, View]:
    """In the order of the tabs. `nobody` is `has_nobody()`, from who asked it already."""
    today = timezone.localdate(now)
    views = (
        View(FIRST, _("To do"), IS_OPEN),
        View("new", _("New"), Q(status=Status.NEW)),
        View("mine", _("Mine"), IS_OPEN & Q(owner=user)),
        View("covered", _("I stand in"), IS_OPEN & is_covered_by(user)),
        View("unowned", _("Nobody has it"), IS_OPEN & (nobody or has_nobody())),
        View("late", _("Late"), IS_OPEN & is_late(now)),
        View("news", _("New from the patient"), IS_PROMISED & Q(news_since__isnull=False)),
        View("step", _("Next step due"), IS_OPEN & Q(next_action_on__lte=today)),
        View("waiting", _("Waiting for patient"), Q(status=Status.WAITING), ASK_AGAIN_FIRST),
        View("with_doctor", _("With doctor"), Q(status=Status.WITH_DOCTOR)),
        View("answered", _("Answered"), Q(status=Status.ANSWERED), LATEST_FIRST, is_counted=False),
        View("closed", _("Closed"), Q(status=Status.CLOSED) & ~IS_SPAM, LATEST_FIRST, is_counted=False),
        View("soon_erased", ERASED_WITHIN, is_soon_erased(now), ERASED_FIRST),
        View("suspected", _("Suspected spam"), Q(status=Status.SUSPECTED)),
        View("spam", _("Spam"), IS_SPAM, LATEST_FIRST, is_counted=False),
        View("all", _("All"), ~Q(status=Status.SUSPECTED), LATEST_FIRST, is_counted=False),
    )  # fmt: skip
    return {view.name: view for view in views}


def counted(
    rows: QuerySet[ConsultationRequest], views: dict[str, View], *, now: datetime.datetime
) -> dict[str, int]:
    """How many are in each list, how many nobody has looked at, and how many of the suspected cannot wait: one
    query."""
    numbers = {name: Count("pk", filter=view.condition) for name, view in views.items() if view.is_counted}
    suspected = views["suspected"].condition
    return rows.filter(IS_PROMISED).aggregate(
        **numbers,
        suspected_urgent=Count("pk", filter=suspected & Q(is_urgent=True)),
        unread=Count("pk", filter=IS_OPEN & (Q(status=Status.NEW) | Q(news_since__isnull=False))),
        suspected_late=Count("pk", filter=suspected & is_late(now)),
    )
