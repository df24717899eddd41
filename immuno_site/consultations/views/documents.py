"""Documents: added and taken away one by one, before sending and after."""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass, field

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from immuno_site.consultations import cookie, journey, spam, uploads
from immuno_site.consultations.files.checks import ACCEPT, Budget
from immuno_site.consultations.guard import only_when_open, private_page
from immuno_site.consultations.models import Progress
from immuno_site.consultations.reference import typed_uuid
from immuno_site.consultations.thread.writing import hear
from immuno_site.consultations.views.asking import GET_OR_POST

PAGE = journey.BY_NAME["documents"]


@require_http_methods(GET_OR_POST)
@private_page
@only_when_open
def documents(request: HttpRequest) -> HttpResponse:
    """Each file is kept or refused by itself; a refused one never takes the others with it."""
    now = timezone.now()
    progress = cookie.progress_of(request, now=now)
    if progress is None or progress.is_sent:
        return redirect("consultations:received" if progress else "consultations:start")
    errors = Refusals()
    if request.method == "POST":
        errors = accept_all(request, progress, now=now)
        progress.refresh_from_db()
        if progress.is_sent:  # in another window, while these files were on their way
            hand_in(progress, now=now)
            return redirect("consultations:received")
        progress.keep(PAGE.name, {})
        if not errors.messages:
            return redirect(journey.after(PAGE, progress) if "go_on" in request.POST else PAGE.url)
    context = {
        "page": PAGE,
        "back": journey.before(PAGE),
        "attachments": list(progress.attachments.all()),
        **errors.context(),
    }
    return TemplateResponse(request, "consultations/documents.html", context, status=errors.status)


@dataclass
class Refusals:
    """What is wrong with which file; the others were kept."""

    messages: list[str] = field(default_factory=list)
    status: int = 200

    def add(self, message: str, *, status: int = 422) -> None:
        self.messages.append(message)
        self.status = status if len(self.messages) == 1 else 422

    def context(self) -> dict[str, object]:
        """What file_form.html and file_errors.html show."""
        return {"errors": self.messages, "limits": uploads.limits(), "accept": ACCEPT}


def accept_all(request: HttpRequest, progress: Progress, *, now: datetime.datetime) -> Refusals:
    """Takes every chosen file that can be taken."""
    errors, budget = Refusals(), Budget()
    chosen = request.FILES.getlist("files")
    if not chosen and "go_on" not in request.POST and not request.POST.get("words", "").strip():
        errors.add(gettext("Choose a file first, and then press “Add these files”."))
    for file in chosen:
        if spam.is_too_often("file", request, now=now, most=spam.MOST_FILES_PER_HOUR):
            errors.add(
                gettext("Many files came from your network in the last hour. Add the others in an hour.")
            )
            break
        try:
            uploads.accept(file, progress=progress, now=now, budget=budget)
        except uploads.Refused as refused:
            errors.add(str(refused), status=refused.status)
    return errors


def hand_in(progress: Progress, *, now: datetime.datetime) -> None:
    """Files of a request that was sent meanwhile belong to it at once, as a message without words."""
    if progress.request_id:
        hear(progress, form_id=uuid.uuid4(), words="", now=now)


@require_POST
@private_page
def remove_document(request: HttpRequest) -> HttpResponse:
    """Somebody's own file, before it is sent; anything else is not here."""
    progress = cookie.progress_of(request, now=timezone.now())
    if progress is None or progress.is_sent:
        return redirect("consultations:start")
    name = typed_uuid(request.POST.get("attachment", ""))
    attachment = progress.attachments.filter(pk=name).first() if name else None
    if attachment is None:
        raise Http404
    attachment.delete()
    return redirect(PAGE.url)
