"""allauth's hooks: no sign-up, redirects stay here, letters wait for nobody."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from immuno_site.accounts import letters, throttle
from immuno_site.client_address import client_network


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "enter_current_password": _("This is not your current password. Enter it again."),
        "incorrect_code": _(
            "This code does not work. Enter it as it stands in the letter, or ask for a new one."
        ),
        "incorrect_password": _("This is not your password. Enter it again."),
        "too_many_login_attempts": _("Too many wrong tries. Wait a few minutes, then try again."),
        "username_password_mismatch": _("The name or the password is not right. Check both and try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made by invitation."""
        return False

    def is_safe_url(self, url: str) -> bool:
        """An address of this site, written without a host. allauth would also follow any of ALLOWED_HOSTS."""
        request = allauth_context.request
        return (
            bool(url)
            and url.startswith("/")
            and url_has_allowed_host_and_scheme(
                url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
            )
        )

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_network(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        # Whoever is locked out must not use up the name's allowance for everybody else.
        if not throttle.is_locked(request, credentials.get("username", "")):
            super().pre_authenticate(request, **credentials)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        message = self.render_mail(template_prefix, email, context | {"site_url": settings.SITE_URL})
        letters.send_later(message)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: AbstractBaseUser,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        super().send_notification_mail(template_prefix, user, {"user": user, **(context or {})}, email)
