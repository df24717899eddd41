"""Indications: what a regulator has approved a drug for, current or withdrawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from content.lines import LinesField
from content.models.biomarker import Biomarker
from content.models.cancer_type import CancerType
from content.models.column import Column
from content.models.drug import Drug
from content.models.fact import Fact, FactQuerySet, FactWords, TabledFact, in_language


class IndicationQuerySet(FactQuerySet["Indication"]):
    def with_everything(self) -> Self:
        """All a page shows of an indication, in a fixed number of queries."""
        return self.with_parts().select_related("drug", "cancer", "source").prefetch_related("more_sources")

    def on_record(self) -> Self:
        """Also the rows by which a use came to be shown as withdrawn, though later wordings replaced them."""
        withdrawal = models.Q(status="withdrawn", supersedes__status="current")
        rows = self.annotate(status_before=models.F("supersedes__status"))
        return rows.filter(
            models.Q(state=Fact.State.APPROVED)
            | models.Q(state=Fact.State.RETIRED) & (models.Q(retired_on__isnull=False) | withdrawal)
        )

    def with_parts(self) -> Self:
        """Its words in every language, and the biomarkers it asks for."""
        # Joined: to prefetch a thousand biomarkers by their numbers is more than SQLite takes.
        requirements = BiomarkerRequirement.objects.select_related("biomarker")
        return self.prefetch_related("texts", models.Prefetch("requirements", requirements))


class Indication(TabledFact):
    """One approved use of one drug in one cancer by one regulator."""

    PARTS, DERIVED = ("texts", "requirements"), ("status", "terms")
    if TYPE_CHECKING:  # by `on_record`
        status_before: str | None
    NAME, FOLDER, SUBJECT = "indication", "indications", ("drug",)
    COLUMNS = (
        Column("key"),
        Column("cancer", kind="cancer"),
        Column("setting"),
        Column("condition", of_words=True),
        Column("population", of_words=True),
        Column("note", of_words=True),
        Column("with", "partners", kind="drug", may_be_words=True),
        Column("biomarkers", "requirements", parts=(Column("biomarker", kind="biomarker"), Column("level"))),
        Column("regulator"),
        Column("approval"),
        Column("approved_on", "granted_on"),
        Column("withdrawn_on"),
    )

    class Setting(models.TextChoices):
        NEOADJUVANT = "neoadjuvant", _("Before surgery")
        PERIOPERATIVE = "perioperative", _("Before and after surgery")
        ADJUVANT = "adjuvant", _("After surgery")
        LOCAL = "local", _("Inside the organ")
        FIRST_LINE = "first-line", _("First treatment for advanced disease")
        MAINTENANCE = "maintenance", _("To hold the disease after another treatment")
        LATER_LINE = "later-line", _("After other treatments")
        ADVANCED = "advanced", _("Advanced disease, at any point")

    class Regulator(models.TextChoices):
        FDA = "FDA", _("FDA (United States)")
        EMA = "EMA", _("EMA (European Union)")
        ISRAEL = "IL-MOH", _("Ministry of Health (Israel)")

    class Approval(models.TextChoices):
        REGULAR = "regular", _("Full approval")
        ACCELERATED = "accelerated", _("Accelerated approval: more proof is still owed")
        CONDITIONAL = "conditional", _("Conditional approval: more proof is still owed")
        CONVERTED = "converted", _("Full approval, after an accelerated one")
        UNKNOWN = "unknown", _("Type of approval not confirmed")

    class Status(models.TextChoices):
        CURRENT = "current", _("Current")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    key = models.SlugField(max_length=80, help_text=_("Names this use of the drug for good."))
    drug = models.ForeignKey(Drug, on_delete=models.PROTECT, related_name="indications")
    cancer = models.ForeignKey(CancerType, on_delete=models.PROTECT, related_name="indications")
    partners = LinesField(
        _("given with"), help_text=_("A drug's slug where there is one, else plain words; one a line.")
    )
    setting = models.CharField(_("setting"), max_length=20, choices=Setting.choices)
    regulator = models.CharField(_("regulator"), max_length=10, choices=Regulator.choices)
    approval = models.CharField(_("type of approval"), max_length=20, choices=Approval.choices)
    granted_on = models.DateField(
        _("approved by the regulator on"),
        null=True,
        blank=True,
        help_text=_("Empty if no source gives the day."),
    )
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True)
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.CURRENT, db_default=Status.CURRENT
    )
    terms = models.CharField(
        max_length=500,
        blank=True,
        default="",
        db_default="",
        editable=False,
        help_text=_("Biomarkers, partners and people, in one line."),
    )

    objects: ClassVar = IndicationQuerySet.as_manager()

    class Meta(TabledFact.Meta):
        ordering = ("cancer__slug", "drug__slug", "regulator", "granted_on", "key")
        constraints = [
            *TabledFact.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(status="withdrawn", withdrawn_on__isnull=False)
                | models.Q(status="current", withdrawn_on__isnull=True),
                name="indication_withdrawn_has_date",
                violation_error_message=_(
                    "A withdrawn use needs the date it was withdrawn, a current one none."
                ),
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_on__isnull=True)
                | models.Q(granted_on__isnull=True)
                | models.Q(withdrawn_on__gt=models.F("granted_on")),
                name="indication_withdrawn_after_granted",
                violation_error_message=_("A use is withdrawn after it was approved."),
            ),
            models.UniqueConstraint(
                fields=["drug", "key"],
                condition=models.Q(state="approved"),
                name="indication_key_once",
                violation_error_message=_("This drug already has an approved row with this key."),
            ),
            models.UniqueConstraint(
                fields=["drug", "cancer", "regulator", "setting", "terms"],
                condition=models.Q(state="approved", status="current"),
                name="indication_once_per_use",
                violation_error_message=_("This use is already on record for this regulator."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.drug} {self.key}"

    def derive(self, parts: Mapping[str, Sequence[models.Model]]) -> bool:
        """`status`; `terms`: what besides setting and regulator tells two uses apart, for a constraint to see."""
        text = in_language((row for row in parts["texts"] if isinstance(row, IndicationText)), "en")
        needs = [row for row in parts["requirements"] if isinstance(row, BiomarkerRequirement)]
        before = self.status, self.terms
        self.status = self.Status.WITHDRAWN if self.withdrawn_on else self.Status.CURRENT
        self.terms = terms_of(self.partners, needs, text.condition if text else "")
        return (self.status, self.terms) != before

    @property
    def is_current(self) -> bool:
        return self.status == self.Status.CURRENT

    @property
    def subjects(self) -> set[tuple[str, str]]:
        """What the row is about, as (kind, slug)."""
        return {("drug", self.drug.slug), ("cancer", self.cancer.slug)}

    @property
    def mentions(self) -> set[tuple[str, str]]:
        """Every entry the row names. Take `with_everything` when listing."""
        return (
            self.subjects
            | {("drug", partner) for partner in self.partners}
            | {("biomarker", need.biomarker.slug) for need in self.requirements.all()}
        )

    def text_in(self, language: str) -> IndicationText | None:
        """The reader's words in `language`, or the English ones. Prefetch `texts` when listing."""
        return in_language(self.texts.all(), language)


def terms_of(partners: Iterable[str], requirements: Iterable[BiomarkerRequirement], condition: str) -> str:
    """The distinction in one line."""
    needs = [f"{need.biomarker.slug} {need.level}" for need in requirements]
    return " | ".join([", ".join(sorted(needs)), ", ".join(sorted(partners)), condition])[:500]


class IndicationText(FactWords):
    """The words of an indication in one language."""

    indication = models.ForeignKey(Indication, on_delete=models.CASCADE, related_name="texts")
    condition = models.CharField(_("condition"), max_length=400, help_text=_("In plain words."))
    population = models.CharField(_("for whom"), max_length=200, blank=True, default="", db_default="")
    note = models.CharField(
        _("note"),
        max_length=250,
        blank=True,
        default="",
        db_default="",
        help_text=_("What is not certain about this record, in plain words."),
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["indication", "language"], name="indication_text_per_language")
        ]

    def __str__(self) -> str:
        return self.condition


class BiomarkerRequirement(models.Model):
    """A test result an indication asks for: which biomarker, at what level."""

    indication = models.ForeignKey(Indication, on_delete=models.CASCADE, related_name="requirements")
    biomarker = models.ForeignKey(Biomarker, on_delete=models.PROTECT, related_name="requirements")
    level = models.CharField(
        _("level"), max_length=120, help_text=_("As the regulator writes it: TPS 50% or more.")
    )

    class Meta:
        ordering = ("biomarker__slug",)
        constraints = [
            models.UniqueConstraint(fields=["indication", "biomarker"], name="requirement_once_per_biomarker")
        ]

    def __str__(self) -> str:
        return f"{self.biomarker}: {self.level}"
