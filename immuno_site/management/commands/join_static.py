"""Joins the style sheets and the scripts, written in files by concern, into the two that are served."""

from django.conf import settings
from django.core.management.base import BaseCommand

# In this order: later rules win.
PARTS = {
    "site.css": ["css/tokens.css", "css/base.css", "css/components.css", "css/uses.css", "css/print.css"],
    "site.js": [
        "js/menu.js",
        "js/on_this_page.js",
        "js/list_filter.js",
        "js/print.js",
        "js/glossary.js",
        "js/form.js",
    ],
}


def joined(name: str) -> str:
    """What the served file holds: its parts, one after the other."""
    return "\n".join((settings.ROOT / "static" / part).read_text(encoding="utf-8") for part in PARTS[name])


class Command(BaseCommand):
    help = "Writes static/site.css and static/site.js from the files in static/css and static/js."

    def handle(self, **options: object) -> None:
        for name in PARTS:
            (settings.ROOT / "static" / name).write_text(joined(name), encoding="utf-8")
            self.stdout.write(f"static/{name}")
