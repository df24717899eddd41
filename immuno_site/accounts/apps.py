"""The accounts of staff as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "immuno_site.accounts"
    label = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from django.contrib import admin

        from immuno_site.accounts import hooks  # noqa: F401 - the signal receivers
        from immuno_site.accounts.views import to_password_change, without_a_form_of_its_own

        # The site of the admin is made before it can know of accounts.
        admin.site.login = without_a_form_of_its_own(admin.site.login)  # type: ignore[method-assign]
        admin.site.password_change = to_password_change  # type: ignore[method-assign,assignment]
