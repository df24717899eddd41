"""The editor's day: what is overdue or soon due, what is mine, ready or came back, in one list that can be narrowed."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cms.models import PageContent
from cms.toolbar.utils import get_object_preview_url
from django.contrib import admin
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from content import edition
from content.account import signed_in
from content.admin import form_address
from content.admin.together import token_of
from content.models import (
    FACT_MODELS,
    AskedTerm,
    DraftEdit,
    EntryContent,
    Fact,
    FactSignature,
    Handover,
    PageCheck,
    SignOff,
    Source,
    SourceLook,
    content_models,
)  # fmt: skip
from content.review import gate, signing, workflow
from content.review.texts import kind_of, name_of
from content.text.hints import Words
from immuno_site.consultations.models import Feedback

SOON = datetime.timedelta(days=30)
LATELY = datetime.timedelta(weeks=4)
# A source is opened and read again after so long: so is every page that rests on it, at the latest.
READ_AGAIN = datetime.timedelta(days=366)
# Of each kind, those that are due first; a list that is cut says so.
SHOWN = 200

FILTERS: dict[str, Words] = {
    "overdue": _("Overdue"),
    "soon": _("Due in 30 days"),
    "mine": _("My drafts"),
    "changes": _("Changes asked"),
    "back": _("Changed after signing"),
    "ready": _("Ready to publish"),
    "facts": _("Facts to approve"),
    "sources": _("Sources that changed or died"),
    "remarks": _("Remarks on pages"),
    "asked": _("Searched for, nothing found"),
}


@dataclass(frozen=True)
class Item:
    """One line: what it is, its kind, where work on it begins, since or until when."""

    list: str  # one of FILTERS
    kind: Words
    name: str
    url: str
    day: datetime.date | None = None
    token: str = ""  # of a text that can be changed or sent together with others


def may_see(user: User) -> bool:
    """Who works on the library."""
    return user.has_perm("content.view_signoff") and user.has_perm("content.view_source")


def due(*, today: datetime.date) -> list[Item]:
    """Texts, pages, centers and sources whose next check was due, or will be soon; the longest overdue first."""
    until = today + SOON
    items = [
        *_entries_due(until, today),
        *_pages_due(until, today),
        *_facts_due(until, today),
        *_sources_due(until, today),
    ]
    return sorted(items, key=lambda item: (item.day or today, item.name))


def numbers_due(*, today: datetime.date) -> tuple[int, int]:
    """How many of these are overdue, and how many will be due soon. Reads their days alone."""
    until = today + SOON
    dated: list[QuerySet[Any]] = [_entries_until(model, until) for model in content_models().values()]
    days = [
        day for rows in [*dated, _pages_until(until)] for day in rows.values_list("next_check_due", flat=True)
    ]
    seen = [day for _kind, _pk, day in _facts_seen_until(until - READ_AGAIN)]
    seen += _sources_until(until).values_list("checked_on", flat=True)
    days += [day + READ_AGAIN for day in seen]
    overdue = sum(day < today for day in days)
    return overdue, len(days) - overdue


def _list_of(day: datetime.date, today: datetime.date) -> str:
    return "overdue" if day < today else "soon"


def _entries_due(until: datetime.date, today: datetime.date) -> Iterator[Item]:
    for content_model in content_models().values():
        for row in _entries_until(content_model, until).only("name", "language", "entry", "next_check_due"):
            day = row.next_check_due or today
            yield Item(_list_of(day, today), kind_of(row), row.name, form_address.of(row), day, token_of(row))


def _entries_until(model: type[EntryContent], until: datetime.date) -> QuerySet[Any]:
    return model.objects.filter(next_check_due__lte=until).order_by("next_check_due")[:SHOWN]


def _pages_due(until: datetime.date, today: datetime.date) -> Iterator[Item]:
    for row in _pages_until(until):
        page: PageContent = row.extended_object
        url = get_object_preview_url(page, language=page.language)
        day = row.next_check_due
        yield Item(_list_of(day, today), _("Page"), page.title, url, day, token_of(page))


def _pages_until(until: datetime.date) -> QuerySet[PageCheck]:
    public = PageContent.objects.order_by().values("pk")
    rows = PageCheck.objects.filter(next_check_due__lte=until, extended_object__in=public)
    return rows.select_related("extended_object").order_by("next_check_due")[:SHOWN]


def _sources_due(until: datetime.date, today: datetime.date) -> Iterator[Item]:
    for row in _sources_until(until):
        day = row.checked_on + READ_AGAIN
        yield Item(_list_of(day, today), _("Source"), row.title, form_address.of(row), day)


def _sources_until(until: datetime.date) -> QuerySet[Source]:
    return Source.objects.filter(checked_on__lte=until - READ_AGAIN).order_by("checked_on")[:SHOWN]


def _facts_due(until: datetime.date, today: datetime.date) -> Iterator[Item]:
    """A year after they were approved, or after a clinician last signed them. One question for all kinds."""
    found: dict[str, dict[int, datetime.date]] = {}
    for kind, pk, seen in _facts_seen_until(until - READ_AGAIN):
        found.setdefault(kind, {})[pk] = seen
    for model in FACT_MODELS:
        name = str(model._meta.model_name)
        rows = model.objects.filter(pk__in=found[name]).with_everything() if name in found else ()
        for row in rows:
            day = found[name][row.pk] + READ_AGAIN
            yield Item(_list_of(day, today), kind_of(row), str(row), form_address.of(row), day)


def _facts_seen_until(day: datetime.date) -> QuerySet[Any, Any]:
    first, *others = [_seen_before(model, day) for model in FACT_MODELS]
    return first.union(*others, all=True).order_by("seen")[:SHOWN]


def _seen_before(model: type[Fact], day: datetime.date) -> QuerySet[Any, Any]:
    kind = ContentType.objects.get_for_model(model)
    signed = FactSignature.objects.filter(content_type=kind, object_id=OuterRef("pk")).order_by("-signed_on")
    seen = Coalesce(Subquery(signed.values("signed_on")[:1]), F("approved_on"))
    old = model.objects.approved().filter(approved_on__lte=day)  # no signature is older
    rows = old.order_by().annotate(kind_of=Value(str(model._meta.model_name)), seen=seen)
    return rows.filter(seen__lte=day).values_list("kind_of", "pk", "seen")


def drafts(user: User) -> Iterator[Item]:
    """Mine; of all, what came back, what was changed after somebody signed it, what can go public."""
    edited = DraftEdit.objects.filter(version=OuterRef("pk"), user=user)
    rows = workflow.drafts_by_step().annotate(
        is_own=ExpressionWrapper(Q(created_by=user) | Q(Exists(edited)), BooleanField()),
        was_signed=Exists(SignOff.objects.filter(version=OuterRef("pk"))),
    )
    models = [*content_models().values(), PageContent]
    kinds = {ContentType.objects.get_for_model(model).pk for model in models}
    told = Q(is_own=True) | Q(was_signed=True) | Q(step=Handover.Step.BACK)
    of_ours = rows.filter(told, content_type__in=kinds).order_by("created")[:SHOWN]
    signing.load(of_ours)
    for version in of_ours:
        content = version.content
        kind, name = kind_of(content), name_of(content)
        day = timezone.localdate(version.created)
        url = reverse("admin:content_signoff_read", args=[version.pk])
        if version.is_own:
            yield Item("mine", kind, name, url, day, token_of(content))
        if version.step == Handover.Step.BACK:
            yield Item("changes", kind, name, url, day)
        if version.was_signed and not signing.valid_sign_off(version):
            yield Item("back", kind, name, url, day)
        elif not gate.why_not_publish(version):
            yield Item("ready", kind, name, url, day)


def kinds_with_drafts(user: User) -> list[type[Fact]]:
    """The kinds of fact of which some wait, and that this person may see. One question for all."""
    first, *others = [
        model.objects.drafts().order_by().values_list(Value(str(model._meta.model_name)))
        for model in FACT_MODELS
    ]
    waiting = {name for (name,) in first.union(*others)}
    seen = {name for name in waiting if user.has_perm(f"content.view_{name}")}
    return [model for model in FACT_MODELS if model._meta.model_name in seen]


def facts(user: User) -> Iterator[Item]:
    """Drafts that somebody has to approve."""
    for model in kinds_with_drafts(user):
        for row in model.objects.drafts().with_everything().order_by("created_at")[:SHOWN]:
            day = timezone.localdate(row.created_at)
            yield Item("facts", kind_of(row), str(row), form_address.of(row), day)


def sources() -> Iterator[Item]:
    """What the watch found since somebody read them; each leads to the texts that rest on it."""
    rows = SourceLook.objects.telling().select_related("source").order_by("since", "pk")
    for row in rows[:SHOWN]:
        url = reverse("admin:content_bulkchange_source", args=[row.source_id])
        yield Item("sources", row.get_finding_display(), row.source.title, url, row.since)


def last_looked() -> datetime.date | None:
    """The day on which the watch last had an answer from anybody."""
    newest = SourceLook.objects.aggregate(newest=Max("looked_at"))["newest"]
    return timezone.localdate(newest) if newest else None


def remarks(user: User) -> Iterator[Item]:
    """Which pages readers remarked on. What they wrote is read in its own room, where each look is on record."""
    if not user.has_perm("consultations.view_feedback"):
        return
    url = reverse("admin:consultations_feedback_changelist")
    rows = Feedback.objects.open().order_by("received_at").values_list("about", "page", "received_at")[:SHOWN]
    for about, page, received in rows:
        kind = Feedback.About(about).label
        yield Item("remarks", kind, page or gettext("no page named"), url, timezone.localdate(received))


def asked(user: User, *, today: datetime.date) -> Iterator[Item]:
    """What readers lately searched for in vain: a name or a page that is missing."""
    if not user.has_perm("content.view_askedterm"):
        return
    url = reverse("admin:content_askedterm_changelist") + "?found__exact=0"
    rows = AskedTerm.objects.not_found().filter(week__gt=today - LATELY).order_by("-times", "words")
    for row in rows[:SHOWN]:
        times = ngettext("Search, %d time", "Search, %d times", row.times) % row.times
        yield Item("asked", times, row.words, url, row.week)


@edition.of_one_page()  # what all drafts are held against is read once
def day_view(request: HttpRequest) -> HttpResponse:
    """Everything, or one list of it (`show`), of one kind (`kind`)."""
    user = signed_in(request)
    if not may_see(user):
        raise PermissionDenied
    today = timezone.localdate()
    items = [
        *due(today=today), *drafts(user), *facts(user), *sources(), *remarks(user), *asked(user, today=today),
    ]  # fmt: skip
    show = request.GET.get("show", "")
    show = show if show in FILTERS else ""
    kind = request.GET.get("kind", "")
    in_list = [item for item in items if show in ("", item.list)]
    kinds = sorted({str(item.kind) for item in in_list})
    shown = [item for item in in_list if kind not in kinds or kind == str(item.kind)]
    titles = {name: str(title) for name, title in FILTERS.items()}
    days = {day: (day.isoformat(), date_format(day, "j M Y")) for item in shown if (day := item.day)}
    context = {
        **admin.site.each_context(request),
        "title": _("Your day"),
        "show": show,
        "kind": kind if kind in kinds else "",
        "kinds": kinds,
        "number": len(items),
        "may_date": request.user.has_perm("content.add_bulkchange") and any(item.token for item in shown),
        "looked": last_looked() if show == "sources" else None,
        "cut_at": SHOWN if max(Counter(str(item.kind) for item in items).values(), default=0) >= SHOWN else 0,
        "filters": [
            (name, title, sum(item.list == name for item in items)) for name, title in FILTERS.items()
        ],
        "items": [(item, titles[item.list], *(days[item.day] if item.day else ("", ""))) for item in shown],
    }
    return TemplateResponse(request, "admin/day.html", context)
