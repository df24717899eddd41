"""Finding one request: by reference, or by the e-mail or phone somebody calls from. Posted, never in an address."""

from __future__ import annotations

from django import forms
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from immuno_site.consultations.admin.inbox import CLEAR
from immuno_site.consultations.admin.room import REQUEST, page, record
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
    found = list(
        ConsultationRequest.objects.visible_to(request.user)
        .filter(_condition(form.cleaned_data["wanted"]))
        .select_related("owner")
        .only(*CLEAR)
        .order_by("-received_at")[:MOST]
    )
    if len(found) == 1:
        return redirect(REQUEST, found[0].pk)
    # That somebody looked for a person is a look too, whether or not there was one.
    record(request, AccessEvent.Action.VIEWED, detail=f"search: {len(found)} found")
    return page(request, "found.html", _("Find"), form=form, found=found)


def _condition(wanted: str) -> Q:
    """Exact matches only: nothing encrypted can be searched. A number typed as people say it at home may be of any
    country."""
    reference = Q(reference=typed_reference(wanted))
    return reference | of_contact(wanted, countries=EVERYWHERE)
