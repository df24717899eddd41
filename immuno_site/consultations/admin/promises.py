"""The site profile as a promise: what its hours and closed days make of the time we reply by, before they are saved."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from content.admin.site_profile import SiteProfileAdmin
from content.lines import LinesFormField
from content.models import SiteProfile
from content.text.hints import HandedOn
from content.text.opening_hours import Hours
from immuno_site.consultations.admin.holidays_offered import offered
from immuno_site.consultations.fields import field_of
from immuno_site.consultations.working_time import ISRAEL, WorkingTime, reply_due

DAYS = 10
MOST_DAYS = 60  # of a promise; more is a slip of the finger
NOON = datetime.time(12)


@dataclass(frozen=True)
class Promise:
    """What somebody who writes at noon of a day is told."""

    day: datetime.date
    hours: Hours | None
    due: datetime.datetime


def next_promises(profile: SiteProfile, *, today: datetime.date) -> list[Promise]:
    working = WorkingTime.of(profile)
    days = [today + datetime.timedelta(days=number) for number in range(DAYS)]
    return [
        Promise(day, working.on(day), reply_due(datetime.datetime.combine(day, NOON, ISRAEL), profile))
        for day in days
    ]


class ProfileForm(forms.ModelForm):
    holidays = forms.MultipleChoiceField(
        label=_("Holidays of Israel to add"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Those you tick become lines of closed days when you save. Change the hours of a short day there."
        ),
    )

    def __init__(self, *args: HandedOn, **kwargs: HandedOn) -> None:
        super().__init__(*args, **kwargs)
        hours = WorkingTime.of(self.instance)
        lines = offered(hours.days.keys(), hours, today=timezone.localdate(timezone=ISRAEL))
        field_of(self.fields, "holidays", forms.MultipleChoiceField).choices = [
            (line, line) for line in lines
        ]
        if "closed_days" in self.fields:
            self.fields["closed_days"].help_text = _(
                "One a line: 2026-12-31 is closed, 2026-12-31 9:00-13:00 is a short day, 2026-12-05 Hanukkah is closed "
                "and says why."
            )
            self.fields["working_hours"].help_text = _(
                "In Israel time, as Sunday-Thursday, 9:00-17:00; Friday, 9:00-13:00. Patients read it as it is, and "
                "their promise is counted by it."
            )

    def clean(self) -> dict[str, object]:
        super().clean()
        data = self.cleaned_data
        if "closed_days" in data:
            data["closed_days"] = [*data["closed_days"], *data.get("holidays", [])]
        return data


# The library knows nothing of promises; the page of its profile is extended from here.
admin.site.unregister(SiteProfile)


@admin.register(SiteProfile)
class PromisingProfileAdmin(SiteProfileAdmin):
    form = ProfileForm
    change_form_template = "admin/consultations/site_profile.html"

    def get_fields(  # type: ignore[override] # names alone; Django would also take groups of them
        self, request: HttpRequest, obj: SiteProfile | None = None
    ) -> list[str]:
        names = [str(name) for name in super().get_fields(request, obj) if name != "holidays"]
        if "closed_days" in names and self.has_change_permission(request, obj):
            names.insert(names.index("closed_days") + 1, "holidays")
        return names

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.promises_view)
        return [path("promises/", view, name="content_siteprofile_promises"), *super().get_urls()]

    def promises_view(self, request: HttpRequest) -> HttpResponse:
        """Of what is typed, before it is saved."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return render(request, "admin/consultations/promises.html", _shown(_as_typed(request.GET)))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        shown = _shown(SiteProfile.current())
        return super().change_view(request, object_id, form_url, {**shown, **(extra_context or {})})


def _as_typed(data: QueryDict) -> SiteProfile:
    days = data.get("reply_working_days", "")
    lines = LinesFormField(required=False).to_python(data.get("closed_days", ""))
    return SiteProfile(
        pk=1,
        working_hours=data.get("working_hours", ""),
        closed_days=[*lines, *data.getlist("holidays")],
        reply_working_days=min(int(days), MOST_DAYS) if days.isdecimal() else 1,
    )


def _shown(profile: SiteProfile) -> dict[str, object]:
    """With what cannot be read: those days count as open, those hours as the usual ones."""
    problems = [words for found in profile.unreadable_times.values() for words in found]
    today = timezone.localdate(timezone=ISRAEL)
    return {"promises": next_promises(profile, today=today), "problems": problems}
