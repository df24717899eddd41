"""Updates: dated news of approvals, withdrawals, safety and pages."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from content.lines import LinesField
from content.models.source import Source


class Update(models.Model):
    """One thing that happened on one day. Edited in place; the admin keeps the log."""

    class Kind(models.TextChoices):
        APPROVAL = "approval", _("New approval")
        WITHDRAWAL = "withdrawal", _("Use withdrawn")
        SAFETY = "safety", _("Safety")
        PAGE = "page", _("This site")

    slug = models.SlugField(max_length=100)
    language = models.CharField(max_length=10, choices=settings.LANGUAGES, default="en", db_default="en")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    happened_on = models.DateField(_("date"))
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("text"), help_text=_("Markdown with citations."))
    about = LinesField(_("about"), help_text=_("Entries, one a line: drug:pembrolizumab"))
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, related_name="+", verbose_name=_("main source")
    )
    more_sources = models.ManyToManyField(Source, blank=True, related_name="+")

    class Meta:
        ordering = ("-happened_on", "slug")
        constraints = [models.UniqueConstraint(fields=["slug", "language"], name="update_once")]

    def __str__(self) -> str:
        return self.title

    @property
    def source_keys(self) -> list[str]:
        """Main source first, the others by key."""
        return [self.source.key, *sorted(source.key for source in self.more_sources.all())]
