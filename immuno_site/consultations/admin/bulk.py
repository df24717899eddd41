"""One step for many requests at once: each is taken by itself, and those that changed meanwhile are named."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from content.account import signed_in
from immuno_site.consultations.admin import steps
from immuno_site.consultations.admin.inbox import PAGE
from immuno_site.consultations.admin.room import back_to_list, page
from immuno_site.consultations.admin.seen import LIST, Seen
from immuno_site.consultations.admin.step_forms import StepForm
from immuno_site.consultations.admin.working import take_step
from immuno_site.consultations.models import Conflict, ConsultationRequest


@require_POST
def bulk_view(request: HttpRequest) -> HttpResponse:
    """The buttons under the list."""
    name = request.POST.get("step", "")
    if name not in steps.BULK:
        raise Http404
    step = steps.BY_NAME[name]
    tokens = request.POST.getlist("chosen")[:PAGE]
    chosen = [Seen.read(token, signed_in(request), place=LIST) for token in tokens]
    if not chosen:
        messages.warning(request, gettext("Tick the requests first."))
    elif step.form_class.base_fields and not _form(request, step).is_valid():
        return _ask(request, step)
    taken, missed = _take_all(request, step, [seen for seen in chosen if seen])
    if taken:
        words = ngettext("%(step)s: %(number)d request.", "%(step)s: %(number)d requests.", len(taken))
        messages.success(request, words % {"step": step.label, "number": len(taken)})
    if missed:
        words = gettext("Left alone, because somebody else changed them or it is not possible: %s.")
        messages.warning(request, words % ", ".join(missed))
    return redirect(back_to_list(request.POST.get("query", "")))


def _form(request: HttpRequest, step: steps.Step) -> StepForm:
    """Its questions, once for all; unanswered when the button under the list was pressed."""
    data = request.POST if "asked" in request.POST else None
    return step.form_class(data, request=ConsultationRequest(), by=signed_in(request))


def _ask(request: HttpRequest, step: steps.Step) -> HttpResponse:
    """What has consequences is asked once more, for all of them together."""
    form = _form(request, step)
    return page(
        request,
        "bulk.html",
        step.label,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK,
        step=step,
        form=form,
        chosen=request.POST.getlist("chosen")[:PAGE],
        query=request.POST.get("query", ""),
    )


def _take_all(request: HttpRequest, step: steps.Step, chosen: list[Seen]) -> tuple[list[str], list[str]]:
    """References of those that were changed, and of those left alone."""
    user = signed_in(request)
    visible = ConsultationRequest.objects.visible_to(user).in_bulk([seen.request for seen in chosen])
    taken: list[str] = []
    missed: list[str] = []
    for seen in chosen:
        row = visible.get(seen.request)
        if row is None:
            missed.append(gettext("one that a colleague has now"))
            continue
        form = step.form_class(request.POST, request=row, by=user)
        is_same = row.version == seen.version and step.is_possible(row, by=user) and form.is_valid()
        try:
            if is_same:
                take_step(request, step, row, form)
        except Conflict:
            is_same = False
        (taken if is_same else missed).append(row.reference)
    return taken, missed
