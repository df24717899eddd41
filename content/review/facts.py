"""Facts approved and taken off: by whom, on which grounds, and who is told."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterator
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from content import directory
from content.models import (
    CancerTypeContent,
    Clinician,
    DrugContent,
    EntryContent,
    Fact,
    FactSignature,
    Indication,
    Result,
    Sign,
    SignOff,
    TherapyClassContent,
    content_models,
)
from content.models.cancer_type import ANY_SOLID_TUMOR, is_solid
from content.rules import fact_rows, rows


class ApprovalRefused(PermissionDenied):
    """A fact stays a draft; the message says why."""


class RetireRefused(PermissionDenied):
    """A fact stays on the site; the message says why."""


def pages_showing(fact: Fact) -> list[EntryContent]:
    """The public pages this fact stands on, or will."""
    named = [
        content
        for kind, slug in sorted(fact.mentions | _classes_of(fact))
        if kind in content_models()
        for content in content_models()[kind].objects.public(slug)
    ]
    return [*named, *_pages_by_group(fact)] if isinstance(fact, Sign) else named


def _pages_by_group(sign: Sign) -> Iterator[EntryContent]:
    """Of treatments whose people must know it, and of cancers that they are approved for."""
    groups, belongs_to = set(sign.urgency), set(sign.medicines)
    classes = list(TherapyClassContent.objects.with_entry())
    drugs = list(DrugContent.objects.with_entry())
    for content, of_page in directory.groups_of_all([*classes, *drugs]):
        slugs = {content.entry.slug} if isinstance(content, DrugContent) else directory.medicines_of(content)
        slugs |= directory.partners_of(slugs)
        treated = directory.groups_of_medicines(slugs, content.language).union(of_page)
        if not of_page or (groups & treated and (not belongs_to or belongs_to & slugs)):
            yield content
    medicines: dict[str, set[str]] = {}
    for use in Indication.objects.approved().with_everything():
        named = {kind: {slug for one, slug in use.subjects if one == kind} for kind in ("cancer", "drug")}
        for slug in named["cancer"] if use.is_current else ():
            medicines.setdefault(slug, set()).update(named["drug"])
    for cancer in CancerTypeContent.objects.with_entry():
        slugs = set(medicines.get(cancer.entry.slug, ()))
        if is_solid(cancer.entry.slug):
            slugs |= directory.told_on(cancer, medicines.get(ANY_SOLID_TUMOR, ()))
        treated = directory.groups_of_medicines(slugs, cancer.language)
        is_known = groups & treated and (not belongs_to or belongs_to & slugs)
        if is_known or (not treated and sign.without_treatment):
            yield cancer


def _classes_of(fact: Fact) -> set[tuple[str, str]]:
    """The therapies on whose pages a result stands: those of its medicines, and what they belong to."""
    if not isinstance(fact, Result):
        return set()
    contents = DrugContent.objects.filter(entry__slug__in=fact.medicines).order_by()
    classes = {
        content.therapy_class.slug
        for content in contents.select_related("therapy_class")
        if content.therapy_class
    }
    above = TherapyClassContent.objects.filter(entry__slug__in=classes).exclude(parent=None).order_by()
    classes |= {content.parent.slug for content in above.select_related("parent") if content.parent}
    return {("therapy", slug) for slug in classes}


class Place(NamedTuple):
    """Where readers find a fact."""

    name: str
    url: str


def places_of(fact: Fact) -> list[Place]:
    """Its pages, and where a word or a question stands by itself."""
    places = [Place(page.name, page.get_absolute_url()) for page in pages_showing(fact)]
    return [*places, Place(str(fact), fact.address)] if fact.address else places


def why_not_approve(fact: Fact, *, by: User) -> str:
    """The reason this account cannot approve this fact, or an empty text."""
    if fact.state != Fact.State.DRAFT:
        return _("Only a draft can be approved.")
    if fact.supersedes and fact.supersedes.state == Fact.State.RETIRED:
        return _("The row it would replace was taken off the site. Make a new one.")
    if fact.source is None:
        return _("A fact needs its main source before it can be approved.")
    if not _may_judge(by, fact):
        return _("Only a clinician can approve a fact. Your account is not linked to one.")
    if settings.CLINICAL_REVIEW == "required" and fact.created_by_id == by.pk:
        return _("You wrote this draft yourself. Somebody else has to check it.")
    findings = rows.what_blocks_fact(rows.fact_as_stored(fact))
    return " ".join(dict.fromkeys(finding.message for finding in findings))


def _may_judge(by: User, fact: Fact) -> bool:
    """Who decides what readers see of the facts: a clinician; of news about this site, who writes them."""
    if settings.CLINICAL_REVIEW != "required":
        return True
    if not fact.needs_clinician and by.has_perm(f"content.change_{fact._meta.model_name}"):
        return True
    return Clinician.objects.filter(user=by, is_demo=False).exists()


@transaction.atomic
def approve_fact(fact: Fact, *, by: User, now: datetime.date) -> list[EntryContent]:
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
    if clinician and fact.is_reviewed:
        record_signature(fact, by=clinician, now=now)
    pages = pages_showing(fact)
    message = _("%(fact)s was approved. It stands on:\n%(pages)s")
    transaction.on_commit(lambda: _tell_reviewers(fact, pages, message))
    return pages


def digest(fact: Fact) -> str:
    """SHA-256 over everything a row says, with the keys of its sources: 64 hexadecimal digits."""
    row = fact_rows.of_fact(fact)
    said = {"kind": row.kind, "table": row.table, "words": row.words}
    canonical = json.dumps(said, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def record_signature(fact: Fact, *, by: Clinician, now: datetime.date) -> None:
    """That this clinician stands for this row, as it is now."""
    kind = ContentType.objects.get_for_model(fact)
    FactSignature.objects.get_or_create(
        content_type=kind, object_id=fact.pk, reviewer=by, defaults={"signed_on": now, "digest": digest(fact)}
    )


def why_not_retire(fact: Fact, *, by: User) -> str:
    """The reason this account cannot take this fact off the site, or an empty text."""
    if fact.state != Fact.State.APPROVED:
        return _("Only an approved row stands on the site.")
    if not _may_judge(by, fact):
        return _("Only a clinician can take a fact off the site. Your account is not linked to one.")
    return ""


def why_not_reason(reason: str) -> str:
    """What is wrong with the words that tell readers why a fact was taken off, or an empty text."""
    if not reason:
        return _("Say why: readers of its pages are told.")
    longest = Fact._meta.get_field("retired_reason").max_length
    if longest is not None and len(reason) > longest:
        return _("Say it in at most %(number)d letters.") % {"number": longest}
    return " ".join(finding.message for finding in rows.what_blocks_words(reason))


@transaction.atomic
def retire_fact(fact: Fact, *, by: User, reason: str, now: datetime.date) -> list[EntryContent]:
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
