"""Urgent signs: what a person notices, and how fast to act in each treatment group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Self

from django.conf import settings
from django.core.checks import CheckMessage
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from content.lines import LinesField
from content.models.column import Column
from content.models.fact import FactQuerySet, FactWords, TabledFact, in_language
from content.models.side_effect import SideEffectContent
from content.models.treatment_group import OF_ALL, GroupWordsField, TreatmentGroup

_GROUPS = tuple(TreatmentGroup.values)
# So many of a group's signs stand first on its cards.
GRAVEST = 5


class SignQuerySet(FactQuerySet["Sign"]):
    def with_everything(self) -> Self:
        """All a card shows of a sign, in a fixed number of queries."""
        return self.with_parts().select_related("source").prefetch_related("more_sources", "lay_words")

    def with_parts(self) -> Self:
        return self.prefetch_related("texts", "levels")


class Sign(TabledFact):
    """One thing a person notices. `key` names it for good; `levels` says how fast to act, group by group."""

    PARTS, DERIVED = ("texts", "levels"), ("held",)
    NAME, FOLDER, SUBJECT, ONE_LIST = "sign", "signs", ("body_part",), True
    COLUMNS = (
        Column("key"),
        Column("words", of_words=True),
        Column("when", of_words=True),
        Column("lay", "words", beside="lay_words"),
        Column("side_effects", kind="side-effect"),
        Column("medicines", kind="drug"),
        Column("without_treatment"),
        Column("urgency", "level", of="levels", by="group", keys=_GROUPS, every=OF_ALL),
        Column("by_judgement", of="levels", by="group", keys=_GROUPS, every=OF_ALL),
        Column("gravest", of="levels", by="group", keys=_GROUPS),
        Column("qualifiers", of_words=True, keys=_GROUPS),
    )

    class Level(models.TextChoices):
        """The most urgent first."""

        EMERGENCY = "emergency", _("Emergency: call the emergency number")
        SAME_DAY = "same_day", _("Call your team today")
        NEXT_VISIT = "next_visit", _("Tell your team at the next visit")

    key = models.SlugField(max_length=80, help_text=_("Names this sign for good, in the whole library."))
    body_part = models.CharField(
        _("part of the body"), max_length=30, choices=SideEffectContent.BodySystem.choices
    )
    side_effects = LinesField(
        _("side effects it can point to"), help_text=_("Slugs of side effects, one a line.")
    )
    medicines = LinesField(
        _("only with these medicines"),
        help_text=_("Slugs, one a line. It is told where one of them is. Empty: with all of its groups."),
    )
    without_treatment = models.BooleanField(
        _("also on pages about no treatment"),
        default=False,
        db_default=False,
        help_text=_("Stands on pages of cancers and on guides, as urgent as in any group."),
    )

    # What cards need of its levels, without a query of their own: group -> [level, rank or null, by judgement].
    held = models.JSONField(default=dict, db_default={}, editable=False)

    objects: ClassVar = SignQuerySet.as_manager()

    class Meta(TabledFact.Meta):
        ordering = ("body_part", "pk")
        constraints = [
            *TabledFact.Meta.constraints,
            models.UniqueConstraint(
                fields=["key"],
                condition=models.Q(state="approved"),
                name="sign_key_once",
                violation_error_message=_("There already is an approved sign with this key."),
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def subjects(self) -> set[tuple[str, str]]:
        """The side effects it can point to. The treatments it stands with are known by their groups."""
        return {("side-effect", slug) for slug in self.side_effects}

    def derive(self, parts: Mapping[str, Sequence[models.Model]]) -> bool:
        levels = [row for row in parts["levels"] if isinstance(row, SignLevel)]
        before = self.held
        self.held = {row.group: [row.level, row.gravest, row.by_judgement] for row in levels}
        return self.held != before

    @property
    def urgency(self) -> dict[str, str]:
        """Treatment group -> level, of an approved row."""
        return {group: level for group, (level, _rank, _judged) in self.held.items()}

    @property
    def gravest(self) -> dict[str, int]:
        """Treatment group -> rank from 1, for those of which it is one of the gravest signs."""
        return {group: rank for group, (_level, rank, _judged) in self.held.items() if rank}

    @property
    def judged(self) -> list[str]:
        """The groups whose level no text gives."""
        return [group for group, (_level, _rank, judged) in self.held.items() if judged]

    @property
    def lay(self) -> list[str]:
        """What else people call it, in English. Prefetch `lay_words` when listing."""
        return self.lay_in("en")

    def lay_in(self, language: str) -> list[str]:
        rows = self.lay_words.all() if self.pk else LayWords.objects.filter(key=self.key)
        return next((row.words for row in rows if row.language == language), [])

    def text_in(self, language: str) -> SignText | None:
        """The reader's words in `language`, or the English ones. Prefetch `texts` when listing."""
        return in_language(self.texts.all(), language)


class SignLevel(models.Model):
    """How fast people of one treatment group must act on a sign."""

    sign = models.ForeignKey(Sign, on_delete=models.CASCADE, related_name="levels")
    group = models.CharField(_("treatment group"), max_length=30, choices=TreatmentGroup.choices)
    level = models.CharField(_("how fast to act"), max_length=12, choices=Sign.Level.choices)
    gravest = models.PositiveSmallIntegerField(
        _("rank among the gravest"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(GRAVEST)],
        help_text=_("1 to 5: they stand first on the card of their level. Empty for the others."),
    )
    by_judgement = models.BooleanField(
        _("rests on judgement"),
        default=False,
        db_default=False,
        help_text=_("No text gives this level for this group."),
    )

    class Meta:
        verbose_name = _("how fast to act")
        verbose_name_plural = _("how fast to act")
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["sign", "group"], name="sign_level_once_per_group"),
            models.CheckConstraint(
                condition=models.Q(gravest__isnull=True) | models.Q(gravest__gte=1, gravest__lte=GRAVEST),
                name="sign_level_gravest_in_range",
            ),
        ]

    def __str__(self) -> str:
        rank = f" ({self.gravest})" if self.gravest else ""
        judged = f", {_('rests on judgement')}" if self.by_judgement else ""
        return f"{self.get_group_display()}: {self.get_level_display()}{rank}{judged}"


class SignText(FactWords):
    """The words of a sign in one language."""

    sign = models.ForeignKey(Sign, on_delete=models.CASCADE, related_name="texts")
    words = models.CharField(_("words"), max_length=200, help_text=_("As a reader would say it."))
    when = models.CharField(
        _("when it comes"), max_length=250, blank=True, default="", db_default="",
        help_text=_("In a sentence: at any time, or mostly when."),
    )  # fmt: skip
    qualifiers = GroupWordsField(
        _("what to add for a group"),
        default=dict,
        db_default={},
        blank=True,
        help_text=_("One line a group: car-t: also with no fever"),
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sign", "language"], name="sign_text_per_language")]

    def __str__(self) -> str:
        return self.words


class ToRowsOfKey(models.ForeignObject):
    """To all rows of one key, of which there is one for each wording."""

    def _check_unique_target(self) -> list[CheckMessage]:
        return []


class LayWords(models.Model):
    """What people call a sign in one language. Edited in place: they help to find it and are never shown as a claim."""

    key = models.SlugField(_("sign"), max_length=80)
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, default="en", db_default="en"
    )
    words = LinesField(_("lay words"), help_text=_("As people type them, in small letters; one a line."))
    signs: models.ForeignObject = ToRowsOfKey(
        Sign,
        on_delete=models.DO_NOTHING,
        from_fields=["key"],
        to_fields=["key"],
        related_name="lay_words",
        editable=False,
        null=True,
    )

    class Meta:
        verbose_name = _("lay words of a sign")
        verbose_name_plural = _("lay words of signs")
        ordering = ("key", "language")
        constraints = [models.UniqueConstraint(fields=["key", "language"], name="lay_words_per_language")]

    def __str__(self) -> str:
        return f"{self.key} ({self.language})"
