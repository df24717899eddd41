"""How I work: the languages I speak, the lists I keep, and who stands in while I am away."""

from __future__ import annotations

import datetime

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from content.account import signed_in
from immuno_site.consultations.admin.filters import cancers_to_choose
from immuno_site.consultations.admin.inbox import filter_form
from immuno_site.consultations.admin.room import MINE, back_to_list, page
from immuno_site.consultations.admin.step_forms import ColleagueField, colleagues
from immuno_site.consultations.admin.views import views_for
from immuno_site.consultations.fields import LineField, field_of
from immuno_site.consultations.models import Coordinator, TooManyViews


class LanguagesForm(forms.Form):
    languages = forms.MultipleChoiceField(
        label=_("Languages I can answer in"),
        choices=settings.LANGUAGES,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages={"invalid_choice": _("Choose languages from the list.")},
    )


class AwayForm(forms.Form):
    use_required_attribute = False
    until = forms.DateField(
        label=_("My last day away"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Leave it empty when you are back."),
        error_messages={"invalid": _("Choose a day, like 2026-12-31.")},
    )
    cover = ColleagueField(
        label=_("Who stands in for me?"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("Choose a colleague"),
        help_text=_("They see your open requests and work on them as you do."),
        error_messages={"invalid_choice": _("Choose a colleague from the list.")},
    )

    def __init__(self, data: QueryDict | None = None, *, coordinator: Coordinator) -> None:
        initial = {"until": coordinator.away_until, "cover": coordinator.covered_by_id}
        super().__init__(data, initial=initial if coordinator.is_away else {})
        cover = field_of(self.fields, "cover", ColleagueField)
        cover.queryset = colleagues().exclude(pk=coordinator.user.pk)

    def clean_until(self) -> datetime.date | None:
        day = self.cleaned_data["until"]
        if day and day < timezone.localdate():
            raise ValidationError(_("Choose today or a later day."), code="past")
        return day

    def clean_cover(self) -> User | None:
        cover = self.cleaned_data["cover"]
        if cover and Coordinator.objects.of(cover).is_away:
            raise ValidationError(_("This colleague is away. Choose another one."), code="away")
        return cover

    def clean(self) -> dict[str, object]:
        super().clean()
        data = self.cleaned_data
        if data.get("until") and "cover" in data and not data["cover"]:
            self.add_error("cover", _("Choose who looks after your requests while you are away."))
        return data


class ViewForm(forms.Form):
    use_required_attribute = False
    name = LineField(
        label=_("Name of the list"),
        max_length=40,
        help_text=_("No names of patients."),
        error_messages={"required": _("Give the list a name.")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def mine_view(request: HttpRequest) -> HttpResponse:
    coordinator = Coordinator.objects.of(signed_in(request))
    form = LanguagesForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        coordinator.speak(form.cleaned_data["languages"])
        messages.success(request, gettext("Kept."))
        return redirect(MINE)
    return _mine_page(request, coordinator, languages=form)


@require_POST
def away_view(request: HttpRequest) -> HttpResponse:
    coordinator = Coordinator.objects.of(signed_in(request))
    away = AwayForm(request.POST, coordinator=coordinator)
    if not away.is_valid():
        return _mine_page(request, coordinator, away=away)
    until, cover = away.cleaned_data["until"], away.cleaned_data["cover"]
    coordinator.leave(until=until, covered_by=cover if until else None)
    messages.success(request, gettext("Kept.") if until else gettext("Kept. You are back."))
    return redirect(MINE)


def _mine_page(
    request: HttpRequest,
    coordinator: Coordinator,
    *,
    languages: LanguagesForm | None = None,
    away: AwayForm | None = None,
) -> HttpResponse:
    """With the form that was refused, if one was."""
    refused = next((form for form in (languages, away) if form is not None and form.is_bound), None)
    if languages is None or not languages.is_bound:
        languages = LanguagesForm(initial={"languages": coordinator.languages})
    return page(
        request,
        "mine.html",
        _("My inbox"),
        status=422 if refused else 200,
        form=languages,
        away=away or AwayForm(coordinator=coordinator),
        refused=refused,
        coordinator=coordinator,
    )


@require_POST
def keep_view(request: HttpRequest) -> HttpResponse:
    """Keeps the list on the screen under a name. Only filters we know are kept of its address."""
    form = ViewForm(request.POST)
    filters = filter_form(
        request,
        QueryDict(request.POST.get("query", "")),
        views=views_for(signed_in(request), now=timezone.now()),
        cancers=cancers_to_choose(),
    )
    query = filters.query()
    if form.is_valid():
        try:
            filters.coordinator.keep_view(form.cleaned_data["name"], query)
            messages.success(request, gettext("The list is kept."))
        except TooManyViews:
            messages.error(request, gettext("You keep many lists already. Remove one first."))
    else:
        messages.error(request, " ".join(map(str, form.errors["name"])))
    return redirect(back_to_list(query))


@require_POST
def forget_view(request: HttpRequest) -> HttpResponse:
    Coordinator.objects.of(signed_in(request)).forget_view(request.POST.get("name", ""))
    messages.success(request, gettext("The list is removed."))
    return redirect(MINE)
