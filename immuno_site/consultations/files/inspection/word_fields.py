"""Fields of a Word document: instructions that Word carries out, some of them when the document is opened.

An instruction may be cut into pieces of text, and built from the results of other fields; what cannot be read
from the file is refused like what says openly what it does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from immuno_site.consultations.files.inspection.findings import Refused

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# The first word of an instruction. These start a program or talk to one ...
STARTING = {"DDE", "DDEAUTO", "MACROBUTTON", "PRINT", "CONTROL", "HTMLCONTROL", "EMBED", "LINK"}
# ... and these fetch a picture, a document or a table from elsewhere.
LOADING = {"INCLUDEPICTURE", "INCLUDETEXT", "INCLUDE", "IMPORT", "RD", "DATABASE"}


class Fields:
    """Follows one part of the document from its first to its last element."""

    def __init__(self) -> None:
        self._instructions: list[str | None] = []  # of the fields that are open; None once one is complete

    def see(self, tag: str, element: Element) -> None:
        """Raises Refused where an instruction starts or loads something."""
        if tag == "fldSimple":
            for value in element.attrib.values():
                _check(value)
        elif tag == "fldChar":
            self._see_mark(next(iter(_attribute(element, "fldCharType")), ""))
        elif tag in {"instrText", "delInstrText"}:
            self._add(element.text or "")

    def end(self) -> None:
        """A part may break off in the middle of an instruction."""
        while self._instructions:
            self._complete()
            self._instructions.pop()

    def _see_mark(self, kind: str) -> None:
        if kind == "begin":
            if self._instructions and self._instructions[-1] is not None:
                _check_word_is_whole(self._instructions[-1])
            self._instructions.append("")
        elif self._instructions:
            self._complete()
            if kind == "end":
                self._instructions.pop()

    def _add(self, text: str) -> None:
        if not self._instructions:
            self._instructions.append("")  # without a mark where it begins
        if (said := self._instructions[-1]) is not None:
            self._instructions[-1] = said + text

    def _complete(self) -> None:
        if (said := self._instructions[-1]) is not None:
            _check(said)
            self._instructions[-1] = None


def _attribute(element: Element, name: str) -> list[str]:
    return [value for key, value in element.attrib.items() if key.rpartition("}")[2] == name]


def _check(instruction: str) -> None:
    words = instruction.upper().split()
    if not STARTING.isdisjoint(words[:1]) or any(word.startswith("DDE") for word in words):
        raise Refused("word_macro")
    if not LOADING.isdisjoint(words[:1]):
        raise Refused("word_external")


def _check_word_is_whole(instruction: str) -> None:
    """Another field begins here: may it still write the word that says what this one does?"""
    if not instruction.strip() or (not instruction[-1].isspace() and len(instruction.split()) == 1):
        raise Refused("word_macro")
