"""The way back to a request that was sent: add files, or take it all back."""

from __future__ import annotations

import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from content.models import SiteProfile
from immuno_site.consultations import cookie, spam
from immuno_site.consultations.guard import private_page, try_again
from immuno_site.consultations.models import (
    AccessEvent,
    ConsultationRequest,
    Progress,
)
from immuno_site.consultations.reference import is_return_code, typed_reference
from immuno_site.consultations.short_forms import ReturnForm, WithdrawForm
from immuno_site.consultations.views.asking import GET_OR_POST
from immuno_site.consultations.views.documents import Refusals, accept_all, hand_in
from immuno_site.consultations.working_time import reply_due

# Compared with when there is no such request, so that both answers take the same time.
NOBODY = ConsultationRequest()
HOME = "consultations:return-request"


@require_http_methods(GET_OR_POST)
@private_page
def find(request: HttpRequest) -> HttpResponse:
    """Reference and code open the request. Unknown and wrong get the same answer."""
    now = timezone.now()
    form = ReturnForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if spam.is_too_often("return", request, now=now, most=spam.MOST_RETURNS_PER_HOUR):
            return try_again(request, status=429)
        if form.is_valid():
            found = _request_of(form)
            if found:
                return _open(found, now=now)
            form.add_error(
                None,
                gettext(
                    "This reference and this code do not belong together, or the request is erased. "
                    "Check both and try again, send a new request, or reach us another way."
                ),
            )
    context = {"form": form}
    status = 422 if form.errors else 200
    return TemplateResponse(request, "consultations/return.html", context, status=status)


def _request_of(form: ReturnForm) -> ConsultationRequest | None:
    reference = typed_reference(form.cleaned_data["reference"])
    found = ConsultationRequest.objects.filter(reference=reference).first()
    is_right = is_return_code(form.cleaned_data["code"], (found or NOBODY).form_id)
    return found if found and is_right else None


def _open(found: ConsultationRequest, *, now: datetime.datetime) -> HttpResponse:
    _progress, token = Progress.objects.start(now=now, keep=cookie.KEEP_RETURN, request=found)
    AccessEvent.objects.record(AccessEvent.Action.RETURNED, now=now, reference=found.reference)
    response = redirect(HOME)
    cookie.leave(response, token, cookie.RETURNING)
    return response


@require_http_methods(GET_OR_POST)
@private_page
def opened(request: HttpRequest) -> HttpResponse:
    """What was sent, by its reference only; more files can follow."""
    now = timezone.now()
    progress = cookie.progress_of(request, cookie.RETURNING, now=now)
    if progress is None or progress.request is None:
        return _gone(request)
    errors = Refusals()
    if request.method == "POST":
        try:
            errors = accept_all(request, progress, now=now)
            hand_in(progress, now=now)
            progress.request.refresh_from_db()
        except (Progress.DoesNotExist, ConsultationRequest.DoesNotExist):  # erased at this moment
            return _gone(request)
        if not errors.messages:
            return redirect(HOME)
    context = {
        "sent": progress.request,
        "new_due": reply_due(now, SiteProfile.current()),
        "files": list(progress.request.attachments.all()),
        **errors.context(),
    }
    return TemplateResponse(request, "consultations/opened.html", context, status=errors.status)


def _gone(request: HttpRequest) -> HttpResponse:
    """Its hour is over, or it was erased or taken back elsewhere: says what did not arrive, and how to reach us."""
    if request.method != "POST":
        return redirect("consultations:return")
    context = {"form": ReturnForm(), "is_gone": True}
    return TemplateResponse(request, "consultations/return.html", context, status=410)


@require_http_methods(GET_OR_POST)
@private_page
def withdraw(request: HttpRequest) -> HttpResponse:
    """Asked twice, then everything is gone but one line in the log."""
    now = timezone.now()
    progress = cookie.progress_of(request, cookie.RETURNING, now=now)
    if progress is None or progress.request is None:
        return _gone(request)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        progress.request.erase(by=None, now=now, action=AccessEvent.Action.WITHDRAWN)
        response = redirect("consultations:withdrawn")
        cookie.take_away(response, cookie.RETURNING)
        return response
    context = {"form": form, "sent": progress.request}
    status = 422 if form.errors else 200
    return TemplateResponse(request, "consultations/withdraw.html", context, status=status)


@require_http_methods(["GET", "HEAD"])
@private_page
def withdrawn(request: HttpRequest) -> HttpResponse:
    return TemplateResponse(request, "consultations/withdrawn.html", {})
