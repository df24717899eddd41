"""A message that is still being written: kept on the server, so that no closed browser loses it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from content.account import signed_in
from content.models import SiteProfile
from immuno_site.consultations.admin import steps
from immuno_site.consultations.admin.reply_facts import facts_of
from immuno_site.consultations.admin.room import REQUEST, opened, record
from immuno_site.consultations.admin.step_forms import LONG
from immuno_site.consultations.characters import for_people
from immuno_site.consultations.models import AccessEvent, Draft, Message, ReplyTemplate
from immuno_site.consultations.reference import typed_uuid


@require_POST
def draft_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Keeps what is typed; with a template, its text goes behind it. A script that saves gets no page."""
    row, user, now = (
        opened(request, pk, to=AccessEvent.Action.CHANGED, detail="draft"),
        signed_in(request),
        timezone.now(),
    )
    if not user.has_perm(steps.Step.permission) or not row.may_be_worked_on(by=user):
        raise Http404
    text, translation = (
        for_people(request.POST.get(name, ""), keeps_lines=True)[:LONG] for name in ("words", "translation")
    )
    wanted = request.POST.get("template", "")
    template = ReplyTemplate.objects.filter(pk=wanted).first() if wanted.isdecimal() else None
    if template:
        record(request, AccessEvent.Action.VIEWED, reference=row.reference, detail="template")
        filled = template.filled(facts_of(row, SiteProfile.current()))
        text = f"{text.rstrip()}\n\n{filled}" if text.strip() else filled
    number = typed_uuid(request.POST.get("form", ""))
    is_sent = number is not None and Message.objects.filter(form_id=number, request=row).exists()
    if not text.strip() and not translation.strip():
        Draft.objects.filter(request=row, by=user).delete()  # nobody is told that somebody writes
    elif not is_sent:  # a script may save once more while the message leaves
        Draft.objects.keep(row, by=user.pk, text=text, translation=translation, now=now)
    if request.headers.get("Sec-Fetch-Mode") == "cors":
        return HttpResponse(status=204)
    messages.success(request, gettext("Kept as a draft. Only you see it."))
    if request.FILES:
        messages.warning(
            request, gettext("Files are not kept with a draft. Choose them again before you send.")
        )
    return redirect(f"{reverse(REQUEST, args=[pk])}#thread")
