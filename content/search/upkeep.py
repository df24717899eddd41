"""Keeping search up with what is public: all of it at once, or one text after it changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import islice

from cms.models import Page, PageContent
from django.db import transaction
from django.db.models import QuerySet

from content import directory, edition
from content.models import (
    EntryContent,
    Fact,
    GlossaryTerm,
    Question,
    SearchDocument,
    SearchName,
    SearchWord,
    Update,
    content_models,
)
from content.page import facts_shown
from content.search import documents, index
from content.search.documents import Document
from content.search.index import Words
from content.search.words import key_of, letters_of, mendable, squeeze, words

_is_paused: ContextVar[bool] = ContextVar("search_is_paused", default=False)


@contextmanager
def paused() -> Iterator[None]:
    """For what changes very much at once and calls `rebuild` at its end."""
    token = _is_paused.set(True)
    try:
        yield
    finally:
        _is_paused.reset(token)


def is_paused() -> bool:
    return _is_paused.get()


@transaction.atomic
def rebuild() -> int:
    """Makes the index anew from what is public. Returns how many texts it holds."""
    index.clear()
    for model in (SearchName, SearchWord, SearchDocument):
        model.objects.all().delete()
    with edition.of_one_page():  # the signs of all cards are read once, not for each entry
        count = _add(documents.everything())
    index.settle()
    return count


@transaction.atomic
def refresh(content: EntryContent | PageContent) -> None:
    """Brings the index up to date with what is public of this entry or page, in its language."""
    if _is_paused.get():
        return
    if isinstance(content, PageContent):
        _refresh_branch(content.page, content.language)
    else:
        _refresh_entry(content)


def _refresh_branch(top: Page, language: str) -> None:
    """A page and those below it, which have their addresses, and are public at all, through it."""
    for page in Page.objects.filter(path__startswith=top.path):
        public = PageContent.objects.filter(page=page, language=language)
        found = [document for row in public for document in documents.of_page(row)]
        _replace("page", f"page-{page.pk}", language, found)


def _refresh_entry(content: EntryContent) -> None:
    kind, slug, language = content.entry.kind, content.entry.slug, content.language
    own = SearchDocument.objects.filter(kind=kind, slug=slug, language=language)
    called_before = own.values_list("title", flat=True).first()
    _replace_entry(content)
    if own.values_list("title", flat=True).first() != called_before:
        for neighbor in _sharing_facts_with(content):
            _replace_entry(neighbor)


def _replace_entry(content: EntryContent) -> None:
    public = type(content).objects.public(content.entry.slug, content.language)
    kind, slug, language = content.entry.kind, content.entry.slug, content.language
    found = [documents.of_entry(row) for row in public]
    if not found and (kind, slug) in directory.planned():
        found = list(documents.of_planned(kind, slug, language))
    _replace(kind, slug, language, found)


def _sharing_facts_with(content: EntryContent) -> Iterator[EntryContent]:
    """The public entries whose tables name this one."""
    facts = facts_shown.facts_of(content)
    own = (content.entry.kind, content.entry.slug)
    for kind, slug in sorted({key for fact in facts for key in fact.mentions} - {own}):
        yield from content_models()[kind].objects.public(slug, content.language)


def forget(kind: str, slug: str) -> None:
    """After an entry was renamed: what was found by its old slug."""
    with transaction.atomic():
        _forget(SearchDocument.objects.filter(kind=kind, slug=slug))


def refresh_pages() -> None:
    """After CMS pages were moved, renamed or deleted."""
    if _is_paused.get():
        return
    old = SearchDocument.objects.filter(kind="page", slug__startswith="page-")
    with transaction.atomic():
        _forget(old)
        rows = PageContent.objects.select_related("page")
        _add(document for row in rows for document in documents.of_page(row))


def refresh_facts(facts: Iterable[Fact], pages: Iterable[EntryContent]) -> None:
    """After facts came up or were taken off: themselves, if they can be found by themselves, and their pages."""
    # What was taken off first: a row that came up in its place has the same slug.
    for row in sorted(facts, key=lambda row: row.state == Fact.State.APPROVED):
        is_public = row.state == Fact.State.APPROVED
        if isinstance(row, GlossaryTerm):
            found = [documents.of_term(row)] if is_public else []
            _replace("glossary", row.slug, row.language, found)
        if isinstance(row, Question):
            found = [documents.of_question(row)] if is_public else []
            _replace("question", row.slug, row.language, found)
        if isinstance(row, Update):
            found = [documents.of_update(row)] if is_public else []
            _replace("update", row.slug, row.language, found)
    for page in pages:
        refresh(page)


def _replace(kind: str, slug: str, language: str, documents: Iterable[Document]) -> None:
    if _is_paused.get():
        return
    documents = list(documents)
    with transaction.atomic():
        before = SearchDocument.objects.filter(kind=kind, slug=slug, language=language)
        # A fact that changed changes few of the words of the pages it stands on.
        if list(before.values_list("digest", flat=True)) != list(map(_digest, documents)):
            _forget(before)
            _add(documents)


def _digest(document: Document) -> str:
    return hashlib.blake2b(repr(document).encode(errors="surrogatepass"), digest_size=16).hexdigest()


def _forget(rows: QuerySet[SearchDocument]) -> None:
    numbers = list(rows.values_list("pk", flat=True))
    index.drop(numbers)
    SearchDocument.objects.filter(pk__in=numbers).delete()


def _add(documents: Iterable[Document]) -> int:
    count = 0
    for batch in _batches(documents, 200):
        rows = SearchDocument.objects.bulk_create(_row(document) for document in batch)
        pairs = list(zip(rows, batch, strict=True))
        SearchName.objects.bulk_create(name for row, document in pairs for name in _names(row, document))
        SearchWord.objects.bulk_create(_new_words(batch), ignore_conflicts=True)
        index.put(_indexed(row, document) for row, document in pairs)
        count += len(batch)
    return count


def _batches(documents: Iterable[Document], size: int) -> Iterator[list[Document]]:
    documents = iter(documents)
    while batch := list(islice(documents, size)):
        yield batch


def _row(document: Document) -> SearchDocument:
    text = "\n".join(filter(None, (document.lead, document.text)))
    return SearchDocument(
        kind=document.kind,
        slug=document.slug,
        language=document.language,
        title=document.title,
        address=document.address,
        summary=document.summary,
        text=text,
        digest=_digest(document),
    )


def _names(row: SearchDocument, document: Document) -> Iterator[SearchName]:
    title = squeeze(document.title)
    keys = {squeeze(name): key_of(name) for name in (*document.names, document.title)}
    for name, made in keys.items():
        if name:
            yield SearchName(
                document=row,
                language=row.language,
                kind=row.kind,
                name=name[:250],
                stems=made[:250],
                is_title=name == title,
            )


def _new_words(documents: Iterable[Document]) -> list[SearchWord]:
    named = {  # most words stand in the names of many documents
        (document.language, part)
        for document in documents
        for name in (document.title, *document.names, *document.lay)
        for part in name.split()
    }
    every = {(language, word) for language, part in named for word in mendable(part)}
    return [
        SearchWord(language=language, word=word, length=len(word), letters=letters_of(word))
        for language, word in sorted(every)
    ]


def _indexed(row: SearchDocument, document: Document) -> Words:
    return Words(
        document=row.pk,
        language=document.language,
        kind=document.kind,
        title=words(document.title),
        names=words(" . ".join(document.names)),
        lead=words(document.lead),
        text=words("\n".join([document.text, *document.lay])),
    )
