"""The way of a draft: in work, sent, changes asked, signed, published. Each step tells whoever comes next."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping

from cms.models import PageContent
from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.mail import send_mail
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from djangocms_versioning.constants import DRAFT
from djangocms_versioning.models import Version

from content.models import Clinician, Handover, Publication, SignOff
from content.review import gate, signing
from content.review.texts import name_of


class State(models.TextChoices):
    """Where a version is, in words."""

    IN_WORK = "in-work", gettext_lazy("In work")
    SENT = "sent", gettext_lazy("Sent for sign-off")
    BACK = "back", gettext_lazy("Changes asked")
    SIGNED = "signed", gettext_lazy("Signed")
    PUBLISHED = "published", gettext_lazy("Published")
    PAST = "past", gettext_lazy("No longer public")


class StepRefused(PermissionDenied):
    """The draft stays where it is; the message says why."""


def state_of(version: Version, last: Handover | None) -> State:
    """Signed counts only while the text is the one that was signed. `last`: its last step."""
    if version.state != DRAFT:
        return State.PUBLISHED if version.state == "published" else State.PAST
    if signing.valid_sign_off(version):
        return State.SIGNED
    if last is None or last.step == Handover.Step.SIGNED:  # and changed since: the signature is void
        return State.IN_WORK
    return State.SENT if last.step == Handover.Step.SENT else State.BACK


def last_step(version: Version) -> Handover | None:
    rows = Handover.objects.filter(version=version).select_related("by", "to")
    return rows.prefetch_related("remarks").first()


def last_steps(versions: Iterable[Version]) -> dict[int, Handover]:
    """Of many, with one query."""
    rows = Handover.objects.filter(version__in=versions).select_related("by", "to").order_by("at", "pk")
    return {row.version_id: row for row in rows}


# --- Sent ----------------------------------------------------------------------------------------------------


def clinicians() -> models.QuerySet[Clinician]:
    """Who can be asked to sign."""
    return Clinician.objects.filter(is_demo=False, user__is_active=True).select_related("user")


def usual_reviewer(version: Version) -> Clinician | None:
    """Who signed this text last: they know it."""
    content = version.content
    same = {"page": content.page_id} if isinstance(content, PageContent) else {"entry": content.entry_id}
    versions = type(content).admin_manager.filter(language=content.language, **same).order_by().values("pk")
    signed = SignOff.objects.filter(
        version__content_type=version.content_type_id,
        version__object_id__in=versions,
        reviewer__in=clinicians(),
    )
    last = signed.select_related("reviewer").first()
    return last.reviewer if last else None


def why_not_send(version: Version, *, not_ready: str | None = None) -> str:
    """The reason it cannot be sent, or an empty text. `not_ready`: what the gate said of the text, if it was asked."""
    if version.state != DRAFT:
        return _("Only a draft can be sent.")
    if signing.valid_sign_off(version):
        return _("It is signed already.")
    return gate.why_not_ready(version.content) if not_ready is None else not_ready


@transaction.atomic
def send(
    version: Version,
    *,
    by: User,
    to: Clinician | None = None,
    words: str = "",
    publish_when_signed: bool = False,
) -> Handover:
    """Asks a clinician, or all of them, to read and sign it."""
    if reason := why_not_send(version):
        raise StepRefused(reason)
    step = Handover.objects.create(
        version=version,
        step=Handover.Step.SENT,
        by=by,
        to=to,
        words=words.strip(),
        publish_when_signed=publish_when_signed,
    )
    asked = [to] if to else list(clinicians())
    subject = _("To read and sign: %(name)s") % {"name": name_of(version.content)}
    tell((one.user for one in asked if one.user), subject, version, words)
    return step


@transaction.atomic
def send_many(versions: Iterable[Version], *, by: User) -> list[tuple[Version, str]]:
    """Each to who signed it last, else to whoever comes first; one letter to each person, however many are theirs.

    Returns those that were not sent, and why. What is signed goes public by itself.
    """
    left, asked = [], defaultdict(list)
    for version in versions:
        last = last_step(version)
        is_sent = last is not None and last.step == Handover.Step.SENT and version.state == DRAFT
        if reason := _("It was sent before, and waits.") if is_sent else why_not_send(version):
            left.append((version, reason))
            continue
        to = usual_reviewer(version)
        Handover.objects.create(
            version=version, step=Handover.Step.SENT, by=by, to=to, publish_when_signed=True
        )
        for clinician in [to] if to else clinicians():
            asked[clinician.user].append(name_of(version.content))
    for person, names in asked.items():
        subject = ngettext("To read and sign: %d text", "To read and sign: %d texts", len(names)) % len(names)
        _write([person] if person else [], subject, "\n".join(names), reverse("admin:content_signoff_desk"))
    return left


def drafts_by_step() -> models.QuerySet[Version]:
    """Every draft with its last `step` and whom it was `sent_to`."""
    steps = Handover.objects.filter(version=models.OuterRef("pk")).order_by("-at", "-pk")
    drafts: models.QuerySet[Version] = Version.objects.filter(state=DRAFT).annotate(
        step=models.Subquery(steps.values("step")[:1]), sent_to=models.Subquery(steps.values("to")[:1])
    )
    return drafts


def waiting_for(clinician: Clinician) -> models.QuerySet[Version]:
    """Drafts that were sent to this clinician, or to whoever comes first, and to nobody else since."""
    drafts = drafts_by_step()
    theirs = models.Q(sent_to=None) | models.Q(sent_to=clinician.pk)
    own = models.Q(created_by=clinician.user) | models.Q(edits__user=clinician.user)
    waiting: models.QuerySet[Version] = drafts.filter(theirs, step=Handover.Step.SENT)
    return waiting.exclude(pk__in=drafts.filter(own).values("pk"))


def for_desk(clinician: Clinician | None) -> models.QuerySet[Version]:
    """Drafts with medicine in them: those that wait for this clinician, then those that others have to do with, then
    the rest; the oldest first. Whether a signature still holds, the database cannot tell."""
    theirs = waiting_for(clinician).values("pk") if clinician else Version.objects.none().values("pk")
    place = models.Case(
        models.When(pk__in=theirs, then=0),
        models.When(step=Handover.Step.SENT, then=1),
        models.When(step=Handover.Step.SIGNED, then=2),
        models.When(step=Handover.Step.BACK, then=3),
        default=4,
    )
    drafts: models.QuerySet[Version] = gate.medical(drafts_by_step()).order_by(place, "created", "pk")
    return drafts


# --- Sent back -----------------------------------------------------------------------------------------------


@transaction.atomic
def ask_for_changes(version: Version, *, by: Clinician, words: str, remarks: Mapping[str, str]) -> Handover:
    """Back to who sent it, with what to change where."""
    said = {section: text.strip() for section, text in remarks.items() if text.strip()}
    if version.state != DRAFT or by.user is None:
        raise StepRefused(_("Only a draft can be sent back."))
    if not words.strip() and not said:
        raise StepRefused(_("Say what to change: beside a section, or in the note."))
    sent = last_step(version)
    step = Handover.objects.create(version=version, step=Handover.Step.BACK, by=by.user, words=words.strip())
    for section, text in said.items():
        step.remarks.create(section=section, words=text)
    writers = [sent.by if sent else version.created_by]
    subject = _("Changes asked: %(name)s") % {"name": name_of(version.content)}
    tell(writers, subject, version, words or " / ".join(said.values()))
    return step


# --- Signed --------------------------------------------------------------------------------------------------


def why_not_sign(version: Version, *, by: Clinician, not_ready: str | None = None) -> str:
    """The reason this clinician cannot sign it, or an empty text. No text is signed that could not go public."""
    if reason := signing.why_not_sign(version, by=by):
        return reason
    return gate.why_not_ready(version.content) if not_ready is None else not_ready


@transaction.atomic
def sign(
    version: Version,
    *,
    by: Clinician,
    next_review_due: datetime.date,
    seen: str,
    now: datetime.date,
    notes: str = "",
) -> SignOff:
    """Signs it, tells who sent it, and publishes it if they asked for that."""
    if reason := why_not_sign(version, by=by):
        raise StepRefused(reason)
    signed = signing.sign_off(
        version, by=by, next_review_due=next_review_due, seen=seen, now=now, notes=notes
    )
    sent = last_step(version)
    writer = sent.by if sent else version.created_by
    if by.user:  # who signs has an account; the types do not know
        Handover.objects.create(version=version, step=Handover.Step.SIGNED, by=by.user)
    publishes = bool(sent and sent.step == Handover.Step.SENT and sent.publish_when_signed)
    if publishes and may_publish(version, writer):
        version.publish(writer)
        subject = _("Signed and published: %(name)s") % {"name": name_of(version.content)}
    else:
        subject = _("Signed, ready to publish: %(name)s") % {"name": name_of(version.content)}
    tell([writer], subject, version, notes)
    return signed


# --- Published -----------------------------------------------------------------------------------------------


def may_publish(version: Version, user: User) -> bool:
    """Both the person may, and the gate is open: it is one of the conditions (`cms_patches`)."""
    return bool(version.check_publish.as_bool(user))


def ready_for(user: User) -> list[Version]:
    """Drafts whose signature holds and that this person may publish, the oldest first."""
    rows = list(Version.objects.filter(state=DRAFT, sign_offs__isnull=False).distinct().order_by("created"))
    signing.load(rows)
    return [version for version in rows if signing.valid_sign_off(version) and may_publish(version, user)]


def publish_signed(*, by: User) -> list[Version]:
    """Every text that is signed and may go public, with one decision."""
    ready = ready_for(by)
    for version in ready:
        version.publish(by)
    return ready


@transaction.atomic
def bring_back(publication: Publication, *, by: User) -> Version:
    """A draft with the text that readers saw then. A draft in work is put away first."""
    version = publication.version
    pks = version.versionable.for_content_grouping_values(version.content).values("pk")
    for draft in Version.objects.filter(content_type=version.content_type_id, object_id__in=pks, state=DRAFT):
        if not draft.check_archive.as_bool(by):
            raise StepRefused(_("A draft is in work, and your account may not put it away."))
        draft.archive(by)
    day = date_format(timezone.localtime(publication.published_at), "j F Y")
    copy: Version = version.copy(by)
    if check := signing.check_of(copy.content):
        check.change_note = _("The text of %(day)s again.") % {"day": day}
        check.save()
    return copy


def tell(people: Iterable[User], subject: str, version: Version, words: str) -> None:
    """A letter to each once the step is stored. What the text says stays on the site."""
    _write(people, subject, words, reverse("admin:content_signoff_read", args=[version.pk]))


def _write(people: Iterable[User], subject: str, words: str, path: str) -> None:
    message = "\n\n".join(filter(None, (subject, words.strip(), settings.SITE_URL + path)))
    addresses = sorted({person.email for person in people if person.email and person.is_active})

    def post() -> None:
        for recipient in addresses:
            send_mail(subject=subject, message=message, from_email=None, recipient_list=[recipient])

    transaction.on_commit(post)
