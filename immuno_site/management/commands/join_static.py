"""Joins the style sheets and the scripts, written in files by concern, into those that are served."""

import re

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
        "css/print.css",  # in one file it is a third lighter than alone, and one request less
    ],
    "site.js": [
        "js/menu.js",
        "js/seek.js",
        "js/details.js",
        "js/on_this_page.js",
        "js/take_along.js",
        "js/explain.js",
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
    # Fetched by js/explain.js at the first tap on a source or a word.
    "note.js": ["js/note.js"],
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


# Only staff choose between light and dark by hand, which takes pairs; for all others the device chooses.
_PAIRS_ARE_KNOWN = "@supports (color: light-dark(#ffffff, #000000))"
_DEVICE_IS_DARK = "@media screen and (prefers-color-scheme: dark)"
_PAIR = re.compile(r"light-dark\((?:#\w+|rgb\([^)]*\)), ([^()]+)\)")


def joined(name: str) -> str:
    """What the served file holds: its parts, one after the other, without comments and spaces."""
    text = "\n".join((settings.ROOT / "static" / part).read_text(encoding="utf-8") for part in PARTS[name])
    text = text.replace('url("../', 'url("')  # the served file stands one folder above its parts
    text = _PAIR.sub(r"\1", text.replace(_PAIRS_ARE_KNOWN, _DEVICE_IS_DARK))
    return (rcssmin.cssmin(text) if name.endswith(".css") else rjsmin.jsmin(text)) + "\n"


class Command(BaseCommand):
    help = "Writes the sheets and scripts in static/ from the files in static/css and static/js."

    def handle(self, **options: object) -> None:
        for name in PARTS:
            (settings.ROOT / "static" / name).write_text(joined(name), encoding="utf-8")
            self.stdout.write(f"static/{name}")
