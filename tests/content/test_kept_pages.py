"""What is made once never shows on a page it no longer belongs to: kept and fresh pages are the same, byte by byte."""

from __future__ import annotations

import html
import json
import re
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from content import edition, prepared
from content.changes import announce_change
from content.models import CancerTypeContent, Drug, DrugContent, Indication, SideEffectOccurrence, Source
from content.page import component
from content.page.care_cards import CareCard, Line
from content.renaming import rename
from content.stock.importing import library_user
from content.text import prose
from content.text.hints import Words
from content.text.kept import LONG, Kept
from tests.factories import TODAY, create_draft, create_indication, create_source, new_draft

MELANOMA, PEMBROLIZUMAB, PD_1 = "/cancers/melanoma/", "/drugs/pembrolizumab/", "/therapies/pd-1-inhibitors/"
PAGES = (MELANOMA, PEMBROLIZUMAB, PD_1)
OPEN_DATA = tuple(f"/api/v1{path}" for path in PAGES)
SEARCHES = ("/search/?q=pembrolizumab", "/search/?q=nivolumab", "/search/?q=melanoma&kind=cancer")


def kept(path: str) -> str:
    """Built for somebody who holds a form's cookie: from all that is kept, but for the finished page."""
    cookie = f"{settings.CSRF_COOKIE_NAME}={'a' * 32}"
    return Client(headers={"cookie": cookie}).get(path).content.decode()


def fresh(path: str) -> str:
    """Built for credentials, that share nothing, in a process that has made nothing yet."""
    prose.forget()
    component.forget()
    prepared.forget()
    return Client(headers={"authorization": "Test"}).get(path).content.decode()


def unpublish_a_medicine() -> None:
    content = DrugContent.objects.get(entry__slug="nivolumab", language="en")
    content.versions.get().unpublish(library_user())


def approve_a_use() -> None:
    drug = Drug.objects.get(slug="pembrolizumab")
    create_indication(drug=drug, key="fda-new", regulator="IL-MOH", source=create_source(key="a-new-source"))


def replace_a_use() -> None:
    row = (
        Indication.objects.approved()
        .filter(members__drug__slug="pembrolizumab", cancer__slug="melanoma")
        .first()
    )
    draft = row.propose(by=library_user())
    draft.source = create_source(key="a-new-source")
    draft.save()
    draft.approve(by=None, now=TODAY)


def take_a_use_off() -> None:
    rows = Indication.objects.filter(members__drug__slug="pembrolizumab", cancer__slug="melanoma")
    rows.retire(by=library_user(), reason="It was wrong.", now=TODAY)


def cite_the_last_source_first() -> None:
    for slug, model in (("melanoma", CancerTypeContent), ("pembrolizumab", DrugContent)):
        content = model.objects.get(entry__slug=slug, language="en")
        last = prose.citation_keys("\n".join(content.markdown))[-1]
        message = f"{content.key_message} [@{last}]"
        new_draft(content.versions.get(), by=library_user(), key_message=message).publish(library_user())


def give_a_medicine_another_address() -> None:
    rename("drug", "pembrolizumab", "keytruda")


def correct_a_source() -> None:
    content = CancerTypeContent.objects.get(entry__slug="melanoma", language="en")
    source = Source.objects.get(key=prose.citation_keys("\n".join(content.markdown))[0])
    source.title = "A title that nobody had"
    source.save()
    announce_change()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        unpublish_a_medicine,
        approve_a_use,
        replace_a_use,
        take_a_use_off,
        cite_the_last_source_first,
        give_a_medicine_another_address,
        correct_a_source,
    ],
)
def test_what_is_public_is_after_a_change_what_a_fresh_one_is(
    change: Callable[[], None],
    django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[object]],
):
    before = {path: kept(path) for path in (*PAGES, *OPEN_DATA)}
    with django_capture_on_commit_callbacks(execute=True):
        change()
    after = {path: kept(path) for path in before}
    for paths in (PAGES, OPEN_DATA):
        assert any(after[path] != before[path] for path in paths)
    assert after == {path: fresh(path) for path in before}


@pytest.mark.django_db
@pytest.mark.parametrize("path", OPEN_DATA)
def test_open_data_of_an_entry_are_made_once_between_two_changes(path, django_assert_num_queries):
    first = kept(path)
    with django_assert_num_queries(0):
        assert kept(path) == first


def say_another_summary() -> None:
    for slug, model in (("melanoma", CancerTypeContent), ("pembrolizumab", DrugContent)):
        content = model.objects.get(entry__slug=slug, language="en")
        summary = f"About {content.name} we now say this."
        new_draft(content.versions.get(), by=library_user(), summary=summary).publish(library_user())


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [unpublish_a_medicine, give_a_medicine_another_address, say_another_summary],
)
def test_search_is_after_a_change_what_a_fresh_one_is(
    change: Callable[[], None],
    django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[object]],
):
    before = {path: kept(path) for path in SEARCHES}
    with django_capture_on_commit_callbacks(execute=True):
        change()
    after = {path: kept(path) for path in SEARCHES}
    assert after != before
    assert after == {path: fresh(path) for path in SEARCHES}


@pytest.mark.django_db
@pytest.mark.parametrize("change", [cite_the_last_source_first, replace_a_use])
def test_open_data_name_sources_in_the_order_of_the_page(change: Callable[[], None]):
    change()
    for path in PAGES:
        numbered = re.findall(r'<li id="source-(\d+)".*?href="([^"]+)"', fresh(path), re.DOTALL)
        told = [source["url"] for source in json.loads(fresh(f"/api/v1{path}"))["sources"]]
        assert [html.unescape(url) for _number, url in numbered] == told


@pytest.mark.django_db
def test_whoever_shows_credentials_sees_what_nobody_has_announced():
    """Drafts, previews and staff pages are built the same way: within a change, before anybody is told."""
    assert "83 of 100" not in kept(PEMBROLIZUMAB)
    SideEffectOccurrence.objects.filter(drug__slug="pembrolizumab").update(percent_any="83.4")
    assert "83 of 100" in fresh(PEMBROLIZUMAB)
    assert "83 of 100" not in kept(PEMBROLIZUMAB)


@pytest.mark.django_db
def test_language_of_a_page_is_part_of_what_is_kept():
    """The same words in another language say "Source" and name addresses in it."""
    for language, word in (("en", "Source 1"), ("he", "מקור 1"), ("en", "Source 1")):
        shown = prose.render(
            "Rest. [@a]", citations=prose.Citations({"a"}), resolve=nowhere, language=language
        )
        assert word in shown


# --- Prose ---------------------------------------------------------------------------------------------------


def nowhere(kind: str, slug: str) -> None:
    """No entry has a page."""


def numbered_second(text: str) -> str:
    citations = prose.Citations({"first", "second"})
    citations.number("first")
    return prose.render(text, citations=citations, resolve=nowhere)


@pytest.mark.parametrize(
    "text",
    [
        "Rest. [@second]",
        # Markdown drops these characters, and then finds a citation that reading the text did not.
        "Rest. [@sec\x02ond]",
        "Rest. [@sec\x03ond]",
        "- [@sec\x02ond]\n- [@second]",
    ],
)
def test_kept_prose_has_the_numbers_of_its_page(text):
    alone = prose.render(text, citations=prose.Citations({"second"}), resolve=nowhere)
    assert "#source-1" in alone
    assert "#source-2" in numbered_second(text)
    assert "#source-1" not in numbered_second(text)


@pytest.mark.parametrize(
    "link",
    [
        "[it](drug:x)",
        "[it][1]\n\n[1]: drug:x",
        "<drug:x>",
        "[it](<drug:x>)",
        "[it](&#100;rug:x)",
        "[it](drug:\x02x)",
    ],
)
def test_kept_prose_leads_nowhere_once_its_target_is_gone(link):
    def there(kind: str, slug: str) -> str:
        return "/drugs/x/"

    linked = prose.render(link, citations=prose.Citations(set()), resolve=there)
    gone = prose.render(link, citations=prose.Citations(set()), resolve=nowhere)
    assert "/drugs/x/" not in gone
    assert linked == prose.render(link, citations=prose.Citations(set()), resolve=there)


# --- Components ----------------------------------------------------------------------------------------------


def card(*lines: str) -> str:
    made = CareCard("same_day", [Line(line) for line in lines], [], most_open=4)
    return component.draw("components/care_card.html", {"card": made})


def test_text_is_escaped_though_the_same_html_was_drawn_before():
    assert "<li><b>Call</b></li>" in card(SafeString("<b>Call</b>"))
    assert "<li>&lt;b&gt;Call&lt;/b&gt;</li>" in card("<b>Call</b>")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["a", "b"], ["ab"]),
        (["a", "b"], ["as1:b"]),
        (["a", ")"], ["a"]),
        ([True], [1]),
        ([None], ["None"]),
        ([""], []),
        ([["a"], "b"], [["a", "b"]]),
    ],
)
def test_inputs_that_differ_are_not_taken_for_each_other(one, other):
    assert component.digest([one]) != component.digest([other])


@component.told_once
@dataclass(frozen=True)
class ServesManyPages:
    words: Words


def test_instance_told_once_is_told_anew_in_another_language():
    words = ServesManyPages(gettext_lazy("Search"))
    english, other = component.digest([words]), component.digest([ServesManyPages("Call today")])
    assert component.digest([words]) == english != other
    with translation.override("he"):
        assert component.digest([words]) != english


@pytest.mark.django_db
def test_component_refuses_an_input_that_may_change_behind_it():
    draft = create_draft()
    with pytest.raises(TypeError, match="DrugContent"):
        component.draw("components/entry_link.html", {"entry": draft.content})


# --- Room ----------------------------------------------------------------------------------------------------


def test_rows_of_an_edition_start_anew_when_there_are_too_many():
    with edition.opened("one"):
        edition.each("number", range(edition.MOST_ROWS + 1), lambda missing: {key: key for key in missing})
        found = edition.each("number", [1], lambda missing: dict.fromkeys(missing, "anew"))
    assert found == {1: "anew"}


def test_what_readers_type_leaves_room_for_what_entries_show(monkeypatch):
    component.forget()
    drawn = card("Call your team.")
    for _ in range(600):
        typed = secrets.token_hex(15_000)  # nothing that could be packed much
        component.draw("components/search_form.html", {"query": typed, "place": "page"}, asked=True)
    monkeypatch.setattr(component, "get_template", None)  # asked for by whatever is drawn anew
    assert card("Call your team.") == drawn


def test_prose_that_was_not_asked_for_leaves_first(monkeypatch):
    room = Kept(size=3_000)
    for number in range(5):
        room.put(number, SafeString("x" * LONG), number)
        room.get(0)
    assert room.size <= 3_000
    assert [kept and kept.beside for kept in map(room.get, range(5))] == [0, None, None, 3, 4]


@pytest.mark.parametrize(
    "html", ["", "x" * LONG, "<p>חום 38.5 &amp; \ud800</p>" * LONG], ids=["none", "short", "long"]
)
def test_html_comes_back_as_it_was_kept(html):
    room = Kept(size=2**20)
    room.put("it", SafeString(html), ())
    kept = room.get("it").html
    assert (kept, type(kept)) == (html, SafeString)
