"""Every claim has a source, and every source and link exists."""

from __future__ import annotations

import re
from collections.abc import Iterator

from content.kinds import KINDS
from content.rules.entry_text import TABLES, EntryText, Finding, Known, blocks, claims, paragraphs_and_lists
from content.rules.numbers import NUMBER
from content.text import prose, reading_level


def citations_known(entry: EntryText, known: Known) -> Iterator[Finding]:
    for name, block in blocks(entry):
        for key in prose.citation_keys(block.text):
            if key not in known.sources:
                message = f"There is no source {key!r}: correct the key, or add the source first."
                yield entry.finding("block", message, at=name, line=block.line)
        bare = [
            key for key in re.findall(r"\[([a-z0-9][a-z0-9.-]*)\](?!\()", block.text) if key in known.sources
        ]
        if bare or block.text.count("[@") != len(re.findall(r"\[@[a-z0-9][a-z0-9.-]*\]", block.text)):
            message = "Write a citation as [@key]: small letters, digits and hyphens, one key in a pair of brackets."
            yield entry.finding("block", message, at=name, line=block.line)
    leaflets = entry.head.get("leaflets")
    for key in leaflets if isinstance(leaflets, list) else ():
        if key not in known.sources:
            yield entry.finding("block", f"There is no source {key!r} to link to.", at="leaflets")


def citations_present(entry: EntryText, known: Known) -> Iterator[Finding]:
    for name in known.cited:
        text = entry.sections.get(name, "")
        if not text.strip():
            continue
        if not prose.citation_keys(text):
            yield entry.finding("block", "Cite at least one source in this section.", at=name)
            continue
        for group in paragraphs_and_lists(text):
            if not any(prose.citation_keys(block.text) for block in group) and _makes_claims(group):
                message = "No citation here. Cite the source if this states a medical fact."
                yield entry.finding("warn", message, at=name, line=group[0].line)
    for name, items in entry.lists.items():
        for position, item in enumerate(items):
            if name.startswith("act_") and not prose.citation_keys(item):
                message = f"Cite a source for this sign: {prose.plain(item)[:60]!r}."
                yield entry.finding("block", message, at=f"{name}.{position}")


def _makes_claims(group: list[prose.Block]) -> bool:
    """Advice to ask somebody, and a line or two of comfort, need no source."""
    text = " ".join(prose.plain(block.text) for block in group)
    asks = re.match(r"(?:Ask|Tell|Call|Write down|Bring|Talk|See|Keep|Say)\b", text)
    return len(text.split()) > 12 and not asks


def numbers_cited(entry: EntryText, known: Known) -> Iterator[Finding]:
    if _cites_in_head(entry):
        return
    for name, group in claims(entry, known):
        introduction_cited = False
        for block in group:
            cited = bool(prose.citation_keys(block.text))
            # A table's figures may be cited in the line above it or in any of its rows.
            if block.kind == "row":
                cited = introduction_cited or any(
                    prose.citation_keys(row.text) for row in group if row.kind == "row"
                )
            elif block.kind == "paragraph":
                introduction_cited = cited
            number = NUMBER.search(" ".join(_statements(block.text)))
            if number and not cited:
                message = f"Cite the source of {number[0].strip()!r} in the same paragraph or list item."
                yield entry.finding("block", message, at=name, line=block.line)


def _cites_in_head(entry: EntryText) -> bool:
    """A glossary term is one sentence or two, a row of a table a few words; their sources stand beside them."""
    return entry.kind in ("glossary", *TABLES) and bool(entry.head.get("sources"))


def _statements(text: str) -> list[str]:
    """The sentences that say something. "How many of 100 people ...?" and "Ask ..." only want to know it."""
    sentences = reading_level.sentences_of(text)
    return [
        sentence for sentence in sentences if not sentence.endswith("?") and not sentence.startswith("Ask ")
    ]


def links_known(entry: EntryText, known: Known) -> Iterator[Finding]:
    for name, block in blocks(entry):
        for link in prose.links(block.text):
            if message := _wrong_link(link, known):
                yield entry.finding("block", message, at=name, line=block.line)
        if re.search(r"^\[[^\]@]+\]:\s", block.text) or re.search(r"\]\[[^@\]]*\]", block.text):
            message = "Write links as [text](address), in one place."
            yield entry.finding("block", message, at=name, line=block.line)


def _wrong_link(link: str, known: Known) -> str:
    entry = prose.entry_links(f"[x]({link})")
    if entry:
        kind, slug = entry[0]
        if kind in known.links and slug not in known.links[kind]:
            return f"There is no {kind} {slug!r}: correct the link, or add it to the library first."
        return ""
    if re.match(
        r"^(?:https?://[^\s/]+\.[^\s/]+|mailto:[^\s@]+@[^\s@]+\.|tel:\+?[0-9]{3,15}$)", link
    ) or re.match(r"^/[a-z]", link):
        return ""
    kinds = ", ".join(KINDS)
    return f"{link!r} leads nowhere: write https://…, mailto:…, tel:… or one of {kinds} with a slug."
