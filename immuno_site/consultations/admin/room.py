"""What every page of the private room's admin promises: hidden from others, kept by nobody, each look on record."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import nullcontext
from functools import wraps
from typing import NoReturn

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from content.account import signed_in
from content.admin.read_only import ReadOnlyAdmin
from content.text.hints import Words
from immuno_site.client_address import client_address
from immuno_site.consultations.crypto import unreadable_is_said
from immuno_site.consultations.models import AccessEvent, ConsultationRequest
from immuno_site.keyring import Undecryptable

View = Callable[..., HttpResponseBase]

INBOX = "admin:consultations_consultationrequest_changelist"
REQUEST = "admin:consultations_consultationrequest_change"
SAFE = ("GET", "HEAD")
MINE = "admin:consultations_consultationrequest_mine"


class RoomAdmin(ReadOnlyAdmin):
    """Not signed in: to the sign-in page. Signed in without permission: as if nothing were here."""

    actions: tuple[str, ...] | None = None

    def get_urls(self) -> list[URLPattern]:
        patterns = super().get_urls()
        for pattern in patterns:
            pattern.callback = self.hidden(pattern.callback)
        return patterns

    def hidden(self, view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            if request.user.is_authenticated and not self.has_view_permission(request):
                match = request.resolver_match
                name = ((match and match.url_name) or "").removeprefix("consultations_")
                refuse(request, AccessEvent.Action.VIEWED, detail=name)
            try:
                return _said(view)(request, *args, **kwargs)
            except PermissionDenied:
                raise Http404 from None

        return guarded


def _said(view: View) -> View:
    """A page says which of its values no key opens and shows the rest; a step that needs one is not taken."""

    def shown(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        try:
            with unreadable_is_said() if request.method in SAFE else nullcontext():
                response = view(request, *args, **kwargs)
        except Undecryptable:
            messages.error(request, gettext("Not done: a part of it cannot be read. Tell the operator."))
            return redirect(INBOX)
        if isinstance(response, TemplateResponse) and not response.is_rendered:
            with unreadable_is_said():
                response.render()  # templates read too
        return response

    return shown


def page(
    request: HttpRequest, template: str, title: Words, *, status: int = 200, **context: object
) -> TemplateResponse:
    """A page of the inbox in the frame of the admin."""
    return TemplateResponse(
        request,
        f"admin/consultations/{template}",
        {
            **admin.site.each_context(request),
            "opts": ConsultationRequest._meta,
            "is_nav_sidebar_enabled": False,  # the lists need the room
            "title": title,
            **context,
        },
        status=status,
    )


def record(
    request: HttpRequest,
    action: str,
    *,
    reference: str = "",
    attachment: uuid.UUID | None = None,
    detail: str = "",
    is_allowed: bool = True,
) -> None:
    """A line in the log of looks. Written before anything is shown: no line, no look."""
    AccessEvent.objects.record(
        action,
        by=signed_in(request),
        now=timezone.now(),
        reference=reference,
        attachment=attachment,
        address=client_address(request),
        detail=detail,
        is_allowed=is_allowed,
    )


def refuse(request: HttpRequest, action: str, *, reference: str = "", detail: str = "") -> NoReturn:
    """As if nothing were here; but that somebody tried is on record."""
    record(request, action, reference=reference, detail=detail, is_allowed=False)
    raise Http404


def opened(
    request: HttpRequest, pk: int, *, to: str = AccessEvent.Action.VIEWED, detail: str = ""
) -> ConsultationRequest:
    """The request, if this person may see it. Who shows anything of it records that."""
    rows = ConsultationRequest.objects.all()
    if row := rows.visible_to(signed_in(request)).select_related("owner__coordinator").filter(pk=pk).first():
        return row
    hidden = get_object_or_404(rows.only("reference"), pk=pk)
    refuse(request, to, reference=hidden.reference, detail=detail)


def back_to_list(query: str) -> str:
    """The list somebody came from. Its query is encoded anew: nothing in it can lead elsewhere."""
    query = QueryDict(query).urlencode()
    return reverse(INBOX) + (f"?{query}" if query else "")


def name_and_absence(user: User) -> str:
    """Who it is, and why they do not answer, if they do not."""
    absence = shown_absence(user)
    return f"{shown_name(user)} ({absence})" if absence else shown_name(user)


def shown_absence(user: User | None) -> str:
    """Why somebody cannot work on requests now; empty if they can."""
    if user is None:
        return ""
    if not user.is_active:
        return gettext("account deactivated")
    coordinator = getattr(user, "coordinator", None)
    if coordinator is None or not coordinator.is_away:
        return ""
    day = date_format(coordinator.away_until, "j M Y")
    if not coordinator.covered_by:
        return gettext("away until %(day)s") % {"day": day}
    return gettext("away until %(day)s, %(name)s stands in") % {
        "day": day,
        "name": shown_name(coordinator.covered_by),
    }


def shown_name(user: User | None) -> str:
    return (user.get_full_name() or user.get_username()) if user else ""
