"""A request that staff enter, for somebody who called, mailed or wrote by WhatsApp."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from content.account import signed_in
from immuno_site.consultations import sending
from immuno_site.consultations.admin.room import REQUEST, page
from immuno_site.consultations.admin.step_forms import EnterForm
from immuno_site.consultations.fields import PhoneField, field_of
from immuno_site.consultations.models import ConsultationRequest
from immuno_site.consultations.models.coordinator import TAKE
from immuno_site.consultations.working_time import ISRAEL


@require_http_methods(["GET", "HEAD", "POST"])
def enter_view(request: HttpRequest) -> HttpResponse:
    """Whoever enters it has it."""
    user = signed_in(request)
    if not user.has_perm(TAKE):
        raise Http404
    if request.method != "POST":
        return page(request, "enter.html", _("New request"), form=EnterForm(initial={"form": uuid.uuid4()}))
    form = EnterForm(request.POST)
    # Where they live may be answered below the number.
    field_of(form.fields, "phone", PhoneField).country = request.POST.get("country", "")
    if not form.is_valid():
        return page(request, "enter.html", _("New request"), status=422, form=form)
    entered = sending.Sending(
        form_id=form.cleaned_data["form"],
        values=form.answers,
        seen_in=form.cleaned_data["language"],
        sender=None,
        by=user,
        way=form.cleaned_data["way"],
    )
    row = sending.receive(entered, now=timezone.now())
    messages.success(request, _told(row))
    return redirect(REQUEST, row.pk)


def _told(row: ConsultationRequest) -> str:
    """What the patient should hear before they hang up."""
    due = date_format(timezone.localtime(row.reply_due_at, ISRAEL), "l, j F, H:i")
    words = {"reference": row.reference, "due": due}
    return (
        gettext(
            "%(reference)s is yours. Tell them this reference, and that we reply by %(due)s, Israel time."
        )
        % words
    )
