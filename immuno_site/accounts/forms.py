"""The forms of signing in: allauth's, with our words, our limits and codes that work once."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

from allauth.account.fields import PasswordField, SetPasswordField
from allauth.account.forms import (
    ChangePasswordForm,
    LoginForm,
    PasswordVerificationMixin,
    ReauthenticateForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
)
from allauth.core import context
from allauth.core.ratelimit import clear, consume
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, BaseAuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as ReauthenticateByCodeForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from cryptography.exceptions import InvalidSignature
from django import forms
from django.utils.translation import gettext_lazy as _

from content.text.hints import HandedOn, Words
from immuno_site.accounts import throttle
from immuno_site.accounts.allauth_internals import SECRET_SESSION_KEY, report_wrong_code
from immuno_site.accounts.models import Invitation
from immuno_site.accounts.second_factor import claim_time_step, open_secret, seal_secret
from immuno_site.keyring import SECOND_FACTORS, Place, Undecryptable

logger = logging.getLogger(__name__)

CODE_HINT = _("The 6 digits your authenticator app shows now, or one of your recovery codes.")
PASSWORD_HINT = _("At least 15 characters. Several words that only you would put together are good.")

UNREADABLE = (AttributeError, InvalidSignature, LookupError, TypeError)


def _code_field(hint: Words = CODE_HINT) -> forms.CharField:
    return forms.CharField(
        label=_("Code"),
        help_text=hint,
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
        error_messages={"required": _("Enter the code.")},
    )


class _PlainFields(forms.BaseForm):
    """No grey words inside the fields: they vanish when they are needed. Hints stand above instead."""

    def __init__(self, *args: HandedOn, **kwargs: HandedOn) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if name == "password1":
                field.help_text = PASSWORD_HINT


class SignInForm(_PlainFields, LoginForm):
    def __init__(self, *args: HandedOn, **kwargs: HandedOn) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("User name")
        self.fields["login"].error_messages["required"] = _("Enter your user name.")
        self.fields["password"].error_messages["required"] = _("Enter your password.")


class ConfirmPasswordForm(_PlainFields, ReauthenticateForm):
    pass


class NewPasswordForm(_PlainFields, ChangePasswordForm):
    pass


class ForgottenPasswordForm(_PlainFields, ResetPasswordForm):
    pass


class ResetNewPasswordForm(_PlainFields, ResetPasswordKeyForm):
    pass


class CodeForm(AuthenticateForm):
    """The second step of signing in."""

    code = _code_field()

    def clean_code(self) -> str:
        return _clean_code(self, super().clean_code)


class ConfirmCodeForm(ReauthenticateByCodeForm):
    """Asked again before something delicate."""

    code = _code_field()

    def clean_code(self) -> str:
        return _clean_code(self, super().clean_code)


def _clean_code(form: BaseAuthenticateForm, allauth_clean: Callable[[], str]) -> str:
    """As the app or the list shows it, once, and only so many may be tried."""
    request, person = context.request, str(form.user.pk)
    if throttle.is_locked(request, form.user.get_username()) or not consume(
        request, action="code", key=person
    ):
        request.axes_locked_out = True  # axes answers with its page
        raise get_adapter().validation_error("incorrect_code")
    form.cleaned_data["code"] = _digits(form.cleaned_data["code"])
    try:
        code = allauth_clean()
    except Undecryptable as error:  # no code can be right; an administrator removes this second factor
        logger.error("The second factor of account %s cannot be read.", person)
        raise get_adapter().validation_error("incorrect_code") from error
    if form.authenticator.type == Authenticator.Type.TOTP and not claim_time_step(form.authenticator, code):
        report_wrong_code(form)
        raise get_adapter().validation_error("incorrect_code")
    clear(request, action="code", key=person)
    return code


def _digits(code: str) -> str:
    """Apps show "123 456". Anything else that allauth would forgive (dashes, letters' case) becomes a wrong code."""
    code = "".join(code.split())
    return code if re.fullmatch(r"[0-9]{6}|[0-9]{8}", code) else "no code"


class EnrollAppForm(ActivateTOTPForm):
    """Shows the secret of a new authenticator app and asks for its first code."""

    code = _code_field(_("The 6 digits your authenticator app shows after you scanned the picture."))

    def __init__(self, *args: HandedOn, **kwargs: HandedOn) -> None:
        # allauth keeps the secret in the session until the code is right; the session is a row in the database.
        session = context.request.session
        place = Place(SECOND_FACTORS, "django_session.new_secret", str(context.request.user.pk))
        if SECRET_SESSION_KEY in session:
            try:
                session[SECRET_SESSION_KEY] = open_secret(session[SECRET_SESSION_KEY], place)
            except Undecryptable:  # a key was retired meanwhile: start anew
                del session[SECRET_SESSION_KEY]
        super().__init__(*args, **kwargs)
        session[SECRET_SESSION_KEY] = seal_secret(self.secret, place)

    def clean_code(self) -> str:
        self.cleaned_data["code"] = _digits(self.cleaned_data["code"])
        return super().clean_code()


class _AnyCredential(forms.BaseForm):
    """What a browser hands over as a passkey may be made up: allauth and fido2 stumble over some of it."""

    def clean(self) -> dict[str, HandedOn] | None:
        try:
            return super().clean()
        except UNREADABLE as error:
            raise get_adapter().validation_error("incorrect_code") from error

    def _clean_fields(self) -> None:
        try:
            super()._clean_fields()  # type: ignore[misc] # django-stubs leave it out
        except UNREADABLE:
            self.add_error("credential", get_adapter().validation_error("incorrect_code"))


class PasskeyForm(_AnyCredential, AuthenticateWebAuthnForm):
    pass


class PasskeyAloneForm(_AnyCredential, LoginWebAuthnForm):
    pass


class ConfirmPasskeyForm(_AnyCredential, ReauthenticateWebAuthnForm):
    pass


class NewPasskeyForm(_AnyCredential, AddWebAuthnForm):
    def __init__(self, *args: HandedOn, **kwargs: HandedOn) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].help_text = _(
            "So that you know it again in your list: your phone, the key on your ring."
        )
        self.fields["passwordless"].label = _("Sign in with it alone, without name and password")
        self.fields["passwordless"].help_text = _(
            "Your device then always asks for a fingerprint, face or PIN."
        )


class InvitationForm(_PlainFields, PasswordVerificationMixin, forms.Form):
    """Accepts an invitation: its code, and a password of the person's own."""

    invitation_code = forms.CharField(
        label=_("Invitation code"),
        help_text=_("It stands in the letter we sent you."),
        max_length=100,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}
        ),
        error_messages={"required": _("Enter the invitation code from the letter.")},
    )
    password1 = SetPasswordField(label=_("New password"))
    password2 = PasswordField(label=_("New password again"), autocomplete="new-password")

    def clean_invitation_code(self) -> str:
        """One answer for unknown, used and outdated codes."""
        code = self.cleaned_data["invitation_code"]
        self.invitation = Invitation.objects.open().with_code(code).select_related("user").first()
        if self.invitation is None:
            raise forms.ValidationError(
                _("This invitation does not work. Ask your administrator for a new one.")
            )
        password = self.fields["password1"]
        if isinstance(password, SetPasswordField):
            password.user = self.invitation.user  # not a password made of their own name
        return code
