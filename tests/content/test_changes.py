"""Whoever changes what readers see says so by itself, once: finished pages and search never lag behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User

from content import renaming
from content.changes import public_content_changed
from content.review import facts
from content.search.find import find
from tests.factories import TODAY, create_draft, create_indication, create_page, create_term

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard() -> Iterator[list[object]]:
    """What listeners hear from here on."""
    calls: list[object] = []

    def hear(**kwargs: object) -> None:
        calls.append(kwargs)

    public_content_changed.connect(hear)
    yield calls
    public_content_changed.disconnect(hear)


def test_approving_a_fact_is_announced(editor, heard):
    facts.approve_fact(create_term(), by=editor, now=TODAY)
    assert len(heard) == 1


def test_superseding_a_fact_is_announced_once(editor, heard):
    draft = create_indication().propose(by=editor)
    heard.clear()
    facts.approve_fact(draft, by=editor, now=TODAY)
    assert len(heard) == 1


def test_taking_a_fact_off_is_announced(editor, heard):
    fact = create_indication()
    heard.clear()
    facts.retire_fact(fact, by=editor, reason="The figure was wrong.", now=TODAY)
    assert len(heard) == 1


def test_publishing_and_unpublishing_are_announced(editor, heard):
    version = create_draft(by=editor)
    assert len(heard) == 1  # of the entry, to which texts may link from now on; not of its draft
    version.content.save()
    assert len(heard) == 1
    version.publish(editor)
    assert len(heard) == 2
    version.unpublish(editor)
    assert len(heard) == 3


def test_renaming_is_announced(heard):
    create_page()
    heard.clear()
    renaming.rename("drug", "testumab", "testumab-alfa")
    assert len(heard) == 1


def test_page_kept_for_readers_follows_an_approval(client, editor: User, django_capture_on_commit_callbacks):
    """Nothing but the approval itself: no view, no save of anything else."""
    assert "Test term" not in client.get("/glossary/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        facts.approve_fact(create_term(), by=editor, now=TODAY)
    assert "Test term" in client.get("/glossary/").content.decode()


def test_search_follows_an_approval_and_what_it_replaced(editor):
    old = create_term(term="Zebrafish word")
    facts.approve_fact(old, by=editor, now=TODAY)
    assert [found.name for found in find("zebrafish", language="en")] == ["Zebrafish word"]
    draft = old.propose(by=editor)
    draft.term = "Okapi word"
    draft.save()
    facts.approve_fact(draft, by=editor, now=TODAY)
    assert find("zebrafish", language="en") == []
    assert [found.name for found in find("okapi", language="en")] == ["Okapi word"]
