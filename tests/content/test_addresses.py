"""Addresses are promises: which answer, what stands in for the others, and that nothing odd breaks a page."""

import re

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from content.models import DrugContent, FormerSlug, ImportedFile, Indication
from immuno_site import page_cache
from tests.addresses import LIBRARY
from tests.synthetic import fill

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_pages(monkeypatch) -> None:
    monkeypatch.setattr(page_cache, "generation", page_cache.Generation())
    page_cache.generation.start_new()


def text_of(response) -> str:
    return response.content.decode()


@pytest.mark.parametrize(
    "path",
    [
        *LIBRARY,
        "/he/emergency-numbers/",
        "/he/card/",
        "/he/diary/",
        "/he/records/?cancer=melanoma",
        "/search/?q=rash&kind=drug",
        "/api/v1/docs",
        "/sitemap.xml",
        "/robots.txt",
        "/healthz",
        "/readyz",
        "/metrics",
    ],
)
def test_promised_address_answers(client, path):
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/drugs", "/drugs/pembrolizumab", "/search"])
def test_missing_slash_is_added(client, path):
    response = client.get(path)
    assert response.status_code == 301
    assert response["Location"] == f"{path}/"


# --- Not here ------------------------------------------------------------------------------------------------


def test_unknown_slug_offers_near_names(client):
    response = client.get("/drugs/pembrolizumap/")
    assert response.status_code == 404
    assert 'href="/drugs/pembrolizumab/"' in text_of(response)
    assert response["Cache-Control"] == "no-store, private"


def test_name_in_the_wrong_place_offers_the_right_one(client):
    response = client.get("/cancers/pembrolizumab/")
    assert response.status_code == 404
    assert 'href="/drugs/pembrolizumab/"' in text_of(response)


def test_unknown_page_offers_search_with_its_last_word(client):
    response = client.get("/somewhere/melanoma-skin/")
    assert response.status_code == 404
    assert 'href="/cancers/melanoma/"' in text_of(response)
    assert 'value="melanoma-skin"' in text_of(response)


@pytest.mark.parametrize("language", ["he", "ar", "ru"])
def test_entry_without_translation_is_404_and_links_to_english(client, language):
    response = client.get(f"/{language}/drugs/pembrolizumab/")
    assert response.status_code == 404
    text = text_of(response)
    assert f'<html lang="{language}" dir="{"ltr" if language == "ru" else "rtl"}">' in text
    assert 'href="/drugs/pembrolizumab/" hreflang="en"' in text
    assert '<bdi lang="en">Pembrolizumab</bdi>' in text
    assert 'rel="alternate"' not in text


def test_unknown_slug_in_another_language_is_simply_not_there(client):
    response = client.get("/he/drugs/made-up/")
    assert response.status_code == 404
    assert "/drugs/made-up/" not in text_of(response)


def test_default_language_has_no_prefix(client):
    assert client.get("/en/drugs/").headers["Location"] == "/drugs/"


def test_language_of_the_browser_changes_no_address(client):
    response = client.get("/drugs/", headers={"accept-language": "he"})
    assert response.status_code == 200
    assert '<html lang="en"' in text_of(response)


def test_hreflang_names_the_languages_an_entry_is_published_in(client):
    text = text_of(client.get("/drugs/pembrolizumab/"))
    assert re.findall(r'rel="alternate" hreflang="(\w+)"', text) == ["en"]


# --- A new address -------------------------------------------------------------------------------------------


def rename(*arguments: str) -> None:
    call_command("rename_entry", *arguments, verbosity=0)


def test_renamed_entry_answers_at_its_new_address_and_the_old_one_leads_there(client):
    rename("drug", "pembrolizumab", "pembrolizumab-keytruda")
    assert client.get("/drugs/pembrolizumab-keytruda/").status_code == 200
    response = client.get("/drugs/pembrolizumab/")
    assert response.status_code == 301
    assert response["Location"] == "/drugs/pembrolizumab-keytruda/"
    assert client.get("/he/drugs/pembrolizumab/")["Location"] == "/he/drugs/pembrolizumab-keytruda/"


def test_search_lists_and_links_know_the_new_address_only(client):
    assert 'href="/drugs/pembrolizumab/"' in text_of(client.get("/therapies/pd-1-inhibitors/"))
    rename("drug", "pembrolizumab", "keytruda")
    for path in ("/drugs/", "/search/?q=pembrolizumab", "/therapies/pd-1-inhibitors/", "/cancers/melanoma/"):
        text = text_of(client.get(path, headers={"authorization": "Test"}))
        assert 'href="/drugs/keytruda/"' in text, path
        assert 'href="/drugs/pembrolizumab/"' not in text, path


def test_every_former_address_leads_there_in_one_step(client):
    rename("drug", "pembrolizumab", "second")
    rename("drug", "second", "third")
    for path in ("/drugs/pembrolizumab/", "/drugs/second/"):
        assert client.get(path)["Location"] == "/drugs/third/"


def test_entry_can_come_back_to_an_address_of_its_own(client):
    rename("drug", "pembrolizumab", "second")
    rename("drug", "second", "pembrolizumab")
    assert client.get("/drugs/pembrolizumab/").status_code == 200
    assert client.get("/drugs/second/")["Location"] == "/drugs/pembrolizumab/"
    assert not FormerSlug.objects.filter(slug="pembrolizumab").exists()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("drug", "made-up", "other"), "no drug made-up"),
        (("drug", "pembrolizumab", "nivolumab"), "already the address"),
        (("drug", "pembrolizumab", "pembrolizumab"), "this address already"),
        (("drug", "pembrolizumab", "Two Words"), "no address"),
        (("drug", "pembrolizumab", "UPPER"), "no address"),
        (("drug", "pembrolizumab", "under_score"), "no address"),
        (("drug", "pembrolizumab", "x" * 81), "no address"),
        (("drug", "pembrolizumab", ""), "no address"),
    ],
)
def test_address_that_is_not_free_is_refused(arguments, reason):
    with pytest.raises(CommandError, match=reason):
        rename(*arguments)
    assert not FormerSlug.objects.exists()


def test_address_printed_for_another_entry_is_refused():
    rename("drug", "pembrolizumab", "second")
    with pytest.raises(CommandError, match="was printed for second"):
        rename("drug", "nivolumab", "pembrolizumab")


def test_renaming_retires_the_kept_pages(client, django_capture_on_commit_callbacks):
    assert client.get("/drugs/pembrolizumab/").status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        rename("drug", "pembrolizumab", "second")
    assert client.get("/drugs/pembrolizumab/").status_code == 301


def test_next_import_brings_no_old_address_back(capsys):
    rename("drug", "pembrolizumab", "second")
    uses = Indication.objects.count()
    call_command("import_library", verbosity=0)
    assert "left alone, because its entry was renamed" in capsys.readouterr().out
    assert not DrugContent.admin_manager.filter(entry__slug="pembrolizumab").exists()
    assert not DrugContent.grouper().objects.filter(slug="pembrolizumab").exists()
    assert Indication.objects.count() == uses
    assert ImportedFile.objects.filter(path="drugs/second.md").exists()


# --- Odd and hostile requests --------------------------------------------------------------------------------

ODD = [
    "/drugs/%00/",
    "/%00",
    "/he/%00/",
    "/drugs/%ff%fe/",
    "/drugs/pembrolizumab/%00",
    "/drugs/" + "a" * 5000 + "/",
    "/" + "a/" * 2000,
    "/drugs/../../etc/passwd",
    "/drugs/%2e%2e/%2e%2e/",
    "//evil.example/drugs/",
    "/drugs//pembrolizumab/",
    "/drugs/pembrolizumab/?%ff=%ff",
    "/drugs/pembrolizumab/?" + "a=1&" * 2000,
    "/drugs/?letter=%00",
    "/search/?q=%ff%fe",
    "/search/?q=%00&kind=%00",
    "/search/?q=" + "x" * 5000,
    "/search/?q[]=a&q=b&q=",
    "/search/?kind=drug",
    "/search/?" + "q=a&" * 2000,
    "/updates/?topic='%20OR%201=1",
    "/glossary/?letter=%F0%9F%99%82",
    "/api/v1/drugs/?language[]=en",
    "/sitemap.xml?p=abc",
    "/\u202e/",
    "/<script>/",
]


@pytest.mark.parametrize("path", ODD, ids=range(len(ODD)))
@pytest.mark.parametrize("headers", [{}, {"authorization": "Test"}], ids=["anyone", "with-credentials"])
def test_odd_request_never_breaks_a_page(client, path, headers):
    response = client.get(path, headers=headers)
    assert response.status_code in (200, 301, 400, 404, 414, 422)
    assert b"<script>/" not in response.content


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "a b", "", "testserver.evil.example", "[::1"]
)
@pytest.mark.parametrize("path", ["/drugs/pembrolizumab/", "/search/?q=a", "/made-up/", "/api/v1/drugs/"])
def test_foreign_host_is_refused(client, host, path):
    response = client.get(path, HTTP_HOST=host)
    assert response.status_code == 400
    assert host == "" or host.encode() not in response.content


@pytest.mark.parametrize("path", ["/drugs/pembrolizumab/", "/search/", "/questions/"])
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "trace"])
def test_odd_method_never_breaks_a_page(client, path, method):
    assert getattr(client, method)(path).status_code < 500


# --- Cost ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/cancers/melanoma/",
        "/therapies/pd-1-inhibitors/",
        "/drugs/pembrolizumab/",
        "/drugs/nivolumab/",
        "/side-effects/lung-inflammation/",
        "/biomarkers/pd-l1/",
        "/centers/sheba-medical-center/",
    ],
)
def test_entry_page_costs_at_most_eighteen_queries(queries_of, path):
    assert queries_of(path, 18, after="/therapies/checkpoint-inhibitors/").status_code == 200


@pytest.mark.parametrize("path", ["/cancers/melanoma/", "/drugs/pembrolizumab/"])
def test_first_page_of_an_edition_costs_few_more(queries_of, path):
    assert queries_of(path, 25).status_code == 200


@pytest.mark.parametrize(
    ("path", "most"),
    [
        *((f"/{name}/", 12) for name in ("cancers", "drugs", "centers", "questions", "glossary")),
        ("/my-questions/", 8),
        ("/diary/", 10),
        ("/records/", 8),
        ("/records/?cancer=melanoma", 16),
        ("/decision/?cancer=melanoma", 20),
        ("/card/", 14),  # names and groups of all medicines, and what signs point to
        ("/updates/", 16),  # decisions with their parts; names of what readers may narrow it to
        ("/side-effects/", 14),  # grouped by therapy too, below the gravest signs
    ],
)
def test_list_costs_few_queries(queries_of, path, most):
    assert queries_of(path, most).status_code == 200


@pytest.mark.parametrize("path", ["/drugs/made-up/", "/he/drugs/pembrolizumab/", "/made-up/"])
def test_missing_page_costs_few_queries(queries_of, path):
    assert queries_of(path, 12).status_code == 404


def test_number_of_queries_does_not_grow_with_the_library(client):
    paths = [
        "/cancers/",
        "/drugs/",
        "/side-effects/",
        "/centers/",
        "/search/?q=cancer",
        "/sitemap.xml",
        "/api/v1/drugs/",
        "/drugs/made-up/",
    ]

    def queries() -> dict[str, int]:
        counts = {}
        for path in paths:
            client.get(path, headers={"authorization": "Test"})
            with CaptureQueriesContext(connection) as captured:
                client.get(path, headers={"authorization": "Test"})
            counts[path] = len(captured)
        return counts

    before = queries()
    fill(60)
    # Search may need fewer: it stops once the names alone give enough.
    assert {path: (before[path], count) for path, count in queries().items() if count > before[path]} == {}


def test_addresses_in_a_page_come_from_the_setting(client, settings):
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "other.example"]
    for path in ("/drugs/pembrolizumab/", "/guide/", "/"):
        text = client.get(path, headers={"host": "other.example:4444"}).content.decode()
        assert f'rel="canonical" href="{settings.SITE_URL}{path}"' in text
        assert "other.example" not in text
        assert ":4444" not in text


@pytest.mark.parametrize("path", ["/made-up/", "/drugs/made-up/", "/he/guide-made-up/"])
def test_page_that_is_not_there_claims_no_address(client, path):
    text = client.get(path).content.decode()
    assert "canonical" not in text
    assert "alternate" not in text
