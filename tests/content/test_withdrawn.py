"""Withdrawn means withdrawn: what is no longer public is not found, suggested, listed or quoted anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from cms.models import Page, PageContent
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from content import search
from content.models import Question, Update
from tests.factories import (
    TODAY,
    create_indication,
    create_page,
    create_source,
    create_term,
    new_draft,
)
from tests.stories import create_story, place, publish, version_of

pytestmark = [pytest.mark.django_db, pytest.mark.longest]

WORD = "Zanzibarine"  # stands nowhere else
# In small letters: what was asked is repeated there, and is not what is looked for.
SEARCH, SUGGESTIONS = f"/search/?q={WORD.lower()}", f"/{WORD.lower()}s/"


@pytest.fixture(autouse=True)
def unkept(settings) -> None:
    """Pages are built anew: this is about what they say; tests/site holds how long they are kept."""
    settings.CACHES = settings.CACHES | {"pages": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}


def everything_said() -> Iterator[tuple[str, str]]:
    """Every public address with what it says: those of the sitemap, search, suggestions and the open data."""
    client = Client()
    sitemap = client.get("/sitemap.xml").content.decode()
    yield "/sitemap.xml", sitemap
    listed = re.findall(r"<loc>https://testserver(.*?)</loc>", sitemap)
    described = client.get("/api/v1/openapi.json").json()["paths"]
    lists = [path for path in described if "{" not in path]
    assert len(listed) > 50
    assert len(lists) >= 5
    for path in [*listed, *lists, "/he/", "/llms.txt", SUGGESTIONS, f"/drugs/{WORD.lower()}s/"]:
        yield path, client.get(path).content.decode()
    for language in ("", "/he", "/ar", "/ru"):
        yield f"{language}{SEARCH}", client.get(f"{language}{SEARCH}").content.decode()


def places_of(word: str) -> set[str]:
    return {path for path, text in everything_said() if word in text}


# --- Entries


def test_entry_leaves_every_place_and_comes_back(editor: User) -> None:
    version = create_page(by=editor, name=f"{WORD} mab", summary=f"{WORD} is a medicine.")
    create_indication(drug=version.content.entry)
    search.rebuild()
    assert {"/drugs/", "/drugs/testumab/", "/cancers/melanoma/", SEARCH, SUGGESTIONS} <= places_of(WORD)
    version.unpublish(editor)
    assert places_of(WORD) == set()
    assert not {"/sitemap.xml", SEARCH} & places_of("/drugs/testumab/")
    version.copy(editor).publish(editor)
    assert {"/drugs/", "/drugs/testumab/", "/cancers/melanoma/", SEARCH} <= places_of(WORD)


def test_words_of_an_entry_that_a_new_version_has_not(editor: User) -> None:
    version = create_page(by=editor, name=f"{WORD} mab", summary=f"{WORD} is a medicine.")
    create_indication(drug=version.content.entry)
    search.rebuild()
    draft = new_draft(version, by=editor, name="Testumab", summary="A medicine.")
    assert SEARCH in places_of(WORD)
    draft.publish(editor)
    assert places_of(WORD) == set()


def test_entry_that_a_story_quotes_leaves_the_story(editor: User) -> None:
    version = create_page(by=editor, name=f"{WORD} mab", summary=f"{WORD} is a medicine.")
    story = create_story(by=editor)
    place(story, "DrugCardPlugin", drug=version.content.entry)
    publish(story, by=editor)
    assert "/story/" in places_of(WORD)
    version.unpublish(editor)
    assert places_of(WORD) == set()


# --- Facts and updates


def test_retired_indication_leaves_every_place(editor: User) -> None:
    version = create_page(by=editor)
    row = create_indication(drug=version.content.entry, condition=f"{WORD} that has spread")
    search.rebuild()
    assert {"/drugs/testumab/", "/cancers/melanoma/", SEARCH} <= places_of(WORD)
    type(row).objects.filter(pk=row.pk).retire(by=editor, reason="It was wrong.", now=TODAY)
    assert places_of(WORD) == set()


def test_retired_term_and_question_leave_every_place(editor: User) -> None:
    term = create_term(term=WORD)
    question = Question.objects.create(
        slug="zanzibar",
        question=f"What is {WORD}?",
        answer="Nothing [@test-label].",
        topic=Question._meta.get_field("topic").choices[0][0],
        source=create_source(),
    )
    for row in (term, question):
        row.approve(by=None, now=TODAY)
    search.rebuild()
    assert {"/glossary/", "/questions/", SEARCH, SUGGESTIONS} <= places_of(WORD)
    for row in (term, question):
        type(row).objects.filter(pk=row.pk).retire(by=editor, reason="It was wrong.", now=TODAY)
    assert places_of(WORD) == set()


def test_retiring_retires_kept_pages(editor: User, django_capture_on_commit_callbacks) -> None:
    term = create_term()
    term.approve(by=None, now=TODAY)
    with django_capture_on_commit_callbacks() as callbacks:
        type(term).objects.filter(pk=term.pk).retire(by=editor, reason="It was wrong.", now=TODAY)
    assert [callback for callback in callbacks if callback.__name__ == "start_new"]


def _create_update(**changes: object) -> Update:
    return Update.objects.create(
        slug="zanzibar",
        kind=Update.Kind.SAFETY,
        happened_on=TODAY,
        title=f"{WORD} news",
        text="Text [@test-label].",
        source=create_source(),
        **changes,
    )


def _update_form(row: Update, **changes: object) -> dict[str, object]:
    return {
        "slug": row.slug, "language": "en", "kind": row.kind, "happened_on": row.happened_on, "title": row.title,
        "text": row.text, "about": "", "source": row.source_id, **changes,
    }  # fmt: skip


def test_deleted_update_leaves_every_place(client: Client, editor: User) -> None:
    row = _create_update()
    search.rebuild()
    assert {"/updates/", SEARCH, SUGGESTIONS} <= places_of(WORD)
    client.force_login(editor)
    client.post(reverse("admin:content_update_delete", args=[row.pk]), {"post": "yes"})
    assert places_of(WORD) == set()


@pytest.mark.parametrize("change", [{"slug": "moved"}, {"language": "he"}])
def test_words_of_an_update_leave_with_its_address(
    client: Client, editor: User, change: dict[str, str]
) -> None:
    row = _create_update()
    search.rebuild()
    client.force_login(editor)
    form = _update_form(row, title="Other news", **change)
    response = client.post(reverse("admin:content_update_change", args=[row.pk]), form)
    assert response.status_code == 302
    assert places_of(WORD) == set()


# --- CMS pages: those below a page are public, and have their addresses, through it


@pytest.fixture
def family(editor: User) -> list[PageContent]:
    """Parent, child and grandchild, all public."""
    parent = publish(create_story(slug="parent", title="Parent", by=editor), by=editor)
    child = publish(
        create_story(slug="child", title=f"{WORD} child", parent=parent.page, by=editor), by=editor
    )
    above = Page.objects.get(pk=child.page_id)
    grandchild = create_story(slug="grandchild", title=f"{WORD} grandchild", parent=above, by=editor)
    grandchild = publish(grandchild, by=editor)
    assert {"/parent/child/", "/parent/child/grandchild/", SEARCH, SUGGESTIONS} <= places_of(WORD)
    assert "/sitemap.xml" in places_of("/parent/child/grandchild/")
    return [parent, child, grandchild]


def test_pages_below_an_unpublished_page_leave_with_it_and_come_back(
    family: list[PageContent], editor: User
) -> None:
    version_of(family[0]).unpublish(editor)
    assert places_of(WORD) == set()
    assert places_of("/parent/") == set()
    version_of(family[0]).copy(editor).publish(editor)
    assert {"/parent/child/", "/parent/child/grandchild/", SEARCH, SUGGESTIONS} <= places_of(WORD)


def test_pages_below_a_page_with_a_new_address_are_found_there_only(
    family: list[PageContent], editor: User
) -> None:
    draft = version_of(family[0]).copy(editor)
    draft.content.slug = "moved"
    draft.content.save()
    draft.publish(editor)
    assert places_of("/parent/") == set()
    for path in ("/moved/child/", "/moved/child/grandchild/"):
        assert {"/sitemap.xml", SEARCH} <= places_of(path)
        assert Client().get(path).status_code == 200


def test_pages_moved_in_the_tree_are_found_at_their_new_address(
    client: Client, family: list[PageContent], editor: User
) -> None:
    elsewhere = publish(create_story(slug="elsewhere", title="Elsewhere", by=editor), by=editor)
    client.force_login(editor)
    response = client.post(
        reverse("admin:cms_page_move_page", args=[family[1].page_id]),
        {"position": 0, "target": elsewhere.page_id},
    )
    assert response.status_code == 200
    assert places_of("/parent/child/") == set()
    assert {"/sitemap.xml", SEARCH} <= places_of("/elsewhere/child/grandchild/")
