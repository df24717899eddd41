"""Drugs: pembrolizumab, tisagenlecleucel ..."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from content.lines import LinesField
from content.models.base import FIND_HELP, Entry, Section, UrgentEntryContent
from content.models.therapy_class import TherapyClass
from content.models.treatment_group import GroupsField


class Drug(Entry):
    """One active substance, whatever its brand."""

    kind = "drug"


class DrugContent(UrgentEntryContent):
    """What a person who is offered this medicine needs to know."""

    MAX_CHECK_INTERVAL = 184
    SECTIONS = (
        Section("names", _("At a glance"), built=True),
        Section("what_it_is", _("What kind of medicine it is"), folds=True),
        Section("given_with", _("With which immunotherapy, and where"), built=True, only_in="short"),
        Section("how_given", _("How it is given"), only_in="full", closed=True),
        Section("schedule", _("How often and for how long"), only_in="full", within="how_given"),
        Section("before_you_start", _("Before you start"), closed=True),
        Section("results", _("What it can do, in numbers"), built=True, only_in="full"),
        Section("side_effects", _("Side effects"), only_in="full", folds=True),
        Section("how_common", _("How common side effects are"), built=True, only_in="full"),
        Section(
            "choices", _("Numbers without it, and steps to decide"), built=True, only_in="full", closed=True
        ),
        Section("indications", _("Approved uses"), built=True, only_in="full"),
        Section("daily_life", _("Daily life"), only_in="full", closed=True),
        Section("vaccines", _("Vaccines"), only_in="full", within="daily_life"),
        Section("pregnancy", _("Pregnancy"), only_in="full", within="daily_life"),
        Section("breastfeeding", _("Breastfeeding"), only_in="full", within="daily_life"),
        Section("driving", _("Driving"), only_in="full", within="daily_life"),
        Section("unknowns", _("What is not known"), only_in="full", closed=True),
        Section("questions", _("Questions to ask"), cited=False, closed=True),
        Section("leaflets", _("Official leaflets"), built=True, closed=True),
        Section("help", _("Where to find help"), built=True, closed=True),
    )
    FOR_ALL: ClassVar = (FIND_HELP,)
    ADDED_LATER: ClassVar = {
        "form": "full", "groups": [], "schedule": "", "vaccines": "", "pregnancy": "", "breastfeeding": "",
        "driving": "", "signs": [],
    }  # fmt: skip

    class Form(models.TextChoices):
        FULL = "full", _("Full page")
        SHORT = "short", _("Short page")

    class Kind(models.TextChoices):
        IMMUNOTHERAPY = "immunotherapy", _("Immunotherapy")
        RELATED = "related", _("Related to immunotherapy")
        PARTNER = "partner", _("Given together with immunotherapy")

    entry = models.ForeignKey(Drug, on_delete=models.PROTECT, related_name="contents")
    brand_names = LinesField(_("brand names"))
    pronunciation = models.CharField(_("how to say it"), max_length=80, blank=True, default="", db_default="")
    kind = models.CharField(
        _("kind"),
        max_length=20,
        choices=Kind.choices,
        default=Kind.IMMUNOTHERAPY,
        db_default=Kind.IMMUNOTHERAPY,
    )
    form = models.CharField(
        _("form"),
        max_length=10,
        choices=Form.choices,
        default=Form.FULL,
        db_default=Form.FULL,
        help_text=_("Short for medicines that are not immunotherapy: fewer sections have to be written."),
    )
    therapy_class = models.ForeignKey(
        TherapyClass,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("therapy class"),
        null=True,  # while it is a draft
    )
    groups = GroupsField(
        _("treatment groups"), help_text=_("Which signs are urgent, and how. None ticked: as for its class.")
    )
    signs = LinesField(
        _("its gravest signs"),
        help_text=_(
            "Keys of signs that stand first on its cards, before the gravest of its groups, in this order. One a line."
        ),
    )
    targets = LinesField(_("targets"))
    route = models.CharField(_("how it gets into the body"), max_length=120)
    atc = models.CharField(_("ATC code"), max_length=10, blank=True, default="", db_default="")
    ncit = models.CharField(_("NCIt code"), max_length=20, blank=True, default="", db_default="")
    leaflets = LinesField(_("official leaflets"), help_text=_("Keys of sources, one a line."))
    what_it_is = models.TextField(_("what kind of medicine it is"))
    how_given = models.TextField(
        _("how it is given"),
        blank=True,
        default="",
        db_default="",
        help_text=_("What a visit is like. How often has a text of its own."),
    )
    schedule = models.TextField(
        _("how often and for how long"),
        blank=True,
        default="",
        db_default="",
        help_text=_("How often, how long a visit takes, for how long in all."),
    )
    before_you_start = models.TextField(_("before you start"))
    side_effects = models.TextField(_("side effects"), blank=True, default="", db_default="")
    daily_life = models.TextField(
        _("daily life"),
        blank=True,
        default="",
        db_default="",
        help_text=_("Fertility, alcohol, travel, work, other medicines."),
    )
    vaccines = models.TextField(_("vaccines"), blank=True, default="", db_default="")
    pregnancy = models.TextField(
        _("pregnancy"),
        blank=True,
        default="",
        db_default="",
        help_text=_("Also birth control, and for how long after the last dose."),
    )
    breastfeeding = models.TextField(_("breastfeeding"), blank=True, default="", db_default="")
    driving = models.TextField(_("driving"), blank=True, default="", db_default="")
    unknowns = models.TextField(_("what is not known"), blank=True, default="", db_default="")
    questions = models.TextField(_("questions to ask"))
