"""Form fields for what patients type. Each says what to do when it cannot take something, and cuts nothing off."""

from __future__ import annotations

import re
import unicodedata

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator, validate_email
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

UNREADABLE = _("Some characters could not be read. Type this again, or paste it as plain text.")
EMAIL_HELP = _("Enter an e-mail address like name@example.com.")
PHONE_HELP = _("Enter a phone number with its country code, like +1 555 010 0000. Digits only, no words.")

# Word processors paste these where they mean a new line.
LINE_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# How a decoder marks bytes that were no text.
REPLACEMENT = "\ufffd"
EMAIL_LENGTH = 254
LOOK_ALIKE_ALPHABETS = {"ARMENIAN", "CYRILLIC", "GREEK", "LATIN"}


class WordsField(forms.CharField):
    """As much as somebody wants to tell, up to a length; any script, any emoji, every line break."""

    widget = forms.Textarea
    keeps_lines = True

    def __init__(
        self, *, max_length: int, too_long: str | Promise = "", rows: int = 6, **kwargs: object
    ) -> None:
        if self.keeps_lines:
            kwargs.setdefault("widget", forms.Textarea(attrs={"rows": rows}))
        super().__init__(max_length=max_length, **kwargs)
        # One message for everything unreadable, below.
        self.validators = [v for v in self.validators if not isinstance(v, ProhibitNullCharactersValidator)]
        self.error_messages["max_length"] = too_long or _(
            "This is too long: %(show_value)d characters. Shorten it to %(limit_value)d."
        )

    def widget_attrs(self, widget: forms.Widget) -> dict[str, object]:
        """No maxlength: browsers count differently and cut pasted text without a word."""
        return {name: value for name, value in super().widget_attrs(widget).items() if name != "maxlength"}

    def to_python(self, value: object) -> str:
        text = super().to_python(LINE_BREAKS.sub("\n", value) if isinstance(value, str) else value)
        allowed = "\n\t" if self.keeps_lines else ""
        for character in text:
            if character == REPLACEMENT or (
                unicodedata.category(character) in ("Cc", "Cs") and character not in allowed
            ):
                raise ValidationError(UNREADABLE, code="unreadable")
        return text


class LineField(WordsField):
    """One line."""

    widget = forms.TextInput
    keeps_lines = False


class EmailField(LineField):
    """An address that mail can reach, written in letters that are what they look like."""

    def __init__(self, **kwargs: object) -> None:
        kwargs.setdefault(
            "widget", forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false", "dir": "ltr"})
        )
        super().__init__(max_length=EMAIL_LENGTH, **kwargs)

    def clean(self, value: object) -> str:
        text = super().clean(value)
        return _plain_email(text) if text else text


def _plain_email(text: str) -> str:
    """The address in the letters mail servers use; look-alike and invisible letters are refused."""
    text = unicodedata.normalize("NFKC", text)
    local, _at, domain = text.rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii").lower() if not domain.isascii() else domain.lower()
        address = f"{local}@{domain}"
        validate_email(address)
    except (UnicodeError, ValidationError) as error:
        raise ValidationError(EMAIL_HELP, code="invalid") from error
    is_hidden = any(unicodedata.category(character) == "Cf" for character in text)
    # "xn--" of mixed alphabets is how a look-alike hides; an address literal reaches no mailbox of a patient.
    if is_hidden or domain.startswith("[") or _mixes_alphabets(text.rpartition("@")[2]):
        raise ValidationError(EMAIL_HELP, code="invalid")
    return address


def _mixes_alphabets(domain: str) -> bool:
    """Is a part of the domain written in more than one of the alphabets that share shapes?"""
    return any(
        len(LOOK_ALIKE_ALPHABETS & {unicodedata.name(letter, "?").split()[0] for letter in part}) > 1
        for part in domain.split(".")
    )


class PhoneField(LineField):
    """A number that can be dialed from another country."""

    def __init__(self, **kwargs: object) -> None:
        kwargs.setdefault(
            "widget", forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "dir": "ltr"})
        )
        super().__init__(max_length=40, **kwargs)

    def clean(self, value: object) -> str:
        text = "".join(_ascii_digit(character) for character in super().clean(value))
        digits = re.sub(r"\D", "", text)
        if text and (not re.fullmatch(r"\+?[0-9 ().\-/]+", text) or not 6 <= len(digits) <= 15):
            raise ValidationError(PHONE_HELP, code="invalid")
        return text


def _ascii_digit(character: str) -> str:
    """Arabic and other digits as those a telephone has."""
    return str(unicodedata.digit(character)) if unicodedata.category(character) == "Nd" else character


def phone_digits(phone: str) -> str:
    """What two ways of writing one number share."""
    return re.sub(r"\D", "", phone).lstrip("0")


class AgreementField(forms.MultipleChoiceField):
    """One box to tick, never ticked for anybody. A group, so that it looks and reads like all the others."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, *, sentence: str | Promise, **kwargs: object) -> None:
        super().__init__(choices=[("yes", sentence)], **kwargs)
        # Anything but the tick is no agreement.
        self.error_messages["invalid_choice"] = self.error_messages["required"]

    def clean(self, value: object) -> bool:
        return bool(super().clean(value))
