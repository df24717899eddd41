"""Words in another language know which English ones they were made from, and when those have changed since."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from content.models import GlossaryTerm, Indication, IndicationText, Question
from tests.content.changed_library import change, run
from tests.factories import TODAY, create_drug, create_indication, create_term
from tests.staff import create_staff
from tests.stories import join

pytestmark = pytest.mark.django_db


@pytest.fixture
def writer(client: Client) -> Client:
    client.force_login(join(create_staff("writer"), "Editor"))
    return client


def typed_term(**changes: object) -> dict[str, object]:
    row = create_term(slug="source-of-the-form")  # for its source
    values = {
        "slug": "test-term",
        "term": "מילה",
        "explanation": "הסבר.",
        "other_forms": "",
        "source": row.source_id,
    }
    return values | {"language": "he"} | changes


def english(**changes: object) -> GlossaryTerm:
    row = create_term(**changes)
    row.approve(by=None, now=TODAY)
    return row


def test_text_notes_the_english_one_when_it_is_saved(writer):
    english()
    writer.post("/admin/content/glossaryterm/add/", typed_term())
    row = GlossaryTerm.objects.get(language="he")
    assert len(row.made_from) == 64
    assert not row.is_behind


def test_text_is_behind_once_the_english_one_says_something_else(writer):
    term = english()
    writer.post("/admin/content/glossaryterm/add/", typed_term())
    draft = term.propose(by=None)
    draft.explanation = "What it is, in other words."
    draft.save()
    assert not GlossaryTerm.objects.get(language="he").is_behind  # readers see the old words
    draft.approve(by=None, now=TODAY)
    row = GlossaryTerm.objects.get(language="he")
    assert row.is_behind
    writer.post(f"/admin/content/glossaryterm/{row.pk}/change/", typed_term(explanation="הסבר אחר."))
    row.refresh_from_db()
    assert not row.is_behind


def test_english_text_was_made_from_none():
    assert (english().made_from, english(slug="other").is_behind) == ("", False)


def test_words_of_a_table_note_the_english_ones_of_the_same_form(writer):
    row = create_indication(drug=create_drug(), approve=False)
    english_words, member = row.texts.get(), row.members.get()
    form = {
        "key": row.key, "cancer": row.cancer_id, "setting": row.setting, "lines": "any",
        "regulator": row.regulator, "approval": row.approval, "granted_on": "2020-01-02",
        "approved_source": row.approved_source, "source": row.source_id,
        "members-TOTAL_FORMS": 1, "members-INITIAL_FORMS": 1,
        "members-0-id": member.pk, "members-0-indication": row.pk, "members-0-position": 0,
        "members-0-drug": member.drug_id,
        "texts-TOTAL_FORMS": 2, "texts-INITIAL_FORMS": 1,
        "texts-0-id": english_words.pk, "texts-0-indication": row.pk, "texts-0-language": "en",
        "texts-0-condition": "Other words", "texts-0-population": "Adults",
        "texts-1-indication": row.pk, "texts-1-language": "he", "texts-1-condition": "מילים אחרות",
        "requirements-TOTAL_FORMS": 0, "requirements-INITIAL_FORMS": 0,
    }  # fmt: skip
    response = writer.post(f"/admin/content/indication/{row.pk}/change/", form)
    assert response.status_code == 302, response.context["errors"]
    hebrew = row.texts.get(language="he")
    assert (hebrew.made_from, hebrew.is_behind) == (
        row.texts.get(language="en").digest_of_words(),
        False,
    )


def test_words_of_a_proposed_change_stay_behind_until_they_are_written_anew():
    row = create_indication(drug=create_drug(), approve=False)
    hebrew = IndicationText.objects.create(indication=row, language="he", condition="מילים")
    hebrew.note_english()
    hebrew.save()
    row.approve(by=None, now=TODAY)
    draft = row.propose(by=None)
    draft.texts.filter(language="en").update(condition="Other words")
    assert draft.texts.get(language="he").is_behind
    assert not Indication.objects.get(pk=row.pk).texts.get(language="he").is_behind


def test_list_in_the_admin_names_the_languages_that_are_behind(writer):
    row = create_indication(drug=create_drug())
    IndicationText.objects.create(indication=row, language="he", condition="מילים", made_from="0" * 64)
    english()
    create_term(language="he", made_from="0" * 64).approve(by=None, now=TODAY)
    for kind in ("indication", "glossaryterm"):
        html = writer.get(f"/admin/content/{kind}/").content.decode()
        assert '<td class="field-behind">he</td>' in html


def test_translation_in_a_file_is_made_from_the_english_file_beside_it(folder: Path, capsys):
    name = "questions/can-i-travel"
    text = (folder / f"{name}.md").read_text(encoding="utf-8")
    (folder / f"{name}.he.md").write_text(text, encoding="utf-8")
    run(folder, capsys)
    assert not Question.objects.get(slug="can-i-travel", language="he").is_behind
    change(folder, f"{name}.md", 'question = "', 'question = "And so: ')
    run(folder, capsys)
    assert Question.objects.approved().get(slug="can-i-travel", language="he").is_behind
