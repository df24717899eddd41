"""The first use of a glossary word leads to its explanation."""

from __future__ import annotations

import re

import pytest
from django.utils.safestring import SafeString

from content.models import GlossaryTerm, Result
from content.text import explain
from tests.content.test_results import create_result
from tests.factories import TODAY, create_indication, create_page

TERMS = (("placebo", "placebo"), ("T cell", "t-cell"), ("T cells", "t-cell"), ("stage", "stage"))


def linked(html: str, done: set[str] | None = None) -> str:
    return explain.first_uses(SafeString(html), TERMS, set() if done is None else done, "/glossary/")


def test_first_use_of_a_word_is_a_link():
    assert linked("<p>A placebo. The placebo.</p>") == (
        '<p>A <a class="term" href="/glossary/#placebo">placebo</a>. The placebo.</p>'
    )


def test_word_explained_further_up_stays_a_word():
    done: set[str] = set()
    linked("<p>A placebo.</p>", done)
    assert linked("<p>A placebo at any stage.</p>", done) == (
        '<p>A placebo at any <a class="term" href="/glossary/#stage">stage</a>.</p>'
    )


def test_longest_form_is_taken_and_forms_of_a_word_count_as_one():
    assert linked("<p>T cells and a T cell.</p>").count("<a ") == 1
    assert ">T cells</a>" in linked("<p>T cells and a T cell.</p>")


@pytest.mark.parametrize(
    "html",
    [
        '<p><a href="/x/">a placebo</a></p>',
        "<h3>Placebo</h3>",
        "<details><summary>Placebo</summary></details>",
        "<table><tr><th>Placebo</th></tr></table>",
        "<p>placebos and stages-of-it</p>",
        '<p title="placebo"></p>',
    ],
)
def test_word_in_a_link_a_heading_a_fold_line_or_another_word_is_left_alone(html: str):
    assert linked(html) == html


def test_same_text_after_another_is_linked_by_what_that_one_explained():
    """What is kept of a text must not depend on the first page that asked for it."""
    assert "<a " in linked("<p>A placebo.</p>")
    assert "<a " not in linked("<p>A placebo.</p>", {"placebo"})
    assert "<a " in linked("<p>A placebo.</p>")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/cancers/melanoma/", "/drugs/pembrolizumab/", "/guide/how-it-works/"])
def test_page_explains_each_word_once(client, path: str):
    text = client.get(path).content.decode()
    slugs = re.findall(r'<a class="term" href="/glossary/#([a-z0-9-]+)">', text)
    assert slugs
    assert len(slugs) == len(set(slugs))
    assert set(slugs) <= set(GlossaryTerm.objects.approved().values_list("slug", flat=True))


@pytest.mark.django_db
def test_word_that_only_a_fact_has_is_explained_too(client):
    """Its words are no HTML: a sign in them stays one."""
    row = create_result(approve=False)
    row.texts.update(population="Melanoma with pneumonitis, <b>early</b>")
    Result.objects.filter(pk=row.pk).approve(by=None, now=TODAY)
    text = client.get("/cancers/melanoma/").content.decode()
    link = '<a class="term" href="/glossary/#pneumonitis">pneumonitis</a>'
    assert f"Melanoma with {link}, &lt;b&gt;early&lt;/b&gt;" in text
    assert text.count(link) == 1


@pytest.mark.django_db
def test_word_taken_off_is_no_link_any_more(client, editor, django_capture_on_commit_callbacks):
    term = GlossaryTerm.objects.approved().filter(slug__in=_slugs(client)).first()
    with django_capture_on_commit_callbacks(execute=True):
        GlossaryTerm.objects.filter(pk=term.pk).retire(by=editor, reason="Not needed.", now=term.approved_on)
    assert term.slug not in _slugs(client)


def _slugs(client) -> list[str]:
    text = client.get("/cancers/melanoma/").content.decode()
    return re.findall(r'<a class="term" href="/glossary/#([a-z0-9-]+)">', text)


@pytest.mark.django_db
def test_words_of_a_use_are_explained(client):
    create_page()
    create_indication(condition="Melanoma in remission")
    uses = client.get("/drugs/testumab/").content.decode().partition('class="use"')[2]
    assert '<a class="term" href="/glossary/#remission">remission</a>' in uses
