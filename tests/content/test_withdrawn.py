"""Withdrawn means withdrawn: what is no longer public is not found, suggested, listed or quoted anywhere."""

from __future__ import annotations

import re

import pytest
from cms.models import Page, PageContent
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from djangocms_versioning.models import Version

from content.models import PageCheck, Question, Update
from content.search import upkeep
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


def said_at(*paths: str) -> dict[str, str]:
    client = Client()
    return {path: client.get(path).content.decode() for path in paths}


def everything_said() -> dict[str, str]:
    """Every public address with what it says: those of the sitemap, search, suggestions and the open data."""
    sitemap = said_at("/sitemap.xml")
    listed = re.findall(r"<loc>https://testserver(.*?)</loc>", sitemap["/sitemap.xml"])
    described = Client().get("/api/v1/openapi.json").json()["paths"]
    lists = [path for path in described if "{" not in path]
    assert len(listed) > 20
    assert len(lists) >= 5
    found = [f"{language}{SEARCH}" for language in ("", "/he", "/ar", "/ru")]
    return sitemap | said_at(*listed, *lists, *found, "/he/", SUGGESTIONS, f"/drugs/{WORD.lower()}s/")


def places_of(word: str, said: dict[str, str]) -> set[str]:
    return {path for path, text in said.items() if word in text}


def all_say(word: str, *paths: str) -> bool:
    return places_of(word, said_at(*paths)) == set(paths)


# --- Entries


def test_entry_leaves_every_place_and_comes_back(editor: User) -> None:
    version = create_page(by=editor, name=f"{WORD} mab", summary=f"{WORD} is a medicine.")
    create_indication(drug=version.content.entry)
    upkeep.rebuild()
    places = ("/drugs/", "/drugs/testumab/", "/cancers/melanoma/", SEARCH, SUGGESTIONS)
    assert all_say(WORD, *places)
    version.unpublish(editor)
    said = everything_said()
    assert places_of(WORD, said) == set()
    assert not {"/sitemap.xml", SEARCH} & places_of("/drugs/testumab/", said)
    new_draft(version, by=editor).publish(editor)
    assert all_say(WORD, *places)


def test_words_of_an_entry_that_a_new_version_has_not(editor: User) -> None:
    version = create_page(by=editor, name=f"{WORD} mab", summary=f"{WORD} is a medicine.")
    create_indication(drug=version.content.entry)
    upkeep.rebuild()
    draft = new_draft(version, by=editor, name="Testumab", summary="A medicine.")
    assert all_say(WORD, "/cancers/melanoma/", SEARCH)
    draft.publish(editor)
    assert places_of(WORD, everything_said()) == set()


def test_entry_that_a_story_quotes_leaves_the_story(editor: User) -> None:
    version = create_page(by=editor, name=f"{WORD} mab", summary=f"{WORD} is a medicine.")
    story = create_story(by=editor)
    place(story, "DrugCardPlugin", drug=version.content.entry)
    publish(story, by=editor)
    assert all_say(WORD, "/story/")
    version.unpublish(editor)
    assert not all_say(WORD, "/story/")


# --- Facts and updates


def _create_question() -> Question:
    return Question.objects.create(
        slug="zanzibar",
        question="What is it?",
        answer=f"It is {WORD} [@test-label].",
        topic=Question._meta.get_field("topic").choices[0][0],
        source=create_source(),
    )


def _create_update() -> Update:
    return Update.objects.create(
        slug="zanzibar",
        kind=Update.Kind.SAFETY,
        happened_on=TODAY,
        title="News",
        text=f"It is {WORD} [@test-label].",
        source=create_source(),
    )


def test_retired_facts_leave_every_place(editor: User) -> None:
    """Only their names stay, where pages say what was taken off, and why."""
    drug = create_page(by=editor).content.entry
    facts = [create_term(explanation=f"It is {WORD}."), _create_question(), _create_update()]
    for fact in facts:
        fact.approve(by=None, now=TODAY)
    facts.append(create_indication(drug=drug, condition=f"{WORD} that has spread"))
    upkeep.rebuild()
    places = ("/drugs/testumab/", "/cancers/melanoma/", "/glossary/", "/questions/", "/updates/")
    assert all_say(WORD, *places, SEARCH)
    for fact in facts:
        type(fact).objects.filter(pk=fact.pk).retire(by=editor, reason="It was wrong.", now=TODAY)
    assert places_of(WORD, everything_said()) == set()


def test_retiring_retires_kept_pages(editor: User, django_capture_on_commit_callbacks) -> None:
    term = create_term(state="approved", review_state="unreviewed", approved_on=TODAY)
    with django_capture_on_commit_callbacks() as callbacks:
        type(term).objects.filter(pk=term.pk).retire(by=editor, reason="It was wrong.", now=TODAY)
    assert [callback for callback in callbacks if callback.__name__ == "start_new"]


def test_words_that_a_newer_update_replaced_leave_every_place(editor: User) -> None:
    row = _create_update()
    row.approve(by=None, now=TODAY)
    upkeep.rebuild()
    assert all_say(WORD, SEARCH, "/updates/")
    draft = row.propose(by=editor)
    draft.text = "Other words [@test-label]."
    draft.save()
    draft.approve(by=None, now=TODAY)
    assert places_of(WORD, said_at(SEARCH, f"/he{SEARCH}", SUGGESTIONS, "/updates/", "/he/updates/")) == set()


# --- CMS pages: those below a page are public, and have their addresses, through it

CHILD, GRANDCHILD = "child/", "child/grandchild/"


@pytest.fixture
def family(editor: User) -> list[PageContent]:
    """Parent, child and grandchild, all public."""
    parent = publish(create_story(slug="parent", title="Parent", by=editor), by=editor)
    child = create_story(slug="child", title=f"{WORD} child", parent=parent.page, by=editor)
    child = publish(child, by=editor)
    above = Page.objects.get(pk=child.page_id)
    grandchild = create_story(slug="grandchild", title=f"{WORD} grandchild", parent=above, by=editor)
    grandchild = publish(grandchild, by=editor)
    assert all_say(WORD, f"/parent/{CHILD}", f"/parent/{GRANDCHILD}", SEARCH, SUGGESTIONS)
    assert all_say(f"/parent/{GRANDCHILD}", SEARCH, "/sitemap.xml")
    return [parent, child, grandchild]


def _new_version(content: PageContent, *, by: User, **changes: object) -> Version:
    draft = version_of(content).copy(by).content
    PageCheck.objects.filter(extended_object=draft).update(change_note="Changed.")
    draft = PageContent.admin_manager.get(pk=draft.pk)
    for name, value in changes.items():
        setattr(draft, name, value)
    draft.save()
    return version_of(draft)


def test_pages_below_an_unpublished_page_leave_with_it_and_come_back(
    family: list[PageContent], editor: User
) -> None:
    version_of(family[0]).unpublish(editor)
    said = everything_said()
    assert places_of(WORD, said) == set()
    assert places_of("/parent/", said) == set()
    _new_version(family[0], by=editor).publish(editor)
    assert all_say(WORD, f"/parent/{CHILD}", f"/parent/{GRANDCHILD}", SEARCH, SUGGESTIONS)


def test_pages_below_a_page_with_a_new_address_are_found_there_only(
    family: list[PageContent], editor: User
) -> None:
    _new_version(family[0], by=editor, slug="moved").publish(editor)
    said = everything_said()
    assert places_of("/parent/", said) == set()
    for path in (f"/moved/{CHILD}", f"/moved/{GRANDCHILD}"):
        assert {"/sitemap.xml", SEARCH, SUGGESTIONS} <= places_of(path, said)
        assert WORD in said[path]


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
    said = everything_said()
    assert places_of("/parent/child/", said) == set()
    assert {"/sitemap.xml", SEARCH} <= places_of(f"/elsewhere/{GRANDCHILD}", said)
