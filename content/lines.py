"""A short list of texts on one row, edited one line each: brand names, symptoms, codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def validate_lines(value: object) -> None:
    """A list of non-empty one-line texts."""
    if not isinstance(value, list) or not all(isinstance(line, str) and line.strip() for line in value):
        raise ValidationError(_("Write one item on each line."))
    if any("\n" in line for line in value):
        raise ValidationError(_("An item cannot hold a line break."))


class LinesFormField(forms.Field):
    """A text area; every non-empty line is an item."""

    widget = forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField lines"})

    def prepare_value(self, value: object) -> object:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: object) -> list[str]:
        if isinstance(value, list):
            return value
        return [line.strip() for line in str(value or "").splitlines() if line.strip()]

    def has_changed(self, initial: object, data: object) -> bool:
        return self.to_python(initial) != self.to_python(data)


class ListField(models.JSONField):
    """A list as JSON, so that open data can show it as it is."""

    form_class: type[forms.Field]

    def __init__(self, verbose_name: StrOrPromise | None = None, **kwargs: Any) -> None:  # as Django's fields
        super().__init__(verbose_name, **{"default": list, "db_default": [], "blank": True, **kwargs})

    def formfield(self, **kwargs: Any) -> forms.Field | None:  # as Django's fields
        # Not JSONField's own, which hands an encoder on. The default is a function, but always says the same.
        own = {"form_class": self.form_class, "show_hidden_initial": False}
        return models.Field.formfield(self, **{**kwargs, **own})


class LinesField(ListField):
    """Texts."""

    default_validators = [validate_lines]
    form_class: type[forms.Field] = LinesFormField


class ChosenField(LinesField):
    """Several words of a list: stored as lines, chosen by boxes. `item_choices` are pairs of word and label."""

    form_class = forms.MultipleChoiceField

    def __init__(
        self,
        verbose_name: StrOrPromise | None = None,
        *,
        item_choices: Sequence[tuple[str, StrOrPromise]] = (),
        **kwargs: Any,  # as Django's fields
    ) -> None:
        self.item_choices = list(item_choices)
        super().__init__(verbose_name, **kwargs)

    def validate(self, value: object, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)
        known = [word for word, _label in self.item_choices]
        if isinstance(value, list) and any(word not in known for word in value):
            raise ValidationError(_("Choose from the list."))

    def formfield(self, **kwargs: Any) -> forms.Field | None:  # as Django's fields
        chosen = {"choices": self.item_choices, "widget": forms.CheckboxSelectMultiple}
        return super().formfield(**{**kwargs, **chosen})
