"""Two versions of a Markdown text made into one that shows only what changed, with the words that came and went."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from django.utils.safestring import SafeString, mark_safe

# Letters of nobody's: they pass Markdown and its allowlist as words do, and become elements after both.
GONE, GONE_END, NEW, NEW_END = "\ue000", "\ue001", "\ue002", "\ue003"
_ELEMENTS = {GONE: "<del>", GONE_END: "</del>", NEW: "<ins>", NEW_END: "</ins>"}
_OURS = re.compile(f"[{GONE}-{NEW_END}]")
_BEGINNING = re.compile(r"^(?:\s*(?:[-*+]|\d{1,3}[.)])\s+|#{1,6}\s+|\s*>\s*)")
# What stays whole: citations, links, white space, words. Signs of Markdown stand alone, outside of any mark.
_TOKENS = re.compile(r"\[@[^\]\s]+\]|\[[^\]]*\]\([^)]*\)|[*`|]+|\s+|[^\s*`|\[\]]+|.")
_SIGNS = frozenset("*`|")
MORE = "…"


def lines_of(text: str) -> list[str]:
    """Whatever ended its lines, and however many of them are empty at its end."""
    return _OURS.sub("", text).replace("\r\n", "\n").replace("\r", "\n").strip().split("\n")


def is_same(before: str, after: str) -> bool:
    return lines_of(before) == lines_of(after)


def merged(before: str, after: str) -> str:
    """Markdown of the paragraphs, points and tables that differ; what stayed between them is three dots."""
    old, new = _chunks(before), _chunks(after)
    said: list[str] = []
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
    for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if tag == "equal":
            said.append(MORE)
            continue
        pairs = _pairs(old[old_from:old_to], new[new_from:new_to])
        said += [_chunk(one, other) for one, other in pairs]
    return "\n\n".join(said)


def with_elements(html: str) -> SafeString:
    """The marks as elements. What is given must be safe already."""
    return mark_safe(_OURS.sub(lambda mark: _ELEMENTS[mark[0]], html))  # noqa: S308 - our own four elements


def _chunks(text: str) -> list[str]:
    """Paragraphs, lists, tables: what empty lines part."""
    return [chunk for chunk in re.split(r"\n\s*\n", "\n".join(lines_of(text))) if chunk.strip()]


def _pairs(old: list[str], new: list[str]) -> Iterator[tuple[str, str]]:
    for position in range(max(len(old), len(new))):
        yield old[position] if position < len(old) else "", new[position] if position < len(new) else ""


def _chunk(before: str, after: str) -> str:
    old, new = before.split("\n") if before else [], after.split("\n") if after else []
    is_table = any(line.lstrip().startswith("|") for line in [*old, *new])
    said = []
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
    for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if tag == "equal":
            said += new[new_from:new_to] if is_table else [f"- {MORE}"] if _is_list(new[new_from]) else [MORE]
            continue
        said += [_line(one, other) for one, other in _pairs(old[old_from:old_to], new[new_from:new_to])]
    return "\n".join(said)


def _is_list(line: str) -> bool:
    return bool(_BEGINNING.match(line)) and not line.startswith("#")


def _line(before: str, after: str) -> str:
    """The words of two lines; the beginning (a bullet, a heading's signs) is that of the newer."""
    begins = _BEGINNING.match(after) or (None if after else _BEGINNING.match(before))
    old, new = (_TOKENS.findall(_BEGINNING.sub("", line)) for line in (before, after))
    said = []
    for tag, old_from, old_to, new_from, new_to in difflib.SequenceMatcher(
        a=old, b=new, autojunk=False
    ).get_opcodes():
        if tag == "equal":
            said += new[new_from:new_to]
            continue
        gone = [token for token in old[old_from:old_to] if not after or token[0] not in _SIGNS]
        said.append(_marked(gone, GONE, GONE_END) + _marked(new[new_from:new_to], NEW, NEW_END))
    return (begins[0] if begins else "") + "".join(said)


def _marked(tokens: list[str], begin: str, end: str) -> str:
    """The tokens with a mark around each run of words; a sign of Markdown stands between two marks."""
    said, run = [], ""
    for token in [*tokens, ""]:
        if token and token[0] not in _SIGNS:
            run += token
            continue
        if run:
            said.append(f"{begin}{run}{end}" if run.strip() else run)
        run = ""
        said.append(token)
    return "".join(said)
