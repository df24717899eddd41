"""The kinds of entry as models: ours and those of installed apps, in the order of the site's menu."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from django.apps import apps

from content.kinds import KINDS, folders
from content.models.base import EntryContent


@cache
def content_models() -> Mapping[str, type[EntryContent]]:
    """Once all apps are loaded; earlier, Django refuses."""
    found = {model.grouper().kind: model for model in apps.get_models() if issubclass(model, EntryContent)}
    return {kind: found[kind] for kind in KINDS if kind in found}


def content_model_in(folder: str) -> type[EntryContent]:
    return content_models()[folders()[folder].name]
