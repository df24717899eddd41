"""Taking a step: one POST, one transaction; a conflict page when somebody else was faster."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from content.account import signed_in
from content.text.hints import Words
from immuno_site.consultations import uploads
from immuno_site.consultations.admin import steps
from immuno_site.consultations.admin.reading import reading_page
from immuno_site.consultations.admin.room import INBOX, REQUEST, opened, page, record, shown_name
from immuno_site.consultations.admin.seen import Seen
from immuno_site.consultations.admin.step_forms import SendForm, StepForm
from immuno_site.consultations.crypto import unreadable_is_said
from immuno_site.consultations.models import AccessEvent, Conflict, ConsultationRequest, Status
from immuno_site.consultations.reference import typed_uuid
from immuno_site.consultations.thread.writing import store_files, was_said


@require_POST
def step_view(request: HttpRequest, pk: int, *, name: str) -> HttpResponse:
    """The button of one step."""
    step, user = steps.BY_NAME[name], signed_in(request)
    seen = Seen.read(request.POST.get("seen", ""), user)
    if seen is None or seen.request != pk:
        opened(request, pk, detail=name)  # not theirs: that is on record
        raise Http404
    row = ConsultationRequest.objects.visible_to(user).filter(pk=pk).first()
    if _was_sent(request, step, pk):
        return _done(request, str(step.done), pk)
    if row is None or not _is_current(step, row, seen):
        return conflict_page(request, step, seen)
    form = step.form_class(request.POST, request.FILES, request=row, by=user)
    if not step.is_possible(row, by=user):
        messages.error(request, gettext("This step is not possible now."))
        return redirect(REQUEST, pk)
    if not form.is_valid():
        return reading_page(request, row, refused=(step, form))
    try:
        take_step(request, step, row, form)
    except uploads.Refused as refused:
        form.add_error(None, str(refused))
        return reading_page(request, row, refused=(step, form))
    except Conflict:
        if _was_sent(request, step, pk):  # the same form, a moment ago
            return _done(request, str(step.done), pk)
        return conflict_page(request, step, seen)
    if code := step.code_to_read_out(row):
        return page(request, "read_out.html", _("Read the new code out"), row=row, code=code)
    return _done(request, f"{row.reference}: {step.done}", pk)


def _was_sent(request: HttpRequest, step: steps.Step, pk: int) -> bool:
    """However often the form of a message is sent, it is one message."""
    if not issubclass(step.form_class, SendForm):
        return False
    number = typed_uuid(request.POST.get("form", ""))
    return number is not None and was_said(pk, number, by=signed_in(request))


def _done(request: HttpRequest, words: str, pk: int) -> HttpResponse:
    messages.success(request, words)
    return redirect(REQUEST, pk) if _is_visible(pk, signed_in(request)) else redirect(INBOX)


def _is_visible(pk: int, user: User) -> bool:
    return ConsultationRequest.objects.visible_to(user).filter(pk=pk).exists()


def _is_current(step: steps.Step, row: ConsultationRequest, seen: Seen) -> bool:
    return seen.version == row.version or not step.checks_version


def take_step(request: HttpRequest, step: steps.Step, row: ConsultationRequest, form: StepForm) -> None:
    """Step and log line together. Raises Conflict."""
    now, chosen = timezone.now(), request.FILES.getlist("files") if form.takes_files else []
    # Before the transaction: looking into a file takes seconds, and nobody shall wait for it.
    files = store_files(row, chosen, now=now) if chosen else None
    work = steps.Work(row, form, by=signed_in(request), now=now, files=files)
    steps.carry_out(step, work, then=lambda: record(
        request, AccessEvent.Action.CHANGED, reference=row.reference, detail=step.name
    ))  # fmt: skip


@unreadable_is_said()
def conflict_page(request: HttpRequest, step: steps.Step, seen: Seen) -> HttpResponse:
    """Nothing was written. Shows what the screen showed, what is stored now, and what was typed."""
    user = signed_in(request)
    theirs = ConsultationRequest.objects.select_related("owner").filter(pk=seen.request).first()
    visible = theirs if theirs and _is_visible(theirs.pk, user) else None
    if theirs:
        _record_conflict(request, step, theirs, is_visible=visible is not None)
    form = step.form_class(request.POST, request=visible, by=user) if visible else None
    return page(
        request,
        "conflict.html",
        _("Somebody else was faster"),
        status=HTTPStatus.CONFLICT,
        step=step,
        theirs=theirs,
        is_visible=visible is not None,
        rows=_both_versions(seen, theirs) if theirs else [],
        changed_by=_last_change(theirs) if theirs else None,
        form=form,
        takes_files=step.form_class.takes_files,
        had_files=bool(request.FILES),
        typed=_typed(form or step.form_class(request.POST, request=ConsultationRequest(), by=user)),
        can_repeat=visible is not None and step.is_possible(visible, by=user),
        address=reverse(f"admin:consultations_consultationrequest_{step.name}", args=[seen.request]),
        seen=Seen.of(visible).token(user) if visible else "",
    )


def _record_conflict(
    request: HttpRequest, step: steps.Step, theirs: ConsultationRequest, *, is_visible: bool
) -> None:
    """The page shows what is stored now; of a colleague's request only what the list would show."""
    record(
        request,
        AccessEvent.Action.VIEWED,
        reference=theirs.reference,
        detail=step.name,
        is_allowed=is_visible,
    )


def _both_versions(seen: Seen, theirs: ConsultationRequest) -> list[tuple[Words, str, str]]:
    """What, as it was on the screen, as it is now. Clear columns only: the request may be a colleague's now."""
    owners = User.objects.in_bulk([seen.owner]) if seen.owner else {}
    return [
        (_("Status"), str(Status(seen.status).label), theirs.get_status_display()),
        (_("Who has it"), shown_name(owners.get(seen.owner or 0)) or "-", shown_name(theirs.owner) or "-"),
        (_("Version"), str(seen.version), str(theirs.version)),
    ]


def _last_change(theirs: ConsultationRequest) -> AccessEvent | None:
    events = AccessEvent.objects.filter(reference=theirs.reference, action=AccessEvent.Action.CHANGED)
    return events.select_related("by").first()


def _typed(form: StepForm) -> list[tuple[str, str]]:
    """The words of the form that was not saved: nobody types them twice."""
    return [
        (str(bound.label), value) for bound in form.visible_fields() if (value := str(bound.value() or ""))
    ]
