"""Pages that the web server opens before it makes its workers: Django loads addresses, templates, translations and
queries when somebody first asks for them, and each worker would do so for itself and share none of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit
from wsgiref.types import WSGIApplication
from wsgiref.util import setup_testing_defaults

from django.conf import settings
from django.db import DatabaseError
from django.utils.translation import override

from content.models import content_models
from content.search import asked_for

COMMON = ("/", "/search/?q=treatment", "/consultation/", "/callback/", "/accounts/login/", "/sitemap.xml")


def open_first_pages(application: WSGIApplication) -> None:
    """As a reader would; nothing if there is no database yet."""
    try:
        addresses = [*COMMON, *_other_languages(), *_entries()]
    except DatabaseError:
        return
    for address in addresses:
        _open(application, address)
    asked_for.forget()


def _other_languages() -> Iterator[str]:
    return (f"/{code}/search/" for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE)


def _entries() -> Iterator[str]:
    """An entry of each kind, and what open data says of it."""
    with override(settings.LANGUAGE_CODE):
        for model in content_models().values():
            if entry := model.objects.in_language().first():
                address = entry.get_absolute_url()
                yield from (address, f"/api/v1{address}")


def _open(application: WSGIApplication, address: str) -> None:
    site, asked = urlsplit(settings.SITE_URL), urlsplit(address)
    environ = {
        "HTTP_HOST": site.netloc,
        "PATH_INFO": asked.path,
        "QUERY_STRING": asked.query,
        "wsgi.url_scheme": site.scheme,
    }
    setup_testing_defaults(environ)
    answer = application(environ, _ignore)
    for _part in answer:
        pass
    if hasattr(answer, "close"):
        answer.close()


def _ignore(
    status: str, headers: list[tuple[str, str]], error: object = None, /
) -> Callable[[bytes], object]:
    """Nobody reads the answer; the way to it is what counts."""
    return len
