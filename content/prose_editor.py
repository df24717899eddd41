"""The editor for Markdown in the admin: a toolbar, a live preview and look-ups around a plain text area.

Without its script it is the text area. The addresses that serve it are in `admin/prose_help.py`.
"""

from __future__ import annotations

import json
from functools import lru_cache

from django import forms
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

# What the script puts on its buttons, so that it holds no words of its own.
WORDS = {
    "bold": _("Bold"),
    "list": _("List"),
    "heading": _("Heading"),
    "table": _("Table"),
    "column": _("Column"),
    "undo": _("Undo"),
    "link": _("Link"),
    "citation": _("Cite a source"),
    "sign": _("Choose a sign"),
    "preview": _("Preview"),
    "find": _("Find a source by key or title"),
    "find-entry": _("Find a page of the library by name, or paste an address"),
    "find-sign": _("Find a sign by its words"),
    "nothing": _("Nothing found. Add it first."),
    "failed": _("The preview cannot be shown. Your text is still here."),
}


class ProseEditor(forms.Textarea):
    """A text area for Markdown that a script turns into an editor with preview."""

    look = "prose-editor prose-editor-full"
    rows = 18

    class Media:
        css = {"all": ("admin/prose_editor.css",)}
        js = ("admin/paste_markdown.js", "admin/prose_editor.js")

    def __init__(self, attrs: dict[str, object] | None = None) -> None:
        defaults = {
            "rows": self.rows,
            "class": f"vLargeTextField {self.look}",
        }
        super().__init__({**defaults, **(attrs or {})})

    def build_attrs(
        self, base_attrs: dict[str, object], extra_attrs: dict[str, object] | None = None
    ) -> dict[str, object]:
        return {**super().build_attrs(base_attrs, extra_attrs), "data-editor": _told(get_language() or "en")}


@lru_cache(maxsize=8)
def _told(language: str) -> str:
    """What the script finds in `dataset` afterwards, in one attribute and made once for all editors of a form. The
    words are in the language that is active."""
    addresses = {
        "previewUrl": "prose_preview", "sourcesUrl": "find_sources", "entriesUrl": "find_entries",
        "signsUrl": "find_signs",
    }  # fmt: skip
    told = {name: reverse(f"admin:content_{address}") for name, address in addresses.items()}
    words = {"word" + name.title().replace("-", ""): str(word) for name, word in WORDS.items()}
    return json.dumps(told | words, ensure_ascii=False)


class LinesEditor(ProseEditor):
    """Lines that cite, one item each: the look-ups, no preview."""

    look = "prose-editor lines"
    rows = 4


class KeysEditor(LinesEditor):
    """A list of keys, one a line: of sources, or of signs."""

    def __init__(self, of: str) -> None:
        super().__init__({"data-keys": of})
