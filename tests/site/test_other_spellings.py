"""Addresses as people type them lead to the page as we write it."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "ours"),
    [
        ("/Drugs/Pembrolizumab/", "/drugs/pembrolizumab/"),
        ("/en/drugs/pembrolizumab/", "/drugs/pembrolizumab/"),
        ("/EN/Drugs/", "/drugs/"),
        ("/en/", "/"),
        ("/HE/drugs/", "/he/drugs/"),
        ("/Search/?q=rash", "/search/?q=rash"),
    ],
)
def test_other_spelling_leads_to_ours(client: Client, typed: str, ours: str) -> None:
    answer = client.get(typed)
    assert (answer.status_code, answer.headers["Location"]) == (301, ours)


@pytest.mark.parametrize(
    "typed", ["/en//evil.example/", "/EN///evil.example/", "/En/\\evil.example/", "//EVIL.example/drugs/"]
)
def test_other_spelling_leads_to_no_other_site(client: Client, typed: str) -> None:
    location = client.get("/", PATH_INFO=typed).headers.get("Location", "/")  # a client takes // for a host
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))


def test_address_that_leads_nowhere_is_no_redirect(client: Client) -> None:
    assert client.get("/made-up/").status_code == 404


def test_form_sent_to_another_spelling_is_refused(client: Client) -> None:
    assert client.post("/Drugs/Pembrolizumab/").status_code in (404, 405)
