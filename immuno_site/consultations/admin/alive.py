"""What an open page asks by itself: is this person still signed in, and who else reads this request?"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from content.account import signed_in
from immuno_site.consultations.admin.room import page, shown_name
from immuno_site.consultations.models import ConsultationRequest, Reading


@require_safe
def alive_view(request: HttpRequest) -> HttpResponse:
    """The token of a new session goes into the forms of the page, so that what was typed can still be sent."""
    user = signed_in(request)
    return JsonResponse({"who": user.pk, "token": get_token(request)})


@require_safe
def reading_view(request: HttpRequest, pk: int) -> HttpResponse:
    """The same from the page of a request, which stays open on the screen, or is left. One that is erased, or that a
    colleague has now, is gone from this page."""
    user, now = signed_in(request), timezone.now()
    told = {"who": user.pk, "token": get_token(request)}
    row = ConsultationRequest.objects.visible_to(user).only("reference").filter(pk=pk).first()
    if row is None:
        return JsonResponse({**told, "is_gone": True})
    if "left" in request.GET:
        Reading.objects.filter(request=row, by=user).delete()
        return JsonResponse(told)
    Reading.objects.note(row, by=user.pk, now=now)
    names = [shown_name(reading.by) for reading in row.readings.others(but=user.pk, now=now)]
    return JsonResponse({**told, "reading": _read_by(names)})


@require_safe
def signed_in_view(request: HttpRequest) -> HttpResponse:
    """Where signing in again in a second window ends."""
    return page(request, "signed_in.html", _("You are signed in"))


def _read_by(names: list[str]) -> str:
    """In one sentence; empty if nobody else reads it."""
    if not names:
        return ""
    words = ngettext("%(names)s reads this now.", "%(names)s read this now.", len(names))
    return words % {"names": gettext(", ").join(names)}
