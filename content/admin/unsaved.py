"""Nothing typed is lost: forms send what is in them while somebody types, and offer it when they come back."""

from __future__ import annotations

import json

from django.contrib.admin.sites import AdminSite
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from content.admin.prose_help import writer
from content.models import Unsaved
from content.unsaved import clock, others

# A library page is 20 kB; a paste of ten times the largest is kept, too.
LONGEST = 1_000_000
MOST_FORMS = 200  # of one person


def urls(site: AdminSite) -> list[URLPattern]:
    """Below /admin/content/source/, beside what else the editor asks for while somebody writes."""
    return [
        path("unsaved/", site.admin_view(keep), name="content_unsaved_keep"),
        path("unsaved/forget/", site.admin_view(forget), name="content_unsaved_forget"),
        path("unsaved/signed-in/", site.admin_view(back_again), name="content_unsaved_signed_in"),
    ]


@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Puts down what is in the form; says who else types into it."""
    user = writer(request)
    form, sent = _storable(request.POST.get("form", "")), request.POST.get("typed", "{}")
    typed = _fields(sent)
    if not 0 < len(form) <= 200 or typed is None:
        return HttpResponseBadRequest()
    now = timezone.now()
    values = {"stamp": _storable(request.POST.get("stamp", ""))[:64], "typed": typed, "kept_at": now}
    if typed:
        _put(user, form, values)
        Unsaved.objects.outlived(now=now).delete()
    answer = {"at": clock(now), "others": others(user, form), "token": get_token(request)}
    return JsonResponse(answer)


def _put(user: User, form: str, values: dict[str, object]) -> None:
    try:
        with transaction.atomic():
            Unsaved.objects.update_or_create(user=user, form=form, defaults=values)
    except IntegrityError:  # two windows began at once
        Unsaved.objects.filter(user=user, form=form).update(**values)
    rows = Unsaved.objects.filter(user=user).order_by("-kept_at")
    rows.filter(pk__in=list(rows.values_list("pk", flat=True)[MOST_FORMS:])).delete()


@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """They looked at it and do not want it."""
    Unsaved.objects.filter(user=writer(request), form=_storable(request.POST.get("form", ""))).delete()
    return HttpResponse(status=204)


@require_GET
def back_again(request: HttpRequest) -> HttpResponse:
    """The end of signing in, in a window over the form: it closes itself."""
    writer(request)
    return render(request, "admin/content/signed_in.html")


def _fields(sent: str) -> dict[str, list[str]] | None:
    """Name -> values; nothing if a browser of ours would not have sent it."""
    if len(sent) > LONGEST:
        return None
    try:
        typed = json.loads(sent)
    except ValueError:
        return None
    if not isinstance(typed, dict) or not all(isinstance(values, list) for values in typed.values()):
        return None
    return {_storable(name): [_storable(str(one)) for one in values] for name, values in typed.items()}


def _storable(text: str) -> str:
    """Without what PostgreSQL keeps in no JSON: NUL, and halves of characters."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()
