"""What the page of an account asks about patients: who looks after them when this person leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from content.account import signed_in
from content.text.hints import HandedOn
from immuno_site.accounts.admin import AccountAdmin, AccountForm
from immuno_site.consultations.admin.room import shown_name
from immuno_site.consultations.fields import field_of
from immuno_site.consultations.models import ConsultationRequest
from immuno_site.consultations.models.coordinator import TAKE, answering

if TYPE_CHECKING:
    from django_stubs_ext import FieldsetSpec

EVERYBODY = "everybody"


class LeavingForm(AccountForm):
    requests_go_to = forms.ChoiceField(label=_("If they leave, their open requests go to"), required=False)
    is_leaving = False

    def __init__(self, *args: HandedOn, **kwargs: HandedOn) -> None:
        super().__init__(*args, **kwargs)
        self.held = ConsultationRequest.objects.held_by(self.instance).count() if self.instance.pk else 0
        colleagues = answering().exclude(pk=self.instance.pk).order_by("first_name", "username")
        field = field_of(self.fields, "requests_go_to", forms.ChoiceField)
        field.help_text = ngettext(
            "This person has %d request that is not closed. Choose before you take away the account or the role.",
            "This person has %d requests that are not closed. Choose before you take away the account or the role.",
            self.held,
        ) % (self.held,)
        field.choices = [
            ("", _("Choose a colleague, or everybody")),
            (EVERYBODY, _("Everybody: any coordinator can take them")),
            *((str(user.pk), shown_name(user)) for user in colleagues),
        ]

    def clean(self) -> dict[str, object]:
        super().clean()
        data = self.cleaned_data
        self.is_leaving = self._leaves(data)  # asked now: afterwards the instance is changed
        if self.held and self.is_leaving and not data.get("requests_go_to"):
            self.add_error(
                "requests_go_to",
                _("Choose who looks after these patients. Nothing was changed yet."),
            )
        return data

    def _leaves(self, data: dict[str, object]) -> bool:
        """Could answer patients, and could not any more. What the form does not ask stays as it is."""
        person = self.instance
        if not data.get("is_active", person.is_active):
            return True
        if data.get("is_superuser", person.is_superuser):
            return False
        groups, own = data.get("groups"), data.get("user_permissions")
        app, codename = TAKE.split(".")
        take = Permission.objects.filter(content_type__app_label=app, codename=codename)
        return not take.filter(
            Q(group__in=person.groups.all() if groups is None else groups)
            | Q(pk__in=person.user_permissions.all() if own is None else own)
        ).exists()


# The accounts know nothing of patients; their page is extended from here.
admin.site.unregister(User)


@admin.register(User)
class LeavingAdmin(AccountAdmin):
    form = LeavingForm

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> FieldsetSpec:
        """Whoever has requests is asked who takes them on."""
        fieldsets = [(title, options.copy()) for title, options in super().get_fieldsets(request, obj)]
        if obj and obj != signed_in(request) and ConsultationRequest.objects.held_by(obj).exists():
            fieldsets[1][1]["fields"] = ("is_active", "requests_go_to", "state", "last_login")
        return fieldsets

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and isinstance(form, LeavingForm) and form.is_leaving:
            self._pass_on_requests(request, obj, to=form.cleaned_data["requests_go_to"])

    def _pass_on_requests(self, request: HttpRequest, obj: User, *, to: str) -> None:
        """Patients are not left with somebody who does not come back."""
        if not to:
            return
        colleague = None if to == EVERYBODY else User.objects.get(pk=to)
        number = ConsultationRequest.objects.all().pass_on(
            obj, to=colleague, by=signed_in(request), now=timezone.now()
        )
        words = ngettext(
            "%(number)d request goes to %(name)s.", "%(number)d requests go to %(name)s.", number
        )
        name = shown_name(colleague) if colleague else gettext("everybody")
        self.message_user(request, words % {"number": number, "name": name})
