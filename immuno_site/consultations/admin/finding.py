"""Finding one request: by reference, or by the e-mail or phone somebody calls from. Posted, never in an address."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from content.account import signed_in
from immuno_site.consultations.admin.inbox import CLEAR
from immuno_site.consultations.admin.room import REQUEST, name_and_absence, page, record
from immuno_site.consultations.fields import LineField
from immuno_site.consultations.models import AccessEvent, ConsultationRequest
from immuno_site.consultations.phone import EVERYWHERE
from immuno_site.consultations.reference import typed_reference
from immuno_site.consultations.subject import of_contact

MOST = 50


class FindForm(forms.Form):
    use_required_attribute = False
    wanted = LineField(
        label=_("Find by reference, e-mail or phone"),
        max_length=254,
        error_messages={"required": _("Enter a reference, an e-mail address or a phone number.")},
    )


@require_POST
def find_view(request: HttpRequest) -> HttpResponse:
    """One hit opens at once."""
    form = FindForm(request.POST, auto_id="found_%s")
    if not form.is_valid():
        return page(request, "found.html", _("Find"), status=422, form=form, found=[])
    hits = ConsultationRequest.objects.filter(_condition(form.cleaned_data["wanted"]))
    visible = hits.visible_to(signed_in(request))
    found = list(visible.select_related("owner").only(*CLEAR).order_by("-received_at")[:MOST])
    held = _held(hits.exclude(pk__in=visible.values("pk")))
    only = found[0] if len(found) == 1 and not held else None
    # That somebody looked for a person is a look too, whether or not there was one.
    detail = f"search: {len(found)} found" + (f", {len(held)} with colleagues" if held else "")
    record(request, AccessEvent.Action.VIEWED, reference=only.reference if only else "", detail=detail)
    if only:
        return redirect(REQUEST, only.pk)
    return page(request, "found.html", _("Find"), form=form, found=found, held=held)


@dataclass(frozen=True)
class Held:
    """A request that a colleague has: whom to ask, and nothing of what is in it."""

    reference: str
    owner: str


def _held(rows: QuerySet[ConsultationRequest]) -> list[Held]:
    with_owner = rows.select_related("owner__coordinator__covered_by").order_by("-received_at")
    owners = with_owner.exclude(owner=None).only("reference", "owner")[:MOST]
    return [Held(row.reference, name_and_absence(row.owner)) for row in owners if row.owner]


def _condition(wanted: str) -> Q:
    """Exact matches only: nothing encrypted can be searched. A number typed as people say it at home may be of any
    country."""
    reference = Q(reference=typed_reference(wanted))
    return reference | of_contact(wanted, countries=EVERYWHERE)
