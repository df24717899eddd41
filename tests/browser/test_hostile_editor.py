"""Scripts typed by an editor, in a real browser: put into the rows past every check, and even with both doors of
prose.py open. Nothing runs, for readers and for staff."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from cms.models import PageContent
from cms.toolbar.utils import get_object_preview_url
from django.db.models import CharField, TextField
from django.utils.safestring import mark_safe
from playwright.sync_api import Page

from content.lines import LinesField
from content.models import DrugContent, IndicationText, ProseBlock
from content.models.block import CareCardBlock, DoDontListBlock
from content.page import component
from content.text import prose
from immuno_site import page_cache
from tests.browser.visitor import DESKTOP, Visitor
from tests.factories import CITED, create_drug, create_indication, create_page
from tests.hostile_editor import TYPED, Typed
from tests.staff import create_staff
from tests.stories import create_story, place, publish

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.corpus("X-S1", "X-S2", "X-S3", "X-S4", "X-S5", "X-S6"),
]
NOTE_VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", event => violations.push(event.violatedDirective));
"""
TRY_EVERYTHING = """() => {
  for (const link of document.querySelectorAll("a[data-typed]")) link.click();
  for (const one of document.querySelectorAll("[data-typed]")) one.dispatchEvent(new Event("focus"));
}"""
SCHEMES_OF_LINKS = "[...document.querySelectorAll('a[href], area[href]')].map(link => link.protocol)"


@pytest.fixture(params=["reader", "colleague"])
def somebody(request: pytest.FixtureRequest, visitor: Callable[..., Visitor]) -> Visitor:
    """A reader, or a colleague who looks at the same with the toolbar and a looser policy for styles."""
    for typed in TYPED:
        _plant(typed)
    page_cache.generation.start_new()
    somebody = visitor(width=DESKTOP)
    if request.param == "colleague":
        somebody.sign_in(create_staff("colleague", is_superuser=True))
    return somebody


def _plant(typed: Typed) -> None:
    """Published with harmless words; then the rows themselves are changed, as no page of the admin could."""
    entry = create_page(slug=typed.name, questions=CITED)
    fact = create_indication(drug=create_drug(slug=typed.name), key=f"fda-{typed.name}")
    story = create_story(slug=f"{typed.name}-page")
    place(story, "CareCardPlugin", urgency="emergency", lines=[CITED])
    place(story, "DoDontListPlugin", do=[CITED], dont=[CITED])
    publish(story)
    for model, rows in (
        (DrugContent, {"pk": entry.object_id}),
        (IndicationText, {"indication": fact}),
        (PageContent, {"pk": story.pk}),
        *(
            (block, {"placeholder__in": story.get_placeholders()})
            for block in (ProseBlock, CareCardBlock, DoDontListBlock)
        ),
    ):
        assert model._base_manager.filter(**rows).update(**_everywhere(model, typed)) == 1


PLUMBING = {
    "language",
    "slug",
    "template",
    "redirect",
    "overwrite_url",
    "xframe_options",
    "plugin_type",
    "path",
    "changed_by",
    "created_by",
}


def _everywhere(model: type, typed: Typed) -> dict[str, object]:
    """Every text of a row is what was typed: as much of it as fits."""
    values = {}
    for field in model._meta.local_concrete_fields:
        if isinstance(field, LinesField):
            values[field.name] = list(typed.lines)
        elif isinstance(field, CharField | TextField) and not field.choices and field.name not in PLUMBING:
            values[field.name] = (
                typed.text if field.max_length is None else typed.lines[0][: field.max_length]
            )
    return values


def addresses(somebody: Visitor) -> Iterator[tuple[Typed, str]]:
    """Of the entries and of the pages, as this person sees them."""
    for typed in TYPED:
        if not somebody.cookies:
            yield from ((typed, f"/drugs/{typed.name}/"), (typed, f"/{typed.name}-page/"))
            continue
        yield typed, get_object_preview_url(DrugContent._base_manager.get(entry__slug=typed.name))
        yield typed, get_object_preview_url(PageContent._base_manager.get(slug=f"{typed.name}-page"))


def provoked(somebody: Visitor, address: str) -> Page:
    """The page, after everything on it was tried that a script could wait for."""
    page = somebody.open(address)
    page.evaluate(TRY_EVERYTHING)
    page.wait_for_timeout(200)
    assert page.evaluate("window.ran") is None, address
    return page


def test_it_is_text_and_nothing_runs(somebody: Visitor) -> None:
    """That no content policy had to step in is seen by the empty console."""
    for typed, address in addresses(somebody):
        page = provoked(somebody, address)
        assert page.locator("[data-typed]").count() == 0, address
        assert typed.lines[0].split()[0] in page.get_by_role("main").inner_text(), address
        assert set(page.evaluate(SCHEMES_OF_LINKS)) <= {"http:", "https:", "mailto:", "tel:"}, address
        assert all(url.startswith(somebody.site) for url in somebody.requests), address


@pytest.fixture
def nothing_is_cleaned(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As if Markdown and nh3 both let everything through; nothing of it is kept."""
    monkeypatch.setattr(prose, "_convert", lambda shape, text, *rest: mark_safe(text))  # noqa: S308
    prose.forget()
    yield
    prose.forget()
    component.forget()


@pytest.mark.usefixtures("nothing_is_cleaned")
def test_content_policy_alone_stops_it(somebody: Visitor) -> None:
    arrived: list[str] = []
    somebody.page.on("requestfinished", lambda request: arrived.append(request.url))
    somebody.page.add_init_script(NOTE_VIOLATIONS)
    for _typed, address in addresses(somebody):
        page = provoked(somebody, address)
        assert page.locator("[data-typed]").count() > 0, address  # it is there, and does nothing
        assert page.evaluate("violations"), address
    assert all(url.startswith(somebody.site) for url in arrived)
    somebody.complaints[:] = [line for line in somebody.complaints if "Content Security Policy" not in line]
