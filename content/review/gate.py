"""The review gate: what a clinician signs, when a version may go public, and what a page says of its review."""

from __future__ import annotations

import datetime
import hashlib
import json
from dataclasses import dataclass
from typing import NamedTuple

from cms.models import CMSPlugin, PageContent
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.core.mail import send_mail
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from djangocms_versioning.constants import DRAFT, PUBLISHED
from djangocms_versioning.models import Version

from content import prepared
from content.models import KINDS, Clinician, EntryContent, Fact, PageCheck, Publication, SignOff
from content.rules import page_address, rows

# Raise when `shown()` changes its form. A sign-off keeps the number it was made with.
DIGEST_FORMAT = 1

# The CMS pages (by reverse_id) that make no medical claim and need no clinician.
NOT_MEDICAL = frozenset({"home", "contact", "privacy", "accessibility"})

# So many of the page gate's findings fit into a message.
SHOWN_FINDINGS = 3

# Columns no reader sees, or that say nothing by themselves.
_NOT_SHOWN = frozenset({"id", "entry", "extended_object"})
_PLUGIN_PLUMBING = frozenset(field.name for field in CMSPlugin._meta.fields) | {"cmsplugin_ptr"}

Reviewable = EntryContent | PageContent


class ApprovalRefused(PermissionDenied):
    """A fact stays a draft; the message says why."""


class RetireRefused(PermissionDenied):
    """A fact stays on the site; the message says why."""


class PublishRefused(PermissionDenied):
    """The gate is shut; the message says what would open it."""


# --- What is signed ---------------------------------------------------------------------------------------


def shown(content: Reviewable) -> dict[str, object]:
    """Everything of this version that a reader can see, as plain data. Facts have their own approval."""
    if isinstance(content, PageContent):
        return _shown_of_page(content)
    values = _values(content, skip=_NOT_SHOWN)
    return {"kind": content.entry.kind, "slug": content.entry.slug, **values}


def _shown_of_page(content: PageContent) -> dict[str, object]:
    check = _check_of(content)
    return {
        "kind": "page",
        "title": content.title,
        "menu_title": content.menu_title,
        "page_title": content.page_title,
        "description": content.meta_description,
        "language": content.language,
        "redirect": content.redirect,
        "template": content.template,
        "check": _values(check, skip=_NOT_SHOWN) if check else {},
        "placeholders": {
            placeholder.slot: [
                _shown_of_plugin(plugin) for plugin in placeholder.get_plugins(content.language)
            ]
            for placeholder in content.get_placeholders()
        },
    }


def _shown_of_plugin(plugin: CMSPlugin) -> dict[str, object]:
    instance = plugin.get_bound_plugin()
    return {"type": plugin.plugin_type, **_values(instance, skip=_PLUGIN_PLUMBING)}


def _values(row: models.Model, *, skip: frozenset[str]) -> dict[str, object]:
    """Field name -> value; a foreign key by what it points to, so that keys may differ between databases."""
    return {
        field.name: str(getattr(row, field.name)) if field.is_relation else field.value_from_object(row)
        for field in sorted(row._meta.concrete_fields, key=lambda field: field.name)
        if field.name not in skip
    }


def digest(content: Reviewable) -> str:
    """SHA-256 over the canonical form of what is shown: 64 hexadecimal digits."""
    canonical = json.dumps(
        {"format": DIGEST_FORMAT, "shown": shown(content)}, sort_keys=True, ensure_ascii=False, default=str
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


# What an editor sets on a CMS page beside its blocks.
_PAGE_FIELDS = (
    "title", "menu_title", "page_title", "meta_description", "redirect", "slug", "overwrite_url", "template",
    "in_navigation", "soft_root", "limit_visibility_in_menu", "xframe_options",
)  # fmt: skip


def is_draft(content: Reviewable) -> bool:
    """A row without a version yet is one, too."""
    version = content.versions.first()
    return version is None or version.state == DRAFT


def differs_from_stored(content: PageContent) -> bool:
    stored = PageContent.admin_manager.filter(pk=content.pk).values(*_PAGE_FIELDS).first()
    return stored is not None and any(getattr(content, name) != value for name, value in stored.items())


def _check_of(content: Reviewable) -> EntryContent | PageCheck | None:
    """Where this version says who wrote and checked it, and what is new. Pages without medicine may say nothing."""
    if isinstance(content, EntryContent):
        return content
    return PageCheck.objects.filter(extended_object=content).first()


# --- Signing ----------------------------------------------------------------------------------------------


def why_not_sign(version: Version, *, by: Clinician) -> str:
    """The reason this clinician cannot sign this version, or an empty text."""
    if version.state != DRAFT:
        return _("Only a draft can be signed off.")
    if by.user_id is None or not by.user.is_active:
        return _("This clinician has no active account to sign off with.")
    if version.created_by_id == by.user_id or version.edits.filter(user_id=by.user_id).exists():
        return _("You changed this draft yourself. Somebody else has to check it.")
    return ""


@transaction.atomic
def sign_off(
    version: Version,
    *,
    by: Clinician,
    next_review_due: datetime.date,
    seen: str,
    now: datetime.date,
    notes: str = "",
) -> SignOff:
    """Records that `by` read the draft. `seen` is the digest of what they had on screen."""
    if reason := why_not_sign(version, by=by):
        raise PermissionDenied(reason)
    current = digest(version.content)
    if seen != current:
        raise PermissionDenied(_("The draft was changed while you read it. Read the new text and sign that."))
    return SignOff.objects.create(
        version=version,
        reviewer=by,
        signed_on=now,
        next_review_due=next_review_due,
        digest=current,
        digest_format=DIGEST_FORMAT,
        notes=notes,
    )


def public_version_of(content: Reviewable) -> Reviewable | None:
    """The content row readers see now, in the same language."""
    model = type(content)
    if isinstance(content, PageContent):
        return model.objects.filter(page=content.page_id, language=content.language).first()
    return model.objects.filter(entry=content.entry_id, language=content.language).first()


def valid_sign_off(version: Version) -> SignOff | None:
    """The latest sign-off that covers exactly the text the version has now."""
    newest = version.sign_offs.filter(digest_format=DIGEST_FORMAT).select_related("reviewer").first()
    if newest and newest.digest == digest(version.content):
        return newest
    return None


# --- The gate ---------------------------------------------------------------------------------------------


def is_medical(content: Reviewable) -> bool:
    """Everything is, but for the few CMS pages named above."""
    return not (isinstance(content, PageContent) and content.page.reverse_id in NOT_MEDICAL)


def why_not_publish(version: Version) -> str:
    """What keeps this version from going public, or an empty text."""
    content = version.content
    if reason := _why_not_ready(content):
        return reason
    if not is_medical(content) or settings.CLINICAL_REVIEW == "label":
        return ""
    sign_off = valid_sign_off(version)
    if sign_off is None:
        if version.sign_offs.exists():
            return _("The text was changed after it was signed off. It needs a new sign-off.")
        return _("No clinician has signed this version off yet.")
    if sign_off.reviewer.is_demo:
        return _("It was signed off by a demo account, which does not count.")
    return ""


def _why_not_ready(content: Reviewable) -> str:
    """What is missing or wrong in the text itself, signed or not."""
    check = _check_of(content)
    if is_medical(content) and (check is None or not check.change_note.strip()):
        return _("Say in the change note what is new; readers see it.")
    if isinstance(content, PageContent) and (reason := page_address.why_hidden(content)):
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
    check = _check_of(version.content)
    Publication.objects.create(
        version=version,
        published_at=timezone.now(),
        change_note=check.change_note if check else "",
        sign_off=valid_sign_off(version),
    )


def unsigned_public_versions() -> list[Version]:
    """Public medical versions that no clinician stands for: none may exist where review is required."""
    # In SQL, because a load balancer asks every few seconds: `_counts`, for all versions at once.
    unsigned = Version.objects.filter(state=PUBLISHED).exclude(publication__sign_off__reviewer__is_demo=False)
    return [version for version in unsigned if is_medical(version.content)]


def _counts(publication: Publication | None) -> bool:
    return bool(publication and publication.sign_off and not publication.sign_off.reviewer.is_demo)


# --- Facts ------------------------------------------------------------------------------------------------


def pages_showing(fact: Fact) -> list[EntryContent]:
    """The public pages this fact stands on, or will."""
    subjects = getattr(fact, "mentions", set())
    return [
        content
        for kind, slug in sorted(subjects)
        if kind in KINDS
        for content in KINDS[kind].objects.filter(entry__slug=slug).select_related("entry")
    ]


class Place(NamedTuple):
    """Where readers find a fact."""

    name: str
    url: str


def places_of(fact: Fact) -> list[Place]:
    """Its pages, and where a word or a question stands by itself."""
    places = [Place(page.name, page.get_absolute_url()) for page in pages_showing(fact)]
    return [*places, Place(str(fact), fact.address)] if fact.address else places


def why_not_approve(fact: Fact, *, by: AbstractBaseUser) -> str:
    """The reason this account cannot approve this fact, or an empty text."""
    if fact.state != Fact.State.DRAFT:
        return _("Only a draft can be approved.")
    if fact.supersedes and fact.supersedes.state == Fact.State.RETIRED:
        return _("The row it would replace was taken off the site. Make a new one.")
    if fact.source is None:
        return _("A fact needs its main source before it can be approved.")
    if not _may_judge(by):
        return _("Only a clinician can approve a fact. Your account is not linked to one.")
    if settings.CLINICAL_REVIEW == "required" and fact.created_by_id == by.pk:
        return _("You wrote this draft yourself. Somebody else has to check it.")
    findings = rows.what_blocks_fact(rows.fact_as_stored(fact))
    return " ".join(dict.fromkeys(finding.message for finding in findings))


def _may_judge(by: AbstractBaseUser) -> bool:
    """Who decides what readers see of the facts."""
    if settings.CLINICAL_REVIEW != "required":
        return True
    return Clinician.objects.filter(user=by, is_demo=False).exists()


@transaction.atomic
def approve_fact(fact: Fact, *, by: AbstractBaseUser, now: datetime.date) -> list[EntryContent]:
    """Approves a draft and tells the clinicians whose pages it changes. Returns those pages."""
    if reason := why_not_approve(fact, by=by):
        raise ApprovalRefused(reason)
    clinician = Clinician.objects.filter(user=by).first()
    wrote_it = fact.created_by_id == by.pk
    try:
        with transaction.atomic():
            fact.approve(by=None if wrote_it else clinician, now=now)
    except IntegrityError as error:  # all else a constraint asks for is asked by the form and above
        raise ApprovalRefused(
            _("An approved row says the same already. Propose a change of that one.")
        ) from error
    pages = pages_showing(fact)
    message = _("%(fact)s was approved. It stands on:\n%(pages)s")
    transaction.on_commit(lambda: _tell_reviewers(fact, pages, message))
    return pages


def why_not_retire(fact: Fact, *, by: AbstractBaseUser) -> str:
    """The reason this account cannot take this fact off the site, or an empty text."""
    if fact.state != Fact.State.APPROVED:
        return _("Only an approved row stands on the site.")
    if not _may_judge(by):
        return _("Only a clinician can take a fact off the site. Your account is not linked to one.")
    return ""


def why_not_reason(reason: str) -> str:
    """What is wrong with the words that tell readers why a fact was taken off, or an empty text."""
    if not reason:
        return _("Say why: readers of its pages are told.")
    longest = Fact._meta.get_field("retired_reason").max_length
    if len(reason) > longest:
        return _("Say it in at most %(number)d letters.") % {"number": longest}
    return " ".join(finding.message for finding in rows.what_blocks_words(reason))


@transaction.atomic
def retire_fact(fact: Fact, *, by: AbstractBaseUser, reason: str, now: datetime.date) -> list[EntryContent]:
    """Takes an approved fact off every page at once. Returns the pages it stood on; they say that it went, and why."""
    reason = " ".join(reason.split())
    if why_not := why_not_retire(fact, by=by) or why_not_reason(reason):
        raise RetireRefused(why_not)
    pages = pages_showing(fact)
    type(fact).objects.filter(pk=fact.pk).retire(by=by, reason=reason, now=now)
    fact.refresh_from_db()
    message = _("%(fact)s was taken off the site: %(reason)s\nIt stood on:\n%(pages)s")
    transaction.on_commit(lambda: _tell_reviewers(fact, pages, message))
    return pages


def _tell_reviewers(fact: Fact, pages: list[EntryContent], message: str) -> None:
    """One short mail to each clinician who signed a page on which the fact now stands, or stood."""
    signed = SignOff.objects.filter(version__in=[page.versions.first() for page in pages])
    addresses = set(signed.values_list("reviewer__user__email", flat=True)) - {"", None}
    names = "\n".join(f"- {page.name}: {settings.SITE_URL}{page.get_absolute_url()}" for page in pages)
    for address in sorted(addresses):
        send_mail(
            subject=_("A fact changed on a page you signed off"),
            message=message % {"fact": fact, "pages": names, "reason": fact.retired_reason},
            from_email=None,
            recipient_list=[address],
        )


# --- What a page says -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Review:
    """What a page may truthfully say of its review."""

    status: str  # reviewed, unreviewed, overdue
    reviewer: str
    reviewed_on: datetime.date | None
    next_review_due: datetime.date
    written_by: str
    checked_on: datetime.date
    facts_unreviewed: bool = False

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
        version__object_id__in=versions.order_by().values("pk"),
    ).select_related("sign_off__reviewer", "version")


def review_of(
    content: EntryContent | PageCheck, publication: Publication | None, *, facts_unreviewed: bool = False
) -> Review:
    """The weakest of the page's own review and that of the facts it shows."""
    sign_off = publication.sign_off if publication and _counts(publication) else None
    due = min(content.next_check_due, sign_off.next_review_due) if sign_off else content.next_check_due
    status = "reviewed" if sign_off and not facts_unreviewed else "unreviewed"
    if status == "reviewed" and due < datetime.date.today():
        status = "overdue"
    return Review(
        status=status,
        reviewer=f"{sign_off.reviewer.name}, {sign_off.reviewer.role}" if sign_off else "",
        reviewed_on=sign_off.signed_on if sign_off else None,
        next_review_due=due,
        written_by=content.written_by,
        checked_on=content.checked_on,
        facts_unreviewed=facts_unreviewed and sign_off is not None,
    )
