"""Names inside zips as their writers saw them: older programs write them in the alphabet of their own system."""

from __future__ import annotations

import codecs
import unicodedata
import zipfile
from collections.abc import Iterable

from immuno_site.consultations.characters import is_invisible

UTF8_FLAG = 0x800
# The letters that stand most often in each language, by how Windows and DOS write them.
OFTEN = {
    "cp866": "оеаинтсрвлкмдпу",
    "cp1251": "оеаинтсрвлкмдпу",
    "cp862": "יוהלארמתבשנםקד",
    "cp1255": "יוהלארמתבשנםקד",
    "cp1256": "ايلمنورتبةعدسف",
    "cp720": "ايلمنورتبةعدسف",
}

for _encoding in ("cp437", *OFTEN):  # loaded here, for later nothing can be
    codecs.lookup(_encoding)


def readable(entries: Iterable[zipfile.ZipInfo]) -> dict[str, str]:
    """What to show for each name: for staff only, nothing is found by it."""
    names = {entry.filename: _raw(entry) for entry in entries}
    unsaid = b"".join(raw for raw in names.values() if raw)
    encoding = _encoding_of(unsaid)
    return {
        name: _without_unseen(raw.decode(encoding, "replace") if raw else name) for name, raw in names.items()
    }


def _raw(entry: zipfile.ZipInfo) -> bytes:
    """The bytes of a name that does not say its alphabet; empty if it does, or needs none."""
    if entry.flag_bits & UTF8_FLAG or entry.filename.isascii():
        return b""
    return entry.filename.encode("cp437", "replace")


def _encoding_of(raw: bytes) -> str:
    """Macs write UTF-8 without saying so; of the others the one in which it is most like a language."""
    try:
        raw.decode()
    except UnicodeDecodeError:
        return max(OFTEN, key=lambda encoding: _likeness(raw, encoding))
    return "utf-8"


def _likeness(raw: bytes, encoding: str) -> int:
    letters = [letter for letter in raw.decode(encoding, "replace") if not letter.isascii()]
    odd = sum(unicodedata.category(letter)[0] != "L" for letter in letters)
    return sum(letter in OFTEN[encoding] for letter in "".join(letters).casefold()) - 2 * odd


def _without_unseen(name: str) -> str:
    return "".join(letter for letter in name if not is_invisible(letter))
