"""Rows for tests, valid unless a test says otherwise. Keyword-only, typed, no library."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from django.contrib.auth.models import User
from djangocms_versioning.models import Version

from content.models import (
    Biomarker,
    BiomarkerRequirement,
    CancerType,
    Drug,
    DrugContent,
    GlossaryTerm,
    Indication,
    IndicationText,
    RegimenMember,
    SideEffect,
    SideEffectOccurrence,
    Source,
    TherapyClass,
    Update,
)
from content.stock.importing import library_user

TODAY = datetime.date(2026, 11, 22)
CITED = "You get it as a drip [@test-label]."


def create_source(*, key: str = "test-label") -> Source:
    return Source.objects.get_or_create(
        key=key,
        defaults={
            "title": "Test label",
            "publisher": "Test agency",
            "url": f"https://example.org/{key}",
            "kind": Source.Kind.LABEL,
            "checked_on": TODAY,
        },
    )[0]


def create_drug(*, slug: str = "testumab") -> Drug:
    return Drug.objects.get_or_create(slug=slug)[0]


def drug_text(**changes: object) -> dict[str, object]:
    """The columns of a DrugContent that passes the page gate."""
    create_source()
    return {
        "name": "Testumab",
        "summary": "A medicine that exists only here.",
        "key_message": "Call your team about any new symptom.",
        "written_by": "Editorial team",
        "checked_on": TODAY,
        "next_check_due": TODAY + datetime.timedelta(days=180),
        "change_note": "First version.",
        "therapy_class": TherapyClass.objects.get_or_create(slug="pd-1-inhibitors")[0],
        "route": "Drip into a vein",
        "act_emergency": ["Trouble breathing [@test-label]"],
        "act_same_day": ["A new cough [@test-label]"],
        "what_it_is": CITED,
        "how_given": CITED,
        "schedule": CITED,
        "before_you_start": CITED,
        "side_effects": CITED,
        "daily_life": CITED,
        **dict.fromkeys(("vaccines", "pregnancy", "breastfeeding", "driving"), CITED),
        "unknowns": CITED,
        "questions": "- Why this medicine for me?",
        **changes,
    }


def create_draft(
    *, slug: str = "testumab", by: User | None = None, language: str = "en", **changes: object
) -> Version:
    """A draft of a drug's page, written by `by`."""
    content = DrugContent.objects.with_user(by or library_user()).create(
        entry=create_drug(slug=slug), language=language, **drug_text(**changes)
    )
    return content.versions.get()


def create_page(
    *, slug: str = "testumab", by: User | None = None, language: str = "en", **changes: object
) -> Version:
    """A public drug page. Needs CLINICAL_REVIEW=label."""
    version = create_draft(slug=slug, by=by, language=language, **changes)
    version.publish(by or library_user())
    return version


def new_draft(version: Version, *, by: User, **changes: object) -> Version:
    """A draft on top of a public version, changed and saved."""
    draft = version.copy(by)
    for name, value in {"change_note": "Changed.", **changes}.items():
        setattr(draft.content, name, value)
    draft.content.save()
    return draft


def create_indication(
    *,
    drug: Drug | None = None,
    partners: Iterable[str] = (),
    cancer: str = "melanoma",
    biomarker: str = "",
    condition: str = "Melanoma that has spread",
    approve: bool = True,
    **changes: object,
) -> Indication:
    """An approved use, unreviewed. Partners are slugs of drugs, or words."""
    row = Indication.objects.create(
        **{
            "key": "fda-test",
            "lines": ["any"],
            "cancer": CancerType.objects.get_or_create(slug=cancer)[0],
            "setting": Indication.Setting.ADVANCED,
            "regulator": Indication.Regulator.FDA,
            "approval": Indication.Approval.REGULAR,
            "granted_on": datetime.date(2020, 1, 2),
            "approved_source": "test-label",
            "source": create_source(),
            **changes,
        }
    )
    for position, name in enumerate([(drug or create_drug()).slug, *partners]):
        known = Drug.objects.filter(slug=name).first()
        RegimenMember.objects.create(
            indication=row, position=position, drug=known, words="" if known else name
        )
    IndicationText.objects.create(indication=row, condition=condition, population="Adults")
    if biomarker:
        BiomarkerRequirement.objects.create(
            indication=row,
            biomarker=Biomarker.objects.get_or_create(slug=biomarker)[0],
            scale="TPS",
            at_least=1,
            level="1% or more",
        )
    if approve:
        row.approve(by=None, now=TODAY)
    return row


def create_occurrence(
    *, drug: Drug | None = None, approve: bool = True, **changes: object
) -> SideEffectOccurrence:
    row = SideEffectOccurrence.objects.create(
        **{
            "side_effect": SideEffect.objects.get_or_create(slug="fatigue")[0],
            "drug": drug or create_drug(),
            "how_common": SideEffectOccurrence.HowCommon.COMMON,
            "source": create_source(),
            **changes,
        }
    )
    if approve:
        row.approve(by=None, now=TODAY)
    return row


def create_term(*, slug: str = "test-term", **changes: object) -> GlossaryTerm:
    return GlossaryTerm.objects.create(
        **{
            "slug": slug,
            "term": "Test term",
            "explanation": "What it is.",
            "source": create_source(),
            **changes,
        }
    )


def create_update(*, slug: str = "2026-11-01-test-news", approve: bool = True, **changes: object) -> Update:
    """An update, unreviewed."""
    row = Update.objects.create(
        **{
            "slug": slug,
            "kind": Update.Kind.SAFETY,
            "happened_on": datetime.date.fromisoformat(slug[:10]),
            "title": "Test news",
            "text": "The label was read again [@test-label].",
            "source": create_source(),
            **changes,
        }
    )
    if approve:
        row.approve(by=None, now=TODAY)
    return row
