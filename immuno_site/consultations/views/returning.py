"""The way back to a request that was sent: add files, or take it all back."""

from __future__ import annotations

import datetime
import uuid
from contextlib import suppress

from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from content.models import SiteProfile
from immuno_site.consultations import cookie, spam, uploads
from immuno_site.consultations.files.envelope import BrokenEnvelope
from immuno_site.consultations.files.storage_errors import StorageUnavailable
from immuno_site.consultations.guard import private_page, try_again
from immuno_site.consultations.models import (
    AccessEvent,
    ConsultationRequest,
    Progress,
)
from immuno_site.consultations.records import to_ask_for
from immuno_site.consultations.reference import (
    is_link_code,
    is_return_code,
    return_code,
    typed_reference,
)
from immuno_site.consultations.short_forms import MessageForm, ReturnForm, WithdrawForm
from immuno_site.consultations.thread import showing
from immuno_site.consultations.thread.writing import hear
from immuno_site.consultations.views.asking import GET_OR_POST, due_there, typed_in
from immuno_site.consultations.views.documents import Refusals, accept_all
from immuno_site.consultations.views.download import labelled
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
        if spam.is_spent("return", request, now=now, most=spam.MOST_RETURNS_PER_HOUR):
            return try_again(request, status=429)
        if form.is_valid():
            found, is_link = _request_of(form)
            if found and (not is_link or found.use_code_link(now=now)):
                return _open(found, by_link=is_link, now=now)
            # Only wrong ones are guesses: a family or a clinic behind one address opens its own as often as it likes.
            spam.count("return", request, now=now)
            form.add_error(None, _link_is_over() if found else _not_together())
    context = {"form": form}
    status = 422 if form.errors else 200
    return TemplateResponse(request, "consultations/return.html", context, status=status)


def _not_together() -> str:
    return gettext(
        "This reference and this code do not belong together, or the request is erased. "
        "Check both and try again, send a new request, or reach us another way."
    )


def _link_is_over() -> str:
    """Said only to who has the right word of a letter."""
    return gettext(
        "The link of our letter has been used already, or its time is over. If you did not use it, somebody else may "
        "have read your letter: tell us at once. We send you a new link."
    )


def _request_of(form: ReturnForm) -> tuple[ConsultationRequest | None, bool]:
    """What these words name, and whether the second is that of a letter. Both are compared, found or not."""
    reference, typed = typed_reference(form.cleaned_data["reference"]), form.cleaned_data["code"]
    found = ConsultationRequest.objects.filter(reference=reference).first()
    words = (typed, (found or NOBODY).form_id, (found or NOBODY).codes_ended)
    is_code, is_link = is_return_code(*words), is_link_code(*words)
    return (found if is_code or is_link else None), is_link


def _open(found: ConsultationRequest, *, by_link: bool, now: datetime.datetime) -> HttpResponse:
    """Who came by the link of a letter is shown the new code, for as long as it stays open in this browser."""
    answers: dict[str, object] = {"by_link": True} if by_link else {}
    _progress, token = Progress.objects.start(
        now=now, keep=cookie.KEEP_RETURN, request=found, answers=answers
    )
    AccessEvent.objects.record(
        AccessEvent.Action.RETURNED, now=now, reference=found.reference, detail="link" if by_link else ""
    )
    response = redirect(HOME)
    cookie.leave(response, token, cookie.RETURNING)
    return response


@require_http_methods(GET_OR_POST)
@private_page
def opened(request: HttpRequest) -> HttpResponse:
    """The thread: what we wrote, what is missing, and a way to write back."""
    now = timezone.now()
    progress = cookie.progress_of(request, cookie.RETURNING, now=now)
    if progress is None or progress.request is None:
        return _gone(request)
    form, errors = MessageForm(), Refusals()
    is_leaving = "leave" in request.POST  # for another language: what was typed comes along
    if is_leaving:
        form = MessageForm(initial=typed_in(request))
    if request.method == "POST" and not is_leaving:
        if spam.is_too_often("message", request, now=now, most=spam.MOST_MESSAGES_PER_HOUR):
            return try_again(request, status=429)
        form = MessageForm(request.POST)
        try:
            if form.is_valid():
                errors = accept_all(request, progress, now=now)
                hear(progress, form_id=_form_id(request, now=now), words=form.cleaned_data["words"], now=now)
                form = MessageForm()
        except (
            Progress.DoesNotExist,
            ConsultationRequest.DoesNotExist,
            IntegrityError,
        ):  # erased at this moment
            return _gone(request)
        if not form.errors and not errors.messages:
            return redirect(HOME)
    return _show(request, progress, form, errors, now=now)


def _form_id(request: HttpRequest, *, now: datetime.datetime) -> uuid.UUID:
    """The number of the form on the page, so that a message that comes twice is one."""
    try:
        return spam.read_form_token(request.POST.get("form", ""), now=now)[0]
    except spam.FormIsOld:
        return uuid.uuid4()


def _show(
    request: HttpRequest, progress: Progress, form: MessageForm, errors: Refusals, *, now: datetime.datetime
) -> HttpResponse:
    sent = ConsultationRequest.objects.filter(pk=progress.request_id or 0).first()
    if sent is None:
        return _gone(request)
    files = list(sent.attachments.all())
    said = showing.thread_of(sent, files)
    if request.method != "HEAD" and showing.see(sent, by_patient=True, now=now):
        AccessEvent.objects.record(
            AccessEvent.Action.RETURNED, now=now, reference=sent.reference, detail="messages"
        )
    profile = SiteProfile.current()
    context = {
        "sent": sent,
        "dials": profile.dials_for(sent.lives_in),
        "code": return_code(sent.form_id, sent.codes_ended) if "by_link" in progress.answers else "",
        "standing": showing.standing(sent),
        "due_there": due_there(sent),
        "thread": said,
        "needed": to_ask_for(sent.records),
        "new_due": reply_due(now, profile),
        "files": [file for file in files if file.message_id is None],
        "form": form,
        "form_token": spam.new_form_token(),
        **errors.context(),
    }
    status = 422 if form.errors else errors.status
    return TemplateResponse(request, "consultations/opened.html", context, status=status)


@require_http_methods(["GET"])
@private_page
def our_file(request: HttpRequest, attachment: uuid.UUID) -> HttpResponseBase:
    """A file that we sent. One that is not checked yet says so; anything else is not here."""
    progress = cookie.progress_of(request, cookie.RETURNING, now=timezone.now())
    if progress is None or progress.request is None:
        return _gone(request)
    files = progress.request.attachments.filter(message__from_staff=True)
    file = get_object_or_404(files, pk=attachment)
    content = None
    if not file.is_locked:
        with suppress(StorageUnavailable, BrokenEnvelope):
            content = uploads.pieces(file)
    if content is None:
        return TemplateResponse(request, "consultations/no_file.html", {"file": file}, status=503)
    AccessEvent.objects.record(
        AccessEvent.Action.RETURNED,
        now=timezone.now(),
        reference=progress.request.reference,
        attachment=file.pk,
    )
    return labelled(StreamingHttpResponse(content), file)


def _gone(request: HttpRequest) -> HttpResponse:
    """Its hour is over, or it was erased or taken back elsewhere: says what did not arrive, and how to reach us. What
    was typed is shown to whoever typed it."""
    if request.method != "POST":
        return redirect("consultations:return")
    context = {"form": ReturnForm(), "is_gone": True, "typed": request.POST.get("words", "")}
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
