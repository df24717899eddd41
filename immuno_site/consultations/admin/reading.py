"""One request as a coordinator reads it: what the patient wrote, what we did, and the next steps."""

from __future__ import annotations

import datetime
import uuid
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from content.account import signed_in
from content.models import SiteProfile
from immuno_site.consultations import spam
from immuno_site.consultations.admin import steps
from immuno_site.consultations.admin.reply_facts import facts_of
from immuno_site.consultations.admin.room import REQUEST, opened, page, record, shown_absence
from immuno_site.consultations.admin.safety_script import safety_script
from immuno_site.consultations.admin.seen import Seen
from immuno_site.consultations.admin.step_forms import SendForm, StepForm
from immuno_site.consultations.clock import Clocks
from immuno_site.consultations.crypto import is_unreadable, unreadable_is_said
from immuno_site.consultations.files.preview import SHOWN
from immuno_site.consultations.models import AccessEvent, Conflict, ConsultationRequest, Draft, ReplyTemplate
from immuno_site.consultations.models.request import WARN_BEFORE
from immuno_site.consultations.patient_words import told
from immuno_site.consultations.records import described
from immuno_site.consultations.thread import showing

MOST_SHOWN = 50
# Steps that stand beside what they are about, not in the list of next steps.
ELSEWHERE = {
    "send",
    "send-wait",
    "send-close",
    "translate",
    "new-code",
    "new-code-aloud",
    "came",
    "correct",
    "note",
    "records",
    "link",
    "unlink",
    "plan",
    "spam",
    "erase",
}

SENDING = ("send", "send-wait", "send-close")

Refused = tuple[steps.Step, StepForm]


@dataclass(frozen=True)
class Offered:
    """A step that can be taken now, and its form; open when something in it is to be corrected."""

    step: steps.Step
    form: StepForm
    is_open: bool

    @property
    def has_questions(self) -> bool:
        return bool(self.form.fields)


@require_safe
def read_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Opening a request is a look, and the first look at a new one reads it."""
    row = opened(request, pk)
    had_news = row.news_since
    if request.method == "GET" and request.user.has_perm(steps.Step.permission):
        with suppress(Conflict):  # a colleague read it at the same moment
            row.look(by=signed_in(request), now=timezone.now())
    return reading_page(request, row, had_news=had_news)


@require_safe
def print_view(request: HttpRequest, pk: int) -> HttpResponse:
    """On paper, for a doctor without an account."""
    row = opened(request, pk, to=AccessEvent.Action.PRINTED)
    record(request, AccessEvent.Action.PRINTED, reference=row.reference)
    files = list(row.attachments.all())
    return page(
        request,
        "print.html",
        row.reference,
        row=row,
        groups=told(row),
        files=files,
        thread=showing.thread_of(row, files),
    )


@require_safe
def correct_view(request: HttpRequest, pk: int) -> HttpResponse:
    """The questions of a correction, filled in with what is stored."""
    row, step = opened(request, pk, detail="correction"), steps.BY_NAME["correct"]
    if not step.is_possible(row, by=signed_in(request)):
        messages.error(request, gettext("Take the request first, or ask whoever has it."))
        return redirect(REQUEST, pk)
    record(request, AccessEvent.Action.VIEWED, reference=row.reference, detail="correction")
    offer = Offered(step, step.form_class(request=row, by=signed_in(request)), is_open=True)
    seen = Seen.of(row).token(signed_in(request))
    return page(request, "correct.html", row.reference, row=row, offer=offer, seen=seen)


@unreadable_is_said()  # also after a POST: what was typed is shown again
def reading_page(
    request: HttpRequest,
    row: ConsultationRequest,
    *,
    refused: Refused | None = None,
    had_news: datetime.datetime | None = None,
) -> HttpResponse:
    """The page itself, and the line that says who looked; with a form to correct, status 422."""
    record(request, AccessEvent.Action.VIEWED, reference=row.reference)
    now = timezone.now()
    drafts = list(row.drafts.select_related("by"))
    mine = next((draft for draft in drafts if draft.by_id == request.user.pk), None)
    next_steps = _next_steps(request, row, refused, draft=mine)
    files, notes = list(row.attachments.select_related("unlocked_by")), row.notes.select_related("by")
    thread = showing.thread_of(row, files)
    has_new = any(not said.message.from_staff and not said.message.seen_at for said in thread)
    if has_new and request.method == "GET" and row.may_be_worked_on(by=signed_in(request)):
        showing.see(row, by_patient=False, now=now)
    return page(
        request,
        "request.html",
        row.reference,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK,
        row=row,
        news_since=had_news or row.news_since,
        refused=refused[1] if refused else None,
        notes=notes,
        thread=thread,
        drafts=[draft for draft in drafts if draft is not mine],
        files=files,
        shown_kinds=SHOWN,
        has_unreadable=any(
            is_unreadable(part) for part in (row, *files, *notes, *(said.message for said in thread))
        ),
        events=AccessEvent.objects.filter(reference=row.reference).select_related("by")[:MOST_SHOWN],
        seen=Seen.of(row).token(signed_in(request)),
        **next_steps,
        **_told_of(row, now=now),
        **_same_person(request, row),
    )


def _next_steps(
    request: HttpRequest, row: ConsultationRequest, refused: Refused | None, *, draft: Draft | None
) -> dict[str, object]:
    """What whoever looks may do now."""
    possible = steps.possible(row, by=signed_in(request))
    asked_now = refused and refused[0]
    offered = {
        step.name: _offered(step, row, request, refused, draft=draft)
        for step in possible
        if step is asked_now or not step.has_page
    }
    return {
        "steps": [offer for name, offer in offered.items() if name not in _elsewhere(row)],
        "offered": {name.replace("-", "_"): offer for name, offer in offered.items()},
        "may_be_corrected": any(step.name == "correct" for step in possible),
        "sends": _sends(offered),
    }


def _told_of(row: ConsultationRequest, *, now: datetime.datetime) -> dict[str, object]:
    """What the request itself says, in words."""
    profile = SiteProfile.current()
    return {
        "absence": shown_absence(row.owner),
        "signs": spam.signs_in_words(row.suspected_because),
        "is_soon_erased": row.is_promised and row.erase_after < now + WARN_BEFORE,
        "clock": Clocks.at(now, profile).read(row),
        "groups": told(row),
        "script": safety_script(row.language, profile.dials_for(row.lives_in)) if row.cannot_wait else None,
        "consent_language": dict(settings.LANGUAGES).get(row.consent_language, row.consent_language),
        "records": described(row.records),
        "templates": _replies(row, profile),
    }


def _same_person(request: HttpRequest, row: ConsultationRequest) -> dict[str, object]:
    """Their other requests, and those that may be."""
    linked = _described(request, row.same_person.all())
    same = ConsultationRequest.objects.of_same_contact(row)
    suggested = _described(request, same.exclude(pk__in=[other.row.pk for other in linked]))
    return {"linked": linked, "suggested": suggested}


def _elsewhere(row: ConsultationRequest) -> set[str]:
    """What nobody has is taken where the page says that nobody has it."""
    return ELSEWHERE if row.owner else ELSEWHERE | {"take"}


def _offered(
    step: steps.Step,
    row: ConsultationRequest,
    request: HttpRequest,
    refused: Refused | None,
    *,
    draft: Draft | None,
) -> Offered:
    if refused and refused[0] is step:
        return Offered(step, refused[1], is_open=True)
    # Names of fields repeat from form to form; their ids on one page must not.
    initial = _begun(draft) if step.form_class is SendForm else None
    form = step.form_class(request=row, by=signed_in(request), auto_id=f"id_{step.name}_%s", initial=initial)
    return Offered(step, form, is_open=False)


def _begun(draft: Draft | None) -> dict[str, object]:
    """What this person has begun to write; the number of its form stays until it is sent."""
    if draft is None:
        return {"form": uuid.uuid4()}
    return {"form": draft.form_id, "words": draft.text, "translation": draft.translation}


def _sends(offered: dict[str, Offered]) -> dict[str, object] | None:
    """The one form of a message and the buttons that send it."""
    offers = [offered[name] for name in SENDING if name in offered]
    if not offers:
        return None
    shown = next((offer for offer in offers if offer.is_open), offers[0])
    return {"offers": offers, "form": shown.form}


@dataclass(frozen=True)
class Related:
    """Another request of the same person; a link only if it may be opened."""

    row: ConsultationRequest
    is_visible: bool


def _described(request: HttpRequest, rows: QuerySet[ConsultationRequest]) -> list[Related]:
    clear = rows.only("reference", "status", "received_at", "owner", "language", "cancer")[:MOST_SHOWN]
    found = list(clear.select_related("owner"))
    if not found:
        return []
    visible = set(
        ConsultationRequest.objects.visible_to(signed_in(request))
        .filter(pk__in=[row.pk for row in found])
        .values_list("pk", flat=True)
    )
    return [Related(row, row.pk in visible) for row in found]


@dataclass(frozen=True)
class Reply:
    """A template with the facts of this request in it."""

    template: ReplyTemplate
    text: str


def _replies(row: ConsultationRequest, profile: SiteProfile) -> list[Reply]:
    templates = list(ReplyTemplate.objects.for_language(row.language))
    facts = facts_of(row, profile) if templates else {}
    return [Reply(template, template.filled(facts)) for template in templates]
