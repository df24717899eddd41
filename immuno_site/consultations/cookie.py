"""The one cookie of a visitor: a random word that names the answers kept for their browser."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from immuno_site.consultations.models import Progress
from immuno_site.consultations.models.progress import KEEP_PROGRESS

# One for answers on their way, one for the way back to a request: neither overwrites the other.
ASKING, RETURNING = "request", "return"
KEEP_RETURN = datetime.timedelta(hours=1)
LIFETIME = {ASKING: KEEP_PROGRESS, RETURNING: KEEP_RETURN}


def progress_of(request: HttpRequest, purpose: str = ASKING, *, now: datetime.datetime) -> Progress | None:
    """What is kept for this browser, unless its time is over."""
    token = request.COOKIES.get(_name(purpose), "")
    return Progress.objects.of_token(token, now=now) if token else None


def leave(response: HttpResponse, token: str, purpose: str = ASKING) -> None:
    """Scripts cannot read it, other sites cannot send it, and it ends by itself."""
    response.set_cookie(
        _name(purpose),
        token,
        max_age=LIFETIME[purpose],
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def take_away(response: HttpResponse, purpose: str = ASKING) -> None:
    # Not delete_cookie(): browsers ignore a __Host- cookie that is not marked secure, also for deleting.
    response.set_cookie(
        _name(purpose),
        "",
        max_age=0,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _name(purpose: str) -> str:
    """The __Host- prefix binds a cookie to this very host; browsers accept it only over https."""
    return f"__Host-{purpose}" if settings.SESSION_COOKIE_SECURE else purpose
