"""How I work: the languages I speak and the lists I keep."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from immuno_site.consultations.admin.filters import cancers_to_choose
from immuno_site.consultations.admin.inbox import filter_form
from immuno_site.consultations.admin.room import MINE, back_to_list, page
from immuno_site.consultations.admin.views import views_for
from immuno_site.consultations.fields import LineField
from immuno_site.consultations.models import Coordinator, TooManyViews


class LanguagesForm(forms.Form):
    languages = forms.MultipleChoiceField(
        label=_("Languages I can answer in"),
        choices=settings.LANGUAGES,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages={"invalid_choice": _("Choose languages from the list.")},
    )


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
    coordinator = Coordinator.objects.of(request.user)
    form = LanguagesForm(request.POST or None, initial={"languages": coordinator.languages})
    if request.method == "POST":
        form = LanguagesForm(request.POST)
        if form.is_valid():
            coordinator.speak(form.cleaned_data["languages"])
            messages.success(request, gettext("Kept."))
            return redirect(MINE)
    return page(
        request,
        "mine.html",
        _("My inbox"),
        status=422 if form.is_bound else 200,
        form=form,
        coordinator=coordinator,
    )


@require_POST
def keep_view(request: HttpRequest) -> HttpResponse:
    """Keeps the list on the screen under a name. Only filters we know are kept of its address."""
    form = ViewForm(request.POST)
    filters = filter_form(
        request,
        QueryDict(request.POST.get("query", "")),
        views=views_for(request.user, now=timezone.now()),
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
        messages.error(request, " ".join(form.errors["name"]))
    return redirect(back_to_list(query))


@require_POST
def forget_view(request: HttpRequest) -> HttpResponse:
    Coordinator.objects.of(request.user).forget_view(request.POST.get("name", ""))
    messages.success(request, gettext("The list is removed."))
    return redirect(MINE)
