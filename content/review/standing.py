"""What a page may truthfully say of its review."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field

from cms.models import PageContent
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext_lazy as _

from content import prepared
from content.models import EntryContent, PageCheck, Publication, Source
from content.review.signing import Reviewable

# What a reader is told in so many places: one wording for a page, one for a fact.
NOT_CHECKED = {
    "page": _("No clinician has checked this page yet."),
    "fact": _("No clinician has checked this yet."),
}


@dataclass(frozen=True)
class Review:
    """What a page may truthfully say of its review."""

    status: str  # reviewed, unreviewed, overdue
    reviewer: str
    reviewed_on: datetime.date | None
    next_review_due: datetime.date
    written_by: str
    checked_on: datetime.date | None  # the newest day of reading in its list of sources; nothing without one
    unchecked: list[str] = field(default_factory=list)  # what of a signed page is not: 12 approved uses

    @property
    def is_overdue(self) -> bool:
        return self.next_review_due < datetime.date.today()


def publications_of(content: Reviewable) -> list[Publication]:
    """Every time a version of this entry or page went public in its language, newest first."""
    model = type(content)
    entry = content.page_id if isinstance(content, PageContent) else content.entry_id
    return prepared.ask(
        ("publications", model),
        lambda entry, language: _publications(model, entry, language),
        entry=entry,
        language=content.language,
    )


def _publications(model: type[Reviewable], entry: int, language: str) -> models.QuerySet[Publication]:
    same = {"page" if model is PageContent else "entry": entry}
    versions = model.admin_manager.filter(language=language, **same)
    return Publication.objects.filter(
        version__content_type=ContentType.objects.get_for_model(model),
        version__object_id__in=versions.order_by().values_list("pk", flat=True),
    ).select_related("sign_off__reviewer", "version")


def review_of(
    content: EntryContent | PageCheck,
    publication: Publication | None,
    *,
    unchecked: list[str],
    sources: Iterable[Source],
) -> Review:
    """The weakest of the page's own review and that of the facts it shows; `unchecked` names those by number."""
    read = [source.checked_on for source in sources]
    sign_off = publication.sign_off if publication and _counts(publication) else None
    due = content.next_check_due or datetime.date.today()  # an unfinished draft has no day yet
    due = min(due, sign_off.next_review_due) if sign_off else due
    status = "reviewed" if sign_off and not unchecked else "unreviewed"
    if status == "reviewed" and due < datetime.date.today():
        status = "overdue"
    return Review(
        status=status,
        reviewer=f"{sign_off.reviewer.name}, {sign_off.reviewer.role}" if sign_off else "",
        reviewed_on=sign_off.signed_on if sign_off else None,
        next_review_due=due,
        written_by=content.written_by,
        checked_on=max(filter(None, [content.checked_on, *read])) if read else None,
        unchecked=unchecked if sign_off else [],
    )


def _counts(publication: Publication | None) -> bool:
    return bool(publication and publication.sign_off and not publication.sign_off.reviewer.is_demo)
