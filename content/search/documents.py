"""What can be found: every public text as search reads it. Only published versions and approved facts come here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from cms.models import CMSPlugin, PageContent
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext, override

from content import directory
from content.kinds import KINDS
from content.lines import LinesField
from content.models import (
    EntryContent,
    Fact,
    GlossaryTerm,
    Indication,
    Question,
    Result,
    SideEffectOccurrence,
    Update,
    UrgentEntryContent,
    content_models,
)
from content.page import facts_shown, signs_shown
from content.search import described
from content.search.names import also_called
from content.search.words import terms
from content.text import prose

_PLUMBING = frozenset(field.name for field in CMSPlugin._meta.fields) | {"cmsplugin_ptr"}
_CODES = ("icd10", "ncit", "atc", "ctcae")


@dataclass(frozen=True)
class Document:
    """A public text: what it is called, what it says first, what it says at length.

    `summary` is shown; it is found only as part of `lead` or `text`. `lay` is found and never shown: the words in
    which people put the signs that the text tells of.
    """

    kind: str
    slug: str
    language: str
    title: str
    address: str
    names: tuple[str, ...] = ()
    summary: str = ""
    lead: str = ""
    text: str = ""
    lay: tuple[str, ...] = ()


def everything() -> Iterator[Document]:
    """All that is public, in all languages."""
    for language, _name in settings.LANGUAGES:
        with override(language):
            yield from _lists(language)
    for content in PageContent.objects.select_related("page"):
        yield from of_page(content)
    yield from map(of_term, GlossaryTerm.objects.approved())
    yield from map(of_question, Question.objects.approved())
    yield from map(of_update, Update.objects.approved())
    yield from _entries()
    for kind, slug in directory.planned():
        for language, _name in settings.LANGUAGES:
            yield from of_planned(kind, slug, language)


def of_planned(kind: str, slug: str, language: str) -> Iterator[Document]:
    """The page of an entry that nobody has written yet, while there is none in this language or in English."""
    written = content_models()[kind].objects.filter(Q(entry__slug=slug), language__in={language, "en"})
    if written.exists() or not content_models()[kind].grouper().objects.filter(slug=slug).exists():
        return
    with override(language):
        name, address = directory.name_without_page(kind, slug), directory.address(kind, slug)
        summary = gettext("Not written yet. The page holds dated facts and questions to ask.")
    names = (*directory.planned()[kind, slug].other_names, *also_called(kind, slug))
    yield Document(kind, slug, language, name, address, names=names, summary=summary)


def _lists(language: str) -> Iterator[Document]:
    """The fixed lists: nobody wrote them, and somebody who types "side effects" wants theirs."""
    for kind in KINDS.values():
        name = f"{kind.name}-list"
        yield Document("page", name, language, str(kind.title), reverse(f"content:{name}"))
    for name, title in (
        ("question-list", gettext("Questions and answers")),
        ("update-list", gettext("Updates")),
        ("glossary", gettext("Words explained")),
    ):
        yield Document("page", name, language, title, reverse(f"content:{name}"))


# --- Entries -------------------------------------------------------------------------------------------------


def _entries() -> Iterator[Document]:
    contents = [content for model in content_models().values() for content in model.objects.with_entry()]
    names = {(_key(content), content.language): content.name for content in contents}
    facts: dict[directory.Key, list[Fact]] = {}
    for fact in _all_facts():
        for key in fact.subjects:
            facts.setdefault(key, []).append(fact)
    for content in contents:

        def name_of(key: directory.Key, language: str = content.language) -> str:
            return names.get((key, language)) or directory.name_without_page(*key)

        yield _entry(content, _words_of_facts(facts.get(_key(content), []), content, name_of))


def _all_facts() -> Iterator[Fact]:
    """With what can be found of them: not their sources."""
    yield from Indication.objects.approved().select_related("cancer").with_parts()
    yield from SideEffectOccurrence.objects.approved().select_related("side_effect", "drug", "therapy_class")
    yield from Result.objects.approved().for_pages()


def of_entry(content: EntryContent) -> Document:
    """One public entry; the same as `everything` makes of it."""
    facts = [fact for fact in facts_shown.facts_of(content) if _key(content) in fact.subjects]
    listed = directory.look_up({key for fact in facts for key in fact.mentions}, content.language)
    return _entry(content, _words_of_facts(facts, content, lambda key: listed[key].name))


def _key(content: EntryContent) -> directory.Key:
    return content.entry.kind, content.entry.slug


def _words_of_facts(
    facts: Iterable[Fact], content: EntryContent, name_of: Callable[[directory.Key], str]
) -> list[str]:
    """What the tables of a page say: the other entries, the conditions in plain words, the names of trials."""
    said: dict[str, None] = {}
    for fact in facts:
        for key in sorted(fact.mentions - {_key(content)}):
            said[name_of(key)] = None
        if isinstance(fact, Indication) and (text := fact.text_in(content.language)):
            said[text.condition] = None
        if isinstance(fact, Result):
            said[f"{fact.trial} {fact.registry_id}"] = None
    return list(said)


def _entry(content: EntryContent, words_of_facts: list[str]) -> Document:
    kind, slug = _key(content)
    told = [line for lines in getattr(content, "act", {}).values() for line in lines]
    told += getattr(content, "symptoms", [])
    card = _card(content)
    signs = [line.key for line in card.lines]
    signs += [sign.key for sign in described.told(prose.plain("\n\n".join(told)), content.language)]
    lead = [content.summary, content.key_message, *told, *(line.words for line in card.lines)]
    with override(content.language):
        address = directory.address(kind, slug)
        if hasattr(content, "get_body_system_display"):
            lead.append(content.get_body_system_display())
    return Document(
        kind,
        slug,
        content.language,
        content.name,
        address,
        names=(
            *content.other_names,
            *getattr(content, "brand_names", []),
            *_codes(content),
            *also_called(kind, slug),
        ),
        summary=content.summary,
        lead=prose.plain("\n\n".join(lead)),
        text=prose.plain("\n\n".join([*content.prose.values(), *words_of_facts])),
        lay=described.lay_words(signs, content.language),
    )


def _card(content: EntryContent) -> signs_shown.Card:
    """The signs on its page, if it says when to act."""
    is_urgent = isinstance(content, UrgentEntryContent)
    return signs_shown.card_of(content) if is_urgent else signs_shown.Card(())


def _codes(content: EntryContent) -> list[str]:
    values = [getattr(content, name, "") for name in _CODES]
    return [code for value in values for code in (value if isinstance(value, list) else [value]) if code]


# --- The rest ------------------------------------------------------------------------------------------------


def of_term(row: GlossaryTerm) -> Document:
    said = prose.plain(row.explanation)
    return Document(
        "glossary",
        row.slug,
        row.language,
        row.term,
        row.address,
        names=tuple(row.other_forms),
        summary=said,
        lead=said,
    )


def of_question(row: Question) -> Document:
    said = prose.plain(row.answer)
    first = said.partition("\n")[0]
    # Its telling words alone are a name of it: "can I travel during treatment" asks "Can I travel?".
    names = (" ".join(term.typed for term in terms(row.question)), *also_called("question", row.slug))
    return Document(
        "question",
        row.slug,
        row.language,
        row.question,
        row.address,
        names=names,
        summary=first,
        lead=first,
        text=said,
    )


def of_update(row: Update) -> Document:
    said = prose.plain(row.text)
    # News comes after what explains: not by its first lines.
    return Document("update", row.slug, row.language, row.title, row.address, summary=said, text=said)


def of_page(content: PageContent) -> list[Document]:
    """A published CMS page; nothing if it has no address of its own (words above a fixed list)."""
    reverse_id = content.page.reverse_id or ""
    try:
        address = content.page.get_absolute_url(content.language)
    except NoReverseMatch:
        return []
    if reverse_id.startswith("list-") or not address:
        return []
    said = "\n".join(_words_of_plugins(content))
    return [
        Document(
            "page",
            f"page-{content.page_id}",
            content.language,
            content.title,
            address,
            names=tuple(filter(None, {content.menu_title, content.page_title} - {content.title})),
            summary=content.meta_description or said.partition("\n")[0][:250],
            lead=content.meta_description or "",
            text=said,
        )
    ]


def _words_of_plugins(content: PageContent) -> Iterator[str]:
    for placeholder in content.get_placeholders():
        for plugin in placeholder.get_plugins(content.language):
            instance = plugin.get_bound_plugin()
            for field in instance._meta.concrete_fields:
                value = field.value_from_object(instance)
                if field.name not in _PLUMBING and isinstance(field, models.TextField | LinesField):
                    yield prose.plain("\n\n".join(value) if isinstance(value, list) else value)
