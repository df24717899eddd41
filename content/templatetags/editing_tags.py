"""What the forms of the library need beyond Django's tags."""

from __future__ import annotations

from django import template
from django.db import models
from django.template.context import Context
from django.utils.formats import date_format
from django.utils.timezone import localtime

from content import unsaved
from content.account import signed_in
from content.models import Unsaved, content_models

register = template.Library()
LONGEST_NAME = 180  # the script adds the number of a second one


@register.inclusion_tag("admin/content/unsaved.html", takes_context=True)
def keep_typed(context: Context) -> dict[str, object]:
    """Keeps what is typed into this form, and offers what was kept; for forms of the library alone."""
    opts, row = context.get("opts"), context.get("original")
    rooms = {"content", "cms"} | {model._meta.app_label for model in content_models().values()}
    if opts is None or opts.app_label not in rooms or not context.get("has_change_permission", True):
        return {}
    user = signed_in(context["request"])
    # In edit mode a window shows some fields of the row; of a whole form the language decides.
    part = context["request"].GET.get("edit_fields") or context.get("language", "")
    form, stamp = name_of(opts, row, part), context.get("stamp", "")
    mine = list(Unsaved.objects.filter(user=user).of_form(form))
    data = {
        "form": form,
        "stamp": stamp,
        "offers": [{"form": one.form, "typed": one.typed} for one in mine],
        "others": unsaved.others(user, form),
    }
    offers = [(one.form, date_format(localtime(one.kept_at), "j M, H:i"), one.stamp != stamp) for one in mine]
    return {"data": data, "form": form, "offers": offers}


def name_of(opts: models.options.Options, row: models.Model | None, part: object) -> str:
    """The same for everybody who opens this text, however they came to it: drug:85:en."""
    return f"{opts.model_name}:{row.pk if row and row.pk else 'new'}:{part}"[:LONGEST_NAME]
