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
from immuno_site.consultations.files.checks import ACCEPT, Budget, TooManyFiles
from immuno_site.consultations.guard import only_when_open, private_page, try_again
from immuno_site.consultations.models import Progress
from immuno_site.consultations.reference import typed_uuid
from immuno_site.consultations.thread.writing import hear
from immuno_site.consultations.views.asking import GET_OR_POST

PAGE = journey.BY_NAME["documents"]
MOST_SAID = 10  # of files that cannot be taken; who chose a whole folder reads no more


@require_http_methods(GET_OR_POST)
@private_page
@only_when_open
def documents(request: HttpRequest) -> HttpResponse:
    """Each file is kept or refused by itself; a refused one never takes the others with it."""
    now = timezone.now()
    progress = cookie.progress_of(request, now=now)
    if progress is None and request.method == "POST":
        return _begin_again(request, now=now)
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
    return _show(request, progress, errors, status=errors.status)


def _show(
    request: HttpRequest, progress: Progress, errors: Refusals, *, status: int, **more: object
) -> HttpResponse:
    context = {
        "page": PAGE,
        "back": journey.before(PAGE),
        "step": PAGE.number,
        "steps": journey.STEPS,
        "attachments": list(progress.attachments.all()),
        **errors.context(),
        **more,
    }
    return TemplateResponse(request, "consultations/documents.html", context, status=status)


def _begin_again(request: HttpRequest, *, now: datetime.datetime) -> HttpResponse:
    """Their answers are gone, or their browser sends no cookie: a new form that has the files at least."""
    if spam.starts_too_often(request, now=now):
        return try_again(request, status=429)
    progress, token = Progress.objects.start(now=now)
    errors = accept_all(request, progress, now=now) if request.FILES else Refusals()
    response = _show(request, progress, errors, status=422, is_new=True)
    cookie.leave(response, token)
    return response


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
    for number, file in enumerate(chosen):
        if _are_many(request, now=now):
            errors.add(
                gettext("Many files came from your network in the last hour. Add the others in an hour.")
            )
            break
        left = len(chosen) - number
        if len(errors.messages) == MOST_SAID:
            errors.add(_not_looked_at(left))
            break
        if left > 1 and not uploads.room_for(progress):
            errors.add(str(TooManyFiles(more=left)))
            break
        try:
            # In the order they were chosen.
            moment = now + datetime.timedelta(microseconds=number)
            uploads.accept(file, progress=progress, now=moment, budget=budget)
        except uploads.Refused as refused:
            errors.add(str(refused), status=refused.status)
            spam.count("refused file", request, now=now)
        else:
            spam.count("file", request, now=now)
    return errors


def _are_many(request: HttpRequest, *, now: datetime.datetime) -> bool:
    """Of one network. A folder of wrong files takes nobody else's turn; looking into them all day costs a processor."""
    limits = {"file": spam.MOST_FILES_PER_HOUR, "refused file": spam.MOST_REFUSED_PER_HOUR}
    return any(spam.is_spent(what, request, now=now, most=most) for what, most in limits.items())


def _not_looked_at(left: int) -> str:
    return gettext(
        "%(more)d more files were not looked at. First choose only files of the kinds that are named below."
    ) % {"more": left}


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
    if name is None:
        raise Http404
    # Nothing to say if it is gone already, in another window: it is not there, as was wanted.
    for attachment in progress.attachments.filter(pk=name):
        attachment.delete()
    return redirect(PAGE.url)
