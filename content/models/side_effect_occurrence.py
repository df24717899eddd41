"""How common a side effect is with one drug or therapy class."""

from __future__ import annotations

from typing import ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from content.lines import LinesField
from content.models.column import Column
from content.models.drug import Drug
from content.models.fact import FactQuerySet, FactWords, TabledFact, in_language
from content.models.side_effect import SideEffect
from content.models.therapy_class import TherapyClass

_RANGE = _("A percentage lies between 0 and 100.")
PERCENT = [MinValueValidator(0, _RANGE), MaxValueValidator(100, _RANGE)]


class OccurrenceQuerySet(FactQuerySet["SideEffectOccurrence"]):
    def for_pages(self) -> Self:
        """With what it is about and the keys of its sources in one query; its words by `load_parts`."""
        return self.select_related("side_effect", "drug", "therapy_class").with_source_keys()

    def with_everything(self) -> Self:
        """All a page shows of an occurrence, in a fixed number of queries."""
        return self.select_related("side_effect", "drug", "therapy_class", "source").prefetch_related(
            "texts", "more_sources"
        )


class SideEffectOccurrence(TabledFact):
    """One figure a source gives, or at least its word for how common it is."""

    PARTS = ("texts",)
    NAME, FOLDER, SUBJECT = "occurrence", "occurrences", ("drug", "therapy_class")
    IDENTITY, OWNER = ("side_effect", "context"), "treatment"
    COLUMNS = (
        Column("side_effect", kind="side-effect"),
        Column("counts"),
        Column("given_with", kind="drug", may_be_words=True),
        Column("how_common"),
        Column("percent_any"),
        Column("percent_severe"),
        Column("people"),
        Column("context", of_words=True),
    )

    class HowCommon(models.TextChoices):
        VERY_COMMON = "very-common", _("Very common: 1 in 10 people or more")
        COMMON = "common", _("Common: 1 in 100 to 1 in 10 people")
        UNCOMMON = "uncommon", _("Uncommon: 1 in 1,000 to 1 in 100 people")
        RARE = "rare", _("Rare: 1 in 10,000 to 1 in 1,000 people")
        VERY_RARE = "very-rare", _("Very rare: fewer than 1 in 10,000 people")
        UNKNOWN = "unknown", _("How common it is, is not known")

    class Counts(models.TextChoices):
        """Of two things counted under one side effect none is rarer for the other."""

        COLITIS = "colitis", _("Bowel inflammation (colitis)")
        DIARRHEA = "diarrhea", _("Diarrhea")
        SEVERE_SKIN = "severe-skin", _("Severe skin reactions only")
        IMMUNE_SKIN = "immune-skin", _("Immune reactions of the skin")
        RASH_OR_ITCHING = "rash-or-itching", _("Rash or itching")
        RASH = "rash", _("Rash")
        ITCHING = "itching", _("Itching")
        RED_CELLS = "red-cells", _("Too few red blood cells (anemia)")
        WHITE_CELLS = "white-cells", _("Too few white blood cells")
        PLATELETS = "platelets", _("Too few platelets")
        SLOW_THYROID = "slow-thyroid", _("Thyroid too slow")
        FAST_THYROID = "fast-thyroid", _("Thyroid too fast")

    side_effect = models.ForeignKey(SideEffect, on_delete=models.PROTECT, related_name="occurrences")
    drug = models.ForeignKey(
        Drug, on_delete=models.PROTECT, null=True, blank=True, related_name="occurrences"
    )
    therapy_class = models.ForeignKey(
        TherapyClass, on_delete=models.PROTECT, null=True, blank=True, related_name="occurrences"
    )
    counts = models.CharField(
        _("counts"),
        max_length=20,
        blank=True,
        default="",
        db_default="",
        choices=Counts.choices,
        help_text=_("What of the side effect, where figures of it count different things."),
    )
    given_with = LinesField(
        _("given with"),
        help_text=_(
            "What everybody had beside it: a drug's slug where there is one, else plain words; one a line. "
            "Empty: given alone, or some had other medicines and some had none."
        ),
    )
    how_common = models.CharField(_("how common"), max_length=20, choices=HowCommon.choices)
    percent_any = models.DecimalField(
        _("percent, any grade"), max_digits=5, decimal_places=2, null=True, blank=True, validators=PERCENT
    )
    percent_severe = models.DecimalField(
        _("percent, grade 3 or more"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=PERCENT,
    )
    people = models.PositiveIntegerField(
        _("number of people"), null=True, blank=True, help_text=_("How many people the figures come from.")
    )

    objects: ClassVar = OccurrenceQuerySet.as_manager()

    class Meta(TabledFact.Meta):
        ordering = ("side_effect__slug", "drug__slug", "therapy_class__slug", "pk")
        constraints = [
            *TabledFact.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(drug__isnull=False, therapy_class__isnull=True)
                | models.Q(drug__isnull=True, therapy_class__isnull=False),
                name="occurrence_drug_or_class",
                violation_error_message=_("Choose a drug or a therapy class, not both."),
            ),
            models.CheckConstraint(
                condition=(
                    models.Q(percent_any__isnull=True) | models.Q(percent_any__gte=0, percent_any__lte=100)
                )
                & (
                    models.Q(percent_severe__isnull=True)
                    | models.Q(percent_severe__gte=0, percent_severe__lte=100)
                ),
                name="occurrence_percent_in_range",
                violation_error_message=_RANGE,
            ),
            models.CheckConstraint(
                condition=models.Q(percent_any__isnull=True)
                | models.Q(percent_severe__isnull=True)
                | models.Q(percent_severe__lte=models.F("percent_any")),
                name="occurrence_severe_within_any",
                violation_error_message=_("Severe cases are part of all cases; they cannot be more."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.side_effect} with {self.drug or self.therapy_class}"

    @property
    def treatment(self) -> Drug | TherapyClass:
        return self.drug or self.therapy_class  # type: ignore[return-value] # one of the two, by a constraint

    @property
    def subjects(self) -> set[tuple[str, str]]:
        """What the row is about, as (kind, slug)."""
        treatments = filter(
            None, (self.drug, self.therapy_class)
        )  # none, in a form that is not filled in yet
        return {("side-effect", self.side_effect.slug), *((one.kind, one.slug) for one in treatments)}

    @property
    def mentions(self) -> set[tuple[str, str]]:
        """Every entry the row names, and words where what was given with it has no slug."""
        return self.subjects | {("drug", member) for member in self.given_with}

    def text_in(self, language: str) -> OccurrenceText | None:
        """The reader's words in `language`, or the English ones. Prefetch `texts` when listing."""
        return in_language(self.texts.all(), language)

    def context_in(self, language: str) -> str:
        text = self.text_in(language)
        return text.context if text else ""


class OccurrenceText(FactWords):
    """The words of an occurrence in one language: given alone, with chemotherapy ..."""

    occurrence = models.ForeignKey(SideEffectOccurrence, on_delete=models.CASCADE, related_name="texts")
    context = models.CharField(_("circumstances"), max_length=250)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["occurrence", "language"], name="occurrence_text_per_language")
        ]

    def __str__(self) -> str:
        return self.context
