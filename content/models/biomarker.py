"""Biomarkers: what a test of tumor or blood can tell about treatment."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from content.models.base import FIND_HELP, Entry, EntryContent, Section


class Biomarker(Entry):
    """Something that can be measured and bears on the choice of treatment."""

    kind = "biomarker"


class BiomarkerContent(EntryContent):
    """What the test is and what its result means."""

    SECTIONS = (
        Section("what_it_is", _("What it is")),
        Section("how_tested", _("How it is tested"), closed=True),
        Section("results", _("What the result means"), folds=True),
        Section("limits", _("What it cannot tell"), folds=True),
        Section("cancers_and_medicines", _("Cancers and medicines"), built=True),
        Section("questions", _("Questions to ask"), cited=False, closed=True),
        Section("help", _("Where to find help"), built=True, closed=True),
    )
    FOR_ALL: ClassVar = (FIND_HELP,)

    entry = models.ForeignKey(Biomarker, on_delete=models.PROTECT, related_name="contents")
    ncit = models.CharField(_("NCIt code"), max_length=20, blank=True, default="", db_default="")
    what_it_is = models.TextField(_("what it is"))
    how_tested = models.TextField(_("how it is tested"))
    results = models.TextField(
        _("what the result means"), help_text=_("How it is written, and what it means for treatment.")
    )
    limits = models.TextField(_("what it cannot tell"))
    questions = models.TextField(_("questions to ask"))
