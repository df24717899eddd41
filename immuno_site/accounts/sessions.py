"""How long a signed-in session lives: half an hour without a request, one working day in all."""

from __future__ import annotations

import time
from datetime import timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from immuno_site.accounts.models import Session

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=8)
NOTED_EVERY = timedelta(minutes=1)  # each note is a write

SIGNED_IN_AT = "signed_in_at"
SEEN_AT = "seen_at"


def begin(session: SessionBase, *, now: float | None = None) -> None:
    session[SIGNED_IN_AT] = session[SEEN_AT] = now or time.time()


def is_over(session: SessionBase, *, now: float | None = None) -> bool:
    """Also true for a session that never began with us."""
    now = now or time.time()
    try:
        age, rest = now - session[SIGNED_IN_AT], now - session[SEEN_AT]
    except KeyError:
        return True
    return age >= ABSOLUTE.total_seconds() or rest >= IDLE.total_seconds()


def note_use(session: SessionBase, *, now: float | None = None) -> None:
    now = now or time.time()
    if now - session[SEEN_AT] >= NOTED_EVERY.total_seconds():
        session[SEEN_AT] = now


def end_sessions(user: AbstractBaseUser, *, but: SessionBase | None = None) -> None:
    """Signs the person out everywhere, or everywhere but here."""
    rows = Session.objects.filter(account=user.pk)
    rows.exclude(session_key=but.session_key if but else "").delete()


def end_other_sessions(request: HttpRequest, user: AbstractBaseUser) -> None:
    """After a change of password or second factor: whoever else holds a session has to sign in with the new one."""
    is_own = request.user.is_authenticated and request.user.pk == user.pk
    end_sessions(user, but=request.session if is_own else None)
