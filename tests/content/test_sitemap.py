"""The site map: every public address, its last change, the languages it can be read in; nothing else."""

import datetime
import re
from xml.etree import ElementTree

import pytest
from cms.models import PageContent
from django.core.management import call_command
from django.utils import timezone

from content.models import DrugContent, EntryContent, Publication

pytestmark = pytest.mark.django_db

SITE = "https://testserver"
NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


def rows_of(client) -> dict[str, ElementTree.Element]:
    # With credentials a page is built for the visitor alone: not one that an earlier test left.
    response = client.get("/sitemap.xml", headers={"authorization": "Test"})
    assert response.status_code == 200
    assert response["Content-Type"] == "application/xml"
    urls = ElementTree.fromstring(response.content).findall("s:url", NAMES)  # noqa: S314 - our own
    rows = {url.findtext("s:loc", "", NAMES).removeprefix(SITE): url for url in urls}
    assert len(rows) == len(urls)
    return rows


def alternates(row: ElementTree.Element) -> dict[str, str]:
    return {link.get("hreflang"): link.get("href") for link in row.findall("x:link", NAMES)}


def translate(slug: str, language: str, editor) -> EntryContent:
    """A published version in another language, word for word the English one."""
    english = DrugContent.objects.get(entry__slug=slug, language="en")
    values = {
        field.name: getattr(english, field.name)
        for field in english._meta.concrete_fields
        if field.name not in ("id", "language")
    }
    content = DrugContent.objects.with_user(editor).create(**values, language=language)
    content.versions.get().publish(editor)
    return content


def test_every_public_entry_and_list_is_there_and_every_address_answers(client):
    rows = rows_of(client)
    for path in (
        "/cancers/",
        "/drugs/",
        "/drugs/pembrolizumab/",
        "/cancers/melanoma/",
        "/questions/",
        "/glossary/",
        "/updates/",
    ):
        assert path in rows
    for path in rows:
        assert client.get(path).status_code == 200


def test_drafts_personal_pages_and_search_are_not(client, editor):
    DrugContent.objects.get(entry__slug="pembrolizumab", language="en").versions.get().unpublish(editor)
    paths = rows_of(client)
    assert "/drugs/pembrolizumab/" not in paths
    assert not [
        path for path in paths if path.startswith(("/search", "/admin", "/consultation", "/api", "/feedback"))
    ]


def test_last_change_is_the_day_it_was_published(client):
    content = DrugContent.objects.get(entry__slug="pembrolizumab", language="en")
    moment = timezone.make_aware(datetime.datetime(2026, 3, 4, 12))
    Publication.objects.filter(version=content.versions.get()).update(published_at=moment)
    assert rows_of(client)["/drugs/pembrolizumab/"].findtext("s:lastmod", "", NAMES) == "2026-03-04"


def test_day_is_that_of_the_site_and_not_of_greenwich(client):
    content = DrugContent.objects.get(entry__slug="pembrolizumab", language="en")
    late = datetime.datetime(2026, 3, 4, 22, 30, tzinfo=datetime.UTC)  # after midnight in Jerusalem
    Publication.objects.filter(version=content.versions.get()).update(published_at=late)
    assert rows_of(client)["/drugs/pembrolizumab/"].findtext("s:lastmod", "", NAMES) == "2026-03-05"
    page = client.get("/drugs/pembrolizumab/").content.decode()
    assert re.search(r'"dateModified": ?"2026-03-05"', page)
    assert "2026-03-04" not in page


def test_page_that_leads_elsewhere_is_not_there(client):
    call_command("build_pages", verbosity=0)
    assert "/about/" in rows_of(client)
    PageContent.objects.filter(page__reverse_id="about").update(redirect="/contact/")
    assert "/about/" not in rows_of(client)


def test_only_published_languages_are_named(client, editor):
    before = rows_of(client)["/drugs/pembrolizumab/"]
    assert alternates(before) == {"en": f"{SITE}/drugs/pembrolizumab/"}
    translate("pembrolizumab", "he", editor)
    rows = rows_of(client)
    both = {"en": f"{SITE}/drugs/pembrolizumab/", "he": f"{SITE}/he/drugs/pembrolizumab/"}
    assert alternates(rows["/drugs/pembrolizumab/"]) == alternates(rows["/he/drugs/pembrolizumab/"]) == both
    assert "/he/drugs/" in rows
    assert "/he/drugs/nivolumab/" not in rows


def test_pages_name_the_same_languages_in_their_head(client, editor):
    translate("pembrolizumab", "he", editor)
    for path in ("/drugs/pembrolizumab/", "/he/drugs/pembrolizumab/"):
        text = client.get(path).content.decode()
        assert 'hreflang="en" href="https://testserver/drugs/pembrolizumab/"' in text
        assert 'hreflang="he" href="https://testserver/he/drugs/pembrolizumab/"' in text
        assert 'hreflang="ru"' not in text


def test_cms_pages_are_there_and_words_above_a_list_are_not_twice(client):
    call_command("build_pages", verbosity=0)
    rows = rows_of(client)
    assert "/" in rows
    guide = PageContent.objects.get(page__reverse_id="guide", language="en")
    assert guide.get_absolute_url() in rows
    assert rows[guide.get_absolute_url()].findtext("s:lastmod", "", NAMES)


def test_number_of_queries_does_not_grow_with_the_library(queries_of):
    queries_of("/sitemap.xml", 16)


def test_page_cache_keeps_it(client, django_assert_num_queries):
    client.get("/sitemap.xml")
    with django_assert_num_queries(0):
        assert client.get("/sitemap.xml")["Cache-Control"] == "public, max-age=60, stale-if-error=3600"
