"""Python knows "charsets" that are none (rot13, zlib), and Django reads the question of a request in the one it names
before any middleware sees it: those that no browser sends are taken off, and the request is read as UTF-8."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

_NAMED = re.compile(r""";\s*charset\s*=\s*["']?([^\s;"']*)["']?""", re.IGNORECASE)
_OF_BROWSERS = frozenset({"utf-8", "utf8", "us-ascii", "iso-8859-1", "windows-1252"})

Application = Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]


def in_a_charset_of_browsers(content_type: str) -> str:
    return _NAMED.sub(lambda named: named[0] if named[1].lower() in _OF_BROWSERS else "", content_type)


def readable(application: Application) -> Application:
    """The application, told no charset that it would break at."""

    def door(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if content_type := environ.get("CONTENT_TYPE"):
            environ["CONTENT_TYPE"] = in_a_charset_of_browsers(str(content_type))
        return application(environ, start_response)

    return door
