"""Accounts in the admin: invited, never given a password; deactivated, never deleted."""

from __future__ import annotations

from allauth.account.admin import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, User
from django.contrib.sites.models import Site
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from content.account import signed_in
from content.text.hints import HandedOn
from immuno_site.accounts import letters, second_factor, sessions
from immuno_site.accounts.models import VALID_FOR, Invitation

# Nobody edits these by hand: `apply_roles` makes the groups, SITE_URL names the site, and people are below.
admin.site.unregister((EmailAddress, Authenticator, Group, Site, User))


class InviteForm(forms.ModelForm):
    """A new colleague."""

    class Meta:
        model = User
        fields = ("username", "email", "first_name", "last_name", "groups")

    def __init__(self, *args: HandedOn, **kwargs: HandedOn) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].required = True
        self.fields["email"].help_text = _("The invitation goes here: use an address only this person reads.")

    def clean_email(self) -> str:
        email = self.cleaned_data["email"]
        if User.objects.filter(email__iexact=email).exists():
            raise forms.ValidationError(_("Another account has this address. Every person has their own."))
        return email


class AccountForm(forms.ModelForm):
    """A colleague who is here already."""

    class Meta:
        model = User
        fields = (
            "username", "email", "first_name", "last_name",
            "is_active", "is_staff", "is_superuser", "groups", "user_permissions",
        )  # fmt: skip


@admin.register(User)
class AccountAdmin(UserAdmin):
    add_form = InviteForm
    form = AccountForm
    add_form_template = None
    add_fieldsets = ((None, {"fields": ("username", "email", "first_name", "last_name", "groups")}),)
    fieldsets = (
        (None, {"fields": ("username", "email", "first_name", "last_name")}),
        (_("Signing in"), {"fields": ("is_active", "state", "last_login")}),
        (_("What the person may do"), {"fields": ("groups", "is_staff", "is_superuser", "user_permissions")}),
    )
    list_display = ("username", "first_name", "last_name", "email", "is_active", "state")
    list_filter = ("is_active", "groups", "is_superuser")
    readonly_fields = ("state", "last_login")
    actions = ("invite_again", "remove_second_factor", "sign_out")

    @admin.display(description=_("state"))
    def state(self, user: User) -> str:
        if not user.is_active:
            return gettext("Deactivated")
        if not user.has_usable_password():
            return gettext("Invited")
        if not second_factor.has_second_factor(user):
            return gettext("Has no second factor yet")
        return gettext("Password and second factor")

    # --- Who may change whom ------------------------------------------------------------------------------

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """An administrator does not reach above themselves."""
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """What the person wrote and signed stays on record: untick "active" instead."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        fixed = set(super().get_readonly_fields(request, obj))
        if not request.user.is_superuser:
            fixed |= {"is_superuser", "user_permissions"}
        if obj == request.user:  # nobody promotes themselves or locks themselves out
            fixed |= {"is_active", "is_staff", "is_superuser", "groups", "user_permissions"}
        return tuple(fixed)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """Nobody knows a colleague's password: "Invite again" lets them choose a new one."""
        raise PermissionDenied

    # --- Inviting -----------------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        obj.is_staff = True
        obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        self._invite(request, obj)

    @admin.action(description=_("Invite again: a new letter, a new password"), permissions=["change"])
    def invite_again(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in self._within_reach(request, queryset):
            self._invite(request, user)
            self.log_change(request, user, "Invited again")

    def _invite(self, request: HttpRequest, user: User) -> None:
        if not user.email:
            self.message_user(request, gettext("First give the account an email address."), messages.ERROR)
            return
        letters.send_later(_invitation_letter(user, code=Invitation.make(user, by=signed_in(request))))
        self.message_user(
            request,
            gettext("An invitation is on its way to %(email)s. It is valid for %(days)s days.")
            % {"email": user.email, "days": VALID_FOR.days},
        )

    # --- When something is lost ---------------------------------------------------------------------------

    @admin.action(description=_("Remove the second factor (lost phone and codes)"), permissions=["change"])
    def remove_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in self._within_reach(request, queryset):
            second_factor.remove(user)
            sessions.end_sessions(user)
            self.log_change(request, user, "Second factor removed")

    @admin.action(description=_("Sign out everywhere"), permissions=["change"])
    def sign_out(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in self._within_reach(request, queryset):
            sessions.end_sessions(user)
            self.log_change(request, user, "Signed out everywhere")

    def _within_reach(self, request: HttpRequest, queryset: QuerySet[User]) -> list[User]:
        chosen = list(queryset.filter(is_active=True))
        allowed = [user for user in chosen if self.has_change_permission(request, user)]
        if len(allowed) < len(chosen):
            self.message_user(request, gettext("Some accounts were left alone."), messages.WARNING)
        return allowed


def _invitation_letter(user: User, *, code: str) -> EmailMessage:
    context = {"user": user, "code": code, "days": VALID_FOR.days, "site_url": settings.SITE_URL}
    return EmailMessage(
        subject=gettext("Your account at %(site)s") % {"site": second_factor.site_name()},
        body=render_to_string("accounts/email/invitation.txt", context),
        to=[user.email],
    )
