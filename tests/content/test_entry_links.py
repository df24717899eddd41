"""Which texts link to an entry: a table kept beside the texts says what reading all of them would."""

from __future__ import annotations

import importlib

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from content import renaming
from content.models import BLOCKS, WRITTEN_FACTS, Drug, DrugContent, EntryLink, ProseBlock, content_models
from content.review import texts, used
from content.text import prose
from tests.factories import (
    TODAY,
    create_draft,
    create_drug,
    create_page,
    create_source,
    create_term,
    create_update,
    new_draft,
)
from tests.stories import create_story, place, publish, version_of

pytestmark = pytest.mark.django_db
LINK = "As [testumab](drug:testumab) does [@test-label]."


def names(slug: str = "testumab") -> list[tuple[str, bool]]:
    """The texts that link there, and whether readers see them."""
    return [(texts.name_of(use.whole), use.is_public) for use in used.of_entry(Drug.objects.get(slug=slug))]


def kept() -> set[tuple[str, int, str, str]]:
    rows = EntryLink.objects.select_related("content_type")
    return {(row.content_type.model, row.object_id, row.kind, row.slug) for row in rows}


def written() -> set[tuple[str, int, str, str]]:
    """What all texts say, read one by one."""
    models = (*content_models().values(), *BLOCKS, *WRITTEN_FACTS)
    rows = (row for model in models for row in model._base_manager.all())
    return {
        (str(row._meta.model_name), row.pk, kind, slug)
        for row in rows
        for text in row.markdown
        for kind, slug in prose.entry_links(text)
    }


def test_library_is_imported_with_its_links(library) -> None:
    assert kept() == written()
    assert len(kept()) > 20


def test_draft_public_text_and_text_taken_off(editor: User) -> None:
    create_drug()
    draft = create_draft(slug="otherumab", name="Otherumab", unknowns=LINK)
    assert names() == [("Otherumab", False)]
    draft.publish(editor)
    assert names() == [("Otherumab", True)]
    draft.unpublish(editor)
    assert names() == []


def test_newest_version_decides(editor: User) -> None:
    create_drug()
    public = create_page(slug="otherumab", name="Otherumab", unknowns=LINK)
    draft = new_draft(public, by=editor, unknowns="Little is known [@test-label].")
    assert names() == []
    draft.content.daily_life = LINK
    draft.content.save()
    assert names() == [("Otherumab", False)]
    draft.delete()
    assert names() == [("Otherumab", True)]
    assert kept() == written()


def test_link_in_a_line_and_in_another_language_counts() -> None:
    create_drug()
    create_page(slug="otherumab", name="Otherumab", act_same_day=["As [it](drug:testumab) [@test-label]"])
    create_page(slug="otherumab", name="Acherumab", language="he", unknowns=LINK)
    assert names() == [("Acherumab", True), ("Otherumab", True)]


def test_renamed_entry_is_found_by_texts_that_name_its_old_slug(editor: User) -> None:
    create_page(slug="testumab", name="Testumab")
    create_page(slug="otherumab", name="Otherumab", unknowns=LINK)
    renaming.rename("drug", "testumab", "newumab")
    create_page(slug="thirdumab", name="Thirdumab", unknowns=LINK.replace("drug:testumab", "drug:newumab"))
    assert names("newumab") == [("Otherumab", True), ("Thirdumab", True)]
    assert renaming.plan(Drug.objects.get(slug="newumab"), "lastumab").links == 2


def test_entry_that_comes_later_is_found_at_once() -> None:
    early = LINK.replace("drug:testumab", "drug:plannedumab")
    create_draft(slug="otherumab", name="Otherumab", unknowns=early)
    create_drug(slug="plannedumab")
    assert names("plannedumab") == [("Otherumab", False)]


def test_page_counts_while_a_block_of_its_language_links(editor: User) -> None:
    create_drug()
    create_source()
    content = create_story(slug="linking", title="Linking", text=LINK)
    assert names() == [("Linking", False)]
    publish(content)
    assert names() == [("Linking", True)]
    draft = version_of(content).copy(editor).content
    block = ProseBlock.objects.get(placeholder__in=draft.placeholders.all())
    assert names() == [("Linking", False)]
    block.body = "No link [@test-label]."
    block.save()
    place(draft, "DoDontListPlugin", do=[LINK])
    assert names() == [("Linking", False)]
    draft.get_placeholders()[0].clear()
    assert names() == []
    assert kept() == written()


def test_written_fact_counts_until_it_is_superseded(editor: User) -> None:
    create_drug()
    update = create_update(title="News", text=LINK)
    assert names() == [("News", True)]
    draft = update.propose(by=editor)
    draft.text = "No link [@test-label]."
    draft.save()
    assert names() == [("News", True)]
    draft.approve(by=None, now=TODAY)
    assert names() == []
    create_term(term="A word", explanation=LINK)
    assert names() == [("A word", False)]
    assert kept() == written()


def test_slug_too_long_for_an_entry_is_no_link() -> None:
    create_draft(slug="otherumab", unknowns=f"As [it](drug:{'a' * 300}) [@test-label].")
    assert not EntryLink.objects.filter(slug__startswith="aaa").exists()


def test_rebuilt_table_says_the_same(library) -> None:
    """Of entries and pages also by the migration, of a day when facts were not read."""
    before = kept()
    EntryLink.objects.all().delete()
    EntryLink.objects.create(content_type_id=1, object_id=1, kind="drug", slug="gone")
    call_command("rebuild_links", verbosity=0)
    assert kept() == before
    EntryLink.objects.all().delete()
    importlib.import_module("content.migrations.0041_looked_up_by_editors").fill(apps, None)
    facts = {model._meta.model_name for model in WRITTEN_FACTS}
    assert kept() == {link for link in before if link[0] not in facts} < before


def test_where_it_is_used_asks_no_more_for_more_texts() -> None:
    drug = create_drug()

    def asked(slugs: list[str]) -> int:
        for slug in slugs:
            create_page(slug=slug, name=slug, unknowns=LINK)
        with CaptureQueriesContext(connection) as queries:
            assert {name for name, _is_public in names()} >= set(slugs)
        return len(queries)

    asked(["first"])  # kinds of rows are looked up once in a process
    assert asked(["one"]) == asked(["two", "three", "four"]) <= 15
    assert DrugContent.objects.filter(links__slug=drug.slug).count() == 5
