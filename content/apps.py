"""The library as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContentConfig(AppConfig):
    name = "content"
    verbose_name = _("Library")

    def ready(self) -> None:
        from content import cms_patches, hooks  # noqa: F401 - receivers connect on import
