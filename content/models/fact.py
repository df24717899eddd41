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

    def drafts(self) -> FactQuerySet:
        return self.filter(state=Fact.State.DRAFT)

    def with_everything(self) -> FactQuerySet:
        """All a page shows of a fact, in a fixed number of queries."""
        return self.select_related("source").prefetch_related("more_sources")

    @transaction.atomic
    def approve(self, *, by: Clinician | None, now: datetime.date) -> None:
        """Makes these drafts what readers see, in place of the facts they supersede.

        `by` is the clinician who checked them; None says honestly that nobody has.
        """
        drafts = self.in_bulk()
        if any(draft.state != Fact.State.DRAFT for draft in drafts.values()):
            raise PermissionDenied(_("Only a draft can be approved."))
        chosen = self.model.objects.filter(pk__in=drafts)
        chosen.settle()
        old = self.model.objects.filter(pk__in={draft.supersedes_id for draft in drafts.values()})
        old.approved().retire()
        counts = by is not None and not by.is_demo
        chosen.update(
            state=Fact.State.APPROVED,
            review_state=Fact.Review.REVIEWED if counts else Fact.Review.UNREVIEWED,
            reviewer=by,
            approved_on=now,
        )

    def settle(self) -> None:
        """Just before approval, once all parts are saved: kinds that derive a column do it here."""

    def retire(self) -> None:
        """Takes the facts off every page; the rows stay as the record of what was once shown."""
        self.update(state=Fact.State.RETIRED)


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

    state = models.CharField(
        max_length=10, choices=State.choices, default=State.DRAFT, db_default=State.DRAFT, editable=False
    )
    review_state = models.CharField(
        max_length=10,
        choices=Review.choices,
        default=Review.NONE,
        db_default=Review.NONE,
        blank=True,
        editable=False,
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
        if self.state != self.State.APPROVED:
            raise PermissionDenied(_("Only an approved fact is changed by a proposal. Open the newest row."))
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

    def approve(self, *, by: Clinician | None, now: datetime.date) -> None:
        """Makes the draft what readers see; see `FactQuerySet.approve`."""
        type(self).objects.filter(pk=self.pk).approve(by=by, now=now)
        self.refresh_from_db()

    @property
    def source_keys(self) -> list[str]:
        """Main source first, the others by key. Prefetch `more_sources` when listing."""
        first = [self.source.key] if self.source else []
        return first + sorted(source.key for source in self.more_sources.all())
