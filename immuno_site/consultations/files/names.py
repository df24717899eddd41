"""A patient's file name, made fit to be shown to staff and saved on their computers.

The name never becomes a path of ours: in the storage a file has a random one.
"""

from __future__ import annotations

import re
import unicodedata

MAX_BYTES = 120  # leaves room for the extension and for " (2)" on any file system

FORBIDDEN = re.compile(r'[<>:"/\\|?*%;$`.\s]+')
EXTENSION = re.compile(r"\.([a-z0-9]{0,7}[a-z][a-z0-9]{0,7})$", re.IGNORECASE)  # not the .2026 of a date
RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:_.*)?$", re.IGNORECASE)  # devices of Windows
# Control and format characters, lone surrogates, private use, line separators: among them those that turn
# the direction of writing, so that "exe.fdp" reads "pdf.exe".
UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def extension_of(name: str) -> str:
    """What the name says the file is: lower case, without the dot; empty if it does not say."""
    match = EXTENSION.search(_visible(name).rstrip(" ."))
    return match[1].lower() if match else ""


def safe_name(name: str, *, extension: str) -> str:
    """Readable in any script, harmless everywhere, with the extension that the content has."""
    last = re.split(r"[/\\]", _visible(name))[-1].rstrip(" .")
    stem = FORBIDDEN.sub(_replacement, EXTENSION.sub("", last)).strip("_- ")
    if RESERVED.match(stem):
        stem = f"file_{stem}"
    return f"{_shortened(stem) or 'file'}.{extension}"


def _visible(name: str) -> str:
    """Without what cannot be seen; signs that join letters in some scripts are lost with it."""
    name = unicodedata.normalize("NFC", name)
    return "".join(letter for letter in name if unicodedata.category(letter) not in UNSEEN)


def _replacement(match: re.Match[str]) -> str:
    return " " if " " in match[0] else "_"


def _shortened(stem: str) -> str:
    return stem.encode("utf-8")[:MAX_BYTES].decode("utf-8", "ignore").rstrip("_- ")
