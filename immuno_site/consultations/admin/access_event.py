"""The log of looks, to be read only."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from immuno_site.consultations.admin.room import RoomAdmin
from immuno_site.consultations.models import AccessEvent


@admin.register(AccessEvent)
class AccessEventAdmin(RoomAdmin):
    list_display = ("at", "by", "action", "reference", "detail", "is_allowed", "address")
    list_filter = ("action", "is_allowed", "at")
    search_fields = ("reference",)
    search_help_text = _("Find by reference")
    list_select_related = ("by",)
    show_full_result_count = False
    list_per_page = 100
