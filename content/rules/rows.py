"""The page gate held against rows of the database: their words, and what those may cite and link to."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import TypeAlias

from cms.models import PageContent
from cms.utils.plugins import get_bound_plugins

from content import directory, edition
from content.models import (
    DrugContent,
    EntryContent,
    Fact,
    LayWords,
    PageCheck,
    ProseBlock,
    Question,
    Result,
    Sign,
    Source,
    TherapyClassContent,
    content_models,
)
from content.models.block import CareCardBlock
from content.rules import fact_rows, facts, page_gate, reading, words
from content.rules.entry_text import EntryText, Finding, Known
from content.rules.fact_rows import FactRow
from content.rules.sign_list import KnownSign, SignList
from content.rules.signs import known_sign
from content.text import reading_level

_Told: TypeAlias = tuple[object, ...]  # all that a text says, or that it is compared with: equal when it is


def check_content(content: EntryContent | PageContent, known: Known | None = None) -> list[Finding]:
    """All findings about a content row. Pass `known` when checking many."""
    known = known or known_now(content.language)
    sections = content.SECTIONS if isinstance(content, EntryContent) else ()
    found = page_gate.check(text_of(content), dataclasses.replace(known, sections=sections))
    return [*not_filled_in(content), *found]


def not_filled_in(content: EntryContent | PageContent) -> list[Finding]:
    """What a draft may lack and a public page may not: its columns, a page's words. Sections have a rule."""
    text = text_of(content)
    if isinstance(content, PageContent):
        # Pages with an identifier may show what is built from facts alone.
        has_blocks = content.placeholders.filter(cmsplugin__isnull=False).exists()
        is_full = has_blocks or content.redirect or content.page.reverse_id
        return [] if is_full else [text.finding("block", "Write something: the page is empty.")]
    sections = {"key_message", *(section.name for section in content.SECTIONS)}
    return [
        text.finding("block", f"Fill in: {field.verbose_name}.", at=field.name)
        for field in content._meta.concrete_fields
        if not field.blank and field.name not in sections and getattr(content, field.attname) in (None, "")
    ]


# --- At publish -------------------------------------------------------------------------------------------

# The texts a running import has just held against the same rules as files: not worth a second time.
_passed_as_files: ContextVar[frozenset[_Told]] = ContextVar("passed_as_files", default=frozenset())


@contextmanager
def trusting(texts: Iterable[EntryText]) -> Iterator[None]:
    """Within this, exactly these texts count as checked."""
    token = _passed_as_files.set(frozenset(map(_words_of, texts)))
    try:
        yield
    finally:
        _passed_as_files.reset(token)


def what_blocks(content: EntryContent | PageContent) -> tuple[Finding, ...]:
    """The findings that keep a version from going public."""
    text = text_of(content)
    if _words_of(text) in _passed_as_files.get():
        return ()
    known = known_now(content.language)
    key = (_words_of(text), _head_of(text), known.stamp)
    if isinstance(content, EntryContent):
        known = dataclasses.replace(known, sections=content.SECTIONS)
    found = _what_blocks(_Question(key, text, known))
    return (*not_filled_in(content), *found)


def what_blocks_fact(row: FactRow) -> list[Finding]:
    """The findings that keep a fact from being approved."""
    found = facts.check(row, known_in_database(row.language))
    return [finding for finding in found if finding.level == "block"]


def fact_as_stored(fact: Fact) -> FactRow:
    """A saved fact, with the approved ones it must not repeat."""
    return fact_rows.of_fact(fact, beside=fact_rows.beside(fact))


def what_blocks_words(text: str) -> list[Finding]:
    """The findings about a few English words that readers see and that no fact holds."""
    found = page_gate.check(EntryText("words", "", sections={"text": text}), Known(), rules=_RULES_OF_WORDS)
    return [finding for finding in found if finding.level == "block"]


_RULES_OF_WORDS = (
    words.no_promotion,
    words.no_promise_of_safety,
    words.cure_with_number,
    words.american_spelling,
    words.house_words,
    words.no_html,
    reading.sentences_short,
    facts.no_brackets,
)


@dataclasses.dataclass(frozen=True)
class _Question:
    """A text, what it is compared with, and a key that is equal when both are."""

    key: _Told
    text: EntryText = dataclasses.field(compare=False)
    known: Known = dataclasses.field(compare=False)


@lru_cache(maxsize=500)  # lists of drafts ask for each row whether it could be published
def _what_blocks(question: _Question) -> tuple[Finding, ...]:
    findings = page_gate.check(question.text, question.known)
    return tuple(finding for finding in findings if finding.level == "block")


def _words_of(text: EntryText) -> _Told:
    lists = tuple((name, tuple(items)) for name, items in sorted(text.lists.items()) if items)
    return (text.kind, text.slug, text.language, tuple(sorted(text.sections.items())), lists)


def _head_of(text: EntryText) -> _Told:
    return tuple(sorted((name, str(value)) for name, value in text.head.items()))


# --- Rows as the gate wants them --------------------------------------------------------------------------


def text_of(content: EntryContent | PageContent) -> EntryText:
    """The words of a content row."""
    if isinstance(content, PageContent):
        return _text_of_page(content)
    head = (
        "name", "summary", "change_note", "checked_on", "next_check_due", "urgency", "signs", "remedies", "leaflets",
        "groups",
    )  # fmt: skip
    return EntryText(
        kind=content.entry.kind,
        slug=content.entry.slug,
        language=content.language,
        sections={"key_message": content.key_message, **content.prose},
        lists={f"act_{name}": lines for name, lines in getattr(content, "act", {}).items()},
        head={name: getattr(content, name) for name in head if hasattr(content, name)}
        | (
            {
                "therapy_class": content.therapy_class.slug if content.therapy_class else "",
                "form": content.form,
            }
            if isinstance(content, DrugContent)
            else {}
        ),
    )


def _text_of_page(content: PageContent) -> EntryText:
    """The words editors wrote on a CMS page: each block of prose a section, each list of a block a list."""
    sections: dict[str, str] = {}
    lists: dict[str, list[str]] = {}
    for placeholder in content.placeholders.all():
        for block in get_bound_plugins(placeholder.get_plugins(content.language)):
            where = f"block {block.position}"
            if isinstance(block, ProseBlock):
                sections[where] = block.body
            elif texts := getattr(block, "markdown", []):
                # Signs that need help are cited one by one, as on an entry.
                name = f"act_{block.urgency}" if isinstance(block, CareCardBlock) else where
                lists[name] = [*lists.get(name, ()), *texts]
    check = PageCheck.objects.filter(extended_object=content).first()
    return EntryText(
        kind="page",
        slug=content.page.reverse_id or content.slug,
        language=content.language,
        sections=sections,
        lists=lists,
        head={
            "title": content.title,
            **({"summary": content.meta_description} if content.meta_description else {}),
            **(
                {name: getattr(check, name) for name in ("change_note", "checked_on", "next_check_due")}
                if check
                else {}
            ),
        },
    )


def known_now(language: str) -> Known:
    """Kept until something of it changes, for who only looks; whoever changes something holds it against the tables."""
    return edition.lasting(("known to rules", language), lambda: known_in_database(language))


def known_in_database(language: str = "en") -> Known:
    """What texts may cite, link to and must explain, from the tables: a dozen queries."""
    links = {
        kind: frozenset(model.grouper().objects.values_list("slug", flat=True))
        for kind, model in content_models().items()
    }
    names = [
        (kind, directory.name_without_page(kind, slug)) for kind, slugs in links.items() for slug in slugs
    ]
    for kind, model in content_models().items():
        columns = [name for name in ("other_names", "brand_names") if hasattr(model, name)]
        for name, *lists in model.objects.filter(language=language).values_list("name", *columns):
            names += [(kind, one) for one in (name, *itertools.chain(*lists))]
    return Known(
        sources=frozenset(Source.objects.values_list("key", flat=True)),
        links=links,
        names=_kept(reading_level.names_to_mask(names)),
        with_results=frozenset(_with_results()),
        signs=_signs_in_database(),
        answers=frozenset(Question.objects.approved().order_by().values_list("slug", flat=True)),
        groups={
            slug: tuple(groups)
            for slug, groups in TherapyClassContent.objects.filter(language="en").values_list(
                "entry__slug", "groups"
            )
        },
    )


@lru_cache(maxsize=8)
def _kept(names: frozenset[str]) -> frozenset[str]:
    """The same set for the same names: what was found is kept by it, and large ones take long to compare."""
    return names


def _signs_in_database() -> SignList:
    """The approved ones. Two queries."""
    lay = dict(LayWords.objects.filter(language="en").values_list("key", "words"))
    rows = Sign.objects.approved().only("body_part", "key", "held", "side_effects")
    return _list_of(
        tuple(
            known_sign(
                row.body_part,
                {
                    "key": row.key,
                    "lay": lay.get(row.key, []),
                    "urgency": row.urgency,
                    "gravest": row.gravest,
                    "side_effects": row.side_effects,
                },
            )
            for row in rows
        )
    )


@lru_cache(maxsize=4)
def _list_of(signs: tuple[KnownSign, ...]) -> SignList:
    """The same list for the same signs: it finds their words by a pattern that takes a while to make."""
    return SignList(signs)


def _with_results() -> Iterator[tuple[str, str]]:
    """The entries on whose pages a result stands."""
    approved = Result.objects.approved()
    for cancer in approved.order_by().values_list("cancer__slug", flat=True).distinct():
        yield "cancer", cancer
    drugs = Result.drugs.through._default_manager.filter(result__in=approved.order_by())
    for drug in drugs.values_list("drug__slug", flat=True).distinct():
        yield "drug", drug
    contents = DrugContent.objects.filter(entry__in=drugs.values("drug")).order_by()
    for therapy in contents.values_list("therapy_class__slug", flat=True).distinct():
        yield "therapy", therapy
    classes = TherapyClassContent.objects.filter(entry__in=contents.values("therapy_class")).order_by()
    for therapy in classes.exclude(parent=None).values_list("parent__slug", flat=True).distinct():
        yield "therapy", therapy
