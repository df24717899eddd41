"""A patient's file name, made fit to be shown to staff and saved on their computers.

The name never becomes a path of ours: in the storage a file has a random one.
"""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from urllib.parse import unquote

MAX_BYTES = 120  # leaves room for the extension and for " (2)" on any file system

FORBIDDEN = re.compile(r'[<>:"/\\|?*%;$`.\s]+')
EXTENSION = re.compile(r"\.([a-z0-9]{0,7}[a-z][a-z0-9]{0,7})$", re.IGNORECASE)  # not the .2026 of a date
# Endings that say no more than the content does. Any other dot belongs to the name, as in "Letter from Dr.Smith".
KNOWN = {"pdf", "jpg", "jpeg", "jpe", "jfif", "png", "heic", "heif", "docx", "dcm", "dicom", "ima", "zip"}
# What systems start, open as a page or follow when it is clicked.
ACTIVE = {
    "exe", "com", "scr", "pif", "cpl", "msi", "msp", "mst", "bat", "cmd", "ps1", "psm1", "vbs", "vbe",
    "vb", "js", "jse", "mjs", "ws", "wsf", "wsh", "wsc", "sct", "hta", "htm", "html", "xhtml", "xht",
    "shtml", "mht", "mhtml", "svg", "url", "lnk", "scf", "inf", "reg", "jar", "jnlp", "app", "dmg", "pkg",
    "deb", "rpm", "apk", "ipa", "sh", "bash", "command", "desktop", "py", "pl", "rb", "php", "dll", "sys",
    "ocx", "chm", "hlp", "iso", "vhd", "vhdx", "xll", "xlam", "docm", "dotm", "xlsm", "xltm", "pptm",
    "potm", "ppsm", "ppam", "swf",
}  # fmt: skip
RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:_.*)?$", re.IGNORECASE)  # devices of Windows
EDGES = "_- \u200c\u200d"
JOINERS = "\u200c\u200d"
# Control and format characters, lone surrogates, private use, line separators: among them those that turn
# the direction of writing, so that "exe.fdp" reads "pdf.exe".
UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def extension_of(name: str) -> str:
    """What the name says the file is: lower case, without the dot; empty if it does not say."""
    match = EXTENSION.search(_plain(name).rstrip(" ."))
    return match[1].lower() if match else ""


def safe_name(name: str, *, extension: str) -> str:
    """Readable in any script, harmless everywhere, with the extension that the content has."""
    return f"{_stem(EXTENSION.sub(_without_known, _last(name)))}.{extension}"


def name_for_a_sentence(name: str) -> str:
    """As its sender knows it, for a sentence; nothing is saved under it."""
    last = _last(name)
    found = EXTENSION.search(last)
    return f"{_stem(last[: found.start()])}.{found[1]}" if found else _stem(last)


def _last(name: str) -> str:
    return re.split(r"[/\\]", _plain(name))[-1].rstrip(" .")


def _stem(text: str) -> str:
    stem = FORBIDDEN.sub(_replacement, text).strip(EDGES)
    if RESERVED.match(stem):
        stem = f"file_{stem}"
    return _shortened(stem) or "file"


def another_than(names: set[str], name: str) -> str:
    """Phones call every picture image.jpg: the second one is "image (2).jpg"."""
    stem, dot, extension = name.rpartition(".")
    numbered = (f"{stem} ({number}){dot}{extension}" for number in range(2, len(names) + 2))
    return name if name not in names else next(other for other in numbered if other not in names)


def _plain(name: str) -> str:
    """As its writer saw it: some phones and browsers write "%D7%90" and "%22"; what cannot be seen is left out."""
    with suppress(UnicodeDecodeError):
        name = unquote(name, errors="strict")
    name = unicodedata.normalize("NFC", name)
    return "".join(
        letter
        for place, letter in enumerate(name)
        if unicodedata.category(letter) not in UNSEEN or (letter in JOINERS and _joins(name, place))
    )


def _joins(name: str, place: int) -> bool:
    """Between letters of scripts that are joined: there it is part of the word, as in Persian and Malayalam."""
    around = name[place - 1 : place] + name[place + 1 : place + 2]
    return len(around) == 2 and all(
        unicodedata.category(letter)[0] in "LM" and letter > "\u0590" for letter in around
    )


def _without_known(match: re.Match[str]) -> str:
    return "" if match[1].lower() in KNOWN else match[0]


def _replacement(match: re.Match[str]) -> str:
    return " " if " " in match[0] else "_"


def _shortened(stem: str) -> str:
    return stem.encode("utf-8")[:MAX_BYTES].decode("utf-8", "ignore").rstrip(EDGES)
