"""Reply templates: read by coordinators, written by managers."""

from __future__ import annotations

from django.contrib import admin
from django.db import models
from django.forms import Textarea
from django.http import HttpRequest, HttpResponse

from content.text.hints import HandedOn
from immuno_site.consultations.admin.room import RoomAdmin
from immuno_site.consultations.models import ReplyTemplate
from immuno_site.consultations.models.reply_template import SLOTS


@admin.register(ReplyTemplate)
class ReplyTemplateAdmin(RoomAdmin):
    list_display = ("title", "stage", "language")
    list_filter = ("language", "stage")
    search_fields = ("title", "text")
    change_form_template = "admin/consultations/reply_template.html"
    formfield_overrides = {models.TextField: {"widget": Textarea(attrs={"rows": 16, "dir": "auto"})}}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("consultations.add_replytemplate")

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("consultations.change_replytemplate")

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("consultations.delete_replytemplate")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, object], *args: HandedOn, **kwargs: HandedOn
    ) -> HttpResponse:
        return super().render_change_form(request, context | {"slots": SLOTS}, *args, **kwargs)
