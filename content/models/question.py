"""Questions people ask, and the answers."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from content.models.column import Column
from content.models.fact import Fact, WrittenFact


class Question(WrittenFact):
    """One question with its cited answer, in one language."""

    NAME, FOLDER, BODY = "question", "questions", "answer"
    COLUMNS = (Column("question", is_headline=True), Column("topic"))

    class Topic(models.TextChoices):
        BASICS = "basics", _("The basics")
        TREATMENT = "treatment", _("Having treatment")
        SIDE_EFFECTS = "side-effects", _("Side effects")
        REMEDIES = "remedies", _("Medicines against side effects")
        DAILY_LIFE = "daily-life", _("Daily life")
        COST = "cost-and-access", _("Cost and access")

    slug = models.SlugField(max_length=80)
    language = models.CharField(max_length=10, choices=settings.LANGUAGES, default="en", db_default="en")
    topic = models.CharField(_("topic"), max_length=20, choices=Topic.choices)
    question = models.CharField(_("question"), max_length=200)
    answer = models.TextField(_("answer"), help_text=_("Markdown with citations."))

    class Meta(Fact.Meta):
        ordering = ("language", "topic", "slug")
        constraints = [
            *Fact.Meta.constraints,
            models.UniqueConstraint(
                fields=["slug", "language"],
                condition=models.Q(state="approved"),
                name="question_once",
                violation_error_message=_("This question is already answered in this language."),
            ),
        ]

    def __str__(self) -> str:
        return self.question

    @property
    def address(self) -> str:
        with override(self.language):
            return f"{reverse('content:question-list')}#{self.slug}"

    @property
    def about(self) -> str:
        """What its words are about before the colon: "Steroids" of "Steroids: what can they do?"."""
        return self.question.partition(":")[0]

    @property
    def markdown(self) -> list[str]:
        return [self.answer]
