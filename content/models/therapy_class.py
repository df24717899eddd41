"""Therapy classes: checkpoint inhibitors, CAR-T cell therapy ..."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from content.models.base import FIND_HELP, Entry, Section, UrgentEntryContent
from content.models.treatment_group import GroupsField


class TherapyClass(Entry):
    """A way of treating that several medicines share."""

    kind = "therapy"

    class Meta(Entry.Meta):
        verbose_name = _("therapy class")
        verbose_name_plural = _("therapy classes")


class TherapyClassContent(UrgentEntryContent):
    """How this way of treating works and what it is like."""

    SECTIONS = (
        Section("how_it_works", _("How it works"), closed=True),
        Section("how_given", _("How it is given"), closed=True),
        Section("results", _("What it can do, in numbers"), built=True),
        Section("benefit", _("What it can do"), closed=True),
        Section("risks", _("Risks"), folds=True),
        Section("choices", _("Numbers without it, and steps to decide"), built=True, closed=True),
        Section("who_not", _("Who may not be able to have it"), closed=True),
        Section("medicines", _("Medicines in this group"), built=True, closed=True),
        Section("cancers", _("Cancers it is used for"), built=True, closed=True),
        Section("unknowns", _("What is not known"), closed=True),
        Section("questions", _("Questions to ask"), cited=False, closed=True),
        Section("help", _("Where to find help"), built=True, closed=True),
    )
    FOR_ALL: ClassVar = (FIND_HELP,)
    ADDED_LATER: ClassVar = {"groups": []}

    class Diagram(models.TextChoices):
        CHECKPOINT_INHIBITOR = "checkpoint-inhibitor", _("How a checkpoint inhibitor works")
        CAR_T = "car-t", _("CAR-T cell therapy, step by step")
        BCG = "bcg", _("BCG in the bladder")
        ANTIBODY_DRUG_CONJUGATE = "antibody-drug-conjugate", _("How an antibody-drug conjugate works")
        MONOCLONAL_ANTIBODY = "monoclonal-antibody", _("What antibodies can do")
        BISPECIFIC_ANTIBODY = "bispecific-antibody", _("How a bispecific antibody works")
        CELL_THERAPY = "cell-therapy", _("How a cell therapy works")
        TIL = "til", _("How TIL therapy works")
        TCR = "tcr", _("How T-cell receptor therapy works")
        CYTOKINE = "cytokine", _("How cytokines work")
        ONCOLYTIC_VIRUS = "oncolytic-virus", _("How an oncolytic virus works")
        CANCER_VACCINE = "cancer-vaccine", _("How a treatment vaccine works")
        IMMUNOMODULATORY_DRUG = "immunomodulatory-drug", _("How immunomodulatory drugs work")
        GENE_THERAPY = "gene-therapy", _("How gene therapy in the bladder works")
        PARTNER_MEDICINE = "partner-medicine", _("What partner medicines do")
        INFUSION_DAY = "infusion-day", _("A day with a drip")
        CAR_T_TIMES = "car-t-times", _("CAR-T: how long each step takes")
        BIOPSY_TO_RESULT = "biopsy-to-result", _("From biopsy to result")
        STAGES_LUNG = "stages-lung", _("Stages of lung cancer in pictures")
        STAGES_MELANOMA = "stages-melanoma", _("Stages of melanoma in pictures")
        STAGES_BLADDER = "stages-bladder", _("Bladder cancer: how deep it has grown")
        STAGES_BOWEL = "stages-bowel", _("Stages of bowel cancer in pictures")
        STAGES_KIDNEY = "stages-kidney", _("Stages of kidney cancer in pictures")
        STAGES_BREAST = "stages-breast", _("Stages of breast cancer in pictures")
        STAGES_PROSTATE = "stages-prostate", _("Prostate cancer: how far it has grown")
        STAGES_STOMACH = "stages-stomach", _("Stages of stomach cancer in pictures")
        STAGES_LIVER = "stages-liver", _("Stages of liver cancer in pictures")
        STAGES_WOMB = "stages-womb", _("Stages of womb cancer in pictures")

    entry = models.ForeignKey(TherapyClass, on_delete=models.PROTECT, related_name="contents")
    parent = models.ForeignKey(
        TherapyClass,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("belongs to"),
    )
    groups = GroupsField(
        _("treatment groups"),
        help_text=_("Which signs are urgent, and how. None ticked: the strictest level of all groups."),
    )
    ncit = models.CharField(_("NCIt code"), max_length=20, blank=True, default="", db_default="")
    diagram = models.CharField(
        _("drawing"), max_length=40, blank=True, default="", db_default="", choices=Diagram.choices
    )
    how_it_works = models.TextField(_("how it works"))
    how_given = models.TextField(_("how it is given"), help_text=_("What a visit is like, and for how long."))
    benefit = models.TextField(_("what it can do"))
    risks = models.TextField(_("risks"))
    who_not = models.TextField(_("who may not be able to have it"))
    unknowns = models.TextField(_("what is not known"))
    questions = models.TextField(_("questions to ask"))
