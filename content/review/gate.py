"""The review gate: when a version may go public."""

from __future__ import annotations

from cms.models import PageContent
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from djangocms_versioning.constants import PUBLISHED
from djangocms_versioning.models import Version

from content.models import Publication
from content.review.signing import Reviewable, check_of, valid_sign_off, was_signed
from content.rules import page_address, rows

# The CMS pages (by reverse_id) that make no medical claim and need no clinician. The words above the list of side
# effects are not among them: they say what cannot wait.
NOT_MEDICAL = frozenset(
    {
        "home", "contact", "privacy", "accessibility", "about", "method", "medical-team", "who-pays-us",
        "list-biomarker", "list-cancer", "list-center", "list-drug", "list-glossary", "list-question", "list-therapy",
        "list-update",
    }
)  # fmt: skip
# So many of the page gate's findings fit into a message.
SHOWN_FINDINGS = 3


class PublishRefused(PermissionDenied):
    """The gate is shut; the message says what would open it."""


def is_medical(content: Reviewable) -> bool:
    """Everything is, but for the few CMS pages named above."""
    return not (isinstance(content, PageContent) and content.page.reverse_id in NOT_MEDICAL)


def medical(versions: models.QuerySet[Version]) -> models.QuerySet[Version]:
    """Those of them whose content `is_medical`, asked in SQL."""
    exempt = PageContent.admin_manager.filter(page__reverse_id__in=NOT_MEDICAL).order_by().values("pk")
    pages = ContentType.objects.get_for_model(PageContent)
    return versions.exclude(content_type=pages, object_id__in=exempt)


def why_not_publish(version: Version) -> str:
    """What keeps this version from going public, or an empty text."""
    content = version.content
    if reason := why_not_ready(content):
        return reason
    return why_not_signed(version)


def needs_signature(content: Reviewable) -> bool:
    return is_medical(content) and settings.CLINICAL_REVIEW != "label"


def why_not_signed(version: Version) -> str:
    """Where a clinician has to stand for it: that none does, or an empty text."""
    if not needs_signature(version.content):
        return ""
    sign_off = valid_sign_off(version)
    if sign_off is None:
        if was_signed(version):
            return _("The text was changed after it was signed off. It needs a new sign-off.")
        return _("No clinician has signed this version off yet.")
    if sign_off.reviewer.is_demo:
        return _("It was signed off by a demo account, which does not count.")
    return ""


def why_not_ready(content: Reviewable) -> str:
    """What is missing or wrong in the text itself, signed or not."""
    check = check_of(content)
    if is_medical(content) and (check is None or not check.change_note.strip()):
        return _("Say in the change note what is new; readers see it.")
    if isinstance(content, PageContent) and (
        reason := page_address.why_hidden(content) or page_address.why_astray(content)
    ):
        return reason
    findings = rows.what_blocks(content)
    if findings:
        first = " ".join(f"({finding.where}) {finding.message}" for finding in findings[:SHOWN_FINDINGS])
        return _("%(number)d things to put right before readers see it: %(first)s") % {
            "number": len(findings),
            "first": first,
        }
    return ""


def refuse_unready(version: Version) -> None:
    """The hard stop: raises, whoever publishes and however."""
    if reason := why_not_publish(version):
        raise PublishRefused(reason)


def record_publication(version: Version) -> None:
    """Our own record of what went public when, on whose word."""
    check = check_of(version.content)
    Publication.objects.create(
        version=version,
        published_at=timezone.now(),
        change_note=check.change_note if check else "",
        sign_off=valid_sign_off(version),
    )


def unsigned_public_versions() -> list[Version]:
    """Public medical versions that no clinician stands for: none may exist where review is required."""
    # In SQL, because a load balancer asks every few seconds: `standing._counts`, for all versions at once.
    unsigned = Version.objects.filter(state=PUBLISHED).exclude(publication__sign_off__reviewer__is_demo=False)
    return list(medical(unsigned))
