"""Response headers: two content policies, frames, device features, and nothing kept of personal pages."""

import pytest
from django.contrib.auth.models import User
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client, RequestFactory

from immuno_site.charsets import in_a_charset_of_browsers, readable

STRICT = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
    "manifest-src": "'self'",
}
FOR_STAFF = STRICT | {
    "script-src": "'self' 'unsafe-hashes' 'sha256-47mKTaMaEn1L3m5DAz9muidMqw636xxw7EFAK/YnPdg='",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data:",
    "frame-src": "'self'",
    "frame-ancestors": "'self'",
}
EVERY_KIND_OF_PAGE = [
    "/drugs/",
    "/he/drugs/",
    "/search/?q=rash",
    "/api/v1/drugs/",
    "/consultation/",
    "/made-up/",
    "/old/",
]


@pytest.fixture(autouse=True)
def _small_site(settings) -> None:
    settings.ROOT_URLCONF = "tests.site.urls_for_page_cache"
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.SECURE_SSL_REDIRECT = False
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if not name.startswith("cms.")]
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
        "pages": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
    }


@pytest.fixture
def editor_client(editor) -> Client:
    client = Client()
    client.force_login(editor)
    return client


def policy_of(response) -> dict[str, str]:
    directives = (part.strip().partition(" ") for part in response["Content-Security-Policy"].split(";"))
    return {name: value for name, _, value in directives if name}


@pytest.mark.parametrize("path", EVERY_KIND_OF_PAGE)
def test_public_policy_is_strict(client, path):
    assert policy_of(client.get(path)) == STRICT


@pytest.mark.parametrize("path", ["/admin/", "/admin/cms/placeholder/object/1/edit/2/", "/he/admin/"])
def test_admin_policy_relaxes_styles_images_and_own_frames_only(client, path):
    assert policy_of(client.get(path)) == FOR_STAFF


def test_signed_in_staff_get_the_staff_policy_where_the_toolbar_shows(editor_client):
    assert policy_of(editor_client.get("/drugs/")) == FOR_STAFF


def test_signed_in_visitor_who_is_not_staff_gets_the_strict_policy(db, client):
    client.force_login(User.objects.create_user("stranger"))
    assert policy_of(client.get("/drugs/")) == STRICT


def test_made_up_session_cookie_gets_the_strict_policy(db, client, settings):
    client.cookies[settings.SESSION_COOKIE_NAME] = "x" * 32
    assert policy_of(client.get("/drugs/")) == STRICT


def test_open_data_documentation_may_draw_its_icons(client):
    assert policy_of(client.get("/api/v1/docs")) == STRICT | {"img-src": "'self' data:"}


@pytest.mark.parametrize("path", EVERY_KIND_OF_PAGE)
def test_nobody_frames_a_public_page(client, path):
    assert client.get(path)["X-Frame-Options"] == "DENY"


def test_django_cms_may_frame_its_own_admin(client):
    assert client.get("/admin/")["X-Frame-Options"] == "SAMEORIGIN"
    assert client.get("/administration/")["X-Frame-Options"] == "DENY"


@pytest.mark.corpus("H6", "H7")
def test_error_pages_carry_the_headers_too(client):
    client.raise_request_exception = False
    answers = [
        client.get("/broken/"),
        client.get("/drugs/", headers={"host": "evil.example"}),
        client.get("/made-up/"),
    ]
    assert [answer.status_code for answer in answers] == [500, 400, 404]
    for answer in answers:
        assert policy_of(answer) == STRICT
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("path", EVERY_KIND_OF_PAGE)
def test_other_headers_are_on_every_page(client, path):
    response = client.get(path)
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["Cross-Origin-Embedder-Policy"] == "require-corp"
    features = response["Permissions-Policy"]
    for feature in ("camera", "microphone", "geolocation", "browsing-topics"):
        assert f"{feature}=()" in features
    assert "web-share=(self)" in features


def test_production_insists_on_https(client, settings):
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 31_536_000
    response = client.get("/drugs/")
    assert (response.status_code, response["Location"]) == (301, "https://testserver/drugs/")
    said = client.get("/drugs/", secure=True)["Strict-Transport-Security"]
    assert said == "max-age=31536000; includeSubDomains", "preload is the operator's word"


@pytest.mark.corpus("H1")
@pytest.mark.parametrize(
    "path", ["/consultation/", "/callback/", "/admin/", "/accounts/login/", "/he/feedback/"]
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_personal_page_is_stored_by_nobody(client, path, method):
    assert getattr(client, method)(path)["Cache-Control"] == "no-store, private"


def test_page_seen_by_staff_is_stored_by_nobody(editor_client):
    assert editor_client.get("/drugs/")["Cache-Control"] == "no-store, private"


@pytest.mark.corpus("H9")
@pytest.mark.parametrize("method", ["TRACE", "PUT", "PATCH", "DELETE", "CONNECT", "MADEUP"])
@pytest.mark.parametrize(
    "path", ["/drugs/", "/consultation/", "/admin/", "/accounts/login/", "/api/v1/drugs/"]
)
def test_unknown_method_is_refused(client, method, path):
    response = client.generic(method, path)
    assert response.status_code == 405
    assert response["Cache-Control"] == "no-store, private"
    assert policy_of(response) == (FOR_STAFF if path == "/admin/" else STRICT)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/", "/drugs/", "/drugs/pembrolizumab/", "/made-up/", "/he/search/?q=x", "/api/v1/drugs/"]
)
def test_options_says_what_is_possible_and_builds_nothing(client, path, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.options(path)
    assert (response.status_code, response.content) == (204, b"")
    assert response["Allow"] == "GET, HEAD, OPTIONS"
    assert response["Cache-Control"] == "no-store, private"
    assert response["X-Frame-Options"] == "DENY"


@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["utf-16", "utf-7", "idna", "zlib", "rot13", "undefined", "punycode"])
@pytest.mark.parametrize(("method", "query"), [("POST", ""), ("POST", "q=rash"), ("GET", "q=rash")])
def test_charset_that_no_browser_sends_is_not_read_in(charset, method, query):
    """Such a request breaks while Django makes it, before any middleware: so this asks the server's own door."""
    body = b"name=x"
    environ = RequestFactory().generic(method, "/search/", body).environ | {
        "QUERY_STRING": query,
        "CONTENT_TYPE": f'application/x-www-form-urlencoded; Charset="{charset}"',
    }
    said = []
    site = readable(WSGIHandler())  # get_wsgi_application() would set logging up again
    b"".join(site(environ, lambda status, headers: said.append(status)))
    assert not said[0].startswith("5")


@pytest.mark.parametrize(
    "sent", ["text/plain; charset=utf-8", "multipart/form-data; boundary=charset", "", "a/b"]
)
def test_other_content_types_stay_as_they_are(sent):
    assert in_a_charset_of_browsers(sent) == sent
