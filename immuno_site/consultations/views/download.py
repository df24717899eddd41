"""Hands a patient's file to staff: to be saved, never to be shown by the browser as something of ours."""

from __future__ import annotations

import logging
import uuid

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from content.account import signed_in
from immuno_site.client_address import client_address
from immuno_site.consultations import sweeping, uploads
from immuno_site.consultations.crypto import unreadable_is_said
from immuno_site.consultations.models import AccessEvent, Attachment, ConsultationRequest

logger = logging.getLogger(__name__)

# Should a browser open it all the same: no scripts, no forms, no origin, nothing loaded.
POLICY = "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@require_safe
@never_cache
def download(request: HttpRequest, reference: str, attachment: uuid.UUID) -> HttpResponseBase:
    """Not signed in: to the sign-in page. Not theirs, not there or locked: as if nothing were here."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    found = _found(request, reference, attachment)
    if found.scan == Attachment.Scan.LOST:
        sweeping.find_again([found])  # it may be there again
    if found.is_locked:
        _record(request, found, is_allowed=False)
        raise Http404
    if request.method == "HEAD":
        _record(request, found, is_allowed=True)  # the header says the file's name
        return labelled(HttpResponse(), found)
    try:
        content = uploads.pieces(found)
    except uploads.OUT_OF_REACH as error:
        logger.error("File %s cannot be handed out: %s", found.pk, type(error).__name__)
        return HttpResponse("This file cannot be read now.", status=503, content_type="text/plain")
    _record(request, found, is_allowed=True)  # no line in the log, no look
    return labelled(StreamingHttpResponse(content), found)


def _found(request: HttpRequest, reference: str, attachment: uuid.UUID) -> Attachment:
    rows = Attachment.objects.select_related("request")
    found = get_object_or_404(rows, pk=attachment, request__reference=reference)
    visible = ConsultationRequest.objects.visible_to(signed_in(request)).filter(pk=found.request_id or 0)
    if not request.user.has_perm("consultations.view_consultationrequest") or not visible.exists():
        _record(request, found, is_allowed=False)
        raise Http404
    return found


def _record(request: HttpRequest, found: Attachment, *, is_allowed: bool) -> None:
    AccessEvent.objects.record(
        AccessEvent.Action.DOWNLOADED,
        by=signed_in(request),
        now=timezone.now(),
        reference=found.request.reference if found.request else "",
        attachment=found.pk,
        address=client_address(request),
        detail=found.scan,
        is_allowed=is_allowed,
    )


def labelled(response: HttpResponseBase, found: Attachment) -> HttpResponseBase:
    response["Content-Type"] = "application/octet-stream"
    response["Content-Length"] = str(found.size)
    with unreadable_is_said():
        response["Content-Disposition"] = content_disposition_header(True, found.name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = POLICY
    response["Accept-Ranges"] = "none"
    return response
