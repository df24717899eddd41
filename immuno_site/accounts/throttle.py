"""What axes counts wrong passwords and codes by. The numbers are in the settings."""

from __future__ import annotations

from axes.handlers.proxy import AxesProxyHandler
from django.contrib.auth.models import User
from django.http import HttpRequest

from immuno_site.keyring import blind_index


def counted_name(request: HttpRequest, credentials: dict[str, str] | None = None) -> str:
    """The name to count failures by. Upper and lower case are one account; a name nobody has is stored as a
    fingerprint only, since it may be a password typed into the wrong field."""
    typed = (credentials or {}).get("username") or request.POST.get("login", "")
    known = User.objects.filter(username__iexact=typed.strip()).values_list("username", flat=True).first()
    return known or f"unknown {blind_index(typed, use='sign-in')[:40]}"


def is_locked(request: HttpRequest, username: str) -> bool:
    return not AxesProxyHandler.is_allowed(request, {"username": username})


def client_description(username: str, *details: object) -> str:
    """How the log of axes names a client: not at all, the tables of axes do."""
    return "a client"
