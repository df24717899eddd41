"""What a draft changes, told word by word, against the version that is public now."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from content.review import signing


@dataclass(frozen=True)
class Piece:
    """Some words that stayed, were removed, or were added."""

    change: str  # "same", "removed", "added"
    text: str


@dataclass(frozen=True)
class FieldDiff:
    """One field that differs, or is new."""

    name: str
    pieces: list[Piece]


def against_public(content: signing.Reviewable) -> list[FieldDiff]:
    """Fields that differ from the public version; everything, if there is none."""
    public = signing.public_version_of(content)
    before: dict[str, str] = _flatten(signing.shown(public)) if public else {}
    after = _flatten(signing.shown(content))
    names = [*after, *(name for name in before if name not in after)]
    return [
        FieldDiff(name, word_diff(before.get(name, ""), after.get(name, "")))
        for name in names
        if before.get(name, "") != after.get(name, "")
    ]


def _flatten(value: object, name: str = "") -> dict[str, str]:
    """Nested plain data as name -> text: `placeholders content 2 text`."""
    if isinstance(value, dict):
        return {
            key: text
            for part, inner in value.items()
            for key, text in _flatten(inner, f"{name} {part}").items()
        }
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return {
            key: text
            for position, inner in enumerate(value, start=1)
            for key, text in _flatten(inner, f"{name} {position}").items()
        }
    if isinstance(value, list):
        return {name.strip().replace("_", " "): "\n".join(map(str, value))}
    return {name.strip().replace("_", " "): "" if value is None else str(value)}


def word_diff(before: str, after: str) -> list[Piece]:
    """Words removed and added, white space kept."""
    old, new = re.findall(r"\s+|\S+", before), re.findall(r"\s+|\S+", after)
    pieces = []
    for tag, old_from, old_to, new_from, new_to in difflib.SequenceMatcher(
        a=old, b=new, autojunk=False
    ).get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", "".join(old[old_from:old_to])))
            continue
        if old_to > old_from:
            pieces.append(Piece("removed", "".join(old[old_from:old_to])))
        if new_to > new_from:
            pieces.append(Piece("added", "".join(new[new_from:new_to])))
    return pieces
