"""Cancer types: melanoma, bladder cancer ..."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from content.lines import LinesField
from content.models.base import Entry, EntryContent, Section

# Whatever the organ: uses that ask for a test result alone.
ANY_SOLID_TUMOR = "any-solid-tumor"
BLOOD_CANCERS = (
    "acute-lymphoblastic-leukemia", "chronic-lymphocytic-leukemia", "hodgkin-lymphoma", "lymphoma", "multiple-myeloma",
    "other-leukemias",
)  # fmt: skip


def is_solid(slug: str) -> bool:
    """May its people have what is approved for any solid tumor?"""
    return slug not in BLOOD_CANCERS and slug != ANY_SOLID_TUMOR


class CancerType(Entry):
    """A cancer that people are told they have."""

    kind = "cancer"


class CancerTypeContent(EntryContent):
    """What immunotherapy means for people with this cancer."""

    SECTIONS = (
        Section("how_used", _("How immunotherapy is used here"), folds=True),
        Section("tests", _("Tests that guide the choice"), closed=True),
        Section("results", _("What it can do, in numbers"), built=True),
        Section("benefit", _("What it can do"), closed=True),
        Section("indications", _("Medicines approved"), built=True),
        Section("side_effects", _("Side effects to know"), built=True, closed=True),
        Section("other_options", _("Other options"), closed=True),
        Section("living", _("Living with it, and after treatment"), closed=True, may_lack=True),
        Section("unknowns", _("What is not known"), closed=True),
        Section("questions", _("Questions to ask"), cited=False, closed=True),
        Section("records", _("Records to gather"), cited=False, closed=True),
        Section("find_help", _("Where to find help"), closed=True, may_lack=True),
    )
    ADDED_LATER: ClassVar = {"living": "", "find_help": "", "signs": []}

    entry = models.ForeignKey(CancerType, on_delete=models.PROTECT, related_name="contents")
    icd10 = LinesField(_("ICD-10 codes"))
    ncit = models.CharField(_("NCIt code"), max_length=20, blank=True, default="", db_default="")
    trials_condition = models.CharField(
        _("words for the trial search"),
        max_length=120,
        help_text=_("The link into ClinicalTrials.gov looks for these words."),
    )
    signs = LinesField(
        _("further signs"),
        help_text=_(
            "Keys of signs of this cancer itself, whatever the treatment; they stand first. One a line."
        ),
    )
    how_used = models.TextField(_("how immunotherapy is used here"))
    tests = models.TextField(_("tests that guide the choice"))
    benefit = models.TextField(_("what it can do"))
    other_options = models.TextField(_("other options"), help_text=_("Including no treatment."))
    living = models.TextField(
        _("living with it, and after treatment"),
        blank=True,
        default="",
        db_default="",
        help_text=_("Lasting effects, check-ups, work, mind and body."),
    )
    unknowns = models.TextField(_("what is not known"))
    questions = models.TextField(_("questions to ask"))
    records = models.TextField(_("records to gather"))
    find_help = models.TextField(
        _("where to find help"),
        blank=True,
        default="",
        db_default="",
        help_text=_("Help lines, patient groups, counseling, by country and language."),
    )
