"""Coverage: which text of a regulator the list of a medicine's uses was made from, and what of it is missing."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

from content.lines import LinesField
from content.models.drug import Drug
from content.models.indication import Indication
from content.models.source import Source


class Coverage(models.Model):
    """What was read of one regulator about one medicine. Edited in place; the admin keeps the log.

    No fact: it says how far the facts go. It counts for no page's review.
    """

    FOLDER = "coverage"  # in the library: a file for each medicine, a table for each regulator
    if TYPE_CHECKING:  # columns of foreign keys
        text_id: int | None

    drug = models.ForeignKey(Drug, on_delete=models.PROTECT, related_name="coverage")
    regulator = models.CharField(_("regulator"), max_length=10, choices=Indication.Regulator.choices)
    text = models.ForeignKey(
        Source,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("text that was read"),
        help_text=_("Its own age stands on the source. Empty: nobody has read a text of this regulator."),
    )
    newest = models.CharField(
        _("newest known revision"),
        max_length=60,
        blank=True,
        default="",
        db_default="",
        help_text=_("Of which we know, read or not: 2026-07, revision 07/2026."),
    )
    newest_on = models.DateField(
        _("newest known revision, as a day"),
        null=True,
        blank=True,
        help_text=_("The same as a day, to compare it; the first day of a month."),
    )
    newest_from = models.ForeignKey(
        Source,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("known from"),
    )
    uses = models.PositiveSmallIntegerField(
        _("uses in that text"),
        null=True,
        blank=True,
        help_text=_("Counted as rows are entered here: one regimen, one cancer, one setting."),
    )
    complete = models.BooleanField(
        _("complete"), default=False, db_default=False, help_text=_("Every use in that text is entered.")
    )
    gaps = LinesField(
        _("known gaps"),
        help_text=_(
            "Uses known to be missing, one a line, by slugs: a cancer, then what is given with it. "
            "kidney-cancer: axitinib"
        ),
    )

    class Meta:
        verbose_name = _("coverage")
        verbose_name_plural = _("coverage")
        ordering = ("drug__slug", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["drug", "regulator"],
                name="coverage_once",
                violation_error_message=_(
                    "This medicine has a row for this regulator already: edit that one."
                ),
            ),
            models.CheckConstraint(
                condition=models.Q(newest="", newest_on__isnull=True, newest_from__isnull=True)
                | ~models.Q(newest="") & models.Q(newest_from__isnull=False),
                name="coverage_newest_has_source",
                violation_error_message=_("Say where the newest known revision is known from."),
            ),
            models.CheckConstraint(
                condition=models.Q(text__isnull=False) | models.Q(uses__isnull=True, complete=False),
                name="coverage_counts_what_was_read",
                violation_error_message=_("Name the text that was read before you count its uses."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.drug}, {self.get_regulator_display()}"

    @property
    def text_of_on(self) -> datetime.date | None:
        return self.text.text_of_on if self.text else None

    @property
    def is_behind(self) -> bool:
        """Whether there is a revision that nobody has read."""
        read, newest = self.text_of_on, self.newest_on
        return bool(self.newest) and (read is None or newest is None or newest > read)

    def uses_on_record(self) -> int:
        """How many current uses of this medicine by this regulator readers see."""
        rows = Indication.objects.approved().filter(members__drug=self.drug_id, regulator=self.regulator)
        return rows.filter(status=Indication.Status.CURRENT).distinct().count()


def split_gap(gap: str) -> tuple[str, list[str]]:
    """The cancer of a missing use, and what is given with the medicine."""
    cancer, _colon, partners = gap.partition(":")
    return cancer.strip(), [name.strip() for name in partners.split("+") if name.strip()]
