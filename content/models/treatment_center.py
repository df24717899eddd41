"""Treatment centers: what they say about themselves, with a date, without ranking."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from content.models.base import Entry, EntryContent, Section


class TreatmentCenter(Entry):
    """A hospital that gives immunotherapy."""

    kind = "center"


class TreatmentCenterContent(EntryContent):
    """Facts a center states in public."""

    SECTIONS = (Section("facts", _("What the center says")),)

    entry = models.ForeignKey(TreatmentCenter, on_delete=models.PROTECT, related_name="contents")
    city = models.CharField(_("city"), max_length=80)
    country = models.CharField(
        _("country"), max_length=2, default="IL", db_default="IL", help_text=_("Two letters (ISO 3166).")
    )
    website = models.URLField(_("website"))
    facts = models.TextField(_("what the center says"))
