"""Letters that wait or did not leave. Their recipients are not shown: the request says who they are."""

from django.contrib import admin

from immuno_site.consultations.admin.room import RoomAdmin
from immuno_site.consultations.models import OutgoingMail


@admin.register(OutgoingMail)
class OutgoingMailAdmin(RoomAdmin):
    list_display = (
        "kind",
        "reference",
        "language",
        "created_at",
        "tries",
        "next_try_at",
        "sent_at",
        "given_up_at",
    )
    list_filter = ("kind", "sent_at", "given_up_at")
    search_fields = ("reference",)
    ordering = ("-created_at",)
    exclude = ("recipient",)
    show_full_result_count = False
