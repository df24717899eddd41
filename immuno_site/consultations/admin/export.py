"""Requests as a spreadsheet. Own permission, the password asked again, a line in the log; nothing about health
unless somebody asks for it by a tick of its own."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from http import HTTPStatus

from allauth.account.decorators import reauthentication_required
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from content.account import signed_in
from immuno_site.client_address import client_address
from immuno_site.consultations.admin import csv_rows
from immuno_site.consultations.admin.room import page, record, shown_name
from immuno_site.consultations.crypto import ROW, unreadable_is_said
from immuno_site.consultations.fields import AgreementField
from immuno_site.consultations.models import AccessEvent, ConsultationRequest, Status

EXPORT = "consultations.export_consultationrequest"
PLAIN = (
    "reference", "kind", "status", "closed_reason", "language", "country", "received_at", "reply_due_at", "taken_at",
    "answered_at", "answered_in_time", "closed_at", "owner",
)  # fmt: skip
HEALTH = (
    "cancer", "is_urgent", "for_whom", "cancer_words", "stage", "birth_year", "question", "medicine_asked",
    "treatments", "medicines", "symptoms", "conditions",
)  # fmt: skip
CONTACT = ("name", "email", "phone", "contact_by", "contact_when", "time_zone", "may_leave_message")
AT_A_TIME = 500


class ExportForm(forms.Form):
    use_required_attribute = False

    received_from = forms.DateField(
        label=_("Received from"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": _("Choose a day, like 2026-12-31.")},
    )
    received_to = forms.DateField(
        label=_("Received to"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": _("Choose a day, like 2026-12-31.")},
    )
    status = forms.ChoiceField(
        label=_("Status"),
        choices=[("", _("Any status")), *Status.choices],
        required=False,
        error_messages={"invalid_choice": _("Choose a status from the list.")},
    )
    with_contact = AgreementField(
        label=_("Who they are"),
        sentence=_("Also names and contact data. I have a reason to take them out of the inbox."),
        required=False,
    )
    with_health = AgreementField(
        label=_("What it is about"),
        sentence=_("Also the cancer and what they wrote. I have a reason to take it out of the inbox."),
        required=False,
    )

    def clean(self) -> dict[str, object]:
        super().clean()
        data = self.cleaned_data
        first, last = data.get("received_from"), data.get("received_to")
        if first and last and last < first:
            self.add_error("received_to", _("Choose a day after the first one."))
        return data

    @property
    def columns(self) -> tuple[str, ...]:
        chosen = self.cleaned_data
        return (
            *PLAIN,
            *(CONTACT if chosen["with_contact"] else ()),
            *(HEALTH if chosen["with_health"] else ()),
        )

    @property
    def is_personal(self) -> bool:
        return len(self.columns) > len(PLAIN)

    def rows(self) -> QuerySet[ConsultationRequest]:
        chosen = self.cleaned_data
        rows = ConsultationRequest.objects.order_by("received_at", "pk")
        if chosen["received_from"]:
            rows = rows.filter(received_at__date__gte=chosen["received_from"])
        if chosen["received_to"]:
            rows = rows.filter(received_at__date__lte=chosen["received_to"])
        if chosen["status"]:
            rows = rows.filter(status=chosen["status"])
        return rows


@require_http_methods(["GET", "HEAD", "POST"])
def export_view(request: HttpRequest) -> HttpResponseBase:
    """Colleagues without the permission are told so: they know that this page exists."""
    if not request.user.has_perm(EXPORT):
        record(request, AccessEvent.Action.EXPORTED, is_allowed=False)
        return page(request, "no_export.html", _("Export"), status=HTTPStatus.FORBIDDEN)
    if request.method == "POST":
        return _export(request)
    return page(request, "export.html", _("Export"), form=ExportForm(auto_id="export_%s"))


@reauthentication_required
def _export(request: HttpRequest) -> HttpResponseBase:
    form = ExportForm(request.POST, auto_id="export_%s")
    if not form.is_valid():
        return page(request, "export.html", _("Export"), form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    references, now = list(form.rows().values_list("reference", flat=True)), timezone.now()
    _log(request, form, references, now=now)
    cells = _cells(references, form.columns)
    response = StreamingHttpResponse(
        csv_rows.lines(form.columns, cells), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="requests-{timezone.localdate(now)}.csv"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _log(request: HttpRequest, form: ExportForm, references: list[str], *, now: datetime.datetime) -> None:
    """One line for the export; with personal data, one for each request that leaves."""
    detail = f"{len(references)} requests" + (", personal data" if form.is_personal else "")
    record(request, AccessEvent.Action.EXPORTED, detail=detail)
    if form.is_personal:
        AccessEvent.objects.bulk_create(
            AccessEvent(
                action=AccessEvent.Action.EXPORTED,
                at=now,
                by=signed_in(request),
                reference=reference,
                address=client_address(request),
            )
            for reference in references
        )


def _cells(references: list[str], columns: tuple[str, ...]) -> Iterator[list[object]]:
    """Of those that the log names: the filter, asked again while this leaves, might find others."""
    rows = ConsultationRequest.objects.select_related("owner").order_by("received_at", "pk")
    shown = rows.only(*columns, ROW, "owner__username", "owner__first_name", "owner__last_name")
    for first in range(0, len(references), AT_A_TIME):
        for row in shown.filter(reference__in=references[first : first + AT_A_TIME]):
            with unreadable_is_said():
                cells = [shown_name(row.owner) if name == "owner" else getattr(row, name) for name in columns]
            yield cells
