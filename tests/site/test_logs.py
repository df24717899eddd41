"""What is written down of a request: time and number, and nothing of anybody."""

from __future__ import annotations

import json
import logging
import sys
from smtplib import SMTPDataError, SMTPRecipientsRefused

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import OperationalError
from django.test import RequestFactory

from immuno_site import logs


def _line(message: str, *arguments: object, error: BaseException | None = None) -> dict[str, str]:
    exc_info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("django.request", logging.WARNING, "x.py", 1, message, arguments, exc_info)
    written = logs.JsonLines().format(record)
    assert "\n" not in written
    return json.loads(written)


def _raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception:
        return sys.exc_info()[1]


def test_line_has_time_level_and_words() -> None:
    line = _line("Not Found: %s", "/made-up/")
    assert line["time"].endswith("+00:00")
    assert (line["level"], line["logger"]) == ("WARNING", "django.request")
    assert line["message"] == "Not Found: /made-up/"


def test_line_break_in_words_begins_no_second_line() -> None:
    assert _line("Not Found: %s", '/x\n{"level": "ERROR"}')["message"] == 'Not Found: /x\n{"level": "ERROR"}'


def test_address_is_written_without_its_question() -> None:
    assert _line("Error handling request %s", "/search/?q=CANARY&x=1")["message"].endswith(" /search/")


@pytest.mark.parametrize(
    "error",
    [
        ValueError("invalid literal: 'CANARY'"),
        SMTPRecipientsRefused({"CANARY@example.org": (550, b"no such user")}),
        SMTPDataError(554, b"refused for CANARY@example.org"),
    ],
)
def test_error_says_where_and_what_kind_and_quotes_nobody(error: Exception) -> None:
    line = _line("Broken", error=_raised(error))
    assert "test_logs.py" in line["error"]
    assert type(error).__name__ in line["error"]
    assert "CANARY" not in json.dumps(line)


def test_error_behind_an_error_is_told_without_quotes_too() -> None:
    try:
        try:
            raise KeyError("CANARY")
        except KeyError as error:
            raise RuntimeError("CANARY") from error
    except RuntimeError as error:
        line = _line("Broken", error=error)
    assert line["error"].index("KeyError") < line["error"].index("RuntimeError")
    assert "CANARY" not in line["error"]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), OperationalError("refused")])
def test_machine_says_what_is_wrong_with_it(error: Exception) -> None:
    assert str(error) in _line("Broken", error=_raised(error))["error"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "is_taken"), [("0123456789abcdef" * 2, True), ("CANARY", False), ("", False)]
)
def test_lines_of_a_request_carry_its_number(said: str, is_taken: bool) -> None:
    lines: list[dict[str, str]] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(json.loads(logs.JsonLines().format(record)))

    logger, keep = logging.getLogger("django.request"), Keep()
    logger.addHandler(keep)
    was, logger.disabled = logger.disabled, False
    try:
        environ = RequestFactory().get("/made-up-address/", HTTP_X_REQUEST_ID=said).environ
        list(logs.numbered(WSGIHandler())(environ, lambda *args: None))
    finally:
        logger.removeHandler(keep)
        logger.disabled = was
    assert lines
    assert {len(line["request"]) for line in lines} == {32}
    assert (lines[0]["request"] == said) is is_taken
    assert "CANARY" not in json.dumps(lines)


def test_line_without_a_request_has_no_number() -> None:
    assert "request" not in _line("Started")
