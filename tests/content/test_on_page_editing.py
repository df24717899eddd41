"""What an editor and a reviewer do in the browser, with the permissions of their roles and no others."""

from __future__ import annotations

import pytest
from cms.models import Page, PageContent
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from djangocms_versioning.models import Version

from content.models import DraftEdit, DrugContent, ProseBlock, TherapyClass, content_models
from content.review import signing
from tests.factories import TODAY, create_draft, create_page, drug_text
from tests.stories import (
    CITED,
    add_block,
    block_data,
    change_block,
    create_story,
    delete_block,
    edit,
    join,
    preview,
    publish,
    version_address,
    version_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def writer(stranger: User) -> User:
    """An account with the Editor role."""
    stranger.is_staff = True
    stranger.save()
    return join(stranger, "Editor")


@pytest.fixture
def desk(client: Client, writer: User) -> Client:
    """The browser of an editor."""
    client.force_login(writer)
    return client


@pytest.fixture
def reader(reviewer: object) -> Client:
    """The browser of a clinical reviewer."""
    client = Client()
    client.force_login(join(reviewer.user, "Clinical reviewer"))
    return client


def entry_form(**changes: object) -> dict[str, object]:
    """A drug's form as the browser sends it."""
    values = drug_text(**changes)
    sent = {
        "slug": "testumab",
        "content__language": "en",
        "content__kind": "immunotherapy",
        "content__form": "full",
    }
    for name, value in values.items():
        value = value.pk if isinstance(value, TherapyClass) else value
        sent[f"content__{name}"] = "\n".join(value) if isinstance(value, list) else value
    return sent


# --- Entries


def test_editor_adds_an_entry_as_a_draft(desk, writer):
    response = desk.post(reverse("admin:content_drug_add") + "?language=en", entry_form())
    assert response.status_code == 302, response.context["adminform"].form.errors
    version = version_of(DrugContent.admin_manager.get(entry__slug="testumab"))
    assert (version.state, version.created_by) == ("draft", writer)
    assert Client().get("/drugs/testumab/").status_code == 404


def test_editor_changes_a_draft_in_the_form_and_is_on_record(desk, writer, editor):
    version = create_draft(by=editor)
    address = reverse("admin:content_drug_change", args=[version.content.entry_id]) + "?language=en"
    form = desk.get(address)
    assert 'class="vLargeTextField prose-editor prose-editor-full"' in form.content.decode()
    response = desk.post(address, entry_form(name="Testumab again"))
    assert response.status_code == 302, response.context["adminform"].form.errors
    assert DrugContent.admin_manager.get(pk=version.object_id).name == "Testumab again"
    assert DraftEdit.objects.filter(version=version, user=writer).exists()


def test_editor_makes_a_draft_of_a_public_entry_from_the_toolbar(desk, writer):
    public = create_page()
    address = reverse("admin:content_drug_text", args=[public.content.entry_id, "en"])
    assert "Make a new draft" in desk.get(address).content.decode()
    assert Version.objects.filter(content_type=public.content_type, state="draft").count() == 0
    response = desk.post(address)
    draft = DrugContent.admin_manager.get(entry=public.content.entry_id, versions__state="draft")
    assert response.status_code == 302
    assert desk.get(response.url).status_code == 200
    assert version_of(draft).created_by == writer
    # A second look goes straight to the form.
    assert desk.get(address).status_code == 302


def test_reviewer_cannot_make_a_draft(reader):
    public = create_page()
    response = reader.post(reverse("admin:content_drug_text", args=[public.content.entry_id, "en"]))
    assert "You do not have change permissions" in response.content.decode()
    assert Version.objects.filter(content_type=public.content_type, state="draft").count() == 0


def test_editor_and_reviewer_preview_a_draft_that_readers_do_not_see(desk, reader):
    version = create_draft(name="Not public yet")
    for client in (desk, reader):
        response = preview(client, version.content)
        assert response.status_code == 200
        assert "Not public yet" in response.content.decode()
    assert preview(Client(), version.content).status_code == 302  # to the login


def test_public_entry_opens_in_preview_instead_of_edit_mode(desk):
    response = edit(desk, create_page().content)
    assert response.status_code == 302
    assert "/preview/" in response.url


def test_parts_of_a_draft_open_their_own_form(desk):
    version = create_draft()
    response = edit(desk, version.content)
    assert response.status_code == 200
    forms = {row["urls"]["edit_plugin"] for row in block_data(response.content.decode())}
    opened = {address.split("edit_fields=")[1] for address in forms if "edit_fields=" in address}
    assert {"name", "key_message", "what_it_is", "daily_life"} <= opened
    assert "act_emergency%2Cact_same_day%2Cact_next_visit" in opened
    for address in forms:
        form = desk.get(address)
        assert form.status_code == 200
        assert "You do not have permission" not in form.content.decode()


def edit_field(content: object, field: str) -> str:
    model = content._meta.model_name
    address = reverse(f"admin:content_{model}_edit_field", args=[content.pk, content.language])
    return f"{address}?edit_fields={field}&language={content.language}"


def test_part_of_a_draft_is_changed_on_the_page(desk, writer):
    version = create_draft()
    response = desk.post(edit_field(version.content, "name"), {"name": "Changed on the page"})
    assert response.status_code == 200
    assert DrugContent.admin_manager.get(pk=version.object_id).name == "Changed on the page"
    assert DraftEdit.objects.filter(version=version, user=writer).exists()


@pytest.mark.usefixtures("library")
def test_no_field_of_a_public_entry_is_changed_on_the_page(client, editor):
    client.force_login(editor)  # not even by an administrator
    tried = 0
    for model in content_models().values():
        content = model.objects.filter(language="en").first()
        assert content is not None
        before = signing.digest(content)
        for field in content._meta.concrete_fields:
            value = "\n".join(["new"]) if field.name not in ("checked_on", "next_check_due") else "2027-01-01"
            response = client.post(edit_field(content, field.name), {field.name: value})
            text = response.content.decode()
            assert "permission to edit this item" in text or "not found" in text, (model, field.name)
            tried += 1
        assert signing.digest(model.objects.get(pk=content.pk)) == before
    assert tried > 100


# --- Publishing


def test_editor_publishes_what_was_signed_off(desk, reviewer, settings):
    settings.CLINICAL_REVIEW = "required"
    version = create_draft()
    refused = desk.post(version_address(version, "publish"), follow=True)
    assert "No clinician has signed this version off yet." in refused.content.decode()
    assert Client().get("/drugs/testumab/").status_code == 404
    due = TODAY.replace(year=2027, month=5)
    seen = signing.digest(version.content)
    signing.sign_off(version, by=reviewer, next_review_due=due, seen=seen, now=TODAY)
    desk.post(version_address(version, "publish"))
    assert Client().get("/drugs/testumab/").status_code == 200


def test_publishing_text_that_breaks_a_rule_is_refused_with_the_reasons(desk):
    version = create_draft(
        daily_life="It is safe. About 50 of 100 people had it.", unknowns="See [@made-up]."
    )
    response = desk.post(version_address(version, "publish"), follow=True)
    text = response.content.decode()
    assert "to put right before readers see it" in text
    assert "Do not promise" in text
    assert Client().get("/drugs/testumab/").status_code == 404


def test_unknown_leaflet_breaks_no_page(desk):
    version = create_draft(leaflets=["made-up"])
    assert preview(desk, version.content).status_code == 200
    refused = desk.post(version_address(version, "publish"), follow=True)
    assert "There is no source" in refused.content.decode()
    assert Client().get("/drugs/testumab/").status_code == 404


def test_reviewer_cannot_publish(reader):
    version = create_draft()
    reader.post(version_address(version, "publish"))
    assert Client().get("/drugs/testumab/").status_code == 404


def test_editor_reverts_to_an_earlier_version(desk, editor):
    first = create_page(name="First name")
    second = first.copy(editor)
    second.content.name, second.content.change_note = "Second name", "Renamed."
    second.content.save()
    second.publish(editor)
    response = desk.post(version_address(first, "revert"), follow=True)
    assert response.status_code == 200
    draft = DrugContent.admin_manager.get(entry=first.content.entry_id, versions__state="draft")
    assert (draft.name, draft.change_note) == ("First name", "")
    assert "Second name" in Client().get("/drugs/testumab/").content.decode()


def test_editor_unpublishes(desk):
    version = create_page()
    desk.post(version_address(version, "unpublish"), {"confirmed": "yes"})
    assert Client().get("/drugs/testumab/").status_code == 404


# --- CMS pages


def test_editor_creates_a_page_fills_it_and_publishes_it(desk, writer):
    create_story(slug="first")  # the very first page would become the home page
    address = reverse("admin:cms_pagecontent_add") + "?language=en"
    assert desk.post(address, {"title": "New story", "slug": "new-story"}).status_code == 302
    content = PageContent.admin_manager.get(slug="new-story")
    assert add_block(desk, content, "ProsePlugin", body=CITED).status_code == 200
    assert add_block(desk, content, "CareCardPlugin", urgency="emergency", lines="Fainting [@test-label]")
    assert content.placeholders.get().get_plugins("en").count() == 2
    version = version_of(content)
    refused = desk.post(version_address(version, "publish"), follow=True)
    assert "Say in the change note what is new" in refused.content.decode()
    note = {
        "written_by": "Team",
        "checked_on": "2026-11-20",
        "next_check_due": "2027-10-01",
        "change_note": "New.",
    }
    address = reverse("admin:content_pagecheck_add") + f"?extended_object={content.pk}"
    assert desk.post(address, note).status_code == 302
    assert preview(desk, content).status_code == 200
    desk.post(version_address(version, "publish"))
    text = Client().get("/new-story/").content.decode()
    assert "Fainting" in text
    assert "No clinician has checked this page yet." in text
    assert DraftEdit.objects.filter(version=version, user=writer).exists()


def test_every_change_of_a_page_is_on_record(desk, writer, editor):
    """Whoever changed anything cannot sign it off."""
    content = create_story(by=editor)
    version = version_of(content)
    block = ProseBlock.objects.get(placeholder__in=content.placeholders.all())
    settings = reverse("admin:cms_pagecontent_change", args=[content.pk])
    changes = {
        "block changed": lambda: change_block(desk, block, body=f"{CITED} More."),
        "block added": lambda: add_block(desk, content, "DiagramPlugin", name="bcg"),
        "block deleted": lambda: delete_block(desk, block),
        "settings": lambda: desk.post(
            settings, {"title": "Renamed", "slug": "story", "template": "content/page.html"}
        ),
        "title": lambda: desk.post(
            reverse("admin:cms_page_edit_title_fields", args=[content.page_id, "en"]), {"title": "Again"}
        ),
        "check": lambda: desk.post(
            reverse("admin:content_pagecheck_change", args=[content.pagecheck.pk]),
            {
                "written_by": "X",
                "checked_on": "2026-11-20",
                "next_check_due": "2027-10-01",
                "change_note": "N.",
            },
        ),
    }
    for name, change in changes.items():
        DraftEdit.objects.filter(version=version).delete()
        before = signing.digest(PageContent.admin_manager.get(pk=content.pk))
        change()
        assert signing.digest(PageContent.admin_manager.get(pk=content.pk)) != before, name
        assert DraftEdit.objects.filter(version=version, user=writer).exists(), name


def test_nothing_of_a_public_page_is_changed_in_place(client, editor):
    client.force_login(editor)  # not even by an administrator
    content = publish(create_story())
    before = signing.digest(content)
    block = ProseBlock.objects.get(placeholder__in=content.placeholders.all())
    tries = {
        "block": lambda: change_block(client, block, body="Changed [@test-label]."),
        "new block": lambda: add_block(client, content, "DiagramPlugin", name="bcg"),
        "delete": lambda: delete_block(client, block),
        "field": lambda: client.post(
            reverse("admin:cms_placeholder_edit_field", args=[block.pk, "en"]) + "?edit_fields=body",
            {"body": "Changed"},
        ),
        "settings": lambda: client.post(
            reverse("admin:cms_pagecontent_change", args=[content.pk]),
            {"title": "Renamed", "slug": "story", "template": "content/page.html"},
        ),
        "title": lambda: client.post(
            reverse("admin:cms_page_edit_title_fields", args=[content.page_id, "en"]), {"title": "Renamed"}
        ),
        "template": lambda: client.post(
            reverse("admin:cms_pagecontent_change_template", args=[content.pk]),
            {"template": "content/home.html"},
        ),
        "menu": lambda: client.post(reverse("admin:cms_pagecontent_change_innavigation", args=[content.pk])),
        "check": lambda: client.post(
            reverse("admin:content_pagecheck_change", args=[content.pagecheck.pk]),
            {
                "written_by": "X",
                "checked_on": "2026-11-20",
                "next_check_due": "2027-10-01",
                "change_note": "N.",
            },
        ),
    }
    for name, attempt in tries.items():
        attempt()
        now = PageContent.objects.get(pk=content.pk)
        assert signing.digest(now) == before, name
        assert (now.in_navigation, now.template) == (content.in_navigation, content.template), name


def test_editor_cannot_exempt_a_page_from_review(desk):
    content = create_story()
    address = reverse("admin:cms_page_advanced", args=[content.page_id])
    desk.post(address, {"reverse_id": "privacy"})
    assert Page.objects.get(pk=content.page_id).reverse_id == "story"


def test_new_version_of_a_page_asks_for_its_own_change_note(desk):
    content = publish(create_story())
    desk.post(version_address(version_of(content), "edit_redirect"))
    draft = PageContent.admin_manager.get(page=content.page, versions__state="draft")
    assert (draft.pagecheck.written_by, draft.pagecheck.change_note) == ("Editorial team", "")
    response = desk.post(version_address(version_of(draft), "publish"), follow=True)
    assert "Say in the change note what is new" in response.content.decode()


# --- Toolbar


def toolbar_of(response: object) -> str:
    return response.content.decode().split('class="cms-toolbar-item-navigation"', 1)[-1]


def test_toolbar_offers_what_comes_next(desk, reader):
    version = create_draft()
    menu = toolbar_of(preview(desk, version.content))
    for words in ("Text and review", "Edit text", "Sign off", "History", "Open in list"):
        assert words in menu
    assert "Edit text" not in toolbar_of(preview(reader, version.content))
    assert "Sign off" in toolbar_of(preview(reader, version.content))


def test_toolbar_leads_from_a_public_entry_to_a_new_draft(desk, reader):
    public = create_page()
    new_draft = version_address(public, "edit_redirect")
    assert new_draft in toolbar_of(desk.get("/drugs/testumab/"))
    assert new_draft not in toolbar_of(reader.get("/drugs/testumab/"))
    desk.post(new_draft)
    draft = DrugContent.admin_manager.get(entry=public.content.entry_id, versions__state="draft")
    assert version_address(version_of(draft), "publish") in toolbar_of(edit(desk, draft))


def test_toolbar_of_a_page_opens_its_check(desk):
    content = create_story()
    address = reverse("admin:content_pagecheck_change", args=[content.pagecheck.pk])
    assert address in toolbar_of(preview(desk, content))
    without = create_story(slug="without", check=False)
    assert f"extended_object={without.pk}" in toolbar_of(preview(desk, without))


def test_readers_get_no_toolbar_and_no_marks(client):
    create_page()
    text = client.get("/drugs/testumab/").content.decode()
    assert "cms-toolbar" not in text
    assert "cms-plugin" not in text


# --- The editor of Markdown


def test_preview_shows_what_readers_would_see(desk):
    create_story()
    address = reverse("admin:content_prose_preview")
    text = desk.post(address, {"text": "**Bold** <script>x</script> [@test-label]"}).content.decode()
    assert "<strong>Bold</strong>" in text
    assert "<script" not in text
    assert "Test agency" in text


def test_preview_is_for_writers_only(reader, client):
    address = reverse("admin:content_prose_preview")
    assert reader.post(address, {"text": "x"}).status_code == 403
    assert client.post(address, {"text": "x"}).status_code == 302
    assert reader.get(address).status_code in (403, 405)


def test_sources_are_found_by_key_title_and_publisher(desk, reader):
    create_story()
    address = reverse("admin:content_find_sources")
    for words in ("test-label", "label test", "Test agency"):
        keys = [row["key"] for row in desk.get(address, {"q": words}).json()["sources"]]
        assert keys == ["test-label"], words
    assert desk.get(address, {"q": "no such thing"}).json() == {"sources": []}
    assert reader.get(address, {"q": "x"}).status_code == 403


def test_block_form_has_the_editor(desk):
    content = create_story()
    block = ProseBlock.objects.get(placeholder__in=content.placeholders.all())
    form = desk.get(reverse("admin:cms_placeholder_edit_plugin", args=[block.pk])).content.decode()
    assert "prose-editor" in form
    assert "admin/prose_editor.js" in form
