"""What holds on every public page: the page gate's rules 12 and 13, little to load, nobody else involved."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from immuno_site import page_cache
from tests.browser.addresses import LONG, PUBLIC, UNTRANSLATED
from tests.browser.visitor import DESKTOP, PHONE

pytestmark = pytest.mark.stock

# The page, its sheet, that for paper, script, icons and font; elsewhere what lists and forms need, and drawings.
MOST_REQUESTS_OF_AN_ENTRY, MOST_REQUESTS = 6, 9
# All but the code of the address, which is fetched when somebody prints.
LOAD_LAZY_IMAGES = """() => Promise.all([...document.images].filter(image => image.src).map(image => {
  image.loading = "eager";
  return image.decode();
}))"""
# Shown to staff only; and the page of facts alone, which no entry of the real library needs any more (test_readers.py).
NOT_PUBLIC = {"gallery.html", "holding.html"}


@pytest.mark.parametrize(
    "address", ["/", "/drugs/pembrolizumab/", "/side-effects/", "/cancers/bladder-cancer/"]
)
def test_page_scrolls_one_way_only_at_four_times_the_size(visitor, address):
    reader = visitor(width=DESKTOP // 4, height=800 // 4)
    reader.open(address)
    assert not reader.scrolls_sideways


ON_THE_DEVICE = ("/card/", "/my-questions/", "/diary/", "/records/", "/decision/")


@pytest.mark.parametrize("address", [*PUBLIC, *LONG, UNTRANSLATED])
def test_page_can_be_read_by_everybody_and_asks_little_and_nobody_else(visitor, address):
    """That the content policy holds as well is seen by the visitor's empty console."""
    reader = visitor(width=PHONE)
    page = reader.open(address)
    asked = set(reader.requests)  # without pictures further down
    page.evaluate(LOAD_LAZY_IMAGES)
    assert reader.problems_here(widths=(PHONE, DESKTOP)) == []
    assert all(url.startswith(reader.site) for url in reader.requests)
    most = MOST_REQUESTS_OF_AN_ENTRY if page.locator("article.entry").count() else MOST_REQUESTS
    if address.startswith(ON_THE_DEVICE):
        most += 1  # a sheet and a script of their own, and no picture
    assert len(asked) <= most, asked
    assert reader.cookies == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_every_public_template_is_among_the_addresses():
    used = set()
    for address in [*PUBLIC, *LONG, UNTRANSLATED]:
        page_cache.generation.start_new()
        used |= {template.name for template in Client().get(address).templates if template.name}
    folder = settings.ROOT / "templates" / "content"
    public = {f"content/{path.name}" for path in folder.glob("*.html") if path.name not in NOT_PUBLIC}
    assert public | {"404.html"} <= used
