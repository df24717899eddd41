"""Finished public pages: ready bytes for visitors without a cookie, served without touching the database.

Two levels. A small dict in each worker answers almost everything; below it the shared cache `caches["pages"]`
(files on one machine, Redis on several) hands pages from worker to worker. Both trust one word, the
*generation*: it is read before a page is built and replaced whenever something public has changed, so a page
built from older facts can never be found again. A DummyCache as `caches["pages"]` switches all of this off.

This file also decides every Cache-Control header, because what may be kept and what is sent are one question.
"""

import gzip
import hashlib
import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from importlib import import_module
from typing import NamedTuple
from wsgiref.types import StartResponse, WSGIEnvironment

import brotli
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core.cache import caches
from django.core.exceptions import DisallowedHost
from django.core.handlers.wsgi import WSGIHandler
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified, parse_cookie
from django.http.request import split_domain_port
from django.http.response import ResponseHeaders
from django.utils import timezone

from content import edition
from immuno_site.addresses import FILES, is_personal, known_query
from immuno_site.charsets import Application

logger = logging.getLogger(__name__)

# --- What may be kept -------------------------------------------------------------------------------------

# Short: a withdrawn sentence must not live on in somebody else's cache. While we are down a proxy may show what
# it has for an hour more; nginx keeps to that by the second, and without this word would know no end.
MAX_AGE = "public, max-age=60, stale-if-error=3600"
NO_STORE = "no-store, private"
# For nginx alone, which takes it off: what is no page takes the place of the page it has kept.
REPLACES_KEPT_PAGE = "X-Accel-Expires"

# A worker's dict. Pages with parameters (search) have a small one of their own and stay out of the shared
# level: their number has no end, so a flood of questions must not push out the entries.
PLAIN_PAGES, PLAIN_BYTES = 2_000, 12 * 2**20
ASKED_PAGES, ASKED_BYTES = 64, 2**20
LARGEST_PAGE = 2 * 2**20
LONGEST_QUERY = 200

GENERATION_KEY = "generation"
RECORD_FORMAT = "1"  # raise it when `Record` changes: a new release must not read an older one's files
REREAD_SECONDS = 0.5
PAUSE_SECONDS = 5  # how long a broken shared cache is left alone

# Requests may differ in these without the page differing, so the builder does not get to see them.
UNSEEN = ("HTTP_COOKIE", "HTTP_ACCEPT_LANGUAGE", "HTTP_REFERER", "HTTP_IF_MODIFIED_SINCE", "HTTP_RANGE")
# With its own page cache off, django CMS forbids keeping its pages; without a cookie they are public.
CMS_VIEWS = {"pages-root", "pages-details-by-slug"}
# Set by us for each encoding, or meaningful for one connection only.
REPLACED_HEADERS = {
    "age", "cache-control", "connection", "content-encoding", "content-length", "date", "etag", "expires",
    "last-modified", "transfer-encoding", "vary",
}  # fmt: skip


@lru_cache(maxsize=64)
def best_encoding(accepted: str) -> str:
    """The smallest encoding an Accept-Encoding header offers: br, gzip or (the empty string) none."""
    offered = set()
    for part in accepted.lower().split(","):
        name, _, weight = part.strip().partition(";")
        if weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}:
            offered.add(name.strip())
    return next((name for name in ("br", "gzip") if name in offered), "")


# --- Generation -------------------------------------------------------------------------------------------


class Generation:
    """The word that all present pages share; a new one makes every older page unfindable."""

    def __init__(self) -> None:
        self._value: str | None = None
        self._next_read = 0.0
        self._is_lost = False

    def current(self) -> str | None:
        """The present generation, at most half a second old; None while the shared cache cannot be read."""
        now = time.monotonic()
        if now >= self._next_read:
            self._read(now)
        return self._value

    def start_new(self) -> None:
        """Retire all pages kept so far, in every worker."""
        self._next_read = 0.0
        try:
            _write_new_word()
        except Exception:  # whatever a cache backend may raise: the change itself is already committed
            # This process writes the new word as soon as the shared cache answers again.
            self._lose("Public pages may be out of date: the shared cache could not be told of a change.")

    def _read(self, now: float) -> None:
        try:
            # After an outage nobody knows which changes were missed: start afresh.
            word = _write_new_word() if self._is_lost else _read_word()
        except Exception:  # redis, file system and pickle errors alike: the page is built without us
            self._lose("The shared page cache cannot be read; pages are built one by one until it answers.")
            self._value, self._next_read = None, now + PAUSE_SECONDS
            return
        if self._is_lost:
            logger.warning("The shared page cache answers again.")
            self._is_lost = False
        # The date makes every page end at midnight: overdue lines and "today" are built into them. The release,
        # because two of them serve side by side for a moment, each with its own templates and sheets.
        self._value = f"{RECORD_FORMAT}.{settings.RELEASE}.{word}.{timezone.localdate()}" if word else None
        self._next_read = now + REREAD_SECONDS

    def _lose(self, sentence: str) -> None:
        if not self._is_lost:
            logger.exception(sentence)
        self._is_lost = True


def _write_new_word() -> str:
    # Random rather than counted: two writers at once cannot arrive at the same one.
    word = secrets.token_hex(8)
    caches["pages"].set(GENERATION_KEY, word, timeout=None)
    return word


def _read_word() -> str | None:
    word = caches["pages"].get(GENERATION_KEY)
    if word is None:
        caches["pages"].add(GENERATION_KEY, secrets.token_hex(8), timeout=None)
        word = caches["pages"].get(GENERATION_KEY)  # another worker may have been first
    return word


generation = Generation()


def invalidate(**_kwargs: object) -> None:
    """Something public has changed: retire all pages once the change is committed."""
    pending = transaction.get_connection().run_on_commit
    # An import reports thousands of changes in one transaction; one new generation is enough.
    if not any(entry[1] == generation.start_new for entry in reversed(pending)):
        transaction.on_commit(generation.start_new)


def connect() -> None:
    """Listen to the library's one signal; called when the site's app is ready."""
    from content.changes import public_content_changed

    public_content_changed.connect(invalidate, dispatch_uid="page_cache")


# --- Pages ------------------------------------------------------------------------------------------------


class Record(NamedTuple):
    """A page as the shared level keeps it."""

    generation: str
    headers: dict[str, str]
    digest: str
    bodies: dict[str, bytes]  # by encoding; only "" when compressing does not pay. For gzip see `make_page`


class Page(NamedTuple):
    """A page in one encoding, as a worker keeps it."""

    headers: ResponseHeaders
    etag: str
    body: bytes
    each_time: Callable[[], None] | None = None  # what its view wants done whenever it is handed out again

    def answer(self, request: HttpRequest) -> HttpResponse:
        known = request.META.get("HTTP_IF_NONE_MATCH", "")
        # Plain `in`: tags are quoted, so it reads lists and W/"..." of proxies that compress again.
        if known and (self.etag in known or known.strip() == "*"):
            unchanged = HttpResponseNotModified()
            for name in ("Cache-Control", "ETag", "Vary"):
                unchanged[name] = self.headers[name]
            return unchanged
        response = HttpResponse(b"" if request.method == "HEAD" else self.body)
        # Shared, not copied: nothing outside this middleware writes headers, and setting fifteen of them one
        # by one was a third of a hit's cost.
        response.headers = self.headers
        return response


def make_record(response: HttpResponse, *, of: str) -> Record:
    """Compress a built page once for everybody."""
    body = response.content
    headers = {name: value for name, value in response.items() if name.lower() not in REPLACED_HEADERS}
    bodies = {"": body}
    if len(body) > 500:
        # A middle strength: the strongest would cost more than building the page.
        bodies["br"] = brotli.compress(body, quality=8)
    return Record(of, headers, hashlib.blake2b(body, digest_size=12).hexdigest(), bodies)


def make_page(record: Record, encoding: str) -> Page:
    encoding = encoding if "br" in record.bodies else ""
    # Hardly anybody asks for gzip, and it would take a tenth of the time of building a page.
    body = gzip.compress(record.bodies[""], 6, mtime=0) if encoding == "gzip" else record.bodies[encoding]
    etag = f'"{record.digest}-{encoding}"' if encoding else f'"{record.digest}"'
    headers = record.headers | {
        "Cache-Control": MAX_AGE,
        "Content-Length": str(len(body)),
        "ETag": etag,
        "Vary": "Accept-Encoding",
    }
    if encoding:
        headers["Content-Encoding"] = encoding
    return Page(ResponseHeaders(headers), etag, body)


class Shelf:
    """A dict that never grows beyond a number of pages and of bytes; the oldest leave first."""

    def __init__(self, *, pages: int, size: int) -> None:
        self._pages: dict[tuple[str, ...], Page] = {}
        self._most, self._largest, self._size = pages, size, 0
        self._lock = threading.Lock()
        self.get = self._pages.get

    def put(self, key: tuple[str, ...], page: Page) -> None:
        with self._lock:
            self._drop(key)
            self._pages[key] = page
            self._size += len(page.body)
            while len(self._pages) > self._most or self._size > self._largest:
                self._drop(next(iter(self._pages)))

    def _drop(self, key: tuple[str, ...]) -> None:
        page = self._pages.pop(key, None)
        self._size -= len(page.body) if page else 0

    def __len__(self) -> int:
        return len(self._pages)


# --- The door ---------------------------------------------------------------------------------------------


class PageCache:
    """The outermost middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.generation = generation
        self.plain = Shelf(pages=PLAIN_PAGES, size=PLAIN_BYTES)
        self.asked = Shelf(pages=ASKED_PAGES, size=ASKED_BYTES)
        self._shared_rests_until = 0.0

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path, meta = request.path_info, request.META
        if path.startswith(FILES):
            return _sensibly_labelled_file(self.get_response(request))
        cookies = meta.get("HTTP_COOKIE", "")
        if is_personal(path):
            if meta["QUERY_STRING"] and settings.SESSION_COOKIE_NAME not in cookies:
                meta["QUERY_STRING"] = known_query(path, meta["QUERY_STRING"])
            looks = request.method in ("GET", "HEAD")
            with edition.offered(self.generation.current() if looks else None):
                return _labelled(self.get_response(request), NO_STORE)
        if is_signed_in(cookies):
            with edition.opened(None):
                return _labelled(self.get_response(request), NO_STORE)
        meta["QUERY_STRING"] = known_query(path, meta["QUERY_STRING"])
        if "HTTP_AUTHORIZATION" in meta or request.method not in ("GET", "HEAD"):
            return _labelled(self.get_response(request), NO_STORE)
        return self._serve(request, path, meta["QUERY_STRING"])

    def _serve(self, request: HttpRequest, path: str, query: str) -> HttpResponseBase:
        # Before anything is built, or a page of yesterday's facts would carry today's word.
        now = self.generation.current()
        try:
            host = _without_port(request.get_host())
        except DisallowedHost:
            # Refused further in, where error pages get their headers.
            return _labelled(self.get_response(request), NO_STORE)
        # The builder, too, sees one spelling only: what a client adds to the name makes no page of its own.
        request.META["HTTP_HOST"] = host
        is_kept = now is not None and len(query) <= LONGEST_QUERY
        encoding = best_encoding(request.META.get("HTTP_ACCEPT_ENCODING", ""))
        key = (now or "", request.scheme or "", host, path, query, encoding)
        shelf = self.asked if query else self.plain
        if is_kept and (page := shelf.get(key)):
            if page.each_time:
                page.each_time()
            return page.answer(request)
        record, each_time = self._fetch(key) if is_kept else None, None
        if record is None and settings.CSRF_COOKIE_NAME in request.META.get("HTTP_COOKIE", ""):
            # Should it turn out to hold a form, its token has to be the one this visitor's other forms have.
            with edition.opened(now):
                return _labelled(self.get_response(request), NO_STORE)
        if record is None:
            with edition.opened(now):
                response = self._build(request)
            if not isinstance(response, HttpResponse) or not is_public(request, response):
                return _sensibly_labelled(response)
            record, each_time = make_record(response, of=key[0]), getattr(response, "each_time", None)
            if is_kept:
                self._keep(key, record)
        page = make_page(record, encoding)
        if is_kept:
            shelf.put(key, page._replace(each_time=each_time))
        return page.answer(request)

    def _build(self, request: HttpRequest) -> HttpResponseBase:
        for name in UNSEEN:
            request.META.pop(name, None)
        known = request.META.pop("HTTP_IF_NONE_MATCH", None)
        method, request.method = request.method, "GET"
        response = self.get_response(request)
        request.method = method
        if known is not None:
            request.META["HTTP_IF_NONE_MATCH"] = known
        return response

    def _fetch(self, key: tuple[str, ...]) -> Record | None:
        if key[4] or time.monotonic() < self._shared_rests_until:
            return None
        try:
            record = caches["pages"].get(_shared_key(key))
        except Exception:  # a cache that cannot answer is a cache without the page
            return None
        return record if isinstance(record, Record) and record.generation == key[0] else None

    def _keep(self, key: tuple[str, ...], record: Record) -> None:
        if key[4] or time.monotonic() < self._shared_rests_until:
            return
        try:
            caches["pages"].set(_shared_key(key), record, timeout=_seconds_to_midnight())
        except Exception:  # disk full, Redis gone: the page itself is fine
            if not self._shared_rests_until:
                logger.exception("A finished page could not be kept in the shared cache.")
            self._shared_rests_until = time.monotonic() + PAUSE_SECONDS

    def kept_for(self, environ: WSGIEnvironment) -> Page | None:
        """The finished page, for somebody of whom nothing but the address has to be known. Asks for less than
        `__call__`: what it does not know for sure goes that way."""
        is_plain = environ["REQUEST_METHOD"] in ("GET", "HEAD") and not environ["QUERY_STRING"]
        path = environ["PATH_INFO"]
        if not is_plain or not path.isascii() or any(map(environ.get, KNOWN_OF_SOMEBODY)):
            return None
        header, _value = settings.SECURE_PROXY_SSL_HEADER
        scheme = str(environ.get(header, environ["wsgi.url_scheme"]))
        host = _without_port(environ.get("HTTP_HOST", ""))
        encoding = best_encoding(environ.get("HTTP_ACCEPT_ENCODING", ""))
        return self.plain.get((self.generation.current() or "", scheme, host, path, "", encoding))


# Whoever sends one of these is more than a reader, or has the page already.
KNOWN_OF_SOMEBODY = ("HTTP_COOKIE", "HTTP_AUTHORIZATION", "HTTP_IF_NONE_MATCH")


def door(application: WSGIHandler) -> Application:
    """In front of Django: most readers of most pages need nothing of it."""
    # The outermost middleware; Django names it nowhere else.
    cache = application._middleware_chain.__wrapped__  # type: ignore[attr-defined] # private to Django

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        page = cache.kept_for(environ)
        if page is None:
            return application(environ, start_response)
        start_response("200 OK", list(page.headers.items()))
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else page.body]

    return serve


def is_signed_in(cookies: str) -> bool:
    """Looks into the session that a visitor names: whoever made one up is like everybody else."""
    if settings.SESSION_COOKIE_NAME not in cookies:
        return False
    name = parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME)
    return SESSION_KEY in import_module(settings.SESSION_ENGINE).SessionStore(name)


def is_public(request: HttpRequest, response: HttpResponse) -> bool:
    """May this answer be kept and given to others?"""
    if response.status_code != 200 or response.streaming or response.cookies:
        return False
    # A form's token belongs to one visitor.
    if request.META.get("CSRF_COOKIE_NEEDS_UPDATE") or b"csrfmiddlewaretoken" in response.content:
        return False
    if len(response.content) > LARGEST_PAGE or "Content-Encoding" in response:
        return False
    match = request.resolver_match
    if match is not None and match.url_name in CMS_VIEWS:
        return True
    said = response.get("Cache-Control", "")
    return not any(word in said for word in ("private", "no-store", "no-cache"))


def _shared_key(key: tuple[str, ...]) -> str:
    # Without the generation: a new page takes the old one's place, so nothing piles up.
    return hashlib.blake2b("\n".join(key[1:4]).encode(errors="replace"), digest_size=20).hexdigest()


def _seconds_to_midnight() -> int:
    now = timezone.localtime()
    midnight = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), tzinfo=now.tzinfo)
    return max(1, int((midnight - now).total_seconds()))


def _labelled(response: HttpResponseBase, cache_control: str) -> HttpResponseBase:
    response["Cache-Control"] = cache_control
    return response


def _sensibly_labelled(response: HttpResponseBase) -> HttpResponseBase:
    """A public answer that is not kept here: say whether others may, unless the view has said so."""
    is_lasting = response.status_code in (200, 301, 308) and not response.cookies
    said = response.get("Cache-Control") or (MAX_AGE if is_lasting else NO_STORE)
    if 300 <= response.status_code < 500 and "public" not in said:
        del response["Cache-Control"]  # nginx heeds its own word only if it reads that one first
        response[REPLACES_KEPT_PAGE] = "1"  # second
    return _labelled(response, said)


def _sensibly_labelled_file(response: HttpResponseBase) -> HttpResponseBase:
    """Files say themselves for how long they last; that one is missing lasts for this moment."""
    return response if response.status_code in (200, 206, 304) else _labelled(response, NO_STORE)


@lru_cache(maxsize=64)
def _without_port(host: str) -> str:
    """As we write it ourselves: no port, no capital letters, no dot at the end."""
    return split_domain_port(host)[0]
