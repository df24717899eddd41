"""Pages that say no: each with all the headers, kept by nobody."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import OperationalError
from django.http import HttpResponse

from immuno_site.consultations import spam
from immuno_site.consultations.files import checks
from immuno_site.consultations.models import Progress
from tests.consultations import sample_files
from tests.consultations.conftest import private_folder  # noqa: F401 - files need a place of their own
from tests.consultations.visitor import Visitor
from tests.site.test_headers import STRICT, policy_of

pytestmark = [pytest.mark.django_db, pytest.mark.corpus("H6")]
HTTPS = {"x-forwarded-proto": "https"}
WRONG = {"reference": "IM-AAAA-AA", "code": "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AA"}
HEADERS = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store, private",
}


def _send(visitor: Visitor, *files: bytes) -> HttpResponse:
    chosen = [sample_files.upload("a.pdf", content) for content in files]
    return visitor.post("/consultation/documents/", {"files": chosen})


REFUSALS: dict[int, Callable[[Visitor], HttpResponse]] = {
    400: lambda visitor: visitor.post("/callback/", {f"field-{n}": "x" for n in range(101)}),
    403: lambda visitor: Visitor(enforce_csrf_checks=True, headers=HTTPS).post(
        "/callback/", {"name": "Anna"}
    ),
    404: lambda visitor: visitor.get("/made-up/"),
    405: lambda visitor: visitor.get("/consultation/forget/"),
    409: lambda visitor: (visitor.send_all(), visitor.answer("question", question="Something else."))[1],
    413: lambda visitor: _send(visitor, sample_files.pdf()),
    415: lambda visitor: _send(visitor, sample_files.PROGRAM),
    422: lambda visitor: visitor.post("/callback/", {}),
    429: lambda visitor: visitor.post("/consultation/return/", WRONG),
    503: lambda visitor: visitor.answer("question"),
}


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("status", REFUSALS)
def test_page_that_says_no_carries_all_headers(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object) -> None:
        raise OperationalError

    visitor = Visitor(headers=HTTPS)
    visitor.begin()
    if status == 413:
        monkeypatch.setattr(checks, "MAX_FILE", 10)
    if status == 429:
        monkeypatch.setattr(spam, "MOST_RETURNS_PER_HOUR", 0)
    if status == 503:
        monkeypatch.setattr(Progress, "keep", fail)
    answer = REFUSALS[status](visitor)
    assert answer.status_code == status
    assert {name: answer.get(name) for name in HEADERS} == HEADERS
    assert policy_of(answer) == STRICT
    assert "Permissions-Policy" in answer
