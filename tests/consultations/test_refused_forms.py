"""A form without our token: our own page's is kept to be sent again, and another site's never becomes a wish."""

from __future__ import annotations

import re

import pytest
from django.http import HttpResponse

from immuno_site.consultations.models import Progress
from tests.consultations.visitor import CALLBACK, Visitor, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("library")]
OURS = "http://testserver"
PATHS = (
    "/consultation/", "/consultation/question/", "/consultation/contact/", "/consultation/documents/",
    "/consultation/documents/remove/", "/consultation/check/", "/consultation/forget/", "/consultation/return/",
    "/consultation/return/request/", "/consultation/return/withdraw/", "/callback/", "/feedback/",
    "/he/consultation/return/withdraw/",
)  # fmt: skip
IRREVOCABLE = {
    "/consultation/return/withdraw/": "/consultation/return/withdraw/",
    "/he/consultation/return/withdraw/": "/he/consultation/return/withdraw/",
    "/consultation/documents/remove/": "/consultation/documents/",
    "/consultation/forget/": "/consultation/",
}
FOREIGN = (
    {},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": f"{OURS}.evil.example"},
    {"Origin": "https://evil.example", "Referer": f"{OURS}/consultation/"},
    {"Referer": "https://evil.example/http://testserver/"},
    {"Referer": f"{OURS}.evil.example/"},
    {"Origin": OURS, "Sec-Fetch-Site": "cross-site"},
    {"Referer": f"{OURS}/consultation/", "Sec-Fetch-Site": "same-site"},
)


def _post(path: str, typed: dict[str, object], headers: dict[str, str]) -> HttpResponse:
    page = Visitor(enforce_csrf_checks=True).post(path, typed, headers=headers)
    assert page.status_code == 403
    return page


@pytest.mark.corpus("C2")
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_c2_form_of_another_site_is_not_repeated(path: str, headers: dict[str, str]) -> None:
    html = text_of(_post(path, {"sure": "yes", "email": "attacker@evil.example"}, headers))
    for word in ("<form", "<input", "<button", "csrfmiddlewaretoken", "attacker@evil.example"):
        assert word not in html
    assert Visitor().get(re.search(r'class="button" href="([^"]+)"', html)[1]).status_code in (200, 302)


@pytest.mark.parametrize("path", IRREVOCABLE)
@pytest.mark.parametrize("headers", [{"Origin": OURS}, {"Referer": f"{OURS}/consultation/"}], ids=str)
def test_what_cannot_be_undone_is_never_offered_again(path: str, headers: dict[str, str]) -> None:
    html = text_of(_post(path, {"sure": "yes", "attachment": "canary"}, headers))
    assert "<form" not in html
    assert "canary" not in html
    assert f'href="{IRREVOCABLE[path]}"' in html


@pytest.mark.parametrize("headers", [{"Origin": OURS}, {"Referer": f"{OURS}/callback/"}], ids=str)
def test_own_form_shows_every_value_it_will_send(headers: dict[str, str]) -> None:
    """What nobody sees, nobody agrees to: also what our form does not ask for."""
    typed = {**CALLBACK, "made_up": "short", "form": "mark"}
    html = text_of(_post("/callback/", typed, headers))
    shown = re.sub(r"<input[^>]*>", "", html)
    for words in (
        "Your phone number",
        "+1 555 010 0000",
        "Anna",
        "made_up",
        "short",
        "May we use what you send?",
    ):
        assert words in shown
    sent = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html))
    assert {name: sent[name] for name in typed} == typed


def test_own_form_can_be_sent_again() -> None:
    visitor = Visitor(enforce_csrf_checks=True, headers={"Origin": OURS})
    page = visitor.post("/consultation/question/", {"question": "Can it help me?\nAnd when?"})
    assert page.status_code == 403
    sent = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text_of(page)))
    visitor.post("/consultation/question/", sent)
    assert Progress.objects.get().answers["question"]["question"] == "Can it help me?\nAnd when?"
