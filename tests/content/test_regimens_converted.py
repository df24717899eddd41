"""Rows of one medicine each, as the release before left them, become decisions on a regimen."""

from __future__ import annotations

import datetime
import importlib
from collections.abc import Callable

import pytest
from django.apps import apps
from django.db import connection

from content.models import (
    Biomarker,
    BiomarkerRequirement,
    CancerType,
    Citation,
    Clinician,
    Drug,
    ImportedFile,
    Indication,
    IndicationText,
)
from content.stock.importing import library_user
from tests.factories import TODAY, create_source

pytestmark = pytest.mark.django_db
DAY = datetime.date(2015, 9, 30)
LABEL, OTHER_LABEL, NOTICE = "test-label", "test-other-label", "test-2015-notice"


@pytest.fixture
def migrate() -> Callable[[], None]:
    """The data migration, on rows and tables as the migration of the schema leaves them."""
    migration = importlib.import_module("content.migrations.0013_regimens_converted")
    with connection.cursor() as cursor:  # first: a table that was written to cannot be changed
        for name in ("indication_key_once", "indication_once_per_use"):
            cursor.execute(f"DROP INDEX {name}")
    Indication.objects.all().delete()
    ImportedFile.objects.all().delete()
    return lambda: migration.convert(apps, None)


def old_row(
    drug: str,
    *,
    partners: tuple[str, ...] = (),
    levels: tuple[tuple[str, str], ...] = (),
    condition: str = "Melanoma that has spread",
    population: str = "Adults",
    sources: tuple[str, ...] = (LABEL, NOTICE),
    **changes: object,
) -> Indication:
    first, *more = [create_source(key=key) for key in sources]
    for source in more:
        source.kind = "label" if "label" in source.key else "notice"
        source.save()
    values = {
        "key": "fda-use",
        "drug": Drug.objects.get_or_create(slug=drug)[0],
        "partners": list(partners),
        "cancer": CancerType.objects.get(slug="melanoma"),
        "setting": "advanced",
        "regulator": "FDA",
        "approval": "regular",
        "granted_on": DAY,
        "source": first,
        "state": "approved",
        "review_state": "unreviewed",
        "approved_on": TODAY,
        "created_by": library_user(),
    }
    row = Indication.objects.create(**values | changes)
    row.more_sources.set(more)
    IndicationText.objects.create(indication=row, condition=condition, population=population)
    for biomarker, level in levels:
        BiomarkerRequirement.objects.create(
            indication=row, biomarker=Biomarker.objects.get(slug=biomarker), level=level
        )
    return row


def approved() -> list[Indication]:
    return list(Indication.objects.approved().with_everything())


def test_medicine_comes_first_then_its_partners(migrate):
    old_row("nivolumab", partners=("ipilimumab", "platinum chemotherapy"))
    migrate()
    (row,) = approved()
    assert row.regimen == ["nivolumab", "ipilimumab", "platinum chemotherapy"]
    assert row.drugs == ["nivolumab", "ipilimumab"]


def test_decision_that_two_medicines_told_stands_once_with_the_sources_of_both(migrate):
    old_row("nivolumab", key="fda-alone")
    stands = old_row("nivolumab", key="fda-ipilimumab", partners=("ipilimumab",))
    other = old_row("ipilimumab", key="fda-nivolumab", partners=("nivolumab",), sources=(OTHER_LABEL, NOTICE))
    migrate()
    assert {row.key for row in approved()} == {"fda-alone", "fda-ipilimumab"}
    stands, other = (Indication.objects.get(pk=row.pk) for row in (stands, other))
    assert stands.source_keys == [LABEL, NOTICE, OTHER_LABEL]
    assert Citation.objects.filter(object_id=stands.pk, source__key=OTHER_LABEL).exists()
    # Superseded, not taken off: readers are told of nothing.
    assert (other.state, other.retired_on) == ("retired", None)
    assert other not in Indication.objects.on_record()


def test_what_stands_for_two_rows_is_as_checked_as_the_less_checked(migrate):
    clinician = Clinician.objects.create(name="Dr. Test", role="Oncologist", license_number="1")
    old_row("nivolumab", key="fda-alone")
    reviewed = {"review_state": "reviewed", "reviewer": clinician}
    old_row("nivolumab", key="fda-ipilimumab", partners=("ipilimumab",), **reviewed)
    old_row("ipilimumab", key="fda-nivolumab", partners=("nivolumab",))
    migrate()
    row = Indication.objects.get(key="fda-ipilimumab")
    assert (row.review_state, row.reviewer) == ("unreviewed", None)


@pytest.mark.parametrize(
    "different",
    [
        {"granted_on": datetime.date(2016, 1, 1)},
        {"setting": "adjuvant"},
        {"regulator": "EMA"},
        {"condition": "Other"},
    ],
)
def test_two_decisions_stay_two(migrate, different):
    old_row("nivolumab", key="fda-ipilimumab", partners=("ipilimumab",))
    old_row("ipilimumab", key="fda-nivolumab", partners=("nivolumab",), **different)
    migrate()
    assert len(approved()) == 2


def test_key_of_two_medicines_gets_the_medicine_and_others_stay(migrate):
    old_row("nivolumab", key="fda-advanced")
    old_row("pembrolizumab", key="fda-advanced")
    old_row("pembrolizumab", key="fda-adjuvant", setting="adjuvant")
    migrate()
    assert {row.key for row in approved()} == {
        "fda-advanced-nivolumab", "fda-advanced-pembrolizumab", "fda-adjuvant",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("population", "ages"),
    [
        ("Adults", (18, None)),
        ("Adults, and children from 12 years", (12, None)),
        ("Adults and children. Not tested in children with brain tumors", (None, None)),
        ("Children", (None, 17)),
        ("Children and young adults up to 25 years", (None, 25)),
    ],
)
def test_ages_are_read_from_the_words(migrate, population, ages):
    old_row("nivolumab", population=population)
    migrate()
    (row,) = approved()
    assert (row.min_age, row.max_age) == ages


@pytest.mark.parametrize(
    ("setting", "condition", "lines"),
    [
        ("first-line", "Lung cancer", ["first"]),
        ("advanced", "Lung cancer", ["any"]),
        ("adjuvant", "Lung cancer", []),
        ("later-line", "Lung cancer after chemotherapy", ["second", "later"]),
        ("later-line", "Lymphoma that has come back after 2 or more treatments", ["later"]),
    ],
)
def test_lines_are_read_from_the_setting(migrate, setting, condition, lines):
    old_row("nivolumab", setting=setting, condition=condition)
    migrate()
    assert approved()[0].lines == lines


@pytest.mark.parametrize(
    ("biomarker", "level", "needs"),
    [
        ("pd-l1", "TPS 50% or more", [("TPS", 50, None)]),
        ("pd-l1", "CPS 10 or more", [("CPS", 10, None)]),
        ("pd-l1", "1% or more of tumor cells", [("TC", 1, None)]),
        ("pd-l1", "Immune cells covering 1% or more of the tumor", [("IC", 1, None)]),
        ("pd-l1", "1% or more", [("unnamed", 1, None)]),
        (
            "pd-l1",
            "50% or more of tumor cells, or immune cells covering 10% or more of the tumor",
            [("TC", 50, 1), ("IC", 10, 1)],
        ),
        ("msi-mmr", "MSI-high or mismatch repair deficient", [("MSI-high", None, None)]),
        ("msi-mmr", "Mismatch repair proficient, or not MSI-high", [("not-MSI-high", None, None)]),
        ("egfr-and-alk", "No known EGFR or ALK change", [("no-change", None, None)]),
        ("her2", "HER2-negative", [("absent", None, None)]),
        ("braf", "BRAF V600 mutation", [("present", None, None)]),
    ],
)
def test_requirement_is_computable(migrate, biomarker, level, needs):
    Biomarker.objects.get_or_create(slug=biomarker)
    old_row("nivolumab", levels=((biomarker, level),))
    migrate()
    (row,) = approved()
    assert [(need.scale, need.at_least, need.any_of) for need in row.requirements.all()] == needs
    assert sum(need.level.lower() in level.lower() for need in row.requirements.all()) == len(needs)


def test_day_is_sourced_by_the_notice_not_the_label(migrate):
    old_row("nivolumab")
    migrate()
    assert approved()[0].approved_source == NOTICE


def test_import_goes_on_from_what_only_it_had_made(migrate, editor):
    ImportedFile.objects.create(path="indications/nivolumab.toml", digest="x")
    old_row("nivolumab")
    old_row("nivolumab", cancer=CancerType.objects.get(slug="lymphoma"), created_by=editor)
    migrate()
    left = dict(ImportedFile.objects.filter(path__startswith="indications/").values_list("path", "digest"))
    assert left == {"indications/melanoma.toml": "converted", "indications/lymphoma.toml": ""}
