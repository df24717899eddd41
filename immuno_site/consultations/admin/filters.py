"""The filters beside the lists. Their values stand in addresses, so they name nobody: no names, no words."""

from __future__ import annotations

from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from content.look_up import LongSelect
from immuno_site.consultations import countries
from immuno_site.consultations.admin.room import name_and_absence
from immuno_site.consultations.admin.views import FIRST, View
from immuno_site.consultations.fields import field_of
from immuno_site.consultations.forms import cancer_choices
from immuno_site.consultations.models import ConsultationRequest, Coordinator, Kind

MINE, NOBODY = "mine", "nobody"


class FilterForm(forms.Form):
    """Each field narrows the list; what it does not know is left out, never an error page."""

    use_required_attribute = False

    view = forms.ChoiceField(required=False, widget=forms.HiddenInput)
    owner = forms.ChoiceField(label=_("Who has it"), required=False, widget=LongSelect)
    language = forms.ChoiceField(label=_("Language"), required=False, widget=LongSelect)
    cancer = forms.ChoiceField(label=_("Cancer"), required=False, widget=LongSelect)
    country = forms.ChoiceField(
        label=_("Country"),
        choices=lambda: [("", gettext("Any country")), *countries.by_name()],
        required=False,
        widget=LongSelect,
    )
    kind = forms.ChoiceField(
        label=_("Kind"), choices=[("", _("Any kind")), *Kind.choices], required=False, widget=LongSelect
    )
    urgent = forms.BooleanField(label=_("Urgent words only"), required=False)

    def __init__(
        self,
        data: QueryDict,
        *,
        views: dict[str, View],
        cancers: list[tuple[str, object]],
        owners: list[User],
        coordinator: Coordinator,
    ) -> None:
        super().__init__(data, auto_id="filter_%s", label_suffix="")
        self.coordinator = coordinator
        field_of(self.fields, "view", forms.ChoiceField).choices = [
            (name, view.title) for name, view in views.items()
        ]
        field_of(self.fields, "cancer", forms.ChoiceField).choices = cancers
        field_of(self.fields, "language", forms.ChoiceField).choices = [
            ("", _("Any language")),
            *([(MINE, _("The languages I speak"))] if coordinator.languages else []),
            *settings.LANGUAGES,
        ]
        field_of(self.fields, "owner", forms.ChoiceField).choices = [
            ("", _("Anybody")),
            (MINE, _("Me")),
            (NOBODY, _("Nobody")),
            *((str(user.pk), name_and_absence(user)) for user in owners),
        ]
        self.full_clean()

    @property
    def known(self) -> dict[str, str]:
        """What was asked for and is known, without what changes nothing."""
        return {name: "on" if value is True else value for name, value in self.cleaned_data.items() if value}

    @property
    def chosen_view(self) -> str:
        return self.cleaned_data.get("view") or FIRST

    def query(self, **changes: str) -> str:
        """The address of the same list with something changed."""
        return urlencode({name: value for name, value in {**self.known, **changes}.items() if value})

    def narrow(self, rows: QuerySet[ConsultationRequest], *, user: User) -> QuerySet[ConsultationRequest]:
        """The rows that pass every filter."""
        condition = Q()
        for name, value in self.known.items():
            match name, value:
                case "view", _:
                    continue
                case "owner", "mine":
                    condition &= Q(owner=user)
                case "owner", "nobody":
                    condition &= Q(owner__isnull=True)
                case "language", "mine":
                    condition &= Q(language__in=self.coordinator.languages)
                case "urgent", _:
                    condition &= Q(is_urgent=True)
                case _:
                    condition &= Q(**{name: value})
        return rows.filter(condition)


def cancers_to_choose() -> list[tuple[str, object]]:
    return [("", _("Any cancer")), *cancer_choices()[1:]]
