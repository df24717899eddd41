"""People who work on the site, signed in the way the pages would have done it."""

from __future__ import annotations

import time

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Permission, User
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.test import Client

from immuno_site.accounts import letters, second_factor
from immuno_site.accounts.allauth_internals import format_hotp_value, hotp_value

PASSWORD = "a long enough password"


def create_staff(username: str, *codenames: str, with_second_factor: bool = True, **fields: object) -> User:
    """A staff account with these permissions. Without a second factor it can reach nothing but enrollment."""
    fields = {"email": f"{username}@example.org", "is_staff": True} | fields
    user = User.objects.create_user(username, password=PASSWORD, **fields)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    if with_second_factor:
        give_second_factor(user)
    return user


def give_second_factor(user: User) -> str:
    """Returns the secret of the person's authenticator app."""
    return second_factor.enroll(user).secret


@receiver(user_logged_in)
def as_if_the_code_was_entered(request: HttpRequest, user: User, **kwargs: object) -> None:
    """Client.force_login skips our pages, so here stands what they write down about the second factor.

    A real request, which has a method, gets no such help: it must come past the second step.
    """
    if request.method:
        return
    if factor := Authenticator.objects.filter(user=user, type__in=second_factor.FACTORS).first():
        second_factor.record_use(request, factor)


def wait_for_letters() -> None:
    """Returns once every letter handed over so far is on its way."""
    letters._sender.submit(bool).result()


# --- The pages themselves ---------------------------------------------------------------------------------


def code(secret: str, *, steps: int = 0) -> str:
    """What the app shows now, or so many half minutes from now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def enter_password(client: Client, username: str, password: str = PASSWORD, **extra: object) -> HttpResponse:
    return client.post("/accounts/login/", {"login": username, "password": password}, **extra)


def enter_code(client: Client, code: str, **extra: object) -> HttpResponse:
    return client.post("/accounts/second-factor/authenticate/", {"code": code}, **extra)


def sign_in(client: Client, user: User, secret: str) -> HttpResponse:
    """Both steps, through the pages."""
    enter_password(client, user.username)
    return enter_code(client, code(secret))
