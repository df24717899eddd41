"""Somebody with a browser: what they open, what their browser complains about, what it asks for."""

from __future__ import annotations

from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response

PHONE, DESKTOP = 320, 1280  # pixels

# WCAG 2.2 A and AA, and what axe holds to be good practice.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Pages that say no are meant to: not our form, not here, somebody was faster, too large, no such file, to correct.
REFUSALS = ("403", "404", "409", "413", "415", "422")
SLOWEST = 20_000  # milliseconds, on a machine that runs other tests as well
AXE = Axe()


class Visitor:
    """One browser window of its own: no cookies, an empty cache."""

    def __init__(
        self, browser: Browser, site: str, *, width: int = DESKTOP, height: int = 800, javascript: bool = True
    ) -> None:
        self.site = site
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self._context = browser.new_context(
            base_url=site, viewport={"width": width, "height": height}, java_script_enabled=javascript
        )
        self._context.set_default_timeout(SLOWEST)
        self.page: Page = self._context.new_page()
        self.page.on("console", self._note_console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on("request", self._note_request)
        self.page.on("response", self._note_response)

    def _note_console(self, message: ConsoleMessage) -> None:
        # A broken content policy is an error here too. That the page itself is a 404 is nobody's mistake.
        address = message.location.get("url", "")
        is_refusal = address == self.page.url and any(status in message.text for status in REFUSALS)
        if message.type == "error" and not is_refusal:
            self.complaints.append(f"console: {message.text} ({address})")

    def _note_request(self, request: Request) -> None:
        if request.url.startswith("http"):
            self.requests.append(request.url)

    def _note_response(self, response: Response) -> None:
        if response.status >= 400 and not response.request.is_navigation_request():
            self.complaints.append(f"{response.status}: {response.url}")

    def sign_in(self, user: User) -> None:
        """With the session that signing in would give; how people sign in has tests of its own."""
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        # As if it came by https, which the cookie's name demands; Chromium sends it to localhost by http too.
        address = self.site.replace("http:", "https:")
        self._context.add_cookies(
            [{"name": cookie.key, "value": cookie.value, "url": address, "secure": True}]
        )

    def open(self, address: str) -> Page:
        """Goes to an address and waits until everything has come."""
        self.requests.clear()
        self.page.goto(address, wait_until="load")
        return self.page

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    @property
    def cookies(self) -> list[str]:
        return [cookie["name"] for cookie in self._context.cookies()]

    @property
    def scrolls_sideways(self) -> bool:
        return self.page.evaluate(
            "[document.documentElement, document.body].some(one => one.scrollWidth > innerWidth)"
        )

    def accessibility_problems(self) -> list[str]:
        """One line for each rule broken and each element that breaks it, once its sheets are there."""
        self.page.wait_for_load_state("load")
        # Without preload: axe would fetch the sheets once more, and what they import from the wrong folder.
        options = {"runOnly": RULES, "resultTypes": ["violations"], "preload": False}
        results = AXE.run(self.page, options=options)
        return [
            f"{rule['id']}: {rule['help']}: {node['html'][:160]}"
            for rule in results.response["violations"]
            for node in rule["nodes"]
        ]

    def problems_at(self, address: str, *, widths: tuple[int, ...]) -> list[str]:
        """What is wrong at an address on screens of these widths: sideways scrolling, and what axe finds."""
        self.open(address)
        return self.problems_here(widths=widths)

    def problems_here(self, *, widths: tuple[int, ...]) -> list[str]:
        problems = []
        # What the bar at the foot of the screen covers is read by scrolling.
        self.page.evaluate(
            "document.querySelectorAll('.page-bar').forEach(bar => bar.style.position = 'static')"
        )
        for width in widths:
            self.page.set_viewport_size({"width": width, "height": 800})
            sideways = ["scrolls sideways"] if self.scrolls_sideways else []
            problems += [f"{width} pixels: {line}" for line in sideways + self.accessibility_problems()]
        return problems

    def leave(self) -> None:
        self._context.close()
