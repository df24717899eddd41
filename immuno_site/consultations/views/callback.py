"""The short way: leave a number, and we call."""

from __future__ import annotations

import datetime
import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from content.models import SiteProfile
from immuno_site.consultations import cookie, sending, spam
from immuno_site.consultations.guard import only_when_open, private_page, try_again
from immuno_site.consultations.models import ConsultationRequest, Kind, Progress
from immuno_site.consultations.short_forms import CallbackForm
from immuno_site.consultations.views.asking import GET_OR_POST, KEEPING, typed_in
from immuno_site.consultations.working_time import reply_due

NOT_STORED = ("consent_use", spam.TRAP)


@require_http_methods(GET_OR_POST)
@private_page
@only_when_open
def callback(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    if request.method != "POST":
        return _show(request, CallbackForm(), now=now)
    if "leave" in request.POST:  # another language: what was typed comes along
        return _show(request, CallbackForm(initial=typed_in(request)), now=now)
    form = CallbackForm(request.POST)
    try:
        form_id, age = spam.read_form_token(request.POST.get("form", ""), now=now)
    except spam.FormIsOld:
        return _show(request, form, now=now, status=422, is_old=True)
    if not form.is_valid():
        return _show(request, form, now=now, status=422, token=request.POST["form"])
    if spam.is_flood(request, now=now):
        return try_again(request, status=429)
    return _send(request, form, form_id=form_id, age=age, now=now)


def _send(
    request: HttpRequest,
    form: CallbackForm,
    *,
    form_id: uuid.UUID,
    age: datetime.timedelta,
    now: datetime.datetime,
) -> HttpResponse:
    values = {name: value for name, value in form.cleaned_data.items() if name not in NOT_STORED}
    wish = sending.Sending(
        form_id=form_id,
        values=values,
        seen_in=get_language() or "en",
        sender=spam.Sender.of(request, age=age),
        kind=Kind.CALLBACK,
    )
    stored = sending.receive(wish, now=now)
    if stored.form_digest != wish.digest:
        # The same form with another text: the first one stays, this one can be sent as a new one.
        return _show(request, form, now=now, status=409, sent=stored)
    return _to_received(stored, now=now)


def _to_received(stored: ConsultationRequest, *, now: datetime.datetime) -> HttpResponse:
    response = redirect("consultations:received")
    cookie.leave(response, Progress.objects.of_sent_form(stored, now=now))
    return response


def _show(
    request: HttpRequest,
    form: CallbackForm,
    *,
    now: datetime.datetime,
    status: int = 200,
    token: str = "",
    **more: object,
) -> HttpResponse:
    context = {
        "form": form,
        "token": token or spam.new_form_token(),
        "reply_due": reply_due(now, SiteProfile.current()),
        "keep": KEEPING,
        **more,
    }
    return TemplateResponse(request, "consultations/callback.html", context, status=status)
