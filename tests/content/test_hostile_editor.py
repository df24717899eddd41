"""Scripts typed by whoever has an editor's account: published in no field, and shown as text where drafts are read."""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import models
from django.test import Client
from django.urls import reverse

from content.models import DrugContent, PageCheck, ProseBlock
from content.review.gate import PublishRefused
from content.rules import rows
from content.stock.importing import library_user
from tests.factories import CITED, create_draft
from tests.hostile_editor import TYPED, Typed
from tests.stories import (
    add_block,
    change_block,
    create_story,
    place,
    preview,
    version_address,
    version_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.longest]

EACH = [pytest.param(typed, marks=pytest.mark.corpus(typed.case), id=typed.case) for typed in TYPED]
TEXTS = [
    "name",
    "summary",
    "key_message",
    "change_note",
    *(section.name for section in DrugContent.SECTIONS if not section.built),
]
LISTS = ["act_emergency", "act_same_day", "act_next_visit"]
BLOCKS = {
    "ProsePlugin": lambda line: {"body": line},
    "CareCardPlugin": lambda line: {"urgency": "emergency", "lines": [line]},
    "DoDontListPlugin": lambda line: {"do": [line], "dont": []},
}


def find(content: object) -> None:
    """For the HTML or the link, and not for something else that a test has got wrong."""
    assert {finding.rule for finding in rows.what_blocks(content)} & {"no-html", "links-known"}


def refuse(content: object) -> None:
    find(content)
    with pytest.raises(PublishRefused):
        version_of(content).publish(library_user())


def became_html(text: str) -> list[str]:
    """The tags and links in it that came from what was typed."""
    return re.findall(r"<[^>]*(?:data-typed|javascript:|window\.ran)[^>]*>", text.replace("\t", ""))


@pytest.mark.corpus(*(typed.case for typed in TYPED))
@pytest.mark.parametrize("field", [*TEXTS, *LISTS])
def test_entry_is_not_published(client: Client, field: str) -> None:
    """Every line is found in every field; each field keeps its draft back."""
    content = create_draft().content
    for line in (line for typed in TYPED for line in typed.lines):
        words = f"{CITED} {line}"
        setattr(content, field, [words] if field in LISTS else words)
        find(content)
    content.save()
    refuse(content)
    assert client.get("/drugs/testumab/").status_code == 404


@pytest.mark.corpus(*(typed.case for typed in TYPED))
@pytest.mark.parametrize("plugin", BLOCKS)
def test_page_is_not_published(client: Client, plugin: str) -> None:
    content = create_story(text=CITED)
    block = place(content, plugin, **BLOCKS[plugin](CITED))
    for line in (line for typed in TYPED for line in typed.lines):
        type(block).objects.filter(pk=block.pk).update(**BLOCKS[plugin](f"{CITED} {line}"))
        find(content)
    refuse(content)
    assert client.get("/story/").status_code == 404


@pytest.mark.parametrize("typed", EACH)
def test_title_and_note_of_a_page_are_not_published(typed: Typed) -> None:
    line = typed.lines[0]
    refuse(create_story(slug="title", title=line))
    refuse(create_story(slug="description", meta_description=line))
    content = create_story(slug="note")
    PageCheck.objects.update(change_note=line)
    refuse(content)


@pytest.mark.parametrize("typed", EACH)
def test_draft_shows_it_as_text(client: Client, editor: User, typed: Typed) -> None:
    """Colleagues read drafts, with the toolbar and a looser policy for styles."""
    client.force_login(editor)
    content = create_story(text=CITED)
    block = ProseBlock.objects.get(placeholder__in=content.placeholders.all())
    assert change_block(client, block, body=typed.text).status_code == 200
    assert add_block(client, content, "DoDontListPlugin", do=typed.text, dont="x").status_code == 200
    entry = create_draft(
        **dict.fromkeys(["what_it_is", "daily_life"], typed.text), act_emergency=[typed.lines[0]]
    )
    for draft in (content, entry.content):
        page = preview(client, draft)
        assert page.status_code == 200
        assert became_html(page.content.decode()) == []
    answer = client.post(version_address(version_of(content), "publish"), follow=True)
    assert "to put right before readers see it" in answer.content.decode()
    shown = client.post(reverse("admin:content_prose_preview"), {"text": typed.text})
    assert shown.status_code == 200
    assert became_html(shown.content.decode()) == []


@pytest.mark.corpus("X-S5")
def test_xs5_no_file_of_an_editor_is_stored_as_it_came() -> None:
    """No field for files: pictures are drawn anew, leaflets looked into (test_media.py). There is no SVG to serve."""
    fields = [field for model in apps.get_models() for field in model._meta.get_fields()]
    assert len(fields) > 500
    assert [field for field in fields if isinstance(field, models.FileField)] == []
    assert not apps.is_installed("filer")
