"""The inbox as its pages show it, for tests: addresses, the forms on a page, the lines of a list."""

from __future__ import annotations

import re

from django.http import HttpResponse
from django.test import Client

from immuno_site.consultations.admin.seen import PAGE, Seen
from immuno_site.consultations.models import ConsultationRequest

INBOX = "/admin/consultations/consultationrequest/"
REFERENCE = re.compile(r'class="inbox-reference"[^>]*>(IM-[^<]+)<')


def address(request: ConsultationRequest, step: str = "change") -> str:
    return f"{INBOX}{request.pk}/{step}/"


def listed(client: Client, query: str = "") -> list[str]:
    """The references of a list, from top to bottom."""
    response = client.get(f"{INBOX}?{query}")
    assert response.status_code == 200
    return REFERENCE.findall(response.content.decode())


def seen(client: Client, request: ConsultationRequest, *, place: str = PAGE) -> str:
    """The hidden field of a page (or of the list) that this person opened just now."""
    user = client.session["_auth_user_id"]
    stored = ConsultationRequest.objects.get(pk=request.pk)
    return Seen.of(stored).token(type(stored).owner.field.related_model(pk=int(user)), place=place)


def do(
    client: Client, request: ConsultationRequest, step: str, *, token: str = "", **typed: object
) -> HttpResponse:
    """Presses the button of a step."""
    return client.post(address(request, step), {"seen": token or seen(client, request), **typed})


def again(request: ConsultationRequest) -> ConsultationRequest:
    return ConsultationRequest.objects.get(pk=request.pk)
