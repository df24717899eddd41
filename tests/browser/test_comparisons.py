"""Nothing that is compared lies beyond the screen of a phone: both columns of a table, harm beside benefit."""

from __future__ import annotations

from django.conf import settings

from tests.browser.addresses import LONG, PUBLIC
from tests.stocks import SMALL, both

NARROW = 360
OPEN_FOLDS = "document.querySelectorAll('details').forEach(one => { one.open = true })"
TURN = "document.documentElement.dir = 'rtl'"
CELLS_BEYOND = """() => [...document.querySelectorAll('th, td')].filter(cell => {
  const box = cell.getBoundingClientRect();
  return box.width && (box.right > innerWidth + 0.5 || box.left < -0.5);
}).map(cell => cell.textContent.trim().slice(0, 40))"""
FILLING = "svg => new DOMMatrix(getComputedStyle(svg).transform).a * (getComputedStyle(svg).scale === '-1 1' ? -1 : 1)"


@both
def test_no_header_cell_and_no_comparison_beyond_the_screen(library, visitor):
    page = visitor(width=NARROW).page
    addresses = [*PUBLIC, *LONG] if library != SMALL else PUBLIC
    if library != SMALL:
        folders = ("cancers", "therapies", "drugs", "biomarkers", "centers", "side-effects")
        entries = [
            f"/{folder}/{path.name.removesuffix('.md')}/"
            for folder in folders
            for path in sorted((settings.LIBRARY / folder).glob("*.md"))
            if path.name.count(".") == 1
        ]
        addresses = [*dict.fromkeys([*addresses, *entries, "/guide/compared-with-chemotherapy/"])]
    beyond = {}
    for address in addresses:
        page.goto(address)
        page.evaluate(OPEN_FOLDS)
        for turn in ("", TURN):
            page.evaluate(turn or "0")
            if cells := page.evaluate(CELLS_BEYOND):
                beyond[f"{address} {'right to left' if turn else ''}"] = cells
    assert beyond == {}


def test_people_are_filled_from_the_side_where_reading_begins(visitor):
    page = visitor(width=NARROW).open("/cancers/melanoma/")
    people = page.locator(".people").first
    assert people.evaluate(FILLING) == 1
    page.evaluate(TURN)
    assert people.evaluate(FILLING) == -1


def test_results_can_be_read_without_script_and_in_print(visitor):
    reader = visitor(width=NARROW, javascript=False)
    page = reader.open("/cancers/melanoma/")
    result = page.locator(".result").first
    assert result.get_by_text("Benefit: alive after 5 years", exact=True).is_visible()
    assert result.locator("td b").all_text_contents() == ["52", "58", "44", "23", "26", "28"]
    page.emulate_media(media="print")
    assert result.locator(".people").first.is_visible()
    assert result.get_by_text("Source:").is_visible()
