"""Kept for offline: off until somebody taps, honest about its age, gone when the page is."""

from __future__ import annotations

import select
import socket
import socketserver
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from cms.models import PageContent
from playwright.sync_api import Browser, Page

DRUG, STORY = "/drugs/pembrolizumab/", "/guide/types/"
REGISTERED = "navigator.serviceWorker.getRegistrations().then(all => all.length)"
KEPT = """async () => {
  const found = await caches.has("kept-1") ? await (await caches.open("kept-1")).keys() : [];
  return found.map(one => one.url.replace(location.origin, "")).filter(path => !path.startsWith("/static/"));
}"""
AN_HOUR_LATER = """async () => {
  const kept = await caches.open("kept-1");
  for (const { url } of await kept.keys()) {
    const copy = await kept.match(url);
    if (!copy.headers.has("X-Kept-At")) continue;
    const headers = new Headers(copy.headers);
    headers.set("X-Kept-At", new Date(Date.now() - 7_200_000).toISOString());
    await kept.put(url, new Response(await copy.text(), { headers }));
  }
}"""


class Line(socketserver.ThreadingTCPServer):
    """Between browser and site: what the browser's own "offline" leaves out is the worker's requests."""

    daemon_threads, block_on_close, is_cut = True, False, False

    def __init__(self, port: int) -> None:
        self.beyond = ("localhost", port)
        super().__init__(("localhost", 0), Relay)


class Relay(socketserver.BaseRequestHandler):
    server: Line

    def handle(self) -> None:
        if self.server.is_cut:
            return
        with socket.create_connection(self.server.beyond) as site:
            other = {self.request: site, site: self.request}
            while not self.server.is_cut:
                for end in select.select([*other], [], [], 0.05)[0]:
                    if not (heard := end.recv(65_536)):
                        return
                    other[end].sendall(heard)


@pytest.fixture
def line(site: str) -> Iterator[Line]:
    with Line(urlsplit(site).port or 80) as opened:
        threading.Thread(target=opened.serve_forever, daemon=True).start()
        yield opened
        opened.is_cut = True
        opened.shutdown()


@pytest.fixture
def page(chromium: Browser, line: Line, db: None) -> Iterator[Page]:
    """Without a connection a browser complains of every file: no visitor with an empty console."""
    context = chromium.new_context(base_url=f"http://localhost:{line.server_address[1]}")
    yield context.new_page()
    context.close()


def keep(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="Keep for offline").click()
    page.get_by_role("button", name="Keep no longer").wait_for()


def paths(page: Page) -> set[str]:
    return set(page.evaluate(KEPT))


def test_nothing_is_kept_until_somebody_taps(page):
    page.goto(DRUG)
    assert page.get_by_role("button", name="Keep for offline").is_visible()
    assert page.evaluate(REGISTERED) == 0
    assert page.evaluate("caches.keys()") == []


def test_page_card_and_diary_open_without_a_connection_and_say_how_old_they_are(line, page):
    keep(page, DRUG)
    assert paths(page) == {DRUG, "/card/", "/diary/", "/offline/"}
    line.is_cut = True
    page.goto(DRUG)
    assert "You have no connection. This is the copy of" in page.locator("main p.box").first.inner_text()
    assert page.locator("h1").inner_text() == "Pembrolizumab"
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).fontFamily").startswith("Literata")
    for mark in ("a.cite", "a.term"):
        page.locator(f"main {mark}").filter(visible=True).first.click()
        page.get_by_role("dialog").get_by_role("button", name="Close").click()
    page.goto("/card/")
    page.fill("#c-team", "+972 00")
    assert "+972 00" in page.inner_text(".e-card")
    page.goto("/diary/")
    assert page.locator("[data-row]").count() > 3
    page.goto("/drugs/nivolumab/")  # not kept: which ones are
    page.locator("[data-kept-pages] a").nth(2).wait_for()
    assert page.locator("[data-kept-pages] a").count() == 3
    line.is_cut = False
    page.goto(DRUG)
    assert page.locator("html[data-kept]").count() == 0


def test_page_of_somebody_is_never_kept(page):
    keep(page, DRUG)
    page.goto("/consultation/")
    assert page.locator("[data-offline]").count() == 0
    page.evaluate(
        """async () => {
          const { active } = await navigator.serviceWorker.ready;
          await new Promise(done => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = done;
            active.postMessage({ keep: [location.href, "/callback/", "/feedback/"] }, [port2]);
          });
        }"""
    )
    assert paths(page) == {DRUG, "/card/", "/diary/", "/offline/"}


def test_one_is_removed_and_all_is_switched_off(page):
    keep(page, DRUG)
    page.goto("/offline/")
    page.get_by_role("button", name="Remove: Pembrolizumab").click()
    page.get_by_role("button", name="Remove: Pembrolizumab").wait_for(state="detached")
    assert paths(page) == {"/card/", "/diary/", "/offline/"}
    page.get_by_role("button", name="Switch off and delete all copies").click()
    page.get_by_text("Nothing is kept on this device.").wait_for()
    assert page.evaluate("caches.keys()") == []
    assert page.evaluate(REGISTERED) == 0


@pytest.mark.django_db(transaction=True)
def test_withdrawn_page_is_gone_once_the_device_has_heard_of_it(line, page, editor):
    keep(page, STORY)
    story = PageContent.objects.get(page__urls__path="guide/types", language="en")
    story.versions.get().unpublish(editor)
    page.evaluate(AN_HOUR_LATER)
    page.goto("/card/")  # from any page the worker then looks after all of them
    page.locator("[data-offline] [role=status]:not(:empty)").wait_for()
    assert paths(page) == {"/card/", "/diary/", "/offline/"}
    line.is_cut = True
    page.goto(STORY)
    assert page.locator("h1").inner_text() == "Kept for offline"


def test_delete_all_leaves_no_copy_to_the_next_person(page):
    keep(page, "/card/")
    page.on("dialog", lambda dialog: dialog.accept())
    with page.expect_navigation():
        page.click("[data-delete]")
    assert paths(page) == set()
    assert page.evaluate(REGISTERED) == 0
