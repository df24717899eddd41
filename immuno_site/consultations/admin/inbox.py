"""The queue: who needs us first, and how much of the promised time is left."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import lru_cache
from typing import TypedDict

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from content import prepared
from content.account import signed_in
from immuno_site.consultations import countries
from immuno_site.consultations.admin import steps
from immuno_site.consultations.admin.filters import FilterForm, cancers_to_choose
from immuno_site.consultations.admin.room import page, shown_name
from immuno_site.consultations.admin.seen import LIST, Seen
from immuno_site.consultations.admin.views import View, counted, views_for
from immuno_site.consultations.clock import Clock, Clocks
from immuno_site.consultations.models import ConsultationRequest, Coordinator, Reading
from immuno_site.consultations.models.coordinator import answering
from immuno_site.consultations.models.request import has_nobody
from immuno_site.consultations.spam import signs_in_words

PAGE = 50
LAST = 10_000  # nobody leafs that far
# All the list needs, and nothing encrypted: a list on a screen in an office names nobody.
CLEAR = (
    "reference", "kind", "status", "closed_reason", "suspected_because", "is_urgent", "cancer", "language", "country",
    "version", "next_action_on", "news_since", "received_at", "reply_due_at", "waiting_since", "changed_at",
    "owner__username", "owner__first_name", "owner__last_name",
)  # fmt: skip


class Row(TypedDict):
    """A line of the list. A dictionary: templates look there first, and fail a thousand times a page elsewhere."""

    request: ConsultationRequest
    clock: Clock
    choose: str
    cancer: str
    place: str
    received_at: str
    received: str
    owner: str
    signs: list[str]
    seen: str
    reader: str


@dataclass(frozen=True)
class Tab:
    view: View
    number: int | None
    query: str
    is_current: bool


@dataclass(frozen=True)
class Sheet:
    """One page of a list. Of what is done nobody counts how many there are: whether more follow, one row tells.

    Only which requests: an index answers that, however far somebody leafs. The rows are read for this page alone.
    """

    pks: list[int]
    number: int
    has_next: bool
    count: int | None

    @classmethod
    def of(cls, found: QuerySet[ConsultationRequest], asked: str, *, count: int | None) -> Sheet:
        """The page that was asked for, or the last one; of a list that nobody counted then the first."""
        last = LAST if count is None else _pages(count)
        number = min(max(int(asked), 1), last) if asked.isdecimal() and len(asked) < 6 else 1
        pks = list(found.values_list("pk", flat=True)[(number - 1) * PAGE : number * PAGE + 1])
        if not pks and number > 1:
            return cls.of(found, "1", count=count)
        return cls(pks[:PAGE], number, len(pks) > PAGE, count)

    @property
    def before(self) -> int:
        return self.number - 1

    @property
    def next(self) -> int:
        return self.number + 1 if self.has_next else 0

    @property
    def last(self) -> int | None:
        return None if self.count is None else _pages(self.count)


def _pages(count: int) -> int:
    return max(1, -(-count // PAGE))


@require_safe
def list_view(request: HttpRequest) -> HttpResponse:
    """The page coordinators keep open."""
    user, now = signed_in(request), timezone.now()
    nobody = has_nobody()
    views = views_for(user, now=now, nobody=nobody)
    cancers = cancers_to_choose()
    form = filter_form(request, request.GET, views=views, cancers=cancers)
    visible = form.narrow(ConsultationRequest.objects.visible_to(user, nobody=nobody), user=user)
    numbers = counted(visible, views, now=now)
    view = views[form.chosen_view]
    found = visible.filter(view.condition).order_by(*view.order)
    shown = Sheet.of(found, request.GET.get("page", ""), count=numbers.get(view.name))
    return page(
        request,
        "inbox.html",
        _("Requests"),
        view=view,
        tabs=_tabs(views, numbers, form),
        form=form,
        is_filtered=bool(form.known.keys() - {"view"}),
        suspected_urgent=numbers["suspected_urgent"],
        unread=numbers["unread"],
        rows=_rows(shown, Clocks.at(now), dict(cancers), user=user),
        shown=shown,
        page_query=form.query(),
        bulk=[steps.BY_NAME[name] for name in steps.BULK_OF.get(view.name, ("take",))],
        can_take=user.has_perm(steps.Step.permission),
        coordinator=form.coordinator,
    )


def filter_form(
    request: HttpRequest, data: QueryDict, *, views: dict[str, View], cancers: list[tuple[str, object]]
) -> FilterForm:
    user, owners = signed_in(request), prepared.ask("owners of requests", _owners)
    own = next((owner for owner in owners if owner.pk == user.pk), user)
    coordinator = getattr(own, "coordinator", None) or Coordinator(user=user)
    return FilterForm(data, views=views, cancers=cancers, owners=owners, coordinator=coordinator)


def _owners() -> QuerySet[User]:
    """Everybody who has a request, also those who left, and everybody who may have one."""
    has_some = Exists(ConsultationRequest.objects.filter(owner=OuterRef("pk")))
    people = User.objects.filter(Q(pk__in=answering().values("pk")) | has_some)
    return people.select_related("coordinator__covered_by").order_by("-is_active", "first_name", "username")


def _tabs(views: dict[str, View], numbers: dict[str, int], form: FilterForm) -> list[Tab]:
    return [
        Tab(view, numbers.get(name), form.query(view=name), is_current=name == form.chosen_view)
        for name, view in views.items()
    ]


def _rows(shown: Sheet, clocks: Clocks, cancers: dict[str, object], *, user: User) -> list[Row]:
    clear = ConsultationRequest.objects.select_related("owner").only(*CLEAR).order_by()
    requests = clear.annotate(files=Count("attachments")).in_bulk(shown.pks)
    readings = Reading.objects.others(but=user.pk, now=clocks.now).filter(request__in=shown.pks)
    readers = {reading.request_id: shown_name(reading.by) for reading in reversed(readings)}
    language = get_language()
    choose, languages = gettext("Choose %(reference)s"), dict(settings.LANGUAGES)
    return [
        Row(
            request=request,
            clock=clocks.read(request),
            choose=choose % {"reference": request.reference},
            cancer=str(cancers.get(request.cancer, request.cancer)) if request.cancer else "",
            place=", ".join(filter(None, (languages.get(request.language), countries.name(request.country)))),
            received_at=at.isoformat(),
            received=f"{_day(at.date(), language)}, {at:%H:%M}",
            owner=shown_name(request.owner),
            signs=signs_in_words(request.suspected_because),
            seen=Seen.of(request).token(user, place=LIST),
            reader=readers.get(request.pk, ""),
        )
        for request in map(requests.get, shown.pks)
        if request  # not erased a moment ago
        for at in [timezone.localtime(request.received_at)]
    ]


@lru_cache(maxsize=1_000)
def _day(day: datetime.date, _language: str | None) -> str:
    """Kept: many came the same day, and the list is renewed every minute."""
    return date_format(day, "j M")
