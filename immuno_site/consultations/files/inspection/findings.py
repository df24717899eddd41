"""The words in which an inspection answers."""

from __future__ import annotations

from dataclasses import dataclass, field


class Refused(Exception):
    """This file cannot be taken. `code` says why; checks.py has the sentence for it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Findings:
    """What the file is, what coordinators should know of it, and what a folder of images holds."""

    kind: str
    notes: list[str] = field(default_factory=list)
    entries: list[dict[str, object]] = field(default_factory=list)
    images: int = 0
    others: int = 0

    def note(self, word: str) -> None:
        if word not in self.notes:
            self.notes.append(word)
