"""The handbook of editors and reviewers, behind Help. Its pictures are of the running admin: `make handbook`."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

TITLES = {"editors": _("Handbook for editors"), "reviewers": _("Handbook for reviewers")}
PICTURES = Path(settings.ROOT) / "static" / "admin" / "handbook"


@lru_cache(maxsize=1)
def pictures() -> dict[str, dict[str, object]]:
    """Of each picture its file, its width and height in pixels, and the words that stood on its page."""
    taken = json.loads((PICTURES / "pictures.json").read_text(encoding="utf-8"))
    return {name: {"file": f"admin/handbook/{name}.webp", **about} for name, about in taken.items()}


def handbook_view(request: HttpRequest, whose: str) -> TemplateResponse:
    """`whose`: one of TITLES."""
    context = {
        **admin.site.each_context(request),
        "title": TITLES[whose],
        "others": [(name, title) for name, title in TITLES.items() if name != whose],
        "pictures": pictures(),
    }
    return TemplateResponse(request, f"admin/handbook/{whose}.html", context)
