"""News reaches readers through the gate of facts: drafted, approved, told honestly, taken off."""

from __future__ import annotations

import datetime
import importlib
import re
from collections.abc import Callable

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.db.models import ProtectedError
from django.test import Client
from django.utils import timezone

from content import roles
from content.models import (
    Citation,
    Clinician,
    GlossaryTerm,
    Indication,
    Publication,
    Question,
    SearchDocument,
    SignOff,
    Update,
)
from content.review import facts, signing
from content.search.find import find
from content.stock.export import export
from immuno_site import page_cache
from tests.factories import TODAY, create_source, create_update
from tests.staff import create_staff
from tests.stocks import SMALL
from tests.stories import create_story, join, place, publish

pytestmark = pytest.mark.django_db

UNREVIEWED = "No clinician has checked this yet."
CHANGES = re.compile(r'<section class="changes".*?</section>', re.DOTALL)
FILE = "updates/2026-02-10-pembrolizumab-ovarian-cancer.md"


@pytest.fixture
def writer(db: None) -> User:
    """An editor with the permissions of the role and no others."""
    return join(create_staff("writer"), "Editor")


@pytest.fixture
def clinician(db: None) -> User:
    user = join(create_staff("judge"), "Clinical reviewer")
    Clinician.objects.create(name="Dr. Judge", role="Oncologist", license_number="T-2", user=user)
    return user


def typed(**changes: object) -> dict[str, object]:
    """As the browser sends the form."""
    return {
        "slug": "2026-11-02-quokka-news",
        "language": "en",
        "kind": "page",
        "happened_on": "2026-11-02",
        "title": "Quokka news",
        "text": "The quokkas were counted [@test-label].",
        "about": "drug:pembrolizumab",
        "source": create_source().pk,
        **changes,
    }


def page(path: str) -> str:
    """As it is now, for anybody."""
    page_cache.generation.start_new()
    return Client().get(path).content.decode()


def places_with(words: str) -> list[str]:
    """The pages for readers that show the words."""
    return [path for path in ("/updates/", "/", "/he/updates/", "/search/?q=quokka") if words in page(path)]


def address(row: Update, action: str = "change") -> str:
    return f"/admin/content/update/{row.pk}/{action}/"


# --- Draft, approval


@pytest.mark.parametrize("mode", ["label", "required"])
def test_update_an_editor_saves_is_nowhere_until_it_is_approved(client, settings, writer, clinician, mode):
    settings.CLINICAL_REVIEW = mode
    client.force_login(writer)
    assert client.post("/admin/content/update/add/", typed()).status_code == 302
    row = Update.objects.get(slug="2026-11-02-quokka-news")
    assert (row.state, row.created_by) == ("draft", writer)
    assert places_with("Quokka news") == []
    assert find("quokka", language="en") == []
    client.force_login(clinician)
    answer = client.post(address(row, "approve"), follow=True).content.decode()
    assert "/updates/#2026-11-02-quokka-news" in answer
    assert places_with("Quokka news") == ["/updates/", "/", "/search/?q=quokka"]
    assert [found.url for found in find("quokka", language="en")] == [row.address]


def test_editor_cannot_approve_where_review_is_required(client, settings, writer):
    settings.CLINICAL_REVIEW = "required"
    row = create_update(approve=False, created_by=writer)
    client.force_login(writer)
    assert "Only a clinician can approve a fact." in client.get(address(row)).content.decode()
    client.post(address(row, "approve"))
    row.refresh_from_db()
    assert row.state == "draft"
    assert "Test news" not in page("/updates/")


def test_clinician_does_not_approve_their_own_update_where_review_is_required(settings, clinician):
    settings.CLINICAL_REVIEW = "required"
    row = create_update(approve=False, created_by=clinician)
    with pytest.raises(facts.ApprovalRefused, match="You wrote this draft yourself"):
        facts.approve_fact(row, by=clinician, now=TODAY)


def test_approved_update_is_changed_by_a_proposal_only(client, writer):
    row = create_update()
    client.force_login(writer)
    assert client.post(address(row), typed(title="Changed at once")).status_code == 403
    assert client.post(address(row, "delete"), {"post": "yes"}).status_code == 403
    client.post(address(row, "propose"))
    draft = Update.objects.drafts().get(supersedes=row)
    draft.title = "Better news"
    draft.save()
    assert "Test news" in page("/updates/")
    assert "Better news" not in page("/updates/")
    facts.approve_fact(draft, by=writer, now=TODAY)
    assert "Test news" not in page("/updates/")
    assert page("/updates/").count("Better news") == 1
    assert SearchDocument.objects.filter(kind="update", slug=row.slug).count() == 1


def test_draft_is_shown_as_readers_would_see_it(client, clinician):
    row = create_update(approve=False, text="See [the label](drug:pembrolizumab) [@test-label].")
    client.force_login(clinician)
    preview = client.get(address(row)).content.decode().partition("As readers would see it")[2]
    assert "<h3>Test news</h3>" in preview
    assert 'See <a href="/drugs/pembrolizumab/">the label</a>' in preview
    assert 'href="#source-1"' in preview
    assert "Test label" in preview


def test_hebrew_draft_is_shown_from_right_to_left(client, clinician):
    row = create_update(approve=False, language="he")
    client.force_login(clinician)
    assert '<div lang="he" dir="rtl">' in client.get(address(row)).content.decode()


def test_insert_of_the_release_before_is_a_draft():
    """It names none of the columns that came with approval."""
    source = create_source()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO content_update (slug, language, kind, happened_on, title, text, about, source_id)"
            " VALUES ('2026-11-02-old', 'en', 'page', '2026-11-02', 'From before', 'News.', '[]', %s)",
            [source.pk],
        )
    assert Update.objects.get(slug="2026-11-02-old").state == "draft"
    assert "From before" not in page("/updates/")


# --- What is told of the review


def test_each_item_says_whether_a_clinician_has_checked_it(clinician):
    Update.objects.approved().update(state="draft")
    create_update(title="Unread news")
    row = create_update(slug="2026-11-03-read", title="Read news", approve=False)
    assert page("/updates/").count(UNREVIEWED) == page("/").count(UNREVIEWED) == 1
    facts.approve_fact(row, by=clinician, now=TODAY)
    for path in ("/updates/", "/"):
        html = page(path)
        assert html.count(UNREVIEWED) == 1
        assert html.index("Read news") < html.index("Unread news") < html.index(UNREVIEWED)


def test_unreviewed_headline_takes_the_review_of_a_page_away(reviewer):
    content = create_story(text="")
    place(content, "UpdateListPlugin", limit=1)
    publish(content)
    create_update(slug="2026-11-30-newest")
    assert "No clinician has checked this page yet." in page("/story/")
    sign(content, reviewer)
    assert "Not checked by a clinician yet: 1 update." in page("/story/")
    Update.objects.approved().update(review_state="reviewed", reviewer=reviewer)
    assert "by a clinician yet" not in page("/story/")


def test_news_of_this_site_needs_no_clinician(reviewer, writer, settings):
    Update.objects.approved().update(state="draft")
    Indication.objects.approved().update(state="draft")  # their decisions stand on /updates/ too
    content = create_story(text="")
    place(content, "UpdateListPlugin", limit=1)
    publish(content)
    sign(content, reviewer)
    settings.CLINICAL_REVIEW = "required"
    row = create_update(slug="2026-11-20-newest", kind="page", approve=False)
    facts.approve_fact(row, by=writer, now=TODAY)
    for path in ("/updates/", "/story/"):
        assert "Test news" in page(path)
        assert UNREVIEWED not in page(path)
        assert "by a clinician yet" not in page(path)


def test_nobody_approves_their_own_news_of_this_site(writer, settings):
    settings.CLINICAL_REVIEW = "required"
    row = create_update(kind="page", approve=False, created_by=writer)
    with pytest.raises(facts.ApprovalRefused, match="Somebody else"):
        facts.approve_fact(row, by=writer, now=TODAY)


def sign(content: object, by: Clinician) -> None:
    version = content.versions.get()
    signed = SignOff.objects.create(
        version=version, reviewer=by, signed_on=TODAY, next_review_due=TODAY + datetime.timedelta(days=180),
        digest=signing.digest(content), digest_format=signing.DIGEST_FORMAT,
    )  # fmt: skip
    Publication.objects.filter(version=version).update(sign_off=signed)


# --- Taken off


def test_update_taken_off_is_gone_at_once_and_its_page_tells_why(client, editor):
    row = create_update(title="Quokka news")
    assert places_with("Quokka news") == ["/updates/", "/", "/search/?q=quokka"]
    client.force_login(editor)
    answer = client.post(address(row, "retire"), {"reason": "The count was wrong."}, follow=True)
    assert "Taken off the site." in answer.content.decode()
    assert places_with('id="2026-11-01-test-news"') == []
    assert "Quokka news" not in page("/")
    assert find("quokka", language="en") == []
    told = " ".join(re.sub(r"<[^>]+>", " ", CHANGES.search(page("/updates/"))[0]).split())
    assert "Taken off this page: Quokka news. The count was wrong." in told


# --- Files


def test_draft_is_exported_and_stops_no_import(tmp_path, capsys):
    create_update(approve=False, source=None, title="Half written")
    call_command("import_library", verbosity=0)
    call_command("export_library", str(tmp_path))
    assert "update Half written: a draft without a source; written as it is" in capsys.readouterr().out
    assert 'title = "Half written"' in (tmp_path / "updates/2026-11-01-test-news.md").read_text()
    assert Update.objects.get(title="Half written").state == "draft"


@pytest.mark.parametrize("model", [Update, Question, GlossaryTerm])
def test_export_writes_what_readers_see_not_a_later_draft_of_the_same_slug(model):
    row = model.objects.approved().filter(language="en").first()
    before = export()
    columns = {
        field.name: getattr(row, field.name)
        for field in model._meta.concrete_fields
        if field.editable and not field.primary_key
    }
    twin = model.objects.create(**columns)
    model.objects.filter(pk=twin.pk).update(source=None)
    assert export() == before


def test_import_keeps_an_edited_update_until_it_is_told_to_replace_it(capsys, editor):
    row = Update.objects.approved().get(slug="2026-02-10-pembrolizumab-ovarian-cancer")
    draft = row.propose(by=editor)
    draft.title = "An edited title"
    draft.save()
    facts.approve_fact(draft, by=editor, now=TODAY)
    call_command("import_library", verbosity=0)
    assert f"{FILE}: kept" in capsys.readouterr().out
    assert "An edited title" in page("/updates/")
    call_command("import_library", "--overwrite", verbosity=0)
    assert "An edited title" not in page("/updates/")
    standing = Update.objects.approved().get(slug=row.slug)
    assert (standing.title, standing.review_state, standing.supersedes) == (row.title, "unreviewed", draft)
    assert {str(path): text for path, text in export().items()}[FILE] == (SMALL / FILE).read_text()


def test_import_brings_no_update_back_that_was_taken_off(capsys, editor):
    row = Update.objects.approved().get(slug="2026-02-10-pembrolizumab-ovarian-cancer")
    facts.retire_fact(row, by=editor, reason="Wrong.", now=timezone.localdate())
    call_command("import_library", "--overwrite", verbosity=0)
    assert f"{FILE}: left alone, because somebody took it off" in capsys.readouterr().out
    assert not Update.objects.approved().filter(slug=row.slug).exists()


def test_import_where_review_is_required_leaves_drafts(settings):
    settings.CLINICAL_REVIEW = "required"
    Citation.objects.filter(content_type__model="update").delete()
    Update.objects.all().delete()
    call_command("import_library", "--overwrite", verbosity=0)
    assert Update.objects.drafts().exists()
    assert not Update.objects.approved().exists()


# --- From before updates were facts


@pytest.fixture
def migrate() -> Callable[[], None]:
    """The data migration, on rows as the migration of the schema leaves them: all drafts."""
    migration = importlib.import_module("content.migrations.0009_old_updates_stand_unreviewed")

    def run() -> None:
        Citation.objects.filter(content_type__model__in=("update", "question")).delete()
        Update.objects.update(state="draft", review_state="", approved_on=None)
        with connection.schema_editor() if connection.vendor != "sqlite" else _Editor() as editor:
            for operation in migration.Migration.operations:
                operation.code(apps, editor)

    return run


class _Editor:
    """SQLite's own cannot be entered within the transaction of a test."""

    connection = connection

    def __enter__(self) -> _Editor:
        return self

    def __exit__(self, *_args: object) -> None:
        pass


def test_old_updates_stay_public_and_unreviewed(migrate):
    number = Update.objects.approved().count()
    migrate()
    rows = Update.objects.approved()
    assert rows.count() == number > 0
    assert set(rows.values_list("review_state", "approved_on")) == {("unreviewed", timezone.localdate())}
    assert page("/updates/").count(UNREVIEWED) == rows.filter(language="en").count()


def test_old_update_that_no_door_would_let_through_waits_as_a_draft(migrate):
    ahead = timezone.localdate() + datetime.timedelta(days=1)
    create_update(slug=f"{ahead}-ahead")
    create_update(slug="2026-11-02-uncited", text="News [@nope].")
    migrate()
    assert set(Update.objects.drafts().values_list("slug", flat=True)) == {
        f"{ahead}-ahead",
        "2026-11-02-uncited",
    }


def test_what_old_facts_cite_is_kept(migrate):
    create_source(key="test-cited")
    create_update(text="News [@test-cited].")
    migrate()
    with pytest.raises(ProtectedError):
        create_source(key="test-cited").delete()


# --- Roles


def test_roles_draft_and_judge_updates_like_other_facts(writer, clinician):
    roles.apply()
    assert writer.has_perms([f"content.{action}_update" for action in ("add", "change", "delete", "view")])
    assert clinician.has_perm("content.view_update")
    assert not clinician.has_perm("content.change_update")


def test_address_of_something_without_news_says_so_and_shows_all(client):
    told = client.get("/updates/?about=drug:made-up").content.decode()
    assert "We have no updates about what this address names" in told
    assert told.count("<time") == client.get("/updates/").content.decode().count("<time")
    assert "We have no updates" not in client.get("/updates/").content.decode()
