"""CMS pages: built once from files, never hidden, honest about their review, in the language that was asked for."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest
from cms.api import create_page_content
from cms.models import Page, PageContent
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import translation
from pytest_django.plugin import DjangoDbBlocker

from content.changes import public_content_changed
from content.models import PageCheck, ProseBlock
from content.review import gate, signing
from content.rules import page_address
from content.stock import pages
from content.stock.importing import library_user
from immuno_site.accounts.models import Session
from tests.factories import TODAY, create_drug, create_page, create_source
from tests.stocks import SMALL, stand
from tests.stories import CITED, create_check, create_story, place, publish, remove_all_pages, version_of

pytestmark = [pytest.mark.django_db, pytest.mark.longest]

HEAD = """+++
title = "{title}"
summary = "One plain sentence."
{more}
+++

"""


@pytest.fixture(scope="module", autouse=True)
def no_pages(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Each test here builds its own; whoever comes after them gets a new library."""
    with django_db_blocker.unblock():
        remove_all_pages()
    yield
    stand.held = None


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder for pages, with a source to cite."""
    (tmp_path / "pages").mkdir()
    create_source()
    return tmp_path


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """A page asked for in Hebrew leaves its language behind in this thread."""
    translation.activate("en")
    yield
    translation.deactivate()


def write(files: Path, name: str, text: str = CITED, *, title: str = "A page", more: str = "") -> None:
    (files / "pages" / f"{name}.md").write_text(HEAD.format(title=title, more=more) + text + "\n")


def build(files: Path) -> pages.Report:
    return pages.build(files, now=TODAY)


def content_of(reverse_id: str) -> PageContent:
    return PageContent.admin_manager.get(page__reverse_id=reverse_id, language="en")


# --- Building


@pytest.mark.usefixtures("library")
def test_every_page_of_the_library_is_built_and_public(client):
    report = pages.build(SMALL, now=TODAY)
    assert report.drafts == {}
    assert len(report.published) >= 20
    for path in ("/", "/guide/", "/israel/", "/privacy/", "/contact/"):
        assert client.get(path).status_code == 200, path
    again = pages.build(SMALL, now=TODAY)
    assert (again.published, again.drafts) == ([], {})
    assert sorted(again.present) == sorted(report.published)


@pytest.mark.usefixtures("library")
def test_where_review_is_required_only_pages_without_medicine_go_public(client, settings):
    settings.CLINICAL_REVIEW = "required"
    report = pages.build(SMALL, now=TODAY)
    public = {name.removesuffix(" (en)") for name in report.published}
    without_medicine = {
        file.slug for file in pages.read(SMALL) if pages.reverse_id_of(file) in gate.NOT_MEDICAL
    }
    assert public == without_medicine
    assert {"home", "method", "who-pays-us"} <= gate.NOT_MEDICAL
    assert "No clinician has signed" in report.drafts["guide (en)"]
    assert client.get("/").status_code == 200
    assert client.get("/guide/").status_code == 404


def test_page_changed_by_an_editor_is_left_alone(files, editor):
    write(files, "story")
    build(files)
    content = content_of("story")
    draft = version_of(content).copy(editor).content
    draft.title = "An editor's title"
    draft.save()
    write(files, "story", "Other words [@test-label].", title="Another title")
    assert build(files).present == ["story (en)"]
    assert PageContent.admin_manager.get(pk=draft.pk).title == "An editor's title"


def test_prose_and_blocks_keep_their_order(files):
    create_drug()
    write(files, "story", f'{CITED}\n\n{{{{ block drug_card drug="testumab" }}}}\n\n{CITED} Again.')
    build(files)
    types = [plugin.plugin_type for plugin in content_of("story").placeholders.get().get_plugins("en")]
    assert types == ["ProsePlugin", "DrugCardPlugin", "ProsePlugin"]


def test_child_stands_below_its_parent(files, client):
    write(files, "a-child", more='parent = "parent"')
    write(files, "parent")
    build(files)
    assert client.get("/parent/a-child/").status_code == 200


def test_translation_is_a_language_of_the_same_page(files, client):
    write(files, "story")
    write(files, "story.he", "תאי חיסון [@test-label].", title="סיפור")
    assert build(files).published == ["story (en)", "story (he)"]
    assert Page.objects.filter(reverse_id="story").count() == 1
    assert "סיפור" in client.get("/he/story/").content.decode()
    assert 'hreflang="he"' in client.get("/story/").content.decode()


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        ("{{ block no_such_thing }}", "no_such_thing: There is no such block"),
        ('{{ block drug_card medicine="x" }}', "drug_card: It has no medicine"),
        ('{{ block drug_card drug="made-up" }}', "drug_card: There is no drug made-up"),
        ('{{ block care_card urgency="soon" lines="A [@test-label]" }}', "care_card: Value 'soon'"),
        ('{{ block care_card urgency="emergency" }}', "care_card: Lines of your own need to say how soon"),
        ('{{ block care_card groups="made-up" }}', "care_card: Choose from the list"),
        (
            '{{ block care_card groups="bcg" urgency="emergency" lines="A [@test-label]" }}',
            "care_card: Choose treatments, or write lines of your own: make two blocks for both.",
        ),
        ("{{ block indication_table }}", "indication_table: Choose a cancer or a medicine"),
    ],
)
def test_wrong_block_is_told_with_its_line_and_nothing_is_built(files, block, reason, capsys):
    write(files, "good")
    write(files, "wrong", f"{CITED}\n\n{block}")
    with pytest.raises(CommandError, match="1 findings; nothing was built"):
        call_command("build_pages", str(files))
    message = capsys.readouterr().err
    assert f"pages/wrong.md:9: {reason}" in message
    assert not Page.objects.exists()


def test_page_whose_order_is_no_number_comes_before_those_that_have_one(files):
    write(files, "a-page", more="order = 1")
    write(files, "b-page", more='order = "first"')
    assert [file.slug for file in pages.read(files)] == ["b-page", "a-page"]


def test_page_that_breaks_a_rule_is_left_as_a_draft_with_the_reason(files, capsys):
    write(files, "story", "It is safe.")
    call_command("build_pages", str(files))
    assert "story (en): left as a draft. 1 things to put right" in capsys.readouterr().out


def test_checked_on_is_the_oldest_day_a_source_was_read(files):
    older = create_source(key="test-older")
    older.checked_on = datetime.date(2026, 3, 1)
    older.save()
    write(files, "story", f"{CITED} And more [@test-older].")
    build(files)
    assert PageCheck.objects.get(extended_object__slug="story").checked_on == older.checked_on


# --- Addresses


@pytest.mark.parametrize(
    "path",
    [
        "drugs", "drugs/story", "search", "admin", "api", "consultation", "consultation/more", "callback", "feedback",
        "static", "media", "he", "he/story", "sitemap.xml", "compare", "questions",
    ],
)  # fmt: skip
def test_fixed_address_would_hide_a_page(path):
    assert page_address.is_hidden(path)


@pytest.mark.parametrize(
    "path", ["story", "drugs-and-you", "guide/drugs", "glossary-of-terms", "helpful", ""]
)
def test_free_address_hides_nothing(path):
    assert not page_address.is_hidden(path)


def test_hidden_page_is_not_published(editor):
    content = create_story(slug="drugs", reverse_id="other")
    with pytest.raises(PermissionDenied, match="belongs to another part of the site"):
        version_of(content).publish(editor)
    content = create_story(slug="fine", overwrite_url="consultation/fine")
    with pytest.raises(PermissionDenied, match="belongs to another part of the site"):
        version_of(content).publish(editor)


def test_forms_refuse_a_hidden_address(client, editor):
    client.force_login(editor)
    content = create_story()
    add = reverse("admin:cms_pagecontent_add") + "?language=en"
    change = reverse("admin:cms_pagecontent_change", args=[content.pk])
    values = {"title": "X", "template": "content/page.html"}
    for address, more in (
        (add, {"slug": "search"}),
        (change, {"slug": "search"}),
        (change, {"slug": "story", "overwrite_url": "drugs/story"}),
    ):
        response = client.post(address, values | more)
        assert response.status_code == 200
        assert "belongs to another part of the site" in response.content.decode()


def test_moving_a_page_below_a_list_is_refused(client, editor):
    client.force_login(editor)
    words = publish(create_story(slug="words", reverse_id="list-drug"))
    content = publish(create_story())
    address = reverse("admin:cms_page_move_page", args=[content.page_id])
    response = client.post(address, {"target": words.page_id, "position": 0})
    assert response.json()["status"] == 400
    assert client.get("/story/").status_code == 200


# --- Words above a list


def test_words_above_a_list_stand_on_the_list_only(client):
    content = publish(create_story(slug="words", reverse_id="list-drug", in_navigation=True))
    assert CITED.split(" [")[0] in client.get("/drugs/").content.decode()
    assert content.get_absolute_url() == "/drugs/"
    assert not content.in_navigation
    assert client.get("/words/").status_code == 404
    assert "A story" not in client.get("/").content.decode()


def test_words_above_share_the_numbers_of_the_list(client, library):
    publish(create_story(slug="words", reverse_id="list-question"))
    text = client.get("/questions/").content.decode()
    first = text.split('id="source-1"')[1].split("</li>")[0]
    assert "https://example.org/test-label" in first
    assert text.count('id="source-1"') == text.count('id="source-2"') == 1


def test_words_above_that_say_what_cannot_wait_say_that_nobody_checked_them(client):
    publish(create_story(slug="words", reverse_id="list-side-effect"))
    assert "No clinician has checked this page yet." in client.get("/side-effects/").content.decode()


@pytest.mark.parametrize("reverse_id", ["list-drug", "who-pays-us", "medical-team", "about"])
def test_words_without_medicine_do_not_cry_for_a_clinician(client, reverse_id):
    publish(create_story(slug="words", reverse_id=reverse_id))
    path = "/drugs/" if reverse_id == "list-drug" else "/words/"
    assert "clinician" not in client.get(path).content.decode()


def test_list_with_words_above_may_be_kept(client):
    publish(create_story(slug="words", reverse_id="list-drug"))
    assert "public" in client.get("/drugs/")["Cache-Control"]


# --- What a page says of itself


def test_page_shows_check_sources_and_changes(client):
    publish(create_story())
    text = client.get("/story/").content.decode()
    assert "No clinician has checked this page yet." in text
    assert "Editorial team" in text
    assert 'id="source-1"' in text
    assert "First version." in text


def test_page_names_the_clinician_who_signed_it(client, reviewer, settings):
    settings.CLINICAL_REVIEW = "required"
    content = create_story()
    seen = signing.digest(content)
    due = TODAY + datetime.timedelta(days=200)
    signing.sign_off(version_of(content), by=reviewer, next_review_due=due, seen=seen, now=TODAY)
    publish(content)
    text = client.get("/story/").content.decode()
    assert "Checked by Test Reviewer, Oncologist" in text
    assert "No clinician" not in text


def test_sign_off_covers_the_check_and_every_block(reviewer):
    content = create_story()
    block = place(content, "CareCardPlugin", urgency="emergency", lines=["Fainting [@test-label]"])
    digests = {signing.digest(content)}
    block.urgency = "same_day"
    block.save()
    digests.add(signing.digest(content))
    content.pagecheck.change_note = "Other."
    content.pagecheck.save()
    digests.add(signing.digest(content))
    content.redirect = "/elsewhere/"
    content.save()
    digests.add(signing.digest(content))
    assert len(digests) == 4


def test_page_without_medicine_needs_no_check_and_claims_none(client):
    publish(create_story(slug="contact", check=False, text="Write to us."))
    text = client.get("/contact/").content.decode()
    assert "No clinician" not in text
    assert "Write to us." in text


def test_block_rule_keeps_any_page_from_going_public(editor):
    content = create_story(slug="contact", text="We have a miracle.")
    with pytest.raises(PermissionDenied, match="Take out 'miracle'"):
        version_of(content).publish(editor)


def test_signs_on_a_care_card_need_a_source(editor):
    content = create_story()
    place(content, "CareCardPlugin", urgency="emergency", lines=["Fainting"])
    with pytest.raises(PermissionDenied, match="Cite a source for this sign"):
        version_of(content).publish(editor)


# --- Languages


def test_page_in_another_language_says_so_and_leads_to_the_english_one(client):
    publish(create_story())
    response = client.get("/he/story/")
    text = response.content.decode()
    assert response.status_code == 404
    assert 'href="/story/" hreflang="en"' in text
    assert "Immune cells" not in text


def test_home_in_another_language_never_leads_to_the_admin(client):
    home = publish(create_story(slug="home"))
    home.page.set_as_homepage()
    response = client.get("/he/")
    assert response.status_code == 404
    assert 'href="/" hreflang="en"' in response.content.decode()


def test_without_any_page_the_home_is_missing_and_not_the_admin(client):
    assert client.get("/").status_code == 404


def test_switcher_names_only_languages_that_are_public(client, editor):
    client.force_login(editor)  # staff see pages as they are now
    content = publish(create_story())
    assert "language-switcher" not in client.get("/story/").content.decode()
    create_page_content("he", "סיפור", content.page, slug="story", created_by=editor)
    assert "language-switcher" not in client.get("/story/").content.decode()
    hebrew = PageContent.admin_manager.get(page=content.page, language="he")
    create_check(hebrew)
    publish(hebrew)
    text = client.get("/story/").content.decode()
    assert '<a href="/he/story/" lang="he"' in text


# --- Cost, caches and visitors


@pytest.mark.usefixtures("library")
def test_page_needs_few_queries(queries_of):
    pages.build(SMALL, now=TODAY)
    for path in ("/", "/guide/", "/guide/types/", "/israel/"):
        assert queries_of(path, 18).status_code == 200


@pytest.mark.parametrize(
    "query", ["?toolbar_off", "?edit", "?structure", "?toolbar_on", "?preview&toolbar_off"]
)
def test_toolbar_words_of_a_visitor_start_no_session(client, query):
    publish(create_story())
    create_page()
    for path in ("/story/", "/drugs/testumab/", "/he/story/", "/drugs/"):
        response = client.get(path + query)
        assert not response.cookies
        assert b"cms-toolbar" not in response.content
    assert not Session.objects.exists()


@pytest.mark.parametrize(
    "path", ["/consultation/", "/callback/", "/feedback/", "/accounts/login/", "/admin/"]
)
@pytest.mark.parametrize("query", ["toolbar_off", "toolbar%5Foff", "about=x&toolbar_on"])
def test_toolbar_words_on_a_personal_page_start_no_session(client, path, query):
    response = client.get(f"{path}?{query}")
    assert "sessionid" not in "".join(response.cookies)
    assert not Session.objects.exists()


@pytest.fixture
def announced() -> list[object]:
    """Every time the page cache was told that something public changed."""
    heard: list[object] = []

    def hear(**kwargs: object) -> None:
        heard.append(kwargs)

    public_content_changed.connect(hear)
    yield heard
    public_content_changed.disconnect(hear)


def test_moving_a_page_is_announced(client, editor, announced):
    client.force_login(editor)
    parent, content = publish(create_story(slug="parent")), publish(create_story())
    announced.clear()
    address = reverse("admin:cms_page_move_page", args=[content.page_id])
    client.post(address, {"target": parent.page_id, "position": 0})
    assert announced
    assert Client().get("/parent/story/").status_code == 200


def test_choosing_a_home_page_is_announced(client, editor, announced):
    client.force_login(editor)
    publish(create_story(slug="home"))
    content = publish(create_story())
    announced.clear()
    client.post(reverse("admin:cms_page_set_home", args=[content.page_id]))
    assert announced
    assert "Immune cells" in Client().get("/").content.decode()


def test_deleting_a_draft_page_is_announced(client, editor, announced):
    client.force_login(editor)
    publish(create_story(slug="home"))
    content = create_story()
    announced.clear()
    client.post(reverse("admin:cms_page_delete", args=[content.page_id]), {"post": "yes"})
    assert announced
    assert not ProseBlock.objects.filter(placeholder__object_id=content.pk).exists()


def test_page_that_was_public_is_not_deleted(client, editor):
    """What readers saw stays on record."""
    client.force_login(editor)
    content = publish(create_story())
    response = client.post(reverse("admin:cms_page_delete", args=[content.page_id]), {"post": "yes"})
    assert response.status_code in (200, 403)
    assert PageContent.objects.filter(pk=content.pk).exists()


def test_library_account_cannot_sign_in():
    user = library_user()
    assert not user.is_active
    assert not user.has_usable_password()
