"""What readers tell us about a page. Nothing about their health, and no way to answer them."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from immuno_site.addresses import is_personal
from immuno_site.consultations import spam
from immuno_site.consultations.guard import private_page, try_again
from immuno_site.consultations.models import Feedback
from immuno_site.consultations.short_forms import FeedbackForm
from immuno_site.consultations.views.asking import GET_OR_POST, typed_in

ADDRESS = re.compile(r"/[\w\-/.%]*")


@require_http_methods(GET_OR_POST)
@private_page
def feedback(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    if request.method != "POST":
        return _show(request, FeedbackForm(initial={"page": _public_page(request.GET.get("page", ""))}))
    if "leave" in request.POST:  # another language: what was typed comes along
        return _show(request, FeedbackForm(initial=typed_in(request)))
    form = FeedbackForm(request.POST)
    try:
        form_id, age = spam.read_form_token(request.POST.get("form", ""), now=now)
    except spam.FormIsOld:
        return _show(request, form, status=422, is_old=True)
    if not form.is_valid():
        return _show(request, form, status=422, token=request.POST["form"])
    if spam.is_flood(request, now=now):
        return try_again(request, status=429)
    data = form.cleaned_data
    row = Feedback(
        form_id=form_id,
        page=_public_page(data["page"]),
        about=data["about"],
        words=data["words"],
        language=get_language() or "en",
        received_at=now,
    )
    _store(row, sender=spam.Sender.of(request, age=age))
    return redirect("consultations:feedback-received")


def _store(row: Feedback, *, sender: spam.Sender) -> None:
    if Feedback.objects.filter(form_id=row.form_id).exists():
        return
    try:
        with transaction.atomic():
            row.suspected_because = sender.suspicion(words=row.words, now=row.received_at)
            row.save()
    except IntegrityError:
        # Sent twice at once: one is enough.
        if not Feedback.objects.filter(form_id=row.form_id).exists():
            raise


def _public_page(address: str) -> str:
    """The path of a public page of ours; a query or anything else is dropped, it might be personal."""
    try:
        path = urlsplit(address).path if address.isprintable() else ""
    except ValueError:
        return ""
    return path if ADDRESS.fullmatch(path) and not is_personal(path) else ""


def _show(
    request: HttpRequest, form: FeedbackForm, *, status: int = 200, token: str = "", **more: object
) -> HttpResponse:
    context = {"form": form, "token": token or spam.new_form_token(), **more}
    return TemplateResponse(request, "consultations/feedback.html", context, status=status)


@require_http_methods(["GET", "HEAD"])
@private_page
def feedback_received(request: HttpRequest) -> HttpResponse:
    return TemplateResponse(request, "consultations/feedback_received.html", {})
