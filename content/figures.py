"""A short list of numbers on one row, edited as one line: of 100 people, one number for each group."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from content.lines import ListField


def validate_figures(value: object) -> None:
    """A list of numbers."""
    if not isinstance(value, list) or not all(type(figure) in (int, float) for figure in value):
        raise ValidationError(_("Write numbers, with a comma between them: 52, 44.3, 26"))


class FiguresFormField(forms.Field):
    """One line; numbers with commas between them."""

    widget = forms.TextInput(attrs={"size": 18})

    def prepare_value(self, value: object) -> object:
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: object) -> list[float]:
        if isinstance(value, list):
            return value
        parts = [part.strip() for part in str(value or "").split(",") if part.strip()]
        try:
            return [_number(part) for part in parts]
        except ValueError:
            raise ValidationError(_("Write numbers, with a comma between them: 52, 44.3, 26")) from None

    def has_changed(self, initial: object, data: object) -> bool:
        try:
            return self.to_python(initial) != self.to_python(data)
        except ValidationError:
            return True


def _number(text: str) -> float:
    number = float(text)
    if number != number or number in (float("inf"), float("-inf")):
        raise ValueError(text)
    return int(number) if number == int(number) else number


class FiguresField(ListField):
    """Numbers."""

    default_validators = [validate_figures]
    form_class = FiguresFormField
