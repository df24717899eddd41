"""Words that pages use, explained."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from content.lines import LinesField
from content.models.column import Column
from content.models.fact import Fact, WrittenFact


class GlossaryTerm(WrittenFact):
    """One word and what it means, in one language."""

    NAME, FOLDER, BODY = "glossary", "glossary", "explanation"
    COLUMNS = (Column("term"), Column("other_forms"))

    slug = models.SlugField(max_length=80)
    language = models.CharField(max_length=10, choices=settings.LANGUAGES, default="en", db_default="en")
    term = models.CharField(_("term"), max_length=80)
    other_forms = LinesField(_("other forms"))
    explanation = models.TextField(_("explanation"), help_text=_("One or two sentences."))

    class Meta(Fact.Meta):
        ordering = ("language", "term")
        constraints = [
            *Fact.Meta.constraints,
            models.UniqueConstraint(
                fields=["slug", "language"],
                condition=models.Q(state="approved"),
                name="glossary_term_once",
                violation_error_message=_("This term is already explained in this language."),
            ),
        ]

    def __str__(self) -> str:
        return self.term

    @property
    def address(self) -> str:
        with override(self.language):
            return f"{reverse('content:glossary')}#{self.slug}"

    @property
    def markdown(self) -> list[str]:
        return [self.explanation]
