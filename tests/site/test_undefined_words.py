"""No public page asks for something that nobody gave it: Django would show nothing there, and nobody would notice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.template import engines
from django.test import Client

from tests.browser.addresses import LONG, PUBLIC

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("library")]

# Asked for by templates of django CMS and Django, where nothing is an answer.
UPSTREAM: set[str] = set()

FORMS = ["/consultation/", "/callback/", "/feedback/?page=/drugs/pembrolizumab/", "/accounts/login/"]


class Undefined(str):
    """Django asks it for the words to show in place of what is missing; it notes what that was."""

    def __new__(cls) -> Undefined:
        undefined = super().__new__(cls, "undefined")
        undefined.names = set()
        return undefined

    def __contains__(self, text: object) -> bool:
        return True

    def __mod__(self, name: object) -> str:
        self.names.add(str(name))
        return ""


@pytest.fixture
def undefined(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    marker = Undefined()
    monkeypatch.setattr(engines["django"].engine, "string_if_invalid", marker)
    return marker.names


@pytest.mark.parametrize(
    "path", [*PUBLIC, *FORMS, *(pytest.param(path, marks=pytest.mark.stock) for path in LONG)]
)
def test_page_asks_for_nothing_undefined(undefined: set[str], client: Client, path: str):
    assert client.get(path).status_code in (200, 404)
    assert undefined - UPSTREAM == set()
