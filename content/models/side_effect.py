"""Side effects, and how soon a person must act on them."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from content.lines import LinesField
from content.models.base import FIND_HELP, Entry, Section, UrgentEntryContent


class SideEffect(Entry):
    """Something a treatment may do that nobody wants."""

    kind = "side-effect"


class SideEffectContent(UrgentEntryContent):
    """How to recognize it, and when to act."""

    SECTIONS = (
        Section("recognize", _("How to recognize it"), closed=True),
        Section("timing", _("When it comes"), closed=True),
        Section("how_common", _("Which treatments cause it, and how often"), built=True, closed=True),
        Section("treatment", _("How it is treated"), closed=True),
        Section("living", _("Daily life, and your cancer treatment"), within="treatment", may_lack=True),
        Section("unknowns", _("What is not known"), within="treatment", cited=False, may_lack=True),
        Section("remedies", _("The medicines against it: benefit and harm"), built=True, closed=True),
        Section("self_care", _("What you can do"), folds=True),
        Section("tell_staff", _("What to tell emergency staff"), closed=True),
        Section("deciding", _("Decide together, and find help"), built=True, closed=True),
    )
    ADDED_LATER: ClassVar = {"signs": [], "remedies": [], "living": "", "unknowns": ""}
    FOR_ALL: ClassVar = ("who-decides-about-side-effects", FIND_HELP)

    class Urgency(models.TextChoices):
        EMERGENCY = "emergency", _("Emergency")
        SAME_DAY = "same_day", _("Call today")
        ROUTINE = "routine", _("Mention at your next visit")

    class BodySystem(models.TextChoices):
        SKIN = "skin", _("Skin")
        LUNGS = "lungs", _("Lungs")
        GUT = "gut", _("Stomach and bowel")
        HEART = "heart", _("Heart")
        LIVER = "liver", _("Liver")
        KIDNEYS = "kidneys", _("Kidneys")
        HORMONES = "hormones", _("Hormone glands")
        NERVES = "nerves-and-brain", _("Nerves and brain")
        MUSCLES = "muscles-and-joints", _("Muscles and joints")
        EYES = "eyes", _("Eyes")
        BLOOD = "blood", _("Blood")
        BLADDER = "bladder", _("Bladder")
        WHOLE_BODY = "whole-body", _("Whole body")
        MIND = "mind", _("Mood and mind")

    entry = models.ForeignKey(SideEffect, on_delete=models.PROTECT, related_name="contents")
    urgency = models.CharField(
        _("urgency"),
        max_length=20,
        choices=Urgency.choices,
        help_text=_("The worst it can be. When in doubt, the more urgent one."),
    )
    body_system = models.CharField(_("part of the body"), max_length=30, choices=BodySystem.choices)
    ctcae = models.CharField(_("CTCAE term"), max_length=80, blank=True, default="", db_default="")
    symptoms = LinesField(_("symptoms"), help_text=_("In a reader's words, one a line."))
    signs = LinesField(
        _("further signs"),
        help_text=_("Keys of signs that cannot wait with it, beside those that point to it; one a line."),
    )
    remedies = LinesField(
        _("medicines against it"),
        help_text=_("Slugs of the answers that tell benefit and harm of its treatments; one a line."),
    )
    recognize = models.TextField(_("how to recognize it"))
    timing = models.TextField(_("when it comes"))
    treatment = models.TextField(_("how it is treated"))
    living = models.TextField(
        _("daily life, and cancer treatment"),
        blank=True,
        default="",
        db_default="",
        help_text=_("What it does to daily life, and if treatment can go on."),
    )
    unknowns = models.TextField(_("what is not known"), blank=True, default="", db_default="")
    self_care = models.TextField(_("what you can do"))
    tell_staff = models.TextField(_("what to tell emergency staff"))
