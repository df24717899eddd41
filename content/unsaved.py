"""What people typed and have not saved: who else is at it, and when it is no longer needed."""

from __future__ import annotations

import datetime

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format

from content.models import Unsaved


def forget_if_saved(request: HttpRequest, response: HttpResponseBase) -> None:
    """After a form was sent: what it had kept is in the text now, unless it came back with mistakes."""
    form = request.POST.get("kept_form", "").replace("\0", "")  # PostgreSQL knows no NUL
    if request.resolver_match and (request.resolver_match.url_name or "").endswith("_check"):
        return  # the panel beside a form asks, and saves nothing
    context = getattr(response, "context_data", None) or {}
    came_back = response.status_code == 200 and (
        not isinstance(response, TemplateResponse) or "adminform" in context
    )
    if form and response.status_code in (200, 302) and not came_back and request.user.is_authenticated:
        Unsaved.objects.filter(user=request.user, form=form).delete()


def others(user: User, form: str) -> list[dict[str, str]]:
    """Colleagues who type into the same form now, and since when."""
    if ":new:" in form:
        return []
    rows = Unsaved.objects.at_work(form.partition("#")[0], now=timezone.now()).exclude(user=user)
    since: dict[str, str] = {}
    for row in rows:
        since.setdefault(row.user.get_full_name() or row.user.get_username(), clock(row.begun_at))
    return [{"name": name, "since": clock} for name, clock in since.items()]


def clock(moment: datetime.datetime) -> str:
    return date_format(timezone.localtime(moment), "H:i")
