"""What waits for somebody: one line for each kind of work their role gives them, with a number."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from djangocms_versioning.constants import DRAFT
from djangocms_versioning.models import Version

from content.models import Clinician
from content.review import stack, workflow
from content.text.hints import Words
from immuno_site.consultations import who_asks
from immuno_site.consultations.admin.views import counted, views_for
from immuno_site.consultations.models import ConsultationRequest, Feedback, OutgoingMail
from immuno_site.consultations.models.request import WARN_BEFORE
from immuno_site.staff import day


@dataclass(frozen=True)
class Task:
    """Work of one kind. `words` say more than the number; nothing waits where the number is 0."""

    title: Words
    number: int
    url: str
    words: str = ""
    cannot_wait: bool = False


def tasks_for(user: User, *, now: datetime.datetime) -> list[Task]:
    """What cannot wait first."""
    kinds = (
        _closed_form(user),
        _requests(user, now),
        _remarks(user),
        _day(user, now),
        _drafts(user),
        _facts(user),
        _unchecked(user),
        _letters(user, now),
    )
    tasks = [task for kind in kinds for task in kind]
    return sorted(tasks, key=lambda task: not task.cannot_wait)


def _closed_form(user: User) -> Iterator[Task]:
    may_open = user.has_perm("content.change_siteprofile")
    if not may_open and not user.has_perm("consultations.view_consultationrequest"):
        return
    if unsaid := who_asks.unsaid():
        url = reverse("admin:content_siteprofile_changelist" if may_open else "consultations:start")
        words = gettext("the site profile does not say: %s") % ", ".join(map(str, unsaid))
        yield Task(_("The request form is closed"), len(unsaid), url, words, cannot_wait=True)


def _requests(user: User, now: datetime.datetime) -> Iterator[Task]:
    if not user.has_perm("consultations.view_consultationrequest"):
        return
    rows = ConsultationRequest.objects.visible_to(user)
    numbers = counted(rows, views_for(user, now=now), now=now)
    late, mine, unowned = numbers["late"], numbers["mine"], numbers["unowned"]
    news, covered, step = numbers["news"], numbers["covered"], numbers["step"]
    words = [
        ngettext("%d is late", "%d are late", late) % late if late else "",
        ngettext("%d is yours", "%d are yours", mine) % mine if mine else "",
        ngettext("nobody has %d", "nobody has %d", unowned) % unowned if unowned else "",
        ngettext("you stand in for %d", "you stand in for %d", covered) % covered if covered else "",
        ngettext("%d has news", "%d have news", news) % news if news else "",
        ngettext("a step is due in %d", "a step is due in %d", step) % step if step else "",
    ]
    yield Task(
        _("Requests to answer"),
        numbers["queue"],
        reverse("admin:consultations_consultationrequest_changelist"),
        ", ".join(filter(None, words)),
        cannot_wait=bool(late),
    )
    yield from _suspected(numbers)
    if numbers["soon_erased"]:
        yield Task(
            format_lazy(_("Open requests erased within {days} days"), days=WARN_BEFORE.days),
            numbers["soon_erased"],
            reverse("admin:consultations_consultationrequest_changelist") + "?view=soon_erased",
            gettext("nobody has worked on them for long"),
            cannot_wait=True,
        )


def _suspected(numbers: dict[str, int]) -> Iterator[Task]:
    """Counted apart, never left out: some of them are people who were promised a reply."""
    late, urgent = numbers["suspected_late"], numbers["suspected_urgent"]
    words = [
        ngettext("%d is late", "%d are late", late) % late if late else "",
        ngettext("%d has urgent words", "%d have urgent words", urgent) % urgent if urgent else "",
    ]
    if numbers["suspected"]:
        yield Task(
            _("Suspected spam to look at"),
            numbers["suspected"],
            reverse("admin:consultations_consultationrequest_changelist") + "?view=suspected",
            ", ".join(filter(None, words)) or gettext("spam, or a person"),
            cannot_wait=bool(late or urgent),
        )


def _remarks(user: User) -> Iterator[Task]:
    if user.has_perm("consultations.view_feedback"):
        url = reverse("admin:consultations_feedback_changelist")
        suspected = Feedback.objects.suspected().count()
        words = gettext("%d more may be spam") % suspected if suspected else ""
        yield Task(_("Remarks on pages to read"), Feedback.objects.open().count(), url, words)


def _day(user: User, now: datetime.datetime) -> Iterator[Task]:
    """For who changes texts: one step to what is overdue."""
    if day.may_see(user) and user.has_perm("content.change_drug"):
        overdue, soon = day.numbers_due(today=timezone.localdate(now))
        words = gettext("%d more within 30 days") % soon if soon else ""
        yield Task(_("Overdue checks"), overdue, reverse("day") + "?show=overdue", words)


def _drafts(user: User) -> Iterator[Task]:
    """Counted only: whether a signature still holds takes reading each text, which is the desk's work."""
    if not user.has_perm("content.view_signoff"):
        return
    drafts, url = Version.objects.filter(state=DRAFT), reverse("admin:content_signoff_desk")
    if clinician := Clinician.objects.filter(user=user).first():
        yield Task(_("Drafts to sign off"), workflow.waiting_for(clinician).count(), url)
    else:
        yield Task(_("Drafts in work"), drafts.count(), url)


def _facts(user: User) -> Iterator[Task]:
    """Only kinds with drafts: lines of those that have none would hide the one that matters."""
    for fact in day.kinds_with_drafts(user):
        url = reverse(f"admin:content_{fact._meta.model_name}_changelist") + "?state__exact=draft"
        title = capfirst(fact._meta.verbose_name_plural or "")
        yield Task(title, fact.objects.drafts().count(), url, gettext("drafts to approve"))


def _unchecked(user: User) -> Iterator[Task]:
    """For a clinician: what readers see with a word that nobody has checked it."""
    if Clinician.objects.filter(user=user).exists() and user.has_perm("content.view_signoff"):
        number = sum(kind.objects.waiting().count() for kind in stack.KINDS)
        yield Task(_("Facts to check, by medicine"), number, reverse("admin:content_signoff_facts"))


def _letters(user: User, now: datetime.datetime) -> Iterator[Task]:
    if user.has_perm("consultations.view_outgoingmail") and (late := OutgoingMail.objects.late(now).count()):
        url = reverse("admin:consultations_outgoingmail_changelist")
        yield Task(_("Letters that did not leave"), late, url, cannot_wait=True)
