"""What supervisors, load balancers, search engines and devices ask: /healthz, /readyz, /robots.txt, icons."""

import json

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.cache import caches
from django.db import connection
from PIL import Image

from content.models import DrugContent
from immuno_site import health

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch) -> None:
    monkeypatch.setattr(health, "_are_applied", False)


def answer(client, path: str) -> tuple[int, dict]:
    response = client.get(path)
    assert response["Cache-Control"] == "no-store, private"
    return response.status_code, json.loads(response.content)


def test_healthz_answers_without_the_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get("/healthz")
    assert response.status_code == 200
    assert response.content == b"ok\n"
    assert response["Content-Type"] == "text/plain"
    assert "Content-Language" not in response  # a supervisor has no session and no language
    assert response["Cache-Control"] == "no-store, private"


def test_readyz_is_ok_when_everything_works(client):
    assert answer(client, "/readyz") == (200, {"status": "ok"})


def test_readyz_costs_little_once_it_knows_the_migrations(client, django_assert_max_num_queries):
    client.get("/readyz")
    with django_assert_max_num_queries(2):
        client.get("/readyz")


NOT_READY = (503, {"status": "not ready"})


def test_readyz_costs_little_where_review_is_required_and_much_is_public(
    client, settings, django_assert_max_num_queries
):
    settings.CLINICAL_REVIEW = "required"
    client.get("/readyz")
    with django_assert_max_num_queries(3):
        assert answer(client, "/readyz") == NOT_READY


def test_readyz_fails_without_the_database(client, monkeypatch):
    def refuse(*args: object) -> None:
        raise OSError("no route to db.internal:5432")

    monkeypatch.setattr(connection, "cursor", refuse)
    assert answer(client, "/readyz") == NOT_READY


def test_readyz_fails_without_the_page_cache(client, monkeypatch):
    def refuse(*args: object, **kwargs: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(caches["pages"], "set", refuse)
    assert answer(client, "/readyz") == NOT_READY


def test_readyz_fails_while_migrations_are_missing(client):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'content' AND name = '0003_search_index'")
        assert cursor.rowcount == 1
    assert answer(client, "/readyz") == NOT_READY


def test_readyz_fails_while_unsigned_pages_are_public_where_review_is_required(client, settings):
    settings.CLINICAL_REVIEW = "required"
    assert DrugContent.objects.exists()
    assert answer(client, "/readyz") == NOT_READY


def test_strangers_learn_no_details(client, monkeypatch, caplog):
    monkeypatch.setattr(health, "CHECKS", (lambda: "password of db.internal refused",))
    response = client.get("/readyz")
    assert b"db.internal" not in response.content


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_no_redirect_to_https(client, settings, path):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get(path).status_code == 200
    assert client.get("/drugs/").status_code == 301


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_no_language_redirect_and_no_cookie(client, path):
    response = client.get(path, headers={"accept-language": "he"})
    assert response.status_code == 200
    assert not response.cookies


def test_robots_are_kept_from_personal_and_endless_pages(client):
    response = client.get("/robots.txt")
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain")
    lines = response.content.decode().splitlines()
    for path in ("/consultation", "/callback", "/feedback", "/admin", "/search/"):
        assert f"Disallow: {path}" in lines
        assert f"Disallow: /he{path}" in lines
    assert "Disallow: /" not in lines
    assert "Sitemap: https://testserver/sitemap.xml" in lines
    assert lines[0] == "User-agent: *"


def test_devices_find_name_and_icons_to_put_on_their_screen(client):
    described = client.get("/site.webmanifest").json()
    assert (described["start_url"], described["display"]) == ("/", "minimal-ui")
    assert described["name"]
    colors = (settings.ROOT / "static/css/tokens.css").read_text()
    assert f"--paper: {described['background_color']};" in colors
    sizes = {}
    for icon in described["icons"]:
        with Image.open(finders.find(icon["src"].removeprefix(settings.STATIC_URL))) as drawn:
            sizes[icon["purpose"], icon["sizes"]] = "x".join(map(str, drawn.size))
    assert all(said == drawn for (_, said), drawn in sizes.items())
    assert {purpose for purpose, _ in sizes} == {"any", "maskable"}
    page = client.get("/drugs/").content.decode()
    assert '<link rel="manifest" href="/site.webmanifest">' in page
    for address, file in {"/favicon.ico": "favicon.ico", "/apple-touch-icon.png": "icon-touch.png"}.items():
        assert client.get(address)["Location"].endswith(f"/img/{file}")
        assert finders.find(f"img/{file}")
