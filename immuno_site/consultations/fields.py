"""Form fields for what patients type. Each says what to do when it cannot take something, and cuts nothing off."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from content.text.hints import HandedOn, Words
from immuno_site.consultations import email_address
from immuno_site.consultations.characters import for_people
from immuno_site.consultations.phone import dialable

UNREADABLE = _("Some characters could not be read. Type this again, or paste it as plain text.")

# How a decoder marks bytes that were no text.
REPLACEMENT = "\ufffd"
EMAIL_LENGTH = 254


FieldKind = TypeVar("FieldKind", bound=forms.Field)


def field_of(fields: Mapping[str, forms.Field], name: str, kind: type[FieldKind]) -> FieldKind:
    """The field as the kind it is: a form keeps them all as plain fields."""
    field = fields[name]
    if not isinstance(field, kind):
        raise TypeError(f"{name} is no {kind.__name__}.")
    return field


def answers_of(field: forms.Field) -> dict[str, Words]:
    """What can be chosen, in words."""
    if not isinstance(field.widget, forms.widgets.ChoiceWidget):
        return {}
    choices: dict[HandedOn, HandedOn] = dict(field.widget.choices)
    return {str(value): words for value, words in choices.items()}


class WordsField(forms.CharField):
    """As much as somebody wants to tell, up to a length; any script, any emoji, every line break."""

    widget: type[forms.Textarea] | type[forms.TextInput] = forms.Textarea
    keeps_lines = True

    def __init__(self, *, max_length: int, too_long: Words = "", rows: int = 6, **kwargs: HandedOn) -> None:
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
        if isinstance(value, str):
            value = for_people(value, keeps_lines=self.keeps_lines)
        text = super().to_python(value) or ""
        is_cut = not self.keeps_lines and "\n" in text
        if is_cut or REPLACEMENT in text or any(unicodedata.category(letter) == "Cs" for letter in text):
            raise ValidationError(UNREADABLE, code="unreadable")
        return text


class LineField(WordsField):
    """One line."""

    widget = forms.TextInput
    keeps_lines = False


class CityInput(forms.TextInput):
    """A line with suggestions: the browser offers them while somebody types, and takes every other word as well."""

    suggested: list[tuple[str, str]] = []  # what is filled in, and what is said beside it

    def render(
        self, name: str, value: object, attrs: HandedOn = None, renderer: HandedOn = None
    ) -> SafeString:
        if not self.suggested:
            return super().render(name, value, attrs, renderer)
        place = f"{(attrs or {}).get('id', name)}_places"
        options = format_html_join("", '<option value="{}">{}</option>', self.suggested)
        line = super().render(name, value, {**(attrs or {}), "list": place}, renderer)
        return format_html('{}<datalist id="{}">{}</datalist>', line, place, options)


class EmailField(LineField):
    """An address that mail can reach, written in letters that are what they look like."""

    def __init__(self, **kwargs: HandedOn) -> None:
        kwargs.setdefault(
            "widget", forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false", "dir": "ltr"})
        )
        super().__init__(max_length=EMAIL_LENGTH, **kwargs)

    def clean(self, value: object) -> str:
        text = super().clean(value)
        return email_address.deliverable(text) if text else text

    def prepare_value(self, value: object) -> object:
        """As it was typed, when the page is opened again."""
        return email_address.shown(value) if isinstance(value, str) else value


class PhoneField(LineField):
    """A number that can be dialed from another country. What it gives is what we would dial."""

    country = ""  # where the person lives, if they have said so: its code may be left out

    def __init__(self, **kwargs: HandedOn) -> None:
        kwargs.setdefault(
            "widget", forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "dir": "ltr"})
        )
        super().__init__(max_length=100, **kwargs)

    def clean(self, value: object) -> str:
        text = super().clean(value)
        return dialable(text, self.country) if text else text


class AgreementField(forms.MultipleChoiceField):
    """One box to tick, never ticked for anybody. A group, so that it looks and reads like all the others."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, *, sentence: Words, **kwargs: HandedOn) -> None:
        super().__init__(choices=[("yes", sentence)], **kwargs)
        # Anything but the tick is no agreement.
        self.error_messages["invalid_choice"] = self.error_messages["required"]

    def clean(self, value: object) -> bool:
        return bool(super().clean(value))
