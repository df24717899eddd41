"""What a CMS page says of its own making: who wrote it, when it was held against its sources, what is new."""

from __future__ import annotations

from cms.extensions import PageContentExtension
from cms.extensions.extension_pool import extension_pool
from cms.models import PageContent
from django.db import models
from django.utils.translation import gettext_lazy as _

from content.models.sign_off import DraftEdit
from content.models.versions import must_be_draft


@extension_pool.register
class PageCheck(PageContentExtension):
    """One row for each version of a page; entries have the same on their own row."""

    MAX_CHECK_INTERVAL = 366

    written_by = models.CharField(_("written by"), max_length=120)
    checked_on = models.DateField(
        _("checked on"), help_text=_("The day somebody last held every sentence against its source.")
    )
    next_check_due = models.DateField(
        _("next check due"), help_text=_("At most a year later. After this day the page says it is overdue.")
    )
    change_note = models.CharField(
        _("change note"), max_length=250, help_text=_("What is new in this version. Readers see it.")
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(next_check_due__gt=models.F("checked_on")),
                name="page_check_next_check_after_check",
                violation_error_message=_("The next check must be due after the day of this check."),
            )
        ]

    def __str__(self) -> str:
        return str(self.extended_object)

    def save(self, **kwargs: object) -> None:
        must_be_draft(self.extended_object)
        super().save(**kwargs)
        DraftEdit.record(self.extended_object)

    def copy(self, target: PageContent, language: str) -> PageCheck:
        """A new draft starts with the old check; what changed is for its editor to say."""
        clone = PageCheck(
            extended_object=target,
            written_by=self.written_by,
            checked_on=self.checked_on,
            next_check_due=self.next_check_due,
        )
        clone.save()
        return clone
