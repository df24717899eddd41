"""Every tool in every way it is used: right to left, in large letters, by keyboard alone, without a script, on paper.

What one tool alone does stands in a file of its own; axe and small screens in English: test_every_template.py.
"""

from __future__ import annotations

import pytest

from tests.browser.visitor import DESKTOP, PHONE

FOUR = "&".join(
    f"drug={value}" for value in ("nivolumab", "pembrolizumab", "car-t-cell-therapy", "nivolumab,ipilimumab")
)
# Address, and what the page is worth nothing without: there also where scripts are switched off.
PROMISED = {
    "/find/": "main form select",
    "/find/?cancer=melanoma": "main form fieldset",
    "/find/?cancer=melanoma&show=uses": "main .found-line, main .found",
    "/compare/": "main form select",
    f"/compare/?{FOUR}": "main table",
    "/symptoms/": "main form select",
    "/symptoms/?treatment=pembrolizumab": "main .care-card",
    "/records/?cancer=melanoma": "main .records-letter li",
    "/decision/?cancer=melanoma": "main h2",
    "/card/": "main .e-card",
    "/diary/": "main p.box",
    "/my-questions/": "main h1",
    "/offline/": "main h1",
    "/search/?q=rash": "main .result-count",
    "/updates/": "main h2",
}
ANSWERS = [address for address in PROMISED if "show=" in address or "&" in address or "treatment=" in address]
ANSWERS += ["/card/", "/records/?cancer=melanoma", "/updates/"]
ON_PAPER = {"A4": 718, "Letter": 739}  # pixels between the margins of base.css

BEYOND = """() => [...document.querySelectorAll('main *')].filter(one => {
  const box = one.getBoundingClientRect();
  return box.width && box.height && !one.closest('svg, .visually-hidden, .sr-only')
    && (box.right > innerWidth + 1 || box.left < -1);
}).map(one => one.tagName + ' ' + one.textContent.trim().slice(0, 40))"""
CONTROLS = """() => [...document.querySelectorAll('button, select, input, nav, .page-bar')].filter(one =>
  one.checkVisibility({ visibilityProperty: true }) && one.getBoundingClientRect().height > 1
  && !one.closest('.to-tick') && !['checkbox', 'radio'].includes(one.type)
).map(one => one.outerHTML.slice(0, 90))"""
# Notes what gets the focus, and what of it shows none. Radio buttons of one name are one stop.
WATCH = """() => {
  const seen = new Set(), stops = [...document.querySelectorAll('a[href], button, select, input, textarea, summary')]
    .filter(one => one.closest('main') && one.checkVisibility({ visibilityProperty: true }) && !one.disabled
      && one.tabIndex >= 0 && one.type !== 'hidden')
    .filter(one => one.type !== 'radio' || (!seen.has(one.name) && seen.add(one.name)));
  window.reached = new Set();
  window.unseen = [];
  document.addEventListener('focusin', ({ target }) => {
    if (!target.closest('main')) return;
    window.reached.add(target.type === 'radio' ? target.name : target);
    const style = getComputedStyle(target);
    if (style.outlineStyle === 'none' && style.boxShadow === 'none') window.unseen.push(target.outerHTML.slice(0, 90));
  });
  stops[0].focus();
  return stops.length;
}"""
# Each has its own way of being filled in; what they show is read like any page.
FILLED_IN = ["/find/?cancer=melanoma", "/compare/", "/symptoms/", "/card/", "/diary/", "/my-questions/"]
FILLED_IN += ["/records/?cancer=melanoma", "/decision/?cancer=melanoma", "/offline/"]


def test_every_tool_is_read_from_right_to_left_and_in_large_letters(visitor):
    problems = {}
    reader = visitor(width=PHONE)
    for address in PROMISED:
        if found := reader.problems_at(f"/he{address}", widths=(PHONE,)):
            problems[f"/he{address}"] = found
        page = reader.page
        assert page.evaluate("document.documentElement.dir") == "rtl"
        page.set_viewport_size({"width": 412, "height": 800})
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        for turn in ("rtl", "ltr"):
            page.evaluate("turn => { document.documentElement.dir = turn }", turn)
            if reader.scrolls_sideways:
                problems[f"{address} {turn} at 200 %"] = page.evaluate(BEYOND)
    assert problems == {}


def test_every_tool_is_used_by_keyboard_alone(visitor):
    reader = visitor(width=DESKTOP)
    problems = {}
    for address in FILLED_IN:
        page = reader.open(address)
        stops = page.evaluate(WATCH)
        for _ in range(stops + 4):
            page.keyboard.press("Tab")
        reached, unseen = page.evaluate("[window.reached.size, window.unseen]")
        if unseen or reached < stops:
            problems[address] = (f"{reached} of {stops} reached", unseen[:3])
    assert problems == {}


def test_every_tool_keeps_its_promise_without_a_script(visitor):
    reader = visitor(javascript=False)
    missing = [
        address
        for address, promised in PROMISED.items()
        if not reader.open(address).locator(promised).first.is_visible()
    ]
    assert missing == []


@pytest.mark.parametrize("paper", ON_PAPER)
def test_every_tool_stands_whole_on_paper_and_answers_without_controls(visitor, paper):
    """A page that still asks is printed with its questions."""
    reader = visitor(width=ON_PAPER[paper])
    problems = {}
    for address in PROMISED:
        page = reader.open(address)
        page.emulate_media(media="print")
        if "drug=" in address:
            assert page.locator(".compare thead th").nth(3).is_visible()  # side by side here too
        if cut := page.evaluate(BEYOND):
            problems[f"{address} is cut"] = cut[:4]
        if address in ANSWERS and (controls := page.evaluate(CONTROLS)):
            problems[f"{address} prints controls"] = controls[:4]
    assert problems == {}
