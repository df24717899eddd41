"""The inbox's place in the admin: who is let in, and the addresses in the order of the work."""

from __future__ import annotations

from functools import partial

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern, path

from immuno_site.consultations.admin import (
    alive,
    bulk,
    dashboard,
    drafting,
    entering,
    export,
    files,
    finding,
    inbox,
    mine,
    reading,
    steps,
    unlocking,
    working,
)
from immuno_site.consultations.admin.room import RoomAdmin, View
from immuno_site.consultations.models import ConsultationRequest


@admin.register(ConsultationRequest)
class ConsultationRequestAdmin(RoomAdmin):
    """None of the admin's own forms: a request is changed by its steps only."""

    def get_urls(self) -> list[URLPattern]:
        return [
            self._path("", inbox.list_view, "changelist"),
            self._path("new/", entering.enter_view, "new"),
            self._path("find/", finding.find_view, "find"),
            self._path("bulk/", bulk.bulk_view, "bulk"),
            self._path("mine/", mine.mine_view, "mine"),
            self._path("mine/away/", mine.away_view, "away"),
            self._path("mine/keep/", mine.keep_view, "keep_view"),
            self._path("mine/forget/", mine.forget_view, "forget_view"),
            self._path("dashboard/", dashboard.dashboard_view, "dashboard"),
            self._path("dashboard/print/", dashboard.print_view, "numbers_print"),
            self._path("dashboard/numbers.csv", dashboard.csv_view, "numbers_csv"),
            self._path("export/", export.export_view, "export"),
            self._path("alive/", alive.alive_view, "alive"),
            self._path("signed-in/", alive.signed_in_view, "signed_in"),
            self._path("<int:pk>/reading/", alive.reading_view, "reading"),
            self._path("<int:pk>/change/", reading.read_view, "change"),
            self._path("<int:pk>/draft/", drafting.draft_view, "draft"),
            self._path("<int:pk>/correction/", reading.correct_view, "correction"),
            self._path("<int:pk>/print/", reading.print_view, "print"),
            self._path("<int:pk>/files.zip", files.zip_view, "files_zip"),
            self._path("<int:pk>/files/<uuid:attachment>/look/", files.look_view, "look"),
            self._path("<int:pk>/files/<uuid:attachment>/unlock/", unlocking.unlock_view, "unlock"),
            *(
                self._path(f"<int:pk>/{step.name}/", partial(working.step_view, name=step.name), step.name)
                for step in steps.STEPS
            ),
        ]

    def _path(self, route: str, view: View, name: str) -> URLPattern:
        guarded = self.hidden(self.admin_site.admin_view(view))
        return path(route, guarded, name=f"consultations_consultationrequest_{name}")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)
