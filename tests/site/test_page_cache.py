"""Finished public pages: what is kept, for whom, for how long, and what happens when the shared cache fails.

Each test client is a worker of its own: it has its own middleware and so its own dict of pages. No test here
may use the database unless it says so, which is the proof that a kept page costs no query.
"""

import gzip
import logging
import re
import runpy
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import brotli
import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.cache import SessionStore
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_started
from django.db import close_old_connections, transaction
from django.test import Client, RequestFactory

from immuno_site import page_cache
from immuno_site.accounts.models import Session
from immuno_site.addresses import PARAMETERS_BELOW, parameters
from immuno_site.charsets import Application
from tests.site.urls_for_page_cache import builds, during_build

LOCMEM = "django.core.cache.backends.locmem.LocMemCache"
FILES = "django.core.cache.backends.filebased.FileBasedCache"
DUMMY = "django.core.cache.backends.dummy.DummyCache"
BREAKABLE = "tests.site.test_page_cache.BreakableCache"


class BreakableCache(LocMemCache):
    """A shared cache that can be switched off while the tests run."""

    fails: set[str] = set()

    def get(self, *args: object, **kwargs: object) -> object:
        if "get" in self.fails:
            raise ConnectionError("nobody answers")
        return super().get(*args, **kwargs)

    def set(self, key: str, *args: object, **kwargs: object) -> None:
        if "set" in self.fails or ("set page" in self.fails and key != page_cache.GENERATION_KEY):
            raise OSError("disk full")
        super().set(key, *args, **kwargs)


@pytest.fixture(autouse=True)
def _small_site(settings, monkeypatch) -> Iterator[None]:
    settings.ROOT_URLCONF = "tests.site.urls_for_page_cache"
    settings.ALLOWED_HOSTS = ["testserver", "clinic.example"]
    settings.SECURE_SSL_REDIRECT = False
    # django CMS's own middleware looks up its site in the database.
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if not name.startswith("cms.")]
    settings.CACHES = {"default": {"BACKEND": LOCMEM}, "pages": {"BACKEND": LOCMEM, "LOCATION": "pages"}}
    monkeypatch.setattr(page_cache, "generation", page_cache.Generation())
    builds.clear()
    during_build.clear()
    yield
    caches["pages"].clear()
    BreakableCache.fails.clear()


@pytest.fixture
def breakable(settings) -> set[str]:
    """Put "get", "set" or "set page" in, and the shared cache fails at it."""
    settings.CACHES = settings.CACHES | {"pages": {"BACKEND": BREAKABLE, "LOCATION": "breakable"}}
    return BreakableCache.fails


@pytest.fixture
def worker() -> Callable[[], Client]:
    """Makes a worker that has not read anything yet."""

    def start() -> Client:
        client = Client()
        client.get("/healthz")  # loads the middleware with the generation below
        client.handler._middleware_chain.__wrapped__.generation = page_cache.Generation()
        return client

    return start


# --- What a visitor gets ----------------------------------------------------------------------------------


def test_second_visit_gets_the_same_bytes_without_building(client):
    first, second = client.get("/drugs/pembrolizumab/"), client.get("/drugs/pembrolizumab/")
    assert builds["/drugs/pembrolizumab/"] == 1
    assert second.content == first.content
    assert dict(second.items()) == dict(first.items())


def test_headers_let_others_keep_it_shortly_and_name_no_cookie(client):
    response = client.get("/drugs/pembrolizumab/")
    assert response["Cache-Control"] == "public, max-age=60, stale-if-error=3600"
    assert response["Vary"] == "Accept-Encoding"
    assert response["Content-Length"] == str(len(response.content))
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert not response.cookies


def test_kept_page_carries_the_security_headers(client):
    client.get("/drugs/pembrolizumab/")
    response = client.get("/drugs/pembrolizumab/")
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    ("accepted", "encoding", "unpack"),
    [
        ("gzip, deflate, br", "br", brotli.decompress),
        ("br;q=0.5,gzip", "br", brotli.decompress),
        ("gzip, br;q=0", "gzip", gzip.decompress),
        ("GZIP", "gzip", gzip.decompress),
        ("deflate", None, bytes),
        ("", None, bytes),
        ("gzip; q=0.0", None, bytes),
    ],
)
def test_encoding_follows_what_the_browser_accepts(client, accepted, encoding, unpack):
    plain = client.get("/drugs/").content
    response = client.get("/drugs/", headers={"accept-encoding": accepted})
    assert response.get("Content-Encoding") == encoding
    assert unpack(response.content) == plain
    assert builds["/drugs/"] == 1


def test_tags_differ_between_encodings(client):
    tags = {client.get("/drugs/", headers={"accept-encoding": name})["ETag"] for name in ("br", "gzip", "")}
    assert len(tags) == 3
    assert not any(tag.startswith("W/") for tag in tags)


def test_short_answer_is_not_compressed(client):
    response = client.get("/api/v1/drugs/", headers={"accept-encoding": "br"})
    assert "Content-Encoding" not in response
    assert response.json() == {"count": 1}


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
def test_known_tag_gets_304_without_a_body(client, form):
    tag = client.get("/drugs/")["ETag"]
    response = client.get("/drugs/", headers={"if-none-match": form.format(tag)})
    assert response.status_code == 304
    assert response.content == b""
    assert (response["ETag"], response["Vary"]) == (tag, "Accept-Encoding")
    assert response["Cache-Control"] == "public, max-age=60, stale-if-error=3600"


def test_known_tag_gets_304_on_the_first_visit_to_a_worker(client):
    tag = client.get("/api/v1/drugs/")["ETag"]
    response = Client().get("/api/v1/drugs/", headers={"if-none-match": tag})
    assert response.status_code == 304


def test_other_tag_gets_the_page(client):
    client.get("/drugs/")
    assert client.get("/drugs/", headers={"if-none-match": '"other"'}).status_code == 200


def test_head_is_get_without_the_body(client):
    head = client.head("/drugs/")
    page = client.get("/drugs/")
    assert head.content == b""
    assert head["Content-Length"] == str(len(page.content))
    assert head["ETag"] == page["ETag"]
    assert builds["/drugs/"] == 1


def test_two_visitors_get_equal_bytes(client):
    one = client.get(
        "/drugs/", headers={"accept-language": "he", "user-agent": "one", "referer": "https://a.example"}
    )
    other = Client().get("/drugs/", headers={"accept-language": "ru", "cookie": "_ga=1; flavor=oat"})
    assert one.content == other.content
    assert b"_ga" not in other.content
    assert builds["/drugs/"] == 1


def test_builder_sees_nothing_that_the_key_does_not_hold(client):
    response = client.get("/drugs/", headers={"accept-language": "he", "cookie": "_ga=1"})
    assert b"saw ['/drugs/', {}, None, 'http://testserver/drugs/']" in response.content


def test_languages_are_pages_of_their_own(client):
    assert client.get("/drugs/")["Content-Language"] == "en"
    assert client.get("/he/drugs/")["Content-Language"] == "he"
    assert (builds["/drugs/"], builds["/he/drugs/"]) == (1, 1)


# --- Parameters -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query", ["fbclid=1", "q=x", "edit", "structure", "preview", "toolbar_off&x=1", "&&", "%ff"]
)
def test_unknown_parameters_neither_multiply_nor_change_a_page(client, query):
    plain = client.get("/drugs/pembrolizumab/").content
    assert client.get(f"/drugs/pembrolizumab/?{query}").content == plain
    assert builds["/drugs/pembrolizumab/"] == 1


@pytest.mark.django_db
def test_toolbar_parameters_start_no_session(client, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "cms.middleware.toolbar.ToolbarMiddleware"]
    token = f"{settings.CSRF_COOKIE_NAME}={'a' * 32}"
    for query in ("toolbar_off", "toolbar_on", "edit&toolbar_off"):
        for path in ("/drugs/", "/about/", "/made-up/"):
            assert not client.get(f"{path}?{query}").cookies
            assert not client.get(f"{path}?{query}", headers={"cookie": token}).cookies
    assert not Session.objects.exists()


def test_known_parameters_make_a_page_in_any_order(client):
    one = client.get("/drugs/?letter=k&page=2&utm_source=x").content
    other = client.get("/drugs/?page=2&letter=k").content
    assert one == other
    assert b"/drugs/?letter=k&amp;page=2" in one or b"/drugs/?letter=k&page=2" in one
    assert builds["/drugs/"] == 1


def test_repeated_parameters_keep_their_order(client):
    assert client.get("/compare/?drug=a&drug=b").content != client.get("/compare/?drug=b&drug=a").content


def test_parameters_work_in_every_language(client):
    assert b"/he/search/?q=" in client.get("/he/search/?q=rash&edit").content


def test_open_data_keeps_its_language(client):
    assert client.get("/api/v1/drugs/?language=he").json() == {"count": 1}
    assert client.get("/api/v1/drugs/?language=ru").json() == {"count": 2}
    assert client.get("/api/v1/drugs/?language=he").json() == {"count": 1}


def test_too_many_parameters_are_no_parameters(client):
    assert client.get("/search/?" + "&".join(f"q={n}" for n in range(2_000))).status_code == 200


def test_searches_stay_out_of_the_shared_cache(client):
    client.get("/search/?q=rash")
    client.get("/search/?q=rash")
    assert builds["/search/"] == 1
    Client().get("/search/?q=rash")
    assert builds["/search/"] == 2


def test_flood_of_searches_pushes_out_no_entry(client):
    client.get("/drugs/")
    for number in range(page_cache.ASKED_PAGES + 20):
        client.get(f"/search/?q={number}")
    caches["pages"].delete_many([key.split(":")[-1] for key in caches["pages"]._cache])
    client.get("/drugs/")
    assert builds["/drugs/"] == 1
    assert len(client.handler._middleware_chain.__wrapped__.asked) == page_cache.ASKED_PAGES


def test_very_long_search_is_answered_but_not_kept(client):
    for _ in range(2):
        assert client.get("/search/?q=" + "x" * 300).status_code == 200
    assert builds["/search/"] == 2


# --- What is never kept -----------------------------------------------------------------------------------


def kept_pages() -> int:
    """How many pages the shared cache holds."""
    return sum(not key.endswith(page_cache.GENERATION_KEY) for key in caches["pages"]._cache)


@pytest.mark.parametrize(
    "path",
    [
        "/consultation/",
        "/consultation/thanks/",
        "/callback/",
        "/feedback/",
        "/admin/",
        "/admin/cms/placeholder/object/1/edit/2/",
        "/accounts/login/",
        "/login/",
        "/logout/",
        "/he/consultation/",
        "/ar/callback/",
    ],
)
def test_personal_page_is_never_kept(client, path):
    for _ in range(2):
        assert client.get(path)["Cache-Control"] == "no-store, private"
    assert builds[path] == 2
    assert kept_pages() == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"cookie": "a=b; sessionid={session}"},
        {"authorization": "Basic eDp5"},
    ],
)
def test_visitor_with_credentials_neither_reads_nor_fills(client, signed_in, headers):
    anonymous = client.get("/drugs/").content
    headers = {name: value.format(session=signed_in) for name, value in headers.items()}
    response = client.get("/drugs/", headers=headers)
    assert response.content != anonymous
    assert response["Cache-Control"] == "no-store, private"
    assert "ETag" not in response
    assert Client().get("/drugs/").content == anonymous


@pytest.fixture
def sessions(settings) -> None:
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "sessionid", "csrftoken"
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cache"


@pytest.fixture
def signed_in(sessions: None) -> str:
    session = SessionStore()
    session[SESSION_KEY] = "1"
    session.save()
    return session.session_key


@pytest.mark.usefixtures("sessions")
@pytest.mark.parametrize(
    "cookie", ["sessionid=made-up", "sessionid=" + "a" * 32, "csrftoken=made-up", "messages=1"]
)
def test_made_up_cookie_costs_no_page_and_adds_none(client, cookie):
    anonymous = client.get("/drugs/").content
    for query in ("", "?toolbar_off", "?x=1"):
        assert client.get(f"/drugs/{query}", headers={"cookie": cookie}).content == anonymous
    assert builds["/drugs/"] == 1


@pytest.mark.usefixtures("sessions")
def test_session_of_nobody_is_like_none(client):
    session = SessionStore()
    session["next"] = "/admin/"
    session.save()
    client.get("/drugs/")
    client.get("/drugs/", headers={"cookie": f"sessionid={session.session_key}"})
    assert builds["/drugs/"] == 1


@pytest.mark.usefixtures("sessions")
def test_form_of_a_visitor_keeps_the_token_of_their_other_forms(client):
    token = "a" * 32
    response = client.get("/with-form/", headers={"cookie": f"csrftoken={token}"})
    assert response.cookies["csrftoken"].value == token
    assert response["Cache-Control"] == "no-store, private"


@pytest.mark.corpus("H5")
@pytest.mark.parametrize("path", ["/with-cookie/", "/with-form/", "/private/"])
def test_answer_for_one_visitor_is_not_kept(client, path):
    for _ in range(2):
        client.cookies.clear()
        response = client.get(path)
        assert "public" not in response["Cache-Control"]
    assert builds[path] == 2
    assert kept_pages() == 0


def test_streamed_answer_is_not_kept(client):
    for _ in range(2):
        assert b"".join(client.get("/streamed/").streaming_content) == b"ab"
    assert builds["/streamed/"] == 2


def test_large_answer_is_not_kept(client, monkeypatch):
    monkeypatch.setattr(page_cache, "LARGEST_PAGE", 1_000)
    for _ in range(2):
        assert client.get("/drugs/")["Cache-Control"] == "public, max-age=60, stale-if-error=3600"
    assert builds["/drugs/"] == 2


def test_story_page_is_kept_although_django_cms_forbids_it(client):
    for _ in range(2):
        assert client.get("/about/")["Cache-Control"] == "public, max-age=60, stale-if-error=3600"
    assert builds["/about/"] == 1


def test_made_up_address_is_not_kept(client):
    for path in ("/made-up/", "/drugs/pembrolizumab/x.css"):
        response = client.get(path)
        assert response.status_code == 404
        assert response["Cache-Control"] == "no-store, private"
        assert response["X-Accel-Expires"] == "1"  # nginx: in place of the page it has kept
        names = list(response.headers)
        assert names.index("X-Accel-Expires") < names.index("Cache-Control")  # or nginx does not heed it
    assert kept_pages() == 0


def test_failing_page_is_not_kept(client):
    client.raise_request_exception = False
    response = client.get("/broken/")
    assert response.status_code == 500
    assert "X-Accel-Expires" not in response  # a fault of ours withdraws no page
    assert response["Cache-Control"] == "no-store, private"
    assert kept_pages() == 0


def test_redirect_is_not_kept_here(client):
    response = client.get("/old/")
    assert response.status_code == 301
    assert "X-Accel-Expires" not in response
    assert response["Cache-Control"] == "public, max-age=60, stale-if-error=3600"
    assert kept_pages() == 0


def test_sending_something_is_never_kept(client):
    response = client.post("/drugs/", {"a": "b"})
    assert response["Cache-Control"] == "no-store, private"
    assert kept_pages() == 0


@pytest.mark.corpus("H7")
@pytest.mark.parametrize("host", ["evil.example", "clinic.example.evil.example", "clinic.example:x", "a b"])
def test_foreign_host_is_refused_and_leaves_nothing(client, host):
    assert client.get("/drugs/", headers={"host": host}).status_code == 400
    assert kept_pages() == 0
    client.get("/drugs/")
    assert client.get("/drugs/", headers={"host": host}).status_code == 400


def test_hosts_and_schemes_are_kept_apart(client):
    assert b"http://testserver/drugs/" in client.get("/drugs/").content
    assert (
        b"http://clinic.example/drugs/" in client.get("/drugs/", headers={"host": "clinic.example"}).content
    )
    assert b"https://testserver/drugs/" in client.get("/drugs/", secure=True).content


@pytest.mark.parametrize(
    "host",
    ["Clinic.Example", "clinic.example.", "clinic.example:20001", "clinic.example:443", "CLINIC.example.:1"],
)
def test_host_in_any_spelling_gets_the_same_page(client, host):
    plain = client.get("/drugs/", headers={"host": "clinic.example"}).content
    assert client.get("/drugs/", headers={"host": host}).content == plain
    assert builds["/drugs/"] == 1


def test_first_to_ask_leaves_no_port_in_the_page(client):
    assert b":20001" not in client.get("/drugs/", headers={"host": "clinic.example:20001"}).content


@pytest.mark.parametrize("path", ["/search?q=pd-l1&x=1", "/he/search?q=pd-l1"])
def test_missing_slash_keeps_the_question(client, settings, path):
    settings.APPEND_SLASH = True
    assert client.get(path)["Location"] == path.replace("search?", "search/?").partition("&")[0]


@pytest.mark.parametrize("path", ["/static/site.aaaaaaaaaaaa.css", "/static/missing.css", "/media/x.png"])
def test_missing_file_is_not_remembered_as_missing(client, path):
    assert client.get(path)["Cache-Control"] == "no-store, private"


def test_range_that_is_not_there_is_not_remembered(client):
    response = client.get("/static/site.css", headers={"range": "bytes=99999999-"})
    assert response.status_code == 416
    assert response["Cache-Control"] == "no-store, private"


@pytest.mark.corpus("H3")
@pytest.mark.parametrize(
    "header", ["x-forwarded-host", "x-original-url", "x-rewrite-url", "x-host", "forwarded"]
)
def test_headers_of_others_do_not_change_the_page(client, header):
    poisoned = client.get("/drugs/", headers={header: "evil.example"}).content
    assert b"evil.example" not in poisoned


# --- When something changes -------------------------------------------------------------------------------


def test_change_retires_every_page(client):
    client.get("/drugs/")
    page_cache.generation.start_new()
    assert b"built 2 times" in client.get("/drugs/").content


@pytest.mark.django_db(transaction=True)
def test_change_counts_from_its_commit(client):
    with transaction.atomic():
        client.get("/drugs/")
        page_cache.invalidate()
        assert b"built 1 times" in client.get("/drugs/").content
    assert b"built 2 times" in client.get("/drugs/").content


@pytest.mark.django_db(transaction=True)
def test_change_rolled_back_retires_nothing(client):
    client.get("/drugs/")
    with transaction.atomic():
        page_cache.invalidate()
        transaction.set_rollback(True)
    client.get("/drugs/")
    assert builds["/drugs/"] == 1


@pytest.mark.django_db
def test_many_changes_in_one_transaction_are_one_generation(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        for _ in range(50):
            page_cache.invalidate()
    assert len(callbacks) == 1


@pytest.mark.django_db
def test_library_signal_retires_pages(client, django_capture_on_commit_callbacks):
    from content.changes import public_content_changed

    client.get("/drugs/")
    with django_capture_on_commit_callbacks(execute=True):
        public_content_changed.send(sender=None)
    assert b"built 2 times" in client.get("/drugs/").content


def test_change_while_a_page_is_built_retires_that_page(client):
    during_build.append(page_cache.generation.start_new)
    client.get("/drugs/")
    during_build.clear()
    assert b"built 2 times" in client.get("/drugs/").content
    assert b"built 2 times" in client.get("/drugs/").content


def test_other_worker_notices_within_half_a_second(worker, monkeypatch):
    one, other = worker(), worker()
    one.get("/drugs/"), other.get("/drugs/")
    page_cache.Generation().start_new()  # a command in a third process
    monkeypatch.setattr(page_cache, "REREAD_SECONDS", 0)
    now = page_cache.time.monotonic
    monkeypatch.setattr(page_cache.time, "monotonic", lambda: now() + 0.51)
    assert b"built 2 times" in one.get("/drugs/").content
    assert b"built 2 times" in other.get("/drugs/").content


def test_shared_cache_is_asked_at_most_every_half_second(client, monkeypatch):
    now = 1_000.0
    monkeypatch.setattr(page_cache.time, "monotonic", lambda: now)
    client.get("/drugs/")
    reads = []
    monkeypatch.setattr(page_cache, "_read_word", lambda: reads.append(now) or "word")
    for _ in range(10):
        client.get("/drugs/")
    assert reads == []
    now += 0.5
    client.get("/drugs/")
    assert reads == [1_000.5]


def test_pages_end_at_midnight(client, monkeypatch):
    monkeypatch.setattr(page_cache, "REREAD_SECONDS", 0)
    clock = {"now": datetime(2026, 1, 5, 21, 59, 50, tzinfo=UTC)}  # 23:59:50 in Jerusalem
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock["now"])
    client.get("/drugs/")
    assert page_cache._seconds_to_midnight() == 10
    clock["now"] = datetime(2026, 1, 5, 22, 0, 1, tzinfo=UTC)
    assert b"built 2 times" in client.get("/drugs/").content


def test_retired_pages_do_not_pile_up(client):
    for _ in range(5):
        client.get("/drugs/")
        page_cache.generation.start_new()
    assert kept_pages() == 1


# --- The shared level -------------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", [LOCMEM, FILES])
def test_second_worker_takes_the_page_from_the_first(settings, tmp_path: Path, backend):
    location = str(tmp_path) if backend == FILES else "pages"
    settings.CACHES = settings.CACHES | {"pages": {"BACKEND": backend, "LOCATION": location}}
    one = Client().get("/drugs/", headers={"accept-encoding": "br"})
    other = Client().get("/drugs/", headers={"accept-encoding": "gzip"})
    assert builds["/drugs/"] == 1
    assert brotli.decompress(one.content) == gzip.decompress(other.content)


def test_dummy_cache_switches_everything_off(client, settings):
    settings.CACHES = settings.CACHES | {"pages": {"BACKEND": DUMMY}}
    for _ in range(2):
        assert client.get("/drugs/")["Cache-Control"] == "public, max-age=60, stale-if-error=3600"
    assert builds["/drugs/"] == 2


def test_dead_shared_cache_costs_pages_not_answers(client, breakable, caplog):
    breakable |= {"get", "set"}
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            assert client.get("/drugs/").status_code == 200
    assert builds["/drugs/"] == 3
    assert [record.name for record in caplog.records].count("immuno_site.page_cache") == 1


def test_pages_kept_before_an_outage_are_not_trusted_after_it(client, breakable, monkeypatch):
    monkeypatch.setattr(page_cache, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(page_cache, "REREAD_SECONDS", 0)
    client.get("/drugs/")
    breakable |= {"get", "set"}
    page_cache.generation.start_new()  # a change nobody could be told of
    assert b"built 2 times" in client.get("/drugs/").content
    breakable.clear()
    assert b"built 3 times" in client.get("/drugs/").content
    assert b"built 3 times" in client.get("/drugs/").content


def test_change_during_an_outage_does_not_fail_the_editor(breakable, caplog):
    breakable |= {"get", "set"}
    page_cache.generation.start_new()
    assert "could not be told of a change" in caplog.text


def test_full_disk_leaves_the_worker_its_own_pages(client, breakable, caplog):
    breakable.add("set page")
    for path in ("/drugs/", "/", "/drugs/"):
        assert client.get(path).status_code == 200
    assert builds["/drugs/"] == 1
    assert caplog.text.count("could not be kept") == 1


def test_unreadable_record_is_built_again(client, settings, tmp_path: Path):
    settings.CACHES = settings.CACHES | {"pages": {"BACKEND": FILES, "LOCATION": str(tmp_path)}}
    client.get("/drugs/")
    key = page_cache._shared_key(("", "http", "testserver", "/drugs/", "", ""))
    Path(caches["pages"]._key_to_file(key)).write_bytes(b"not a pickle at all")
    assert Client().get("/drugs/").status_code == 200
    assert builds["/drugs/"] == 2


def test_shelf_holds_no_more_than_its_limits():
    shelf = page_cache.Shelf(pages=3, size=100)
    page = page_cache.Page({}, "", b"x" * 40)
    for name in "abcd":
        shelf.put((name,), page)
    assert len(shelf) == 2
    assert shelf.get(("a",)) is None
    assert shelf.get(("d",)) == page
    shelf.put(("d",), page_cache.Page({}, "", b""))
    for name in "efgh":
        shelf.put((name,), page_cache.Page({}, "", b""))
    assert len(shelf) == 3


# --- Kept in step with the site ---------------------------------------------------------------------------


def test_every_parameter_a_view_reads_is_known_to_the_cache():
    # A parameter missing from the list is taken off before the view runs, without a word to its author.
    known = set().union(*parameters().values(), *PARAMETERS_BELOW.values())
    root = Path(page_cache.__file__).parent.parent
    for file in [*root.glob("content/web/*.py"), *root.glob("immuno_site/*.py")]:
        read = re.findall(r"""request\.GET(?:\.get|\.getlist)?[\[(]["'](\w+)""", file.read_text())
        assert set(read) <= known, f"{file.name}: add the parameter to immuno_site/addresses.py"


# --- In front of Django -----------------------------------------------------------------------------------


class Answer(NamedTuple):
    status: str
    headers: dict[str, str]
    body: bytes


@pytest.fixture
def doors() -> Iterator[dict[str, Callable[..., Answer]]]:
    """One worker, asked at the door and behind it."""
    django = WSGIHandler()
    request_started.disconnect(close_old_connections)  # as the client of the other tests does
    django._middleware_chain.__wrapped__.generation = page_cache.Generation()

    def asked(application: Application) -> Callable[..., Answer]:
        def ask(path: str, method: str = "GET", **headers: str) -> Answer:
            told: list[object] = []
            query = {
                "PATH_INFO": path,
                "REQUEST_METHOD": method,
                "QUERY_STRING": "",
                "HTTP_HOST": "testserver",
            }
            body = b"".join(
                application(
                    RequestFactory()._base_environ(**query | headers), lambda *said: told.extend(said)
                )
            )
            return Answer(told[0], dict(told[1]), body)

        return ask

    yield {"door": asked(page_cache.door(django)), "django": asked(django)}
    request_started.connect(close_old_connections)


PAGE = "/drugs/"


def is_handed_out_at_the_door(doors: dict[str, Callable[..., Answer]], **asked: str) -> bool:
    """Seen by the signal that Django sends for each request it looks at."""
    seen: list[object] = []

    def note(**_kwargs: object) -> None:
        seen.append(1)

    request_started.connect(note)
    try:
        doors["door"](**{"path": PAGE, **asked})
    finally:
        request_started.disconnect(note)
    return not seen


@pytest.mark.parametrize("encoding", ["", "gzip", "br, gzip"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_door_gives_what_django_gives(doors, method, encoding):
    asked = {"path": PAGE, "method": method, "HTTP_ACCEPT_ENCODING": encoding}
    doors["django"](**asked)
    assert is_handed_out_at_the_door(doors, **asked)
    assert doors["door"](**asked) == doors["django"](**asked)


@pytest.mark.parametrize(
    "asked",
    [
        {"HTTP_COOKIE": "a=b"},
        {"HTTP_AUTHORIZATION": "Basic x"},
        {"HTTP_IF_NONE_MATCH": "*"},
        {"method": "POST"},
        {"QUERY_STRING": "q=a"},
        {"path": "/drugs/é/"},
        {"HTTP_HOST": "elsewhere.example"},
        {"HTTP_HOST": ""},
        {"HTTP_X_FORWARDED_PROTO": "https"},
        {"HTTP_X_FORWARDED_PROTO": "gopher"},
    ],
    ids=str,
)
def test_door_lets_everybody_through_of_whom_more_must_be_known(doors, asked):
    doors["django"](PAGE)
    assert is_handed_out_at_the_door(doors)
    assert not is_handed_out_at_the_door(doors, **asked)


def test_door_knows_of_a_change(doors):
    doors["django"](PAGE)
    page_cache.Generation().start_new()
    time.sleep(page_cache.REREAD_SECONDS)
    assert not is_handed_out_at_the_door(doors)


def test_door_holds_nothing_while_the_shared_cache_is_away(doors, breakable):
    breakable.add("get")
    doors["django"](PAGE)
    assert not is_handed_out_at_the_door(doors)


@pytest.mark.django_db
def test_site_is_served_through_the_door(settings, monkeypatch):
    """What gunicorn gets: a page asked for twice is handed out before Django hears of it."""
    settings.LOGGING_CONFIG = None  # it would take the other tests' ears
    wsgi = runpy.run_path(str(Path(settings.ROOT) / "immuno_site" / "wsgi.py"))
    django_heard: list[object] = []
    monkeypatch.setattr(WSGIHandler, "__call__", noting(WSGIHandler.__call__, django_heard))
    request = {"PATH_INFO": PAGE, "QUERY_STRING": "", "HTTP_HOST": "testserver"}
    for _time in range(2):
        b"".join(wsgi["application"](RequestFactory()._base_environ(**request), lambda *said: None))
    assert len(django_heard) == 1


def noting(call: Callable[..., object], noted: list[object]) -> Callable[..., object]:
    def noting_call(*args: object) -> object:
        noted.append(args)
        return call(*args)

    return noting_call
