"""Addresses of story pages are kept: what was printed leads to where the page is now."""

from __future__ import annotations

import pytest
from cms.models import Page, PageContent
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from content.models import PagePath
from content.review import gate
from tests.stories import create_story, publish, version_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def parent() -> PageContent:
    return publish(create_story(slug="old-parent"))


def rename(content: PageContent, slug: str, *, by: User) -> None:
    draft = version_of(content).copy(by).content
    draft.slug = slug
    draft.save()
    draft.pagecheck.change_note = "Another address."
    draft.pagecheck.save()
    publish(draft, by=by)


def test_renamed_page_and_its_subpages_are_found_at_their_old_addresses(
    client: Client, editor: User, parent: PageContent
) -> None:
    publish(create_story(slug="child", parent=parent.page))
    rename(parent, "new-parent", by=editor)
    for old, new in (("/old-parent/", "/new-parent/"), ("/old-parent/child/", "/new-parent/child/")):
        moved = client.get(old)
        assert (moved.status_code, moved["Location"]) == (301, new)
        assert client.get(new).status_code == 200


def test_page_moved_in_the_tree_is_found_and_its_editor_told(
    client: Client, editor: User, parent: PageContent
) -> None:
    child = publish(create_story(slug="child", parent=parent.page))
    elsewhere = publish(create_story(slug="elsewhere"))
    client.force_login(editor)
    url = reverse("admin:cms_page_move_page", args=[child.page_id])
    answer = client.post(url, {"target": elsewhere.page_id, "position": 0})
    assert answer.status_code == 200, answer.content
    assert "1 page has a new address: /elsewhere/child/" in client.get("/admin/").content.decode()
    moved = Client().get("/old-parent/child/")
    assert (moved.status_code, moved["Location"]) == (301, "/elsewhere/child/")


def test_page_that_came_back_to_its_address_answers_there(
    client: Client, editor: User, parent: PageContent
) -> None:
    rename(parent, "new-parent", by=editor)
    rename(parent, "old-parent", by=editor)
    assert client.get("/old-parent/").status_code == 200
    assert client.get("/new-parent/")["Location"] == "/old-parent/"


def test_address_that_another_page_took_is_that_page(
    client: Client, editor: User, parent: PageContent
) -> None:
    rename(parent, "new-parent", by=editor)
    taker = publish(create_story(slug="old-parent", reverse_id="taker"))
    rename(taker, "third", by=editor)
    assert client.get("/old-parent/")["Location"] == "/third/"


def test_page_nobody_can_read_is_not_led_to(client: Client, editor: User, parent: PageContent) -> None:
    rename(parent, "new-parent", by=editor)
    version_of(PageContent.objects.get(page=parent.page)).unpublish(editor)
    assert client.get("/old-parent/").status_code == 404
    assert client.get("/new-parent/").status_code == 404


def test_addresses_from_before_are_known_from_the_start() -> None:
    """The migration has noted those of pages that were public already."""
    urls = set(PageContent.objects.values_list("page__urls__path", flat=True)) - {"", None}
    PagePath.objects.record()
    assert urls <= set(PagePath.objects.values_list("path", flat=True))


# --- Pages that send their readers on


def to(target: str, *, slug: str = "here") -> PageContent:
    content = create_story(slug=slug)
    content.redirect = target
    content.save()
    return content


def test_pages_that_send_their_readers_round_in_a_circle_are_refused(editor: User) -> None:
    assert "which leads back" in gate.why_not_publish(version_of(to("/here/")))
    first = to("/loop-b/", slug="loop-a")
    publish(create_story(slug="loop-b"))
    publish(first)
    second = to("/loop-a/#part", slug="loop-c")
    publish(second)
    draft = (
        version_of(PageContent.objects.get(page=Page.objects.get(reverse_id="loop-b"))).copy(editor).content
    )
    PageContent.admin_manager.filter(pk=draft.pk).update(redirect="/loop-c/")
    draft.refresh_from_db()
    draft.pagecheck.change_note = "Sends on."
    draft.pagecheck.save()
    assert "which leads back" in gate.why_not_publish(version_of(draft))


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("//elsewhere.example/", "is no address"),
        ("javascript:alert(1)", "is no address"),
        ("/nowhere-at-all/", "where no public page is"),
        ("/drugs/pembrolizumab/", ""),
        ("https://www.example.org/", ""),
    ],
)
def test_redirect_is_refused_with_its_reason(target: str, reason: str) -> None:
    said = gate.why_not_publish(version_of(to(target)))
    assert reason in said if reason else not said
