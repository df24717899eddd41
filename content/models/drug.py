"""Drugs: pembrolizumab, tisagenlecleucel ..."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from content.lines import LinesField
from content.models.base import Entry, Section, UrgentEntryContent
from content.models.therapy_class import TherapyClass
from content.models.treatment_group import GroupsField


class Drug(Entry):
    """One active substance, whatever its brand."""

    kind = "drug"


class DrugContent(UrgentEntryContent):
    """What a person who is offered this medicine needs to know."""

    MAX_CHECK_INTERVAL = 184
    SECTIONS = (
        Section("names", _("Names"), built=True),
        Section("what_it_is", _("What kind of medicine it is")),
        Section("how_given", _("How it is given")),
        Section("indications", _("Approved uses"), built=True),
        Section("before_you_start", _("Before you start")),
        Section("side_effects", _("Side effects")),
        Section("how_common", _("How common side effects are"), built=True),
        Section("daily_life", _("Daily life")),
        Section("unknowns", _("What is not known")),
        Section("questions", _("Questions to ask"), cited=False),
        Section("leaflets", _("Official leaflets"), built=True),
    )

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
    therapy_class = models.ForeignKey(
        TherapyClass, on_delete=models.PROTECT, related_name="+", verbose_name=_("therapy class")
    )
    groups = GroupsField(
        _("treatment groups"), help_text=_("Which signs are urgent, and how. None ticked: as for its class.")
    )
    targets = LinesField(_("targets"))
    route = models.CharField(_("how it gets into the body"), max_length=120)
    atc = models.CharField(_("ATC code"), max_length=10, blank=True, default="", db_default="")
    ncit = models.CharField(_("NCIt code"), max_length=20, blank=True, default="", db_default="")
    leaflets = LinesField(_("official leaflets"), help_text=_("Keys of sources, one a line."))
    what_it_is = models.TextField(_("what kind of medicine it is"))
    how_given = models.TextField(_("how it is given"))
    before_you_start = models.TextField(_("before you start"))
    side_effects = models.TextField(_("side effects"))
    daily_life = models.TextField(
        _("daily life"), help_text=_("Vaccines, pregnancy and fertility, alcohol, driving, travel.")
    )
    unknowns = models.TextField(_("what is not known"))
    questions = models.TextField(_("questions to ask"))
