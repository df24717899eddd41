"""A real Chromium in front of the running site, with the real library behind it.

Tests that only read share one database. A test that writes is marked `django_db(transaction=True)`: its tables
are emptied afterwards, and the next test finds the stock imported afresh.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connections
from playwright.sync_api import Browser, sync_playwright
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from tests.browser.visitor import Visitor

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
MISSING = f"Chromium is not at {CHROMIUM}. Install it: apt-get install -y chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            # Without this mark pytest-django makes no test database.
            if not item.get_closest_marker("django_db"):
                item.add_marker(pytest.mark.django_db)


@pytest.fixture(scope="module")
def chromium(django_db_setup: None) -> Iterator[Browser]:
    """One browser for each file of tests.

    While it lives, Playwright's loop runs in the tests' own thread: Django takes our queries for asynchronous
    ones and opens other connections. So the database is made before and those connections are closed after.
    """
    if not CHROMIUM.exists():
        # Where the result counts, a journey nobody has walked is not a passed one.
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(MISSING)
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
        connections.close_all()


@pytest.fixture(scope="session")
def site(django_db_setup: None) -> Iterator[str]:
    """The address of the site. Unlike pytest-django's own server it leaves the stock in place between tests."""
    server = LiveServer("localhost")
    yield server.url
    server.stop()


@pytest.fixture
def over_http(settings: Settings) -> Iterator[None]:
    """The test server speaks http, where browsers refuse cookies whose name promises more."""
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "sessionid", "csrftoken"
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    yield
    connections.close_all()


@pytest.fixture
def visitor(chromium: Browser, site: str, db: None) -> Iterator[Callable[..., Visitor]]:
    """Lets somebody in: `visitor(width=320)`, `visitor(javascript=False)`. At the end nobody's browser complained."""
    everybody: list[Visitor] = []

    def enter(**how: object) -> Visitor:
        everybody.append(Visitor(chromium, site, **how))
        return everybody[-1]

    yield enter
    for somebody in everybody:
        somebody.leave()
    assert [line for somebody in everybody for line in somebody.complaints] == []
