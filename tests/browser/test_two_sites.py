"""A page of another site in the next tab: what it sends in a patient's name never becomes the patient's wish."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

from immuno_site.consultations.models import ConsultationRequest, Progress
from immuno_site.consultations.reference import return_code
from tests.browser.visitor import Visitor
from tests.consultations.factories import create_request

CONTACT = {"name": "Anna", "email": "attacker@evil.example", "contact_by": "email", "language": "en"}


@pytest.fixture
def evil() -> Iterator[Callable[[str, dict[str, str]], str]]:
    """Another site: its one page sends a form to an address as soon as it is opened."""
    html = ""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def page(address: str, typed: dict[str, str]) -> str:
        nonlocal html
        fields = "".join(f'<input name="{name}" value="{value}">' for name, value in typed.items())
        html = f'<form method="post" action="{address}">{fields}</form><script>document.forms[0].submit()</script>'
        return f"http://127.0.0.1:{server.server_port}/"

    yield page
    server.shutdown()
    server.server_close()


def _click_what_is_offered(visitor: Visitor) -> None:
    page = visitor.page
    expect(page.get_by_role("heading", level=1)).to_have_text("We did not receive it")
    expect(page.locator("form")).to_have_count(0)
    page.locator(".button").click()
    page.wait_for_load_state()


@pytest.mark.corpus("C2")
@pytest.mark.django_db(transaction=True)
def test_another_site_withdraws_no_request(
    visitor: Callable[..., Visitor], site: str, over_http: None, evil: Callable[[str, dict[str, str]], str]
) -> None:
    row, anna = create_request(), visitor()
    anna.open("/consultation/return/")
    anna.page.get_by_label("Reference").fill(row.reference)
    anna.page.get_by_label("Return code").fill(return_code(row.form_id))
    anna.page.locator("main form button[type=submit]").click()
    anna.page.wait_for_url("**/return/request/")
    anna.page.goto(evil(f"{site}/consultation/return/withdraw/", {"sure": "yes"}))
    anna.page.wait_for_url(f"{site}/**")
    _click_what_is_offered(anna)
    assert ConsultationRequest.objects.filter(pk=row.pk).exists()


@pytest.mark.corpus("C2")
@pytest.mark.django_db(transaction=True)
def test_another_site_redirects_no_answer(
    visitor: Callable[..., Visitor], site: str, over_http: None, evil: Callable[[str, dict[str, str]], str]
) -> None:
    anna = visitor()
    anna.open("/consultation/")
    anna.page.get_by_role("button", name="Start").click()
    anna.page.wait_for_url("**/help-now/")
    Progress.objects.get().keep("contact", CONTACT | {"email": "anna@example.org"})
    anna.page.goto(evil(f"{site}/consultation/contact/", CONTACT))
    anna.page.wait_for_url(f"{site}/**")
    _click_what_is_offered(anna)
    assert Progress.objects.get().answers["contact"]["email"] == "anna@example.org"
