"""The site's public pages as finished goods: kept, without cookies, and gone when a fact changes."""

import re

import pytest
from django.test import Client

from content.models import DrugContent
from immuno_site import page_cache
from tests.addresses import LIBRARY

pytestmark = pytest.mark.django_db

PUBLIC = [
    *LIBRARY,
    "/updates/feed/",
    "/records/?cancer=melanoma",
    "/api/v1/drugs/",
    "/api/v1/drugs/pembrolizumab/",
    "/api/v1/openapi.json",
]


@pytest.fixture(autouse=True)
def _fresh_pages(monkeypatch) -> None:
    monkeypatch.setattr(page_cache, "generation", page_cache.Generation())
    page_cache.generation.start_new()


@pytest.mark.corpus("H2", "H3", "H5")
@pytest.mark.parametrize("path", [*PUBLIC, "/", "/contact/", "/guide/types/"])
def test_h2_every_visitor_gets_the_same_bytes_and_no_cookie(path):
    """Also when the page is built anew for the second, who asks in another way and from behind somebody's proxy."""
    one = Client(REMOTE_ADDR="192.0.2.1").get(path, headers={"accept-language": "ru", "user-agent": "Phone"})
    page_cache.generation.start_new()
    asked = {
        "accept-language": "he", "user-agent": "Desktop", "cookie": "seen=1; theme=dark", "referer": "https://x.example/",
        "x-forwarded-host": "evil.example", "x-forwarded-scheme": "http", "x-original-url": "/admin/",
        "x-rewrite-url": "/admin/", "forwarded": "host=evil.example",
    }  # fmt: skip
    other = Client(REMOTE_ADDR="198.51.100.7").get(path, headers=asked)
    assert one.status_code == other.status_code == 200
    assert one.content == other.content == Client().get(path).content
    assert not one.cookies
    assert not other.cookies
    assert b"csrfmiddlewaretoken" not in one.content


@pytest.mark.corpus("H5")
@pytest.mark.parametrize(
    "path", ["/consultation/", "/callback/", "/feedback/", "/consultation/return/", "/accounts/login/"]
)
def test_h5_every_visitor_gets_a_form_of_their_own(path):
    tokens = {
        re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', Client().get(path).content.decode())[1]
        for _ in range(3)
    }
    assert len(tokens) == 3


@pytest.mark.parametrize(
    "path",
    ["/cancers/melanoma/", "/drugs/nivolumab/", "/biomarkers/pd-l1/", "/guide/how-it-works/", "/questions/"],
)
def test_sources_are_numbered_as_a_reader_meets_them(client, path):
    """Also in lists, and in tables that show withdrawn uses last."""
    marks = re.findall(r'data-n="([\d, ]+)"', client.get(path).content.decode())
    numbers = list(dict.fromkeys(number for mark in marks for number in mark.split(", ")))
    assert len(numbers) > 5
    assert numbers == [str(number) for number in range(1, len(numbers) + 1)]


@pytest.mark.parametrize("path", PUBLIC)
def test_second_visit_costs_no_query(client, django_assert_num_queries, path):
    first = client.get(path)
    assert first.status_code == 200
    with django_assert_num_queries(0):
        second = client.get(path)
    assert second.content == first.content
    assert second["Cache-Control"] == "public, max-age=60, stale-if-error=3600"
    assert second["Vary"] == "Accept-Encoding"
    assert not second.cookies
    assert b"csrfmiddlewaretoken" not in second.content


@pytest.mark.parametrize("path", [path for path in PUBLIC if not path.startswith("/api/")])
def test_page_holds_nothing_that_the_content_policy_forbids(client, path):
    text = client.get(path).content.decode()
    scripts = re.findall(r"<script\b[^>]*>", text)
    assert all("src=" in tag or re.search('type="application/(ld[+])?json"', tag) for tag in scripts)
    assert not re.search(r"<style\b|\sstyle=|\son[a-z]+=\"|javascript:", text)
    outside = re.findall(r'<(?:script|img|link rel="stylesheet"|iframe)[^>]+(?:src|href)="(https?:)?//', text)
    assert not outside


def test_publishing_retires_the_kept_page(client, editor, django_capture_on_commit_callbacks):
    before = client.get("/drugs/pembrolizumab/").content
    with django_capture_on_commit_callbacks(execute=True):
        public = DrugContent.objects.get(entry__slug="pembrolizumab", language="en")
        draft = public.versions.get().copy(editor)
        content = draft.content
        content.summary, content.change_note = "A summary written a moment ago.", "New summary."
        content.save()
        draft.publish(editor)
    after = client.get("/drugs/pembrolizumab/").content
    assert after != before
    assert b"A summary written a moment ago." in after


def test_editor_at_work_gets_no_kept_page_and_leaves_none(client, editor):
    public = client.get("/drugs/pembrolizumab/").content
    signed_in = Client()
    signed_in.force_login(editor)
    response = signed_in.get("/drugs/pembrolizumab/")
    assert response["Cache-Control"] == "no-store, private"
    assert "cms-toolbar" in response.content.decode()
    assert Client().get("/drugs/pembrolizumab/").content == public


def test_made_up_and_untranslated_addresses_are_not_kept(client):
    for path in ("/drugs/made-up/", "/he/drugs/pembrolizumab/", "/drugs/pembrolizumab/x.css/"):
        response = client.get(path)
        assert response.status_code == 404
        assert response["Cache-Control"] == "no-store, private"
