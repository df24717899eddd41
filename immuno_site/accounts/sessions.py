"""How long a signed-in session lives: half an hour without a request, one working day in all. And where a person has
some: whoever holds one sees the others and ends them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from immuno_site.accounts.models import Session

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=8)
NOTED_EVERY = timedelta(minutes=1)  # each note is a write

SIGNED_IN_AT = "signed_in_at"
SEEN_AT = "seen_at"
BROWSER = "browser"

# What a browser says of itself. First those that call themselves by another's name as well.
BROWSERS = {
    "Edg": "Edge", "OPR/": "Opera", "SamsungBrowser": "Samsung Internet", "FxiOS": "Firefox", "Firefox/": "Firefox",
    "CriOS": "Chrome", "Chrome/": "Chrome", "Safari/": "Safari",
}  # fmt: skip
SYSTEMS = {
    "iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows", "CrOS": "ChromeOS",
    "Mac OS": "Mac", "Linux": "Linux",
}  # fmt: skip


def begin(session: SessionBase, *, user_agent: str = "") -> None:
    session[SIGNED_IN_AT] = session[SEEN_AT] = time.time()
    session[BROWSER] = browser_in_words(user_agent)


def browser_in_words(user_agent: str) -> str:
    """Enough to know one's own by. The rest of what it says of itself is kept nowhere, nor is a network address."""
    browser = next((name for sign, name in BROWSERS.items() if sign in user_agent), "Another browser")
    system = next((name for sign, name in SYSTEMS.items() if sign in user_agent), "")
    return f"{browser} on {system}" if system else browser


def is_over(session: SessionBase | Mapping[str, Any]) -> bool:
    """Also true for a session that never began with us."""
    now = time.time()
    try:
        age, rest = now - session[SIGNED_IN_AT], now - session[SEEN_AT]
    except KeyError:
        return True
    return age >= ABSOLUTE.total_seconds() or rest >= IDLE.total_seconds()


def note_use(session: SessionBase) -> None:
    now = time.time()
    if now - session[SEEN_AT] >= NOTED_EVERY.total_seconds():
        session[SEEN_AT] = now


def end_sessions(user: AbstractBaseUser, *, but: SessionBase | None = None) -> None:
    """Signs the person out everywhere, or everywhere but here."""
    rows = Session.objects.filter(account=user.pk)
    rows.exclude(session_key=but.session_key if but else "").delete()


@dataclass(frozen=True)
class Place:
    """Where somebody is signed in. `name` tells it from the others; the key, which opens it, is shown to nobody."""

    name: str
    browser: str
    since: datetime
    seen_at: datetime
    is_here: bool


def places_of(user: AbstractBaseUser, *, here: SessionBase) -> list[Place]:
    """This one first, then who was seen last."""
    rows = Session.objects.filter(account=user.pk, expire_date__gt=timezone.now())
    places = [
        Place(
            name=_name_of(row.session_key),
            browser=held.get(BROWSER) or browser_in_words(""),
            since=datetime.fromtimestamp(held[SIGNED_IN_AT], UTC),
            seen_at=datetime.fromtimestamp(held[SEEN_AT], UTC),
            is_here=row.session_key == here.session_key,
        )
        for row in rows
        if not is_over(held := row.get_decoded())
    ]
    return sorted(places, key=lambda place: (place.is_here, place.seen_at), reverse=True)


def end_one_of(user: AbstractBaseUser, name: str) -> bool:
    """Their next request is a stranger's. False if it had ended already."""
    own = Session.objects.filter(account=user.pk)
    key = next((key for key in own.values_list("pk", flat=True) if _name_of(key) == name), None)
    return bool(own.filter(pk=key).delete()[0])


def _name_of(key: str) -> str:
    return salted_hmac(__name__, key, algorithm="sha256").hexdigest()


def end_other_sessions(request: HttpRequest, user: AbstractBaseUser) -> None:
    """After a change of password or second factor: whoever else holds a session has to sign in with the new one."""
    is_own = request.user.is_authenticated and request.user.pk == user.pk
    end_sessions(user, but=request.session if is_own else None)
