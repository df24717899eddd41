"""What is written down of each request: a line of JSON with the time and the request's number, and nothing of anybody.

nginx gives each request its number and writes it into its own log, so that one can be found by the other.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import traceback
from collections.abc import Iterable
from contextvars import ContextVar
from datetime import UTC, datetime
from wsgiref.types import StartResponse, WSGIEnvironment

from immuno_site.charsets import Application

request_number: ContextVar[str] = ContextVar("request_number", default="")

_NUMBER = re.compile(r"[0-9a-f]{32}")
_QUESTION = re.compile(r"(/[^\s?]*)\?\S*")
# These say what is wrong with a machine. The words of any other error may quote what somebody typed.
_OF_MACHINES = ("OSError", "ImportError", "OperationalError", "InterfaceError", "ImproperlyConfigured")
# A kind of OSError, but these words are another server's, and may name whom a letter was for.
_OF_OTHERS = "SMTPException"


def numbered(application: Application) -> Application:
    """Around everything: nginx's number, or one of our own where it did not pass through nginx."""

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        said = str(environ.get("HTTP_X_REQUEST_ID", ""))
        token = request_number.set(said if _NUMBER.fullmatch(said) else secrets.token_hex(16))
        try:
            return application(environ, start_response)
        finally:
            request_number.reset(token)

    return serve


class JsonLines(logging.Formatter):
    """One object a line. Of an address only the path is written, of an error only what a machine says."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _QUESTION.sub(r"\1", record.getMessage()),
            "request": request_number.get(),
            "error": told(record.exc_info[1]) if record.exc_info and record.exc_info[1] else "",
        }
        return json.dumps({name: value for name, value in line.items() if value}, ensure_ascii=False)


def told(error: BaseException) -> str:
    """Where it happened and what kind it was, the error behind it first."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    frames = traceback.extract_tb(error.__traceback__)
    places = "".join(f"  {frame.filename}:{frame.lineno} {frame.name}\n" for frame in frames)
    kinds = {kind.__name__ for kind in type(error).__mro__}
    words = f": {error}" if kinds.intersection(_OF_MACHINES) and _OF_OTHERS not in kinds else ""
    return f"{told(before) if before else ''}{places}{type(error).__qualname__}{words}\n"
