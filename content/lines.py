"""A short list of texts on one row, edited one line each: brand names, symptoms, codes."""

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _


def validate_lines(value: object) -> None:
    """A list of non-empty one-line texts."""
    if not isinstance(value, list) or not all(isinstance(line, str) and line.strip() for line in value):
        raise ValidationError(_("Write one item on each line."))
    if any("\n" in line for line in value):
        raise ValidationError(_("An item cannot hold a line break."))


class LinesFormField(forms.CharField):
    """A text area; every non-empty line is an item."""

    def __init__(self, *, max_length: int | None = None, encoder: object = None, **kwargs: object) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField lines"}))
        super().__init__(**kwargs)

    def prepare_value(self, value: object) -> object:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: object) -> list[str]:
        if isinstance(value, list):
            return value
        return [line.strip() for line in (value or "").splitlines() if line.strip()]

    def has_changed(self, initial: object, data: object) -> bool:
        return self.to_python(initial) != self.to_python(data)


class LinesField(models.JSONField):
    """Stores the list as JSON, so that open data can show it as it is."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs.setdefault("default", list)
        kwargs.setdefault("db_default", [])
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)
        self.validators = [*self.validators, validate_lines]

    def formfield(self, **kwargs: object) -> forms.Field:
        kwargs["form_class"] = LinesFormField
        return models.Field.formfield(self, **kwargs)
