"""Joins the style sheets and the scripts, written in files by concern, into those that are served."""

import rcssmin
import rjsmin
from django.conf import settings
from django.core.management.base import BaseCommand

# In this order: later rules win.
PARTS = {
    "site.css": [
        "css/tokens.css",
        "css/base.css",
        "css/components.css",
        "css/signs.css",
        "css/coverage.css",
        "css/uses.css",
        "css/results.css",
        "css/frame.css",
    ],
    # For paper alone, so that no screen waits for it.
    "print.css": ["css/print.css"],
    "site.js": [
        "js/menu.js",
        "js/seek.js",
        "js/details.js",
        "js/on_this_page.js",
        "js/take_along.js",
        "js/note.js",
        "js/ask_later.js",
        "js/keep_offline.js",
    ],
    # Beside them, on every page but those of entries.
    "pages.css": ["css/pages.css", "css/find.css"],
    "pages.js": ["js/list_filter.js", "js/form.js", "js/keep_key.js"],
    # Beside them, on the pages where somebody writes to us.
    "asking.js": ["js/asking.js"],
    # Fetched by js/seek.js once somebody comes to a search field.
    "suggest.css": ["css/suggest.css"],
    "suggest.js": ["js/suggest.js"],
    # Fetched by js/keep_offline.js once somebody keeps a page.
    "offline.js": ["js/offline/offline.js"],
    # Beside both, on the pages whose answers stay on the device.
    "device.css": ["css/device.css"],
    "device.js": [
        "js/device/kept.js",
        "js/device/card.js",
        "js/device/questions.js",
        "js/device/records.js",
        "js/device/diary.js",
        "js/device/decision.js",
    ],
}


def joined(name: str) -> str:
    """What the served file holds: its parts, one after the other, without comments and spaces."""
    text = "\n".join((settings.ROOT / "static" / part).read_text(encoding="utf-8") for part in PARTS[name])
    text = text.replace('url("../', 'url("')  # the served file stands one folder above its parts
    return (rcssmin.cssmin(text) if name.endswith(".css") else rjsmin.jsmin(text)) + "\n"


class Command(BaseCommand):
    help = "Writes the sheets and scripts in static/ from the files in static/css and static/js."

    def handle(self, **options: object) -> None:
        for name in PARTS:
            (settings.ROOT / "static" / name).write_text(joined(name), encoding="utf-8")
            self.stdout.write(f"static/{name}")
