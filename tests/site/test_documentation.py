"""The open data's documentation in a real browser: it works under the content policy and asks nobody else."""

import re
import shutil

import pytest
from django.contrib.staticfiles import finders
from playwright.sync_api import Page, Route, sync_playwright

pytestmark = [pytest.mark.django_db, pytest.mark.browser]

SITE = "http://localhost"  # an origin that browsers trust without https
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


@pytest.fixture
def answers(client) -> dict[str, tuple[dict[str, str], bytes]]:
    """Everything the page may ask for, fetched before the browser starts (its loop and the ORM do not mix)."""
    known = {}
    for path in ("/api/v1/docs", "/api/v1/openapi.json", "/api/v1/drugs/?language=en"):
        response = client.get(path, headers={"host": "localhost"})
        known[path] = ({name.lower(): value for name, value in response.items()}, response.content)
    for path in re.findall(r'(?:src|href)="(/static/[^"]+)"', known["/api/v1/docs"][1].decode()):
        with open(finders.find(path.removeprefix("/static/")), "rb") as file:
            known[path] = ({"content-type": TYPES[path.rpartition(".")[2]]}, file.read())
    return known


def visit(page: Page, answers: dict[str, tuple[dict[str, str], bytes]]) -> tuple[list[str], list[str]]:
    """Opens the page. Returns what went wrong, and what was asked for in vain."""
    problems, unknown = [], []

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(SITE)
        if path not in answers:
            unknown.append(route.request.url)
            return route.abort()
        headers, body = answers[path]
        return route.fulfill(status=200, headers=headers, body=body)

    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.route("**/*", answer)
    page.goto(f"{SITE}/api/v1/docs")
    page.get_by_text("Cancer immunotherapy: open data").first.wait_for()
    page.locator("#operations-drugs-list_drug .opblock-summary-control").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    page.get_by_text("pembrolizumab").first.wait_for()
    return problems, unknown


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is missing: apt-get install chromium")
def test_documentation_works_under_the_content_policy_and_asks_nobody_else(answers):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        problems, unknown = visit(browser.new_page(), answers)
        browser.close()
    assert unknown == []
    assert problems == []
