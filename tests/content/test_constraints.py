"""The database refuses nonsense, whoever writes it: each rule is tried to break."""

from __future__ import annotations

import datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from content.models import (
    FACT_MODELS,
    Biomarker,
    BiomarkerRequirement,
    Citation,
    Clinician,
    DraftEdit,
    DrugContent,
    FormerSlug,
    GlossaryTerm,
    Indication,
    IndicationText,
    OccurrenceText,
    Publication,
    Question,
    SideEffectOccurrence,
    SignOff,
    SiteProfile,
    Source,
    TherapyClass,
    Update,
    content_models,
    record_citations,
)
from content.text.prose import citation_keys
from tests.factories import (
    TODAY,
    create_draft,
    create_drug,
    create_indication,
    create_occurrence,
    create_page,
    create_source,
    create_term,
    create_update,
)

pytestmark = pytest.mark.django_db

YESTERDAY = TODAY - datetime.timedelta(days=1)
TOMORROW = TODAY + datetime.timedelta(days=1)


def refuses(name: str, act: object) -> None:
    """`act` breaks exactly this constraint."""
    with pytest.raises(IntegrityError) as broken, transaction.atomic():
        act()
    said = str(broken.value)
    # SQLite names the columns of a broken unique constraint and not its name.
    assert name in said or "UNIQUE constraint failed" in said


# --- Entries


def test_entry_slug_is_used_once():
    create_drug()
    refuses("slug", lambda: type(create_drug()).objects.create(slug="testumab"))


@pytest.mark.parametrize("model", content_models().values(), ids=lambda model: model.__name__)
def test_entry_next_check_lies_after_the_check(model):
    rows = model.admin_manager.all()
    assert rows.exists()
    refuses(
        f"{model.__name__.lower()}_next_check_after_check",
        lambda: rows.update(checked_on=TODAY, next_check_due=TODAY),
    )


def test_entry_content_that_is_public_is_never_saved():
    content = create_page().content
    content.name = "Another name"
    with pytest.raises(PermissionDenied, match="not a draft"):
        content.save()


def test_entry_text_of_a_draft_can_be_saved():
    content = create_draft().content
    content.name = "Another name"
    content.save()
    assert DrugContent.admin_manager.get(pk=content.pk).name == "Another name"


# --- Facts: what every kind shares

FACTS = [
    (Indication, create_indication),
    (SideEffectOccurrence, create_occurrence),
]


@pytest.mark.parametrize(("model", "create"), FACTS)
@pytest.mark.parametrize("missing", [{"source": None}, {"approved_on": None}, {"review_state": ""}])
def test_fact_approved_needs_source_date_and_review_state(model, create, missing):
    row = create()
    refuses(
        f"{model.__name__.lower()}_approved_has_source_review_date",
        lambda: model.objects.filter(pk=row.pk).update(**missing),
    )


@pytest.mark.parametrize("model", [GlossaryTerm, Question, Update])
@pytest.mark.parametrize("missing", [{"source": None}, {"approved_on": None}, {"review_state": ""}])
def test_fact_of_words_approved_needs_source_date_and_review_state(model, missing):
    row = model.objects.approved().first()
    refuses(
        f"{model.__name__.lower()}_approved_has_source_review_date",
        lambda: model.objects.filter(pk=row.pk).update(**missing),
    )


@pytest.mark.parametrize("model", FACT_MODELS)
def test_fact_reviewed_names_its_reviewer(model):
    row = model.objects.approved().filter(reviewer=None).first()
    refuses(
        f"{model.__name__.lower()}_reviewed_has_reviewer",
        lambda: model.objects.filter(pk=row.pk).update(review_state="reviewed"),
    )


@pytest.mark.parametrize("model", FACT_MODELS)
@pytest.mark.parametrize("missing", [{"retired_reason": ""}, {"retired_on": None}, {"retired_by": None}])
def test_fact_taken_off_says_why_when_and_who(model, missing, editor):
    row = model.objects.approved().first()
    taken_off = {"state": "retired", "retired_reason": "Wrong.", "retired_on": TODAY, "retired_by": editor}
    rows = model.objects.filter(pk=row.pk)
    refuses(f"{model.__name__.lower()}_taken_off_says_why", lambda: rows.update(**taken_off | missing))
    rows.update(**taken_off)
    refuses(f"{model.__name__.lower()}_taken_off_says_why", lambda: rows.update(state="approved"))


def test_fact_supersedes_one_row_once():
    old = create_term(slug="old")
    create_term(slug="new", supersedes=old)
    refuses("supersedes", lambda: create_term(slug="newer", supersedes=old))


def test_fact_approved_is_never_edited():
    row = create_indication()
    row.key = "another"
    with pytest.raises(PermissionDenied, match="never edited"):
        row.save()


# --- Indications


def test_indication_withdrawn_needs_its_date():
    row = create_indication()
    refuses(
        "indication_withdrawn_has_date",
        lambda: Indication.objects.filter(pk=row.pk).update(status="withdrawn"),
    )


def test_indication_current_has_no_date_of_withdrawal():
    row = create_indication()
    refuses(
        "indication_withdrawn_has_date",
        lambda: Indication.objects.filter(pk=row.pk).update(withdrawn_on=TODAY),
    )


def test_indication_is_withdrawn_after_it_was_granted():
    refuses(
        "indication_withdrawn_after_granted",
        lambda: create_indication(status="withdrawn", granted_on=TODAY, withdrawn_on=YESTERDAY),
    )


def test_indication_key_is_approved_once():
    create_indication()
    refuses("indication_key_once", lambda: create_indication(cancer="bladder-cancer"))


def test_indication_same_use_is_approved_once():
    create_indication(biomarker="pd-l1")
    refuses("indication_once_per_use", lambda: create_indication(key="fda-again", biomarker="pd-l1"))


def test_indication_with_other_partners_is_another_use():
    create_indication()
    assert create_indication(key="fda-combination", partners=["ipilimumab"]).state == "approved"


def test_indication_text_stands_once_in_a_language():
    row = create_indication()
    refuses(
        "indication_text_per_language",
        lambda: IndicationText.objects.create(indication=row, language="en", condition="Again"),
    )


def test_indication_asks_for_a_biomarker_once_on_a_scale():
    row = create_indication(biomarker="pd-l1")
    biomarker = Biomarker.objects.get(slug="pd-l1")
    refuses(
        "requirement_once_per_scale",
        lambda: BiomarkerRequirement.objects.create(
            indication=row, biomarker=biomarker, scale="TPS", at_least=50, level="50% or more"
        ),
    )


# --- Occurrences


def test_occurrence_is_of_a_drug_or_a_class_and_not_both():
    therapy = TherapyClass.objects.first()
    refuses("occurrence_drug_or_class", lambda: create_occurrence(therapy_class=therapy))


def test_occurrence_is_of_something():
    row = create_occurrence()
    refuses(
        "occurrence_drug_or_class", lambda: SideEffectOccurrence.objects.filter(pk=row.pk).update(drug=None)
    )


@pytest.mark.parametrize("wrong", [{"percent_any": 101}, {"percent_any": -1}, {"percent_severe": 101}])
def test_occurrence_percent_lies_between_0_and_100(wrong):
    refuses("occurrence_percent_in_range", lambda: create_occurrence(**wrong))


def test_occurrence_severe_cases_are_part_of_all():
    refuses("occurrence_severe_within_any", lambda: create_occurrence(percent_any=3, percent_severe=4))


def test_occurrence_text_stands_once_in_a_language():
    row = create_occurrence()
    OccurrenceText.objects.create(occurrence=row, context="Alone")
    refuses(
        "occurrence_text_per_language", lambda: OccurrenceText.objects.create(occurrence=row, context="Again")
    )


# --- Words, sources, news


def test_glossary_term_is_approved_once_in_a_language():
    create_term().approve(by=None, now=TODAY)
    refuses("glossary_term_once", lambda: create_term().approve(by=None, now=TODAY))


def test_question_is_approved_once_in_a_language():
    row = Question.objects.approved().first()
    columns = {"question": "Again?", "answer": "Yes.", "topic": row.topic, "source": row.source}
    twin = Question.objects.create(slug=row.slug, language=row.language, **columns)
    refuses("question_once", lambda: twin.approve(by=None, now=TODAY))


def test_source_is_published_before_it_is_checked():
    source = create_source()
    refuses(
        "source_published_before_checked",
        lambda: Source.objects.filter(pk=source.pk).update(published_on=TOMORROW),
    )


def test_source_key_is_used_once():
    source = create_source()
    refuses(
        "key",
        lambda: Source.objects.create(
            key=source.key, title="Twin", url="https://example.org", checked_on=TODAY
        ),
    )


def test_source_cited_by_a_page_cannot_be_deleted():
    create_page()
    with pytest.raises(ProtectedError):
        create_source().delete()


def test_source_of_a_fact_cannot_be_deleted():
    create_indication()
    with pytest.raises(ProtectedError):
        create_source().delete()


def test_source_nobody_cites_can_be_deleted():
    create_source(key="test-unused").delete()
    assert not Source.objects.filter(key="test-unused").exists()


def test_citation_is_recorded_once_for_a_text():
    content = create_draft().content
    citation = Citation.objects.filter(object_id=content.pk, source=create_source()).get()
    twin = Citation(source=citation.source, content_type=citation.content_type, object_id=citation.object_id)
    refuses("citation_once_per_text", twin.save)


def test_citation_goes_when_the_text_no_longer_cites():
    content = create_draft().content
    record_citations(content, [])
    create_source().delete()
    assert not Source.objects.filter(key="test-label").exists()


@pytest.mark.parametrize("key", ["test-in-text", "test-beside"])
def test_source_that_an_approved_fact_cites_is_kept(key):
    """Or its pages would say that a source is missing."""
    cited, beside = create_source(key="test-in-text"), create_source(key="test-beside")
    row = create_update(text="News [@test-in-text].", approve=False)
    row.more_sources.add(beside)
    row.approve(by=None, now=TODAY)
    with pytest.raises(ProtectedError):
        {source.key: source for source in (cited, beside)}[key].delete()


def test_source_is_kept_for_every_kind_of_fact():
    kinds = set()
    for model in FACT_MODELS:
        for row in model.objects.approved().with_everything():
            texts = [key for text in row.markdown for key in citation_keys(text)]
            for key in {*texts, *row.source_keys[1:]}:
                cited = Citation.objects.filter(source__key=key, object_id=row.pk)
                assert cited.filter(content_type__model=model._meta.model_name).exists()
                kinds.add(model)
    assert len(kinds) > 2, kinds


def test_update_stands_once_in_a_language():
    create_update()
    again = create_update(approve=False)
    refuses("update_once", lambda: again.approve(by=None, now=TODAY))


# --- People and the record of review


def test_clinician_needs_a_license_number():
    refuses("clinician_has_license", lambda: Clinician.objects.create(name="Nobody", role="None"))


def test_site_profile_stands_alone():
    refuses("site_profile_single", lambda: SiteProfile.objects.create(pk=2))


def test_sign_off_is_due_again_after_it_was_made(reviewer):
    version = create_draft()
    refuses(
        "sign_off_due_after_signing",
        lambda: SignOff.objects.create(
            version=version,
            reviewer=reviewer,
            signed_on=TODAY,
            next_review_due=TODAY,
            digest="0" * 64,
            digest_format=1,
        ),
    )


def test_draft_edit_is_recorded_once_for_a_person(editor):
    version = create_draft()
    DraftEdit.objects.create(version=version, user=editor)
    refuses("draft_edit_once", lambda: DraftEdit.objects.create(version=version, user=editor))


def test_version_goes_public_once():
    version = create_page()
    refuses(
        "publication",
        lambda: Publication.objects.create(version=version, published_at=version.publication.published_at),
    )


def test_former_slug_leads_to_one_place():
    FormerSlug.objects.create(folder="drugs", slug="old", new_slug="new")
    refuses(
        "former_slug_once", lambda: FormerSlug.objects.create(folder="drugs", slug="old", new_slug="newer")
    )
