"""Updates: dated news of approvals, withdrawals, safety and pages."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from content.lines import LinesField
from content.models.column import Column
from content.models.fact import Fact, WrittenFact


class Update(WrittenFact):
    """One thing that happened on one day, told in one language."""

    NAME, FOLDER, BODY = "update", "updates", "text"
    COLUMNS = (Column("title", is_headline=True), Column("happened_on"), Column("kind"), Column("about"))

    class Kind(models.TextChoices):
        APPROVAL = "approval", _("New approval")
        WITHDRAWAL = "withdrawal", _("Use withdrawn")
        SAFETY = "safety", _("Safety")
        PAGE = "page", _("This site")

    slug = models.SlugField(
        max_length=100,
        help_text=_("Begins with the date: 2026-02-10-a-new-use. Links to the item end in it."),
    )
    language = models.CharField(max_length=10, choices=settings.LANGUAGES, default="en", db_default="en")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    happened_on = models.DateField(_("date"))
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("text"), help_text=_("Markdown with citations."))
    about = LinesField(_("about"), help_text=_("Entries, one a line: drug:pembrolizumab"))

    class Meta(Fact.Meta):
        ordering = ("-happened_on", "slug")
        constraints = [
            *Fact.Meta.constraints,
            models.UniqueConstraint(
                fields=["slug", "language"],
                condition=models.Q(state="approved"),
                name="update_once",
                violation_error_message=_("An update with this slug is already public in this language."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def needs_clinician(self) -> bool:
        """News of this site is no medicine."""
        return self.kind != self.Kind.PAGE

    @property
    def address(self) -> str:
        with override(self.language):
            return f"{reverse('content:update-list')}#{self.slug}"

    @property
    def markdown(self) -> list[str]:
        return [self.text]
