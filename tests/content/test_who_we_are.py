"""Who runs the site and who pays: said once, in the profile, and the same on every page that needs it."""

from __future__ import annotations

import io
from shutil import copy

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.test import Client

from content.changes import announce_change
from content.models import SiteProfile, SiteProfileText
from tests.staff import create_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("library")]

FILLED = {
    "organization": "Sample Clinic",
    "about": "A team of coordinators.",
    "who_pays": "The clinic pays for this site.",
    "license_number": "T-123",
    "register_url": "https://example.org/register",
    "privacy_contact": "Dana Sample, privacy@example.org",
    "address": "Sample street 1\nTel Aviv",
}
PAGES = ["/contact/", "/who-pays-us/", "/privacy/", "/consultation/"]


def fill(**more: object) -> SiteProfile:
    profile, _created = SiteProfile.objects.update_or_create(pk=1, defaults=FILLED | more)
    announce_change()
    return profile


def block_of(client: Client, path: str) -> str:
    return client.get(path).content.decode().split('class="who-we-are"')[1].split("</div>")[0]


@pytest.mark.parametrize("path", PAGES)
def test_filled_profile_is_told_in_full(client, path):
    fill()
    block = block_of(client, path)
    for words in (*FILLED.values(),):
        assert words.replace("\n", "<br>") in block
    assert "Not filled in" not in block


@pytest.mark.parametrize("path", PAGES)
def test_empty_profile_says_what_is_missing(client, path):
    block = block_of(client, path)
    missing = "organization, who we are, license number, who pays us, privacy contact"
    assert f"Not filled in yet: {missing}." in block


@pytest.mark.parametrize("path", PAGES)
def test_no_page_contradicts_the_profile(client, path):
    fill(phone="+972 3 555 0000")
    assert "not filled in" not in client.get(path).content.decode().lower()


def test_foot_says_who_runs_the_site_or_that_nobody_said(client, django_capture_on_commit_callbacks):
    foot = client.get("/cancers/").content.decode().split("<footer")[1]
    assert "Not filled in yet: organization, privacy contact, who pays us." in foot
    with django_capture_on_commit_callbacks(execute=True):
        fill()
    foot = client.get("/cancers/").content.decode().split("<footer")[1]
    assert "Run by <bdi>Sample Clinic</bdi>." in foot
    assert "Not filled in" not in foot


def test_names_of_the_profile_are_no_html(client):
    fill(organization="<b>Clinic</b>", about="<script>x</script>", address="<i>street</i>")
    text = client.get("/contact/").content.decode()
    assert "<b>Clinic" not in text
    assert "<script>x" not in text
    assert "<i>street" not in text


# --- In the reader's language


def test_text_that_is_there_in_english_only_is_marked_so(client):
    fill()
    assert '<span lang="en" dir="ltr">The clinic pays for this site.</span>' in block_of(
        client, "/he/consultation/"
    )


def test_text_in_the_readers_language_is_shown_as_it_is(client):
    profile = fill()
    SiteProfileText.objects.create(profile=profile, language="he", who_pays="המרפאה משלמת.")
    announce_change()
    block = block_of(client, "/he/consultation/")
    assert "<dd>המרפאה משלמת.</dd>" in block
    assert '<span lang="en" dir="ltr">A team of coordinators.</span>' in block
    assert "The clinic pays for this site." in block_of(client, "/consultation/")


def test_changed_text_shows_at_once_on_every_page(django_capture_on_commit_callbacks):
    """The foot is drawn once for all pages; it must not keep words that were changed since."""
    profile = SiteProfile.objects.update_or_create(pk=1, defaults=FILLED)[0]
    text = SiteProfileText.objects.create(profile=profile, language="he", who_pays="Before")
    own = Client(headers={"cookie": f"{settings.CSRF_COOKIE_NAME}={'a' * 32}"})  # past the finished pages
    assert "Before" in own.get("/he/cancers/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        SiteProfileText.objects.filter(pk=text.pk).update(who_pays="After")
        announce_change()
    page = own.get("/he/cancers/").content.decode()
    assert "After" in page
    assert "Before" not in page


def test_english_page_asks_nothing_for_texts_of_other_languages(client, django_assert_max_num_queries):
    fill()
    with django_assert_max_num_queries(100) as asked:
        client.get("/cancers/")
    assert not [row for row in asked.captured_queries if "siteprofiletext" in row["sql"]]


def test_editor_writes_texts_of_other_languages_in_the_profile():
    profile = fill()
    names = ("change_siteprofile", "view_siteprofile", "add_siteprofiletext", "change_siteprofiletext")
    assert Permission.objects.filter(codename__in=names).count() == len(names)
    client = Client()
    client.force_login(create_staff("editor", *names))
    page = client.get("/admin/content/siteprofile/1/change/").content.decode()
    assert 'name="texts-__prefix__-who_pays"' in page
    values = {field.name: getattr(profile, field.name) for field in SiteProfile._meta.concrete_fields}
    values |= {"closed_days": "", "emergency_numbers": "\n".join(profile.emergency_numbers)}
    rows = {"TOTAL_FORMS": 1, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 1000}
    text = {"0-id": "", "0-profile": 1, "0-language": "ru", "0-who_pays": "Платит клиника."}
    sent = values | {f"texts-{name}": value for name, value in (rows | text).items()}
    assert client.post("/admin/content/siteprofile/1/change/", sent).status_code == 302
    assert "Платит клиника." in Client().get("/ru/cancers/").content.decode()


# --- In the library's files


def test_texts_of_other_languages_come_from_the_library_and_go_back_to_it(tmp_path):
    profile = fill()
    SiteProfileText.objects.create(
        profile=profile, language="ru", who_pays="Платит клиника.", address="Тель-Авив"
    )
    call_command("export_library", str(tmp_path), stdout=io.StringIO())
    text = (tmp_path / "site_profile.toml").read_text(encoding="utf-8")
    assert 'who_pays = "Платит клиника."' in text
    changed = text.replace("Платит клиника.", "Платит фонд.")
    (tmp_path / "site_profile.toml").write_text(changed, encoding="utf-8")
    copy(settings.LIBRARY / "slugs.toml", tmp_path)
    call_command("import_library", str(tmp_path), "--overwrite", stdout=io.StringIO())
    assert [(row.language, row.who_pays, row.address) for row in profile.texts.all()] == [
        ("ru", "Платит фонд.", "Тель-Авив")
    ]
