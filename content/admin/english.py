"""Words in another language, with the English ones they are made from beside them."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.db.models import Model
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _


def beside(
    form: type[forms.ModelForm], english: Model | None, columns: Mapping[str, str], language: str
) -> None:
    """Each field is written from its right side, with the English words below. `columns`: field -> column."""
    for name, column in columns.items():
        if (field := form.base_fields.get(name)) is None:
            continue
        field.widget.attrs |= {"lang": language, "dir": "auto"}
        if words := as_typed(getattr(english, column, "")):
            field.help_text = format_html(
                '<details class="english"><summary>{}</summary><div lang="en" dir="ltr">{}</div></details>{}',
                _("In English"), words, field.help_text,
            )  # fmt: skip


def as_typed(value: object) -> str:
    """As a form sends it, whatever ends its lines."""
    if isinstance(value, list):
        value = "\n".join(value)
    return "" if value is None else "\n".join(str(value).splitlines()).strip()
