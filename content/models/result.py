"""Results: what one trial found, of 100 people, for and against a treatment."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Self

from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from content.figures import FiguresField
from content.lines import LinesField
from content.models.cancer_type import CancerType
from content.models.column import Column, related
from content.models.drug import Drug
from content.models.fact import FactPart, FactQuerySet, FactWords, TabledFact, in_language
from content.models.former_slug import FormerSlug
from content.models.indication import Indication


class ResultQuerySet(FactQuerySet["Result"]):
    def with_everything(self) -> Self:
        """All a page shows of a result, in a fixed number of queries."""
        return self.with_parts().select_related("cancer", "source").prefetch_related("more_sources")

    def with_parts(self) -> Self:
        """Its words in every language, its groups and what was counted in them."""
        return self.prefetch_related("texts", "arms", "outcomes")

    def for_pages(self) -> Self:
        """What belongs to an approved row stands in it: one query, not six."""
        return self.select_related("cancer", "source")

    def settle(self, drafts: Iterable[Result]) -> None:
        """What pages read of it in one row, and on which medicines' pages it stands: those its groups name by slug."""
        drafts = list(drafts)
        super().settle(drafts)
        self._keep_parts(drafts)
        named = {row.pk: row.medicines for row in drafts}
        slugs = set().union(*named.values())
        former = FormerSlug.objects.filter(folder=Drug.folder, slug__in=slugs)
        now = dict(former.values_list("slug", "new_slug"))
        drugs = dict(Drug.objects.filter(slug__in={*slugs, *now.values()}).values_list("slug", "pk"))
        known = {slug: drugs[now.get(slug, slug)] for slug in slugs if now.get(slug, slug) in drugs}
        joins = Result.drugs.through._default_manager
        joins.filter(result__in=named).delete()
        joins.bulk_create(
            joins.model(result_id=row, drug_id=known[slug])
            for row, its in named.items()
            for slug in sorted(its & known.keys())
        )

    def _keep_parts(self, drafts: list[Result]) -> None:
        joins = Result.more_sources.through._default_manager.filter(result__in=drafts)
        sources = list(joins.order_by("source__key").values_list("result", "source__key"))
        for row in drafts:
            row.kept = {name: [_as_data(part) for part in getattr(row, name).all()] for name in row.PARTS}
            row.kept["more_sources"] = [key for pk, key in sources if pk == row.pk]
        Result.objects.bulk_update(drafts, ["kept"])


def _as_data(part: models.Model) -> dict[str, object]:
    return {
        field.name: field.value_from_object(part)
        for field in part._meta.concrete_fields
        if not field.primary_key and not field.is_relation
    }


class Result(TabledFact):
    """One trial or one pooled analysis: one population, one way of counting, one look at the data."""

    PARTS = ("texts", "arms", "outcomes")
    NAME, FOLDER, SUBJECT = "result", "results", ("cancer",)
    KEY_IN_LIBRARY = "key"
    COLUMNS = (
        Column("key"),
        Column("trial"),
        Column("registry_id"),
        Column("setting"),
        Column("randomized"),
        Column("people"),
        Column("population", of_words=True),
        Column("analysis", of_words=True),
        Column("analysis_on"),
        Column(
            "arms",
            parts=(
                Column("name", "arm_names", by_position=True),
                Column("medicines", kind="drug", may_be_words=True),
                Column("people"),
            ),
        ),
        Column(
            "outcomes",
            parts=(
                Column("kind"),
                Column("what", "outcome_whats", by_position=True),
                Column("when", "outcome_whens", by_position=True),
                Column("values"),
                Column("low"),
                Column("high"),
                Column("median_months"),
                Column("status"),
            ),
        ),
    )

    key = models.SlugField(max_length=80, help_text=_("Names this result for good, in the whole library."))
    cancer = models.ForeignKey(CancerType, on_delete=models.PROTECT, related_name="results")
    trial = models.CharField(_("trial"), max_length=80, help_text=_("As it is called: KEYNOTE-024."))
    registry_id = models.CharField(
        _("number in the public register"), max_length=40, blank=True, default="", db_default=""
    )
    setting = models.CharField(_("setting"), max_length=20, choices=Indication.Setting.choices)
    randomized = models.BooleanField(
        _("chance decided who had which treatment"),
        default=True,
        db_default=True,
        help_text=_("Not for one group alone: readers are told that there was no comparison."),
    )
    people = models.PositiveIntegerField(
        _("number of people"),
        null=True,
        blank=True,
        help_text=_("All whose figures these are, in all groups. Empty if the source does not say."),
    )
    analysis_on = models.DateField(
        _("data up to"), null=True, blank=True, help_text=_("The last day that was counted, if it is known.")
    )
    # Both follow from the groups, words and outcomes when the row is approved; from then on nothing of it changes.
    drugs = models.ManyToManyField(Drug, related_name="results", blank=True, editable=False)
    kept = models.JSONField(default=dict, db_default={}, blank=True, editable=False)

    objects: ClassVar = ResultQuerySet.as_manager()

    class Meta(TabledFact.Meta):
        ordering = ("cancer__slug", Coalesce("first", "pk"))
        constraints = [
            *TabledFact.Meta.constraints,
            models.UniqueConstraint(
                fields=["key"],
                condition=models.Q(state="approved"),
                name="result_once",
                violation_error_message=_("This key names another result already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.trial}: {self.key}"

    @property
    def medicines(self) -> set[str]:
        """What its groups were given, as slugs or words. Prefetch `arms` when listing drafts."""
        return {medicine for arm in self.arm_rows for medicine in arm.medicines}

    def rows_of(self, relation: str) -> list[models.Model]:
        """As they were approved, without a query; of a draft as they are."""
        if self.state == self.State.DRAFT or not self.kept:
            return super().rows_of(relation)
        model = related(type(self), relation)
        return [model(**said) for said in self.kept[relation]]

    @property
    def arm_rows(self) -> list[ResultArm]:
        return [row for row in self.rows_of("arms") if isinstance(row, ResultArm)]

    @property
    def outcome_rows(self) -> list[ResultOutcome]:
        return [row for row in self.rows_of("outcomes") if isinstance(row, ResultOutcome)]

    @property
    def source_keys(self) -> list[str]:
        """Main source first, the others by key."""
        if self.state == self.State.DRAFT or not self.kept:
            return super().source_keys
        return [*([self.source.key] if self.source else []), *self.kept["more_sources"]]

    @property
    def subjects(self) -> set[tuple[str, str]]:
        """What the row is about, as (kind, slug). A trial of a medicine is no approved use of it."""
        return {("cancer", self.cancer.slug)}

    @property
    def mentions(self) -> set[tuple[str, str]]:
        """Every entry the row names, and words where a medicine has no slug. Prefetch `arms` when listing drafts."""
        return self.subjects | {("drug", medicine) for medicine in self.medicines}

    def text_in(self, language: str) -> ResultText | None:
        """The reader's words in `language`, or the English ones. Prefetch `texts` when listing drafts."""
        return in_language((row for row in self.rows_of("texts") if isinstance(row, ResultText)), language)


class ResultText(FactWords):
    """The words of a result in one language. Those of groups and outcomes stand in the order of their rows."""

    result = models.ForeignKey(Result, on_delete=models.CASCADE, related_name="texts")
    population = models.CharField(
        _("who was in it"), max_length=250, help_text=_("In plain words: Stage 4, PD-L1 of 50% or more.")
    )
    analysis = models.CharField(
        _("analysis"), max_length=250, help_text=_("Which look at the data: 5 years after the start.")
    )
    arm_names = LinesField(_("names of the groups"))
    outcome_whats = LinesField(_("what was counted"))
    outcome_whens = LinesField(_("until when"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["result", "language"], name="result_text_per_language")
        ]

    def __str__(self) -> str:
        return self.population


class ResultArm(FactPart):
    """A group of people who had the same treatment. The comparison comes last."""

    result = models.ForeignKey(Result, on_delete=models.CASCADE, related_name="arms")
    medicines = LinesField(
        _("medicines"), help_text=_("A drug's slug where there is one, else plain words; one a line.")
    )
    people = models.PositiveIntegerField(_("number of people"), null=True, blank=True)

    class Meta(FactPart.Meta):
        verbose_name = _("group")
        verbose_name_plural = _("groups")

    def __str__(self) -> str:
        medicines = ", ".join(self.medicines)
        return f"{medicines} ({self.people})" if self.people else medicines


class ResultOutcome(FactPart):
    """What was counted in every group: a good thing or a harm, in the same unit."""

    class Kind(models.TextChoices):
        BENEFIT = "benefit", _("Benefit")
        HARM = "harm", _("Harm")

    class Status(models.TextChoices):
        NOT_READ = "not-read", _("Not read: we could not read this number")

    result = models.ForeignKey(Result, on_delete=models.CASCADE, related_name="outcomes")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    values = FiguresField(_("of 100 people"), help_text=_("One number for each group, in their order."))
    low = FiguresField(
        _("at least"), help_text=_("The lower ends of what is likely, if the source has them.")
    )
    high = FiguresField(_("at most"))
    median_months = FiguresField(
        _("middle value, months"), help_text=_("Where the source has no share of people.")
    )
    status = models.CharField(
        _("status"), max_length=10, blank=True, default="", db_default="", choices=Status.choices
    )

    class Meta(FactPart.Meta):
        verbose_name = _("outcome")
        verbose_name_plural = _("outcomes")

    def __str__(self) -> str:
        figures = ", ".join(map(str, self.values or self.median_months)) or self.get_status_display()
        ends = "; ".join(f"{low} to {high}" for low, high in zip(self.low, self.high, strict=False))
        return f"{self.get_kind_display()}: {figures}{f' ({ends})' if ends else ''}"
