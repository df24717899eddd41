"""The editor for Markdown in the admin: a toolbar, a live preview and look-ups around a plain text area.

Without its script it is the text area. The addresses that serve it are in `admin/prose_help.py`.
"""

from __future__ import annotations

from django import forms
from django.urls import reverse_lazy
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
            "data-preview-url": reverse_lazy("admin:content_prose_preview"),
            "data-sources-url": reverse_lazy("admin:content_find_sources"),
            "data-entries-url": reverse_lazy("admin:content_find_entries"),
            "data-signs-url": reverse_lazy("admin:content_find_signs"),
        }
        words = {f"data-word-{name}": word for name, word in WORDS.items()}
        super().__init__({**defaults, **words, **(attrs or {})})


class LinesEditor(ProseEditor):
    """Lines that cite, one item each: the look-ups, no preview."""

    look = "prose-editor lines"
    rows = 4


class KeysEditor(LinesEditor):
    """A list of keys, one a line: of sources, or of signs."""

    def __init__(self, of: str) -> None:
        super().__init__({"data-keys": of})
