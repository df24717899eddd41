"""Facts: rows of their own that appear on many pages. A change supersedes; nothing approved is edited."""

from __future__ import annotations

import copy
import datetime
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from content.models.clinician import Clinician
from content.models.source import Source


class FactQuerySet(models.QuerySet):
    def approved(self) -> FactQuerySet:
        return self.filter(state=Fact.State.APPROVED)

    def with_sources(self) -> FactQuerySet:
        return self.select_related("source").prefetch_related("more_sources")

    def drafts(self) -> FactQuerySet:
        return self.filter(state=Fact.State.DRAFT)


class Fact(models.Model):
    """One dated, sourced statement: drafted, approved, and one day superseded or retired."""

    # Related rows that belong to the statement and are copied with it.
    PARTS: ClassVar[tuple[str, ...]] = ()

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        APPROVED = "approved", _("Approved")
        RETIRED = "retired", _("Retired")

    class Review(models.TextChoices):
        NONE = "", _("Not approved yet")
        UNREVIEWED = "unreviewed", _("Not checked by a clinician")
        REVIEWED = "reviewed", _("Checked by a clinician")

    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT, editable=False)
    review_state = models.CharField(
        max_length=10, choices=Review.choices, default=Review.NONE, blank=True, editable=False
    )
    approved_on = models.DateField(_("approved here on"), null=True, blank=True, editable=False)
    reviewer = models.ForeignKey(
        Clinician, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    supersedes = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="superseded_by",
    )
    first = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        help_text=_("The first row of this statement, of which this one is a later wording."),
    )
    source = models.ForeignKey(
        Source,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("main source"),
    )
    more_sources = models.ManyToManyField(
        Source, blank=True, related_name="+", verbose_name=_("further sources")
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = FactQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="approved")
                | (
                    models.Q(source__isnull=False)
                    & models.Q(approved_on__isnull=False)
                    & ~models.Q(review_state="")
                ),
                name="%(class)s_approved_has_source_review_date",
                violation_error_message=_("An approved fact needs a source, a review state and a date."),
            ),
            models.CheckConstraint(
                condition=~models.Q(review_state="reviewed") | models.Q(reviewer__isnull=False),
                name="%(class)s_reviewed_has_reviewer",
                violation_error_message=_("A checked fact names who checked it."),
            ),
        ]

    def save(self, **kwargs: object) -> None:
        if self.pk and not kwargs.get("update_fields") and self._stored_state() != self.State.DRAFT:
            raise PermissionDenied(
                _("An approved fact is never edited. Propose a new one that supersedes it.")
            )
        super().save(**kwargs)

    def _stored_state(self) -> str:
        return type(self).objects.values_list("state", flat=True).get(pk=self.pk)

    @transaction.atomic
    def propose(self, *, by: AbstractBaseUser | None) -> Fact:
        """A draft that starts as this row and will supersede it. There is one at a time."""
        if waiting := type(self).objects.drafts().filter(supersedes=self).first():
            return waiting
        draft = copy.copy(self)
        draft.pk, draft._state = None, models.base.ModelState()
        draft.state, draft.review_state = self.State.DRAFT, self.Review.NONE
        draft.approved_on, draft.reviewer = None, None
        draft.supersedes, draft.created_by = self, by
        draft.first_id = self.first_id or self.pk
        draft.save()
        draft.more_sources.set(self.more_sources.all())
        for name in self.PARTS:
            for part in getattr(self, name).all():
                part.pk, part._state = None, models.base.ModelState()
                setattr(part, getattr(self, name).field.name, draft)
                part.save()
        return draft

    def settle(self) -> None:
        """Called once a draft and all its parts are saved; kinds that derive a column do it here."""

    @transaction.atomic
    def approve(self, *, by: Clinician | None, now: datetime.date) -> None:
        """Makes the draft what readers see, in place of the fact it supersedes.

        `by` is the clinician who checked it; None says honestly that nobody has.
        """
        if self._stored_state() != self.State.DRAFT:
            raise PermissionDenied(_("Only a draft can be approved."))
        if self.supersedes and self.supersedes.state == self.State.APPROVED:
            self.supersedes.retire()
        counts = by is not None and not by.is_demo
        self.state = self.State.APPROVED
        self.review_state = self.Review.REVIEWED if counts else self.Review.UNREVIEWED
        self.reviewer = by
        self.approved_on = now
        self.save(update_fields=["state", "review_state", "reviewer", "approved_on"])

    def retire(self) -> None:
        """Takes the fact off every page; the row stays as the record of what was once shown."""
        self.state = self.State.RETIRED
        self.save(update_fields=["state"])

    @property
    def source_keys(self) -> list[str]:
        """Main source first, the others by key. Prefetch `more_sources` when listing."""
        first = [self.source.key] if self.source else []
        return first + sorted(source.key for source in self.more_sources.all())
