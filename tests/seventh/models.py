"""Vaccines: who they are, and what a reader reads about one."""

from django.db import models

from content import kinds
from content.models import Drug, Entry, EntryContent, Section

kinds.add(kinds.Kind("vaccine", "vaccines", "Vaccines", "Vaccine", schema_type="Drug", in_menu=True))


class Vaccine(Entry):
    """A vaccine that people in treatment ask about."""

    kind = "vaccine"


class VaccineContent(EntryContent):
    """Whether and when to have it."""

    class Form(models.TextChoices):
        LIVE = "live", "Live"
        NOT_LIVE = "not-live", "Not live"

    SECTIONS = (
        Section("what_it_is", "What it is"),
        Section("with_treatment", "With immunotherapy"),
    )

    entry = models.ForeignKey(Vaccine, on_delete=models.PROTECT, related_name="contents")
    form = models.CharField(max_length=20, choices=Form.choices)
    doses = models.PositiveSmallIntegerField(null=True, blank=True)
    asked_with = models.ForeignKey(Drug, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    what_it_is = models.TextField()
    with_treatment = models.TextField()
