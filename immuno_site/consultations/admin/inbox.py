"""The queue: who needs us first, and how much of the promised time is left."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat, NullIf, Trim
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

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
from immuno_site.consultations.spam import signs_in_words

PAGE = 50
LAST = 10_000  # nobody leafs that far
NOTHING = (0, "")  # beside a request that was erased a moment ago
# All the list needs, and nothing encrypted: a list on a screen in an office names nobody.
CLEAR = (
    "reference", "kind", "status", "closed_reason", "suspected_because", "is_urgent", "cancer", "language", "country",
    "version", "next_action_on", "news_since", "received_at", "reply_due_at", "waiting_since", "changed_at",
    "owner__username", "owner__first_name", "owner__last_name",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A line of the list."""

    request: ConsultationRequest
    clock: Clock
    cancer: str
    country: str
    owner: str
    files: int
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
    """One page of a list. Of what is done nobody counts how many there are: whether more follow, one row tells."""

    requests: list[ConsultationRequest]
    number: int
    has_next: bool
    count: int | None

    @classmethod
    def of(cls, found: QuerySet[ConsultationRequest], asked: str, *, count: int | None) -> Sheet:
        """The page that was asked for, or the last one; of a list that nobody counted then the first."""
        last = LAST if count is None else _pages(count)
        number = min(max(int(asked), 1), last) if asked.isdecimal() and len(asked) < 6 else 1
        requests = list(found[(number - 1) * PAGE : number * PAGE + 1])
        if not requests and number > 1:
            return cls.of(found, "1", count=count)
        return cls(requests[:PAGE], number, len(requests) > PAGE, count)

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
    views = views_for(user, now=now)
    cancers = cancers_to_choose()
    form = filter_form(request, request.GET, views=views, cancers=cancers)
    visible = form.narrow(ConsultationRequest.objects.visible_to(user), user=user)
    numbers = counted(visible, views, now=now)
    view = views[form.chosen_view]
    found = visible.filter(view.condition).order_by(*view.order)
    shown = Sheet.of(_slim(found), request.GET.get("page", ""), count=numbers.get(view.name))
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
    return FilterForm(
        data,
        views=views,
        cancers=cancers,
        owners=list(_owners()),
        coordinator=Coordinator.objects.of(signed_in(request)),
    )


def _owners() -> QuerySet[User]:
    """Everybody who has a request, also those who left, and everybody who may have one."""
    has_some = Exists(ConsultationRequest.objects.filter(owner=OuterRef("pk")))
    people = User.objects.filter(Q(pk__in=answering().values("pk")) | has_some)
    return people.select_related("coordinator__covered_by").order_by("-is_active", "first_name", "username")


def _slim(rows: QuerySet[ConsultationRequest]) -> QuerySet[ConsultationRequest]:
    return rows.select_related("owner").only(*CLEAR)


def _tabs(views: dict[str, View], numbers: dict[str, int], form: FilterForm) -> list[Tab]:
    return [
        Tab(view, numbers.get(name), form.query(view=name), is_current=name == form.chosen_view)
        for name, view in views.items()
    ]


def _rows(shown: Sheet, clocks: Clocks, cancers: dict[str, object], *, user: User) -> list[Row]:
    requests = shown.requests
    beside = _beside(requests, user=user, now=clocks.now)
    return [
        Row(
            request=request,
            clock=clocks.read(request),
            cancer=str(cancers.get(request.cancer, request.cancer)) if request.cancer else "",
            country=countries.name(request.country),
            owner=shown_name(request.owner),
            files=beside.get(request.pk, NOTHING)[0],
            signs=signs_in_words(request.suspected_because),
            seen=Seen.of(request).token(user, place=LIST),
            reader=beside.get(request.pk, NOTHING)[1],
        )
        for request in requests
    ]


def _beside(
    requests: list[ConsultationRequest], *, user: User, now: datetime.datetime
) -> dict[int, tuple[int, str]]:
    """How many files, and who else has it open now. For this page only: joined to the list, every row of it would be
    counted."""
    whole_name = Trim(Concat("by__first_name", Value(" "), "by__last_name"))
    name = Coalesce(NullIf(whole_name, Value("")), "by__username")
    readers = Reading.objects.others(but=user.pk, now=now).filter(request=OuterRef("pk")).values(name=name)
    rows = ConsultationRequest.objects.filter(pk__in=[request.pk for request in requests]).order_by()
    found = rows.annotate(files=Count("attachments"), reader=Subquery(readers[:1]))
    return {pk: (files, reader or "") for pk, files, reader in found.values_list("pk", "files", "reader")}
