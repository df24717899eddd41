"""Indications: what a regulator has approved a regimen for, current or withdrawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from content.lines import ChosenField, LinesField
from content.models.biomarker import Biomarker
from content.models.cancer_type import CancerType
from content.models.column import Column
from content.models.drug import Drug
from content.models.fact import Fact, FactQuerySet, FactWords, TabledFact, in_language
from content.text.hints import Words


def _key_of_source(name: Words) -> models.SlugField[str, str]:
    """A key among the row's own sources, which are protected as long as it stands."""
    return models.SlugField(
        name, max_length=80, blank=True, default="", db_default="", help_text=_("Key of one of its sources.")
    )


class IndicationQuerySet(FactQuerySet["Indication"]):
    def for_pages(self) -> Self:
        """With its cancer and the keys of its sources in one query; its parts by `load_parts`."""
        return self.select_related("cancer").with_source_keys()

    def with_everything(self) -> Self:
        """All a page shows of an indication, in a fixed number of queries."""
        return self.with_parts().select_related("cancer", "source").prefetch_related("more_sources")

    def on_record(self) -> Self:
        """Also the rows by which a use came to be shown as withdrawn, though later wordings replaced them."""
        withdrawal = models.Q(status="withdrawn", supersedes__status="current")
        rows = self.annotate(status_before=models.F("supersedes__status"))
        return rows.filter(
            models.Q(state=Fact.State.APPROVED)
            | models.Q(state=Fact.State.RETIRED) & (models.Q(retired_on__isnull=False) | withdrawal)
        )

    def with_parts(self) -> Self:
        """Its words in every language, the medicines of its regimen and the biomarkers it asks for."""
        return self.prefetch_related(*_parts())

    def load_parts(self, rows: Sequence[Indication]) -> None:
        models.prefetch_related_objects(rows, *_parts())


def _parts() -> tuple[str | models.Prefetch, ...]:
    # Joined: to prefetch a thousand biomarkers by their numbers is more than SQLite takes.
    requirements = BiomarkerRequirement.objects.select_related("biomarker")
    members = RegimenMember.objects.select_related("drug")
    return "texts", models.Prefetch("members", members), models.Prefetch("requirements", requirements)


# The days of a decision in the order in which they can come, each with the column that says who gives it.
DAYS = {
    "approved_on": "approved_source",
    "narrowed_on": "narrowed_source",
    "converted_on": "converted_source",
    "announced_on": "announced_source",
    "withdrawn_on": "withdrawn_source",
}


class Indication(TabledFact):
    """One decision of one regulator on one regimen in one cancer on one day."""

    PARTS, DERIVED = ("texts", "members", "requirements"), ("status", "terms")
    if TYPE_CHECKING:  # by `on_record`
        status_before: str | None
    NAME, FOLDER, SUBJECT = "indication", "indications", ("cancer",)
    KEY_IN_LIBRARY = "key"
    COLUMNS = (
        Column("key"),
        Column("same_use"),
        Column("part_of"),
        Column("regimen", "members", kind="drug", is_listed=True),
        Column("setting"),
        Column("lines"),
        Column("condition", of_words=True),
        Column("population", of_words=True),
        Column("min_age"),
        Column("max_age"),
        Column("note", of_words=True),
        Column(
            "biomarkers",
            "requirements",
            parts=(
                Column("biomarker", kind="biomarker"),
                Column("scale"),
                Column("at_least"),
                Column("below"),
                Column("any_of"),
                Column("level"),
            ),
        ),
        Column("regulator"),
        Column("approval"),
        Column("approved_on", "granted_on"),
        Column("approved_source"),
        Column("narrowed_on"),
        Column("narrowed_source"),
        Column("converted_on"),
        Column("converted_source"),
        Column("announced_on"),
        Column("announced_source"),
        Column("withdrawn_on"),
        Column("withdrawn_source"),
    )

    class Setting(models.TextChoices):
        NEOADJUVANT = "neoadjuvant", _("Before surgery")
        PERIOPERATIVE = "perioperative", _("Before and after surgery")
        ADJUVANT = "adjuvant", _("After surgery")
        AFTER_CHEMORADIATION = "after-chemoradiation", _("After chemotherapy and radiation")
        LOCAL = "local", _("Cancer in one place")
        FIRST_LINE = "first-line", _("First treatment")
        MAINTENANCE = "maintenance", _("To hold the disease after another treatment")
        LATER_LINE = "later-line", _("After other treatments")
        ADVANCED = "advanced", _("Advanced disease, at any point")

    class Line(models.TextChoices):
        """Which treatment of advanced disease this may be. None where the setting is not counted in lines."""

        FIRST = "first", _("The first treatment")
        SECOND = "second", _("The second treatment")
        LATER = "later", _("The third treatment or a later one")
        ANY = "any", _("Any of them")

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

    key = models.SlugField(
        max_length=80, help_text=_("Names this decision for good; no other in the library has it.")
    )
    same_use = models.SlugField(
        _("same use"),
        max_length=80,
        blank=True,
        default="",
        db_default="",
        help_text=_(
            "One word that decisions of several regulators on the same use share: one line on a page."
        ),
    )
    part_of = models.SlugField(
        _("part of"),
        max_length=80,
        blank=True,
        default="",
        db_default="",
        help_text=_("Key of the wider use of the same regulator that holds all of this earlier one."),
    )
    cancer = models.ForeignKey(CancerType, on_delete=models.PROTECT, related_name="indications")
    setting = models.CharField(_("setting"), max_length=20, choices=Setting.choices)
    lines = ChosenField(
        _("treatment lines"),
        item_choices=Line.choices,
        help_text=_("Where it may stand among the treatments of advanced disease."),
    )
    min_age = models.PositiveSmallIntegerField(
        _("from age"), null=True, blank=True, help_text=_("In years; 18 for adults. Empty: no lower limit.")
    )
    max_age = models.PositiveSmallIntegerField(
        _("up to age"), null=True, blank=True, help_text=_("In years. Empty: no upper limit.")
    )
    regulator = models.CharField(_("regulator"), max_length=10, choices=Regulator.choices)
    approval = models.CharField(_("type of approval"), max_length=20, choices=Approval.choices)
    granted_on = models.DateField(
        _("approved by the regulator on"),
        null=True,
        blank=True,
        help_text=_("Empty if no source gives the day."),
    )
    approved_source = _key_of_source(_("source of the day of approval"))
    narrowed_on = models.DateField(_("limited to fewer people on"), null=True, blank=True)
    narrowed_source = _key_of_source(_("source of that limit"))
    converted_on = models.DateField(_("made a full approval on"), null=True, blank=True)
    converted_source = _key_of_source(_("source of the full approval"))
    announced_on = models.DateField(_("end announced on"), null=True, blank=True)
    announced_source = _key_of_source(_("source of the announcement"))
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True)
    withdrawn_source = _key_of_source(_("source of the withdrawal"))
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=Status.choices,
        default=Status.CURRENT,
        db_default=Status.CURRENT,
        editable=False,
    )
    terms = models.CharField(
        max_length=500,
        blank=True,
        default="",
        db_default="",
        editable=False,
        help_text=_("Regimen, biomarkers and people, in one line."),
    )
    # Of the release before, which still writes them; nothing reads them. They go with the next release.
    drug = models.ForeignKey(
        Drug, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    partners = LinesField(editable=False)

    objects: ClassVar = IndicationQuerySet.as_manager()

    class Meta(TabledFact.Meta):
        ordering = ("cancer__slug", "regulator", "granted_on", "key")
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
                fields=["key"],
                condition=models.Q(state="approved"),
                name="indication_key_once",
                violation_error_message=_("An approved row has this key already."),
            ),
            models.UniqueConstraint(
                fields=["cancer", "regulator", "setting", "terms"],
                condition=models.Q(state="approved", status="current"),
                name="indication_once_per_use",
                violation_error_message=_("This use is already on record for this regulator."),
            ),
        ]

    def __str__(self) -> str:
        return self.key

    def save(self, *args: Any, **kwargs: Any) -> None:  # as Django's models
        """A draft is of the status that its days give it, too."""
        self.status = self._status()
        super().save(*args, **kwargs)

    def _status(self) -> str:
        return self.Status.WITHDRAWN if self.withdrawn_on else self.Status.CURRENT

    def derive(self, parts: Mapping[str, Sequence[models.Model]]) -> bool:
        """`status`; `terms`: what besides setting and regulator tells two uses apart, for a constraint to see."""
        text = in_language((row for row in parts["texts"] if isinstance(row, IndicationText)), "en")
        needs = [row for row in parts["requirements"] if isinstance(row, BiomarkerRequirement)]
        members = [row for row in parts["members"] if isinstance(row, RegimenMember)]
        before = self.status, self.terms
        self.status = self._status()
        self.terms = terms_of(
            [str(member) for member in members],
            [f"{need.biomarker.slug} {need.level}" for need in needs],
            text.condition if text else "",
        )
        return (self.status, self.terms) != before

    @property
    def is_current(self) -> bool:
        return self.status == self.Status.CURRENT

    @property
    def regimen(self) -> list[str]:
        """Slugs and plain words, in order. Take `with_parts` when listing."""
        return [str(member) for member in self.members.all()]

    @property
    def drugs(self) -> list[str]:
        """The slugs of its medicines, in order."""
        return [member.drug.slug for member in self.members.all() if member.drug]

    @property
    def subjects(self) -> set[tuple[str, str]]:
        """What the row is about, as (kind, slug)."""
        return {("cancer", self.cancer.slug), *(("drug", slug) for slug in self.drugs)}

    @property
    def mentions(self) -> set[tuple[str, str]]:
        """Every entry the row names. Take `with_everything` when listing."""
        return self.subjects | {("biomarker", need.biomarker.slug) for need in self.requirements.all()}

    def text_in(self, language: str) -> IndicationText | None:
        """The reader's words in `language`, or the English ones. Prefetch `texts` when listing."""
        return in_language(self.texts.all(), language)


def terms_of(regimen: Iterable[str], needs: Iterable[str], condition: str) -> str:
    """The distinction in one line. A regimen is the same in any order."""
    return " | ".join([", ".join(sorted(needs)), ", ".join(sorted(regimen)), condition])[:500]


class RegimenMember(models.Model):
    """One medicine of a regimen, or plain words, which may name alternatives: "paclitaxel or nab-paclitaxel"."""

    indication = models.ForeignKey(Indication, on_delete=models.CASCADE, related_name="members")
    position = models.PositiveSmallIntegerField(_("position"), default=0, db_default=0)
    drug = models.ForeignKey(
        Drug,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="regimens",
        verbose_name=_("medicine"),
    )
    words = models.CharField(
        _("or in words"),
        max_length=120,
        blank=True,
        default="",
        db_default="",
        help_text=_("platinum chemotherapy"),
    )

    class Meta:
        ordering = ("position", "pk")
        verbose_name = _("member of the regimen")
        verbose_name_plural = _("regimen")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(drug__isnull=False, words="")
                | models.Q(drug__isnull=True) & ~models.Q(words=""),
                name="regimen_member_drug_or_words",
                violation_error_message=_("Choose a medicine, or write words, not both."),
            ),
            models.UniqueConstraint(
                fields=["indication", "drug"],
                condition=models.Q(drug__isnull=False),
                name="regimen_member_once",
                violation_error_message=_("A regimen names each medicine once."),
            ),
        ]

    def __str__(self) -> str:
        """As files have it."""
        return self.drug.slug if self.drug else self.words


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
    """A test result an indication asks for, so that it can be computed: which biomarker, on which scale, how much."""

    class Scale(models.TextChoices):
        TPS = "TPS", _("TPS: percent of tumor cells")
        CPS = "CPS", _("CPS: combined positive score")
        TUMOR_CELLS = "TC", _("TC: percent of tumor cells, another test")
        IMMUNE_CELLS = "IC", _("IC: percent of the tumor covered by immune cells")
        UNNAMED = "unnamed", _("A number on a scale that the regulator does not name")
        PER_MEGABASE = "per-megabase", _("Mutations per megabase")
        PRESENT = "present", _("Present, positive, changed")
        ABSENT = "absent", _("Absent, negative")
        NO_CHANGE = "no-change", _("No change: wild type")
        HIGH = "high", _("High")
        MSI_HIGH = "MSI-high", _("MSI-high or mismatch repair deficient")
        NOT_MSI_HIGH = "not-MSI-high", _("Not MSI-high, mismatch repair proficient")

    indication = models.ForeignKey(Indication, on_delete=models.CASCADE, related_name="requirements")
    biomarker = models.ForeignKey(Biomarker, on_delete=models.PROTECT, related_name="requirements")
    # Empty only in a row that the release before wrote.
    scale = models.CharField(_("scale"), max_length=20, choices=Scale.choices, db_default="")
    at_least = models.DecimalField(_("at least"), max_digits=6, decimal_places=2, null=True, blank=True)
    below = models.DecimalField(_("less than"), max_digits=6, decimal_places=2, null=True, blank=True)
    any_of = models.PositiveSmallIntegerField(
        _("any of group"),
        null=True,
        blank=True,
        help_text=_("Of the requirements with the same number one is enough."),
    )
    level = models.CharField(
        _("level"), max_length=120, help_text=_("As the regulator writes it: TPS 50% or more.")
    )

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["indication", "biomarker", "scale"], name="requirement_once_per_scale"
            )
        ]

    # The scales that count.
    COUNTED = (Scale.TPS, Scale.CPS, Scale.TUMOR_CELLS, Scale.IMMUNE_CELLS, Scale.UNNAMED, Scale.PER_MEGABASE)

    def __str__(self) -> str:
        return f"{self.biomarker}: {self.level}"
