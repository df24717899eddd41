"""The editor for Markdown in the admin: a toolbar, a live preview and a source picker beside a plain text area.

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
    "link": _("Link"),
    "citation": _("Cite a source"),
    "preview": _("Preview"),
    "find": _("Find a source by key or title"),
    "nothing": _("No source found. Add it under Sources first."),
    "failed": _("The preview cannot be shown. Your text is still here."),
}


class ProseEditor(forms.Textarea):
    """A text area for Markdown that a script turns into an editor with preview."""

    class Media:
        css = {"all": ("admin/prose_editor.css",)}
        js = ("admin/prose_editor.js",)

    def __init__(self, attrs: dict[str, object] | None = None) -> None:
        defaults = {
            "rows": 18,
            "class": "vLargeTextField prose-editor",
            "data-preview-url": reverse_lazy("admin:content_prose_preview"),
            "data-sources-url": reverse_lazy("admin:content_find_sources"),
        }
        words = {f"data-word-{name}": word for name, word in WORDS.items()}
        super().__init__({**defaults, **words, **(attrs or {})})
