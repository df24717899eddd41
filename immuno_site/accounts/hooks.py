"""The only signal receivers of the accounts: what allauth, axes and Django report."""

from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.db.models.signals import post_init, pre_save
from django.dispatch import receiver
from django.http import HttpRequest

from immuno_site.accounts import second_factor, sessions


@receiver(user_logged_in)
def start_the_clock(request: HttpRequest, **kwargs: object) -> None:
    sessions.begin(request.session, user_agent=request.headers.get("User-Agent", ""))


@receiver(mfa.authenticator_added)
def note_enrollment(
    request: HttpRequest, user: AbstractBaseUser, authenticator: Authenticator, **kwargs: object
) -> None:
    if authenticator.type not in second_factor.FACTORS:
        return
    if authenticator.type == Authenticator.Type.TOTP:
        second_factor.spend_present_step(authenticator)
    second_factor.record_use(request, authenticator)
    sessions.end_other_sessions(request, user)


@receiver(mfa.authenticator_removed)
@receiver(mfa.authenticator_reset)
def note_change_of_factor(request: HttpRequest, user: AbstractBaseUser, **kwargs: object) -> None:
    sessions.end_other_sessions(request, user)


@receiver(post_init, sender=Authenticator)
def know_the_places_of_secrets(instance: Authenticator, **kwargs: object) -> None:
    second_factor.know_the_places(instance)


@receiver(pre_save, sender=Authenticator)
def bind_secrets(instance: Authenticator, **kwargs: object) -> None:
    second_factor.bind(instance)


@receiver(mfa.authentication_failed)
def count_wrong_code(request: HttpRequest, user: AbstractBaseUser, **kwargs: object) -> None:
    """A wrong code counts like a wrong password: five of either, and axes locks the pair."""
    user_login_failed.send(sender=__name__, credentials={"username": user.get_username()}, request=request)
