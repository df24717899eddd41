"""The private room as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsultationsConfig(AppConfig):
    name = "immuno_site.consultations"
    label = "consultations"
    verbose_name = _("Consultations")

    def ready(self) -> None:
        from immuno_site.consultations import key_check  # noqa: F401 - registers the system check
