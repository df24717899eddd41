"""The files of a request for staff: looked at as pictures, or saved all at once. Each look is a line in the log."""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from content.text.hints import Words
from immuno_site.consultations import sweeping, uploads
from immuno_site.consultations.admin.room import REQUEST, opened, page, record
from immuno_site.consultations.files.bundle import Named, zipped
from immuno_site.consultations.files.checks import Kind
from immuno_site.consultations.files.inspection.limits import PAGES_AT_ONCE
from immuno_site.consultations.files.preview import SHOWN, Busy, NotShown, Preview, preview
from immuno_site.consultations.files.spool import spooled
from immuno_site.consultations.models import AccessEvent, Attachment, ConsultationRequest
from immuno_site.consultations.views.download import POLICY

logger = logging.getLogger(__name__)

MOST_PAGES = 10_000
CANNOT = _("There is no picture of this file. Save it, and open it in a viewer that you trust.")
LATER = _("The machine is busy with other files at this moment. Load this page again in a few seconds.")
AWAY = _("This file cannot be read now. Try again later; if it stays so, tell the administrator.")


@dataclass(frozen=True)
class Look:
    """The pages on the screen, or why there are none."""

    first: int
    shown: Preview | None = None
    why_not: Words = ""

    @property
    def last(self) -> int:
        return self.first + len(self.shown.pictures) - 1 if self.shown else self.first

    @property
    def earlier(self) -> int:
        return max(1, self.first - PAGES_AT_ONCE) if self.first > 1 else 0

    @property
    def later(self) -> int:
        return self.last + 1 if self.shown and self.last < self.shown.pages else 0


@require_safe
def look_view(request: HttpRequest, pk: int, attachment: uuid.UUID) -> HttpResponse:
    """One file as pictures, with a way to those before and after it."""
    row = opened(request, pk, detail="preview")
    files = list(row.attachments.all())
    place = next((place for place, one in enumerate(files) if one.pk == attachment), None)
    if place is None:
        raise Http404
    file = files[place]
    if file.scan == Attachment.Scan.LOST:
        sweeping.find_again([file])  # it may be there again
    record(
        request,
        AccessEvent.Action.VIEWED,
        reference=row.reference,
        attachment=file.pk,
        detail="preview",
        is_allowed=not file.is_locked,
    )
    if file.is_locked:
        raise Http404
    return page(
        request,
        "look.html",
        _("Look at a file"),
        row=row,
        file=file,
        number=place + 1,
        of=len(files),
        before=_next_to_see(files[:place][::-1]),
        after=_next_to_see(files[place + 1 :]),
        look=_look(file, first=_asked_page(request)),
    )


def _asked_page(request: HttpRequest) -> int:
    typed = request.GET.get("page", "")
    return min(max(int(typed), 1), MOST_PAGES) if typed.isdecimal() and len(typed) < 6 else 1


def _look(file: Attachment, *, first: int) -> Look:
    if file.kind not in SHOWN:
        return Look(first, why_not=CANNOT)
    try:
        with spooled(uploads.pieces(file)) as content:
            return Look(first, preview(content, Kind(file.kind), first=first))
    except Busy:
        return Look(first, why_not=LATER)
    except NotShown:
        return Look(first, why_not=CANNOT)
    except uploads.OUT_OF_REACH as error:
        logger.error("File %s cannot be shown: %s", file.pk, type(error).__name__)
        return Look(first, why_not=AWAY)


def _next_to_see(files: list[Attachment]) -> Attachment | None:
    return next((file for file in files if not file.is_locked), None)


@require_safe
def zip_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Every file that is not locked. One that cannot be read now stops it before anything is handed out."""
    row = opened(request, pk, to=AccessEvent.Action.DOWNLOADED, detail="zip")
    files = [file for file in row.attachments.all() if not file.is_locked]
    if not files:
        raise Http404
    try:
        named = [_named(number, file) for number, file in enumerate(files, start=1)]
    except uploads.OUT_OF_REACH as error:
        logger.error("Files of %s cannot be handed out: %s", row.reference, type(error).__name__)
        messages.error(request, gettext("One of the files cannot be read now. Save them one by one."))
        return redirect(REQUEST, pk)
    for file in files:
        record(
            request,
            AccessEvent.Action.DOWNLOADED,
            reference=row.reference,
            attachment=file.pk,
            detail="zip",
        )
    return _handed_out(row, named)


def _named(number: int, file: Attachment) -> Named:
    return f"{number}-{file.name}", uploads.pieces(file)


def _handed_out(row: ConsultationRequest, named: list[Named]) -> HttpResponseBase:
    response = StreamingHttpResponse(zipped(named), content_type="application/zip")
    response["Content-Disposition"] = content_disposition_header(True, f"{row.reference}.zip")
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = POLICY
    return response
