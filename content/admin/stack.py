"""A clinician reads all facts of one medicine on one page, and signs each of them with one button."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from content import directory
from content.account import signed_in
from content.models import Drug, Fact, SignOff
from content.page import fact_changes, fact_preview
from content.page.reading import Reading
from content.review import fact_sides, facts, stack

_PERMISSIONS = ("view_signoff", *(f"view_{kind._meta.model_name}" for kind in stack.KINDS))


def urls(site: admin.AdminSite) -> list[URLPattern]:
    """Below the sign-offs: whoever may read those and the facts."""
    return [
        path("facts/", site.admin_view(medicines_view), name="content_signoff_facts"),
        path("facts/<int:pk>/", site.admin_view(stack_view), name="content_signoff_stack"),
    ]


def medicines_view(request: HttpRequest) -> HttpResponse:
    """The medicines with facts that wait, those with most first."""
    _must_see(request)
    numbers = stack.medicines()
    names = directory.look_up({("drug", slug) for slug in numbers}, "en")
    drugs = {drug.slug: drug.pk for drug in Drug.objects.filter(slug__in=numbers)}
    waiting = [
        {"pk": drugs[slug], "name": names["drug", slug].name, "number": number}
        for slug, number in numbers.items()
    ]
    return _page(request, "facts_waiting", _("Facts to check, by medicine"), waiting=waiting)


def stack_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Each fact in full with its sources. A fact that was not on the page when it was sent is never signed."""
    _must_see(request)
    drug = get_object_or_404(Drug, pk=pk)
    rows = stack.of_medicine(drug)
    by = stack.clinician_of(signed_in(request))
    error = ""
    if request.method == "POST":
        if "have_read" not in request.POST:
            error = _("Say that you have read each fact. Nothing was signed.")
        else:
            _sign(request, rows)
            return redirect("admin:content_signoff_facts")
    unticked = request.POST.getlist("shown") if error else []
    ticked = request.POST.getlist("sign")
    reading = Reading([], language="en", facts=rows)
    items = [
        {
            "fact": row,
            "name": fact_changes.named(row, reading),
            "kind": capfirst(row._meta.verbose_name),
            "token": (token := _token(row)),
            "sides": fact_sides.of_draft(row) if row.state == Fact.State.DRAFT else fact_sides.alone(row),
            "replaces": row.state == Fact.State.DRAFT and row.supersedes,
            "preview": fact_preview.of_draft(row),
            "why_not": stack.why_not_sign(row, by=by),
            "is_ticked": token in ticked or token not in unticked,
        }
        for row in rows
    ]
    name = directory.look_up({("drug", drug.slug)}, "en")["drug", drug.slug].name
    return _page(
        request,
        "fact_stack",
        _("Facts of %(medicine)s") % {"medicine": name},
        items=items,
        number=sum(not item["why_not"] for item in items),
        error=error,
    )


def _token(fact: Fact) -> str:
    """What was on the screen: which row, and what it said."""
    return f"{fact._meta.model_name}-{fact.pk}-{facts.digest(fact)}"


def _sign(request: HttpRequest, rows: list[Fact]) -> None:
    """Those that were shown and left ticked; of all others the message says how many stay."""
    sent = {token.rpartition("-")[0]: token.rpartition("-")[2] for token in request.POST.getlist("sign")}
    chosen = [(row, sent[name]) for row in rows if (name := f"{row._meta.model_name}-{row.pk}") in sent]
    refused = stack.sign(chosen, by=stack.clinician_of(signed_in(request)), now=timezone.localdate())
    signed, left = len(chosen) - len(refused), len(rows) - len(chosen) + len(refused)
    if signed:
        text = ngettext("%d fact is signed.", "%d facts are signed.", signed) % signed
        messages.success(request, text)
    if left:
        messages.info(request, ngettext("%d fact still waits.", "%d facts still wait.", left) % left)
    for fact, why_not in refused:
        messages.error(request, f"{fact}: {why_not}")


def _must_see(request: HttpRequest) -> None:
    if not request.user.has_perms([f"content.{name}" for name in _PERMISSIONS]):
        raise PermissionDenied


def _page(request: HttpRequest, template: str, title: str, **context: object) -> TemplateResponse:
    every = {**admin.site.each_context(request), "opts": SignOff._meta, "title": title, **context}
    return TemplateResponse(request, f"admin/content/{template}.html", every)
