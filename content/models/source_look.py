"""What was seen of a source when it was last looked at, held against what was there when a person read it."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from content.models.source import Source


class SourceLookQuerySet(models.QuerySet["SourceLook"]):
    def telling(self) -> Self:
        """Those of which somebody should know: found after a person last read the source, at the address it has."""
        found = self.exclude(finding="").filter(since__gt=models.F("source__checked_on"))
        return found.filter(url=models.F("source__url"))


class SourceLook(models.Model):
    """One row for each source. The watch writes it; nobody edits it."""

    class Finding(models.TextChoices):
        NOTHING = "", _("As it was read")
        CHANGED = "changed", _("Changed since it was read")
        MOVED = "moved", _("Moved to another address")
        GONE = "gone", _("Gone")
        SILENT = "silent", _("Does not answer any more")

    source = models.OneToOneField(Source, on_delete=models.CASCADE, related_name="look")
    url = models.URLField(max_length=500, help_text="The address that was looked at.")
    tried_at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True, help_text="When it last answered.")
    status = models.PositiveSmallIntegerField(null=True, help_text="Of the last answer.")
    why_not = models.CharField(
        max_length=200, default="", db_default="", help_text="Why it could not be looked at."
    )
    moved_to = models.CharField(max_length=500, default="", db_default="")
    etag = models.CharField(max_length=200, default="", db_default="")
    last_modified = models.CharField(max_length=100, default="", db_default="")
    digest = models.CharField(
        max_length=64, default="", db_default="", help_text="SHA-256 of the text it has now."
    )
    edition = models.CharField(
        max_length=120, default="", db_default="", help_text="A label's version, a medicine's revision."
    )
    edition_on = models.DateField(null=True)
    # What it is held against: the first look after a person read it.
    read_on = models.DateField(null=True)
    read_digest = models.CharField(max_length=64, default="", db_default="")
    read_edition = models.CharField(max_length=120, default="", db_default="")
    is_restless = models.BooleanField(
        default=False, db_default=False, help_text="Its words differ from one look to the next."
    )
    failures = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="Days without an answer, one after another."
    )
    finding = models.CharField(max_length=10, choices=Finding.choices, default="", db_default="", blank=True)
    since = models.DateField(null=True, help_text="The first day of this finding.")

    objects = SourceLookQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.source}: {self.get_finding_display()}"

    def in_words(self) -> str:
        """When it was last looked at and what was found; or that it could not be."""
        day = date_format(timezone.localtime(self.looked_at), "j M Y") if self.looked_at else ""
        if not self.why_not:
            said = gettext("Looked at on %(day)s: %(found)s.")
            return said % {"day": day, "found": str(self.Finding(self.finding).label).lower()}
        if day:
            return gettext("Not looked at since %(day)s: %(why)s") % {"day": day, "why": self.why_not}
        return gettext("Not looked at since it was read: %(why)s") % {"why": self.why_not}
