"""The journey: page by page from "ask us" to "we have received it"."""

from __future__ import annotations

import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST

from content import directory
from content.kinds import KINDS
from content.models import SiteProfile
from content.page import care_cards
from immuno_site.consultations import cookie, journey, sending, spam
from immuno_site.consultations.forms import CONSENT_VERSION, PageForm, SendForm
from immuno_site.consultations.guard import only_when_open, private_page, try_again
from immuno_site.consultations.local_time import there_if_other
from immuno_site.consultations.models import ConsultationRequest, Progress
from immuno_site.consultations.models.progress import unfinished
from immuno_site.consultations.models.request import KEEP_CLOSED, KEEP_SPAM, KEEP_UNANSWERED
from immuno_site.consultations.reference import return_code
from immuno_site.consultations.working_time import reply_due

GET_OR_POST = ["GET", "HEAD", "POST"]
MOST_SIGNS_OPEN = 14


@require_http_methods(GET_OR_POST)
@private_page
@only_when_open
def start(request: HttpRequest) -> HttpResponse:
    """What to expect; "Start" opens a new form."""
    now = timezone.now()
    progress = cookie.progress_of(request, now=now)
    if request.method == "POST":
        return _begin(request, progress, now=now)
    return _show_start(request, progress, now=now)


def _show_start(
    request: HttpRequest, progress: Progress | None, *, now: datetime.datetime, is_gone: bool = False
) -> HttpResponse:
    context = {
        "came_from": _entry(request.GET.get("about", "")),
        "progress": progress,
        "reply_due": reply_due(now, SiteProfile.current()),
        "is_gone": is_gone,
    }
    return TemplateResponse(request, "consultations/start.html", context, status=410 if is_gone else 200)


def _gone(request: HttpRequest, *, now: datetime.datetime) -> HttpResponse:
    """Somebody pressed "Send", and there is nothing to send any more."""
    return _show_start(request, None, now=now, is_gone=True)


def _begin(request: HttpRequest, progress: Progress | None, *, now: datetime.datetime) -> HttpResponse:
    if "go_on" in request.POST and progress and not progress.is_sent:
        return redirect(journey.open_step(progress))
    if spam.starts_too_often(request, now=now):
        return try_again(request, status=429)
    response = redirect("consultations:ask-help")
    if progress is None or progress.is_sent:
        progress, token = Progress.objects.start(now=now)
        cookie.leave(response, token)
    if entry := _entry(request.POST.get("about", "")):
        progress.keep("came_from", {"entry": entry})
    return response


def _entry(text: str) -> str:
    """ "drug:pembrolizumab": the page somebody came from, if there is such an entry."""
    kind, _colon, slug = text.partition(":")
    if kind not in KINDS:
        return ""
    known = {entry.slug for entry in directory.all_of(kind, get_language() or "en")}
    return f"{kind}:{slug}" if slug in known else ""


@require_http_methods(["GET", "HEAD"])
@private_page
def need_help_now(request: HttpRequest) -> HttpResponse:
    """What cannot wait for us. Never blocks, never ends in a form."""
    cards = care_cards.for_everybody(get_language() or "en", most_open=MOST_SIGNS_OPEN)
    return TemplateResponse(
        request, "consultations/help.html", {"next": journey.PAGES[0].url, "cards": cards}
    )


@require_http_methods(GET_OR_POST)
@private_page
@only_when_open
def page(request: HttpRequest, *, name: str) -> HttpResponse:
    """One page of questions."""
    topic, now = journey.BY_NAME[name], timezone.now()
    progress = cookie.progress_of(request, now=now)
    if request.method != "POST":
        if progress is None or progress.is_sent:
            return redirect("consultations:received" if progress else "consultations:start")
        return _show(request, topic, journey.form_of(topic, progress))
    form = topic.questions(data=request.POST, country=journey.country_in(progress))
    if progress is None:
        return _begin_again(request, topic, form, now=now)
    if progress.is_sent:
        return _ask_anew(request, topic, form, progress, now=now)
    if leave := request.POST.get("leave"):
        return _leave(request, topic, form, progress, to_earlier=leave == "back")
    if not form.is_valid():
        return _show(request, topic, form, status=422)
    consent = _consent_now(now).kept() if name == "consent" else {}
    progress.keep(name, {**form.cleaned_data, **consent})
    return redirect(journey.after(topic, progress))


def _consent_now(now: datetime.datetime) -> journey.Consent:
    return journey.Consent(now, get_language() or "en", CONSENT_VERSION)


def _leave(
    request: HttpRequest, topic: journey.Page, form: PageForm, progress: Progress, *, to_earlier: bool
) -> HttpResponse:
    """Back, or the same page in another language: what was typed goes along, whether or not it is right yet. Consent
    is given by "Continue" only."""
    if topic.name == "consent":
        pass
    elif form.is_valid():
        progress.keep(topic.name, form.cleaned_data)
    else:
        progress.keep(unfinished(topic.name), {bound.name: bound.data for bound in form if bound.data})
    return redirect(journey.before(topic) if to_earlier else request.path)


def typed_in(request: HttpRequest) -> dict[str, str]:
    """The words of a form, to be shown again on the same page in another language. A tick is given to what was read."""
    return {name: str(value) for name, value in request.POST.items() if not name.startswith("consent")}


def _show(
    request: HttpRequest, topic: journey.Page, form: PageForm, *, status: int = 200, **more: object
) -> HttpResponse:
    context = {
        "page": topic,
        "form": form,
        "back": journey.before(topic),
        "step": topic.number,
        "steps": journey.STEPS,
        "tests": _about_tests() if topic.name == "tests" else [],
        "keep": KEEPING,
        **more,
    }
    return TemplateResponse(request, "consultations/page.html", context, status=status)


def _about_tests() -> list[directory.Listed]:
    """The pages that explain what is asked for, as far as they are written."""
    listed = directory.all_of("biomarker", get_language() or "en")
    return [entry for entry in listed if entry.slug in ASKED_TESTS]


ASKED_TESTS = {"pd-l1", "msi-mmr", "tumor-mutational-burden"}
KEEPING = {"unanswered": KEEP_UNANSWERED.days, "closed": KEEP_CLOSED.days, "spam": KEEP_SPAM.days}


def _begin_again(
    request: HttpRequest, topic: journey.Page, form: PageForm, *, now: datetime.datetime
) -> HttpResponse:
    """Their answers are gone, or their browser sends no cookie: a new form with what this page brought."""
    if spam.starts_too_often(request, now=now):
        return try_again(request, status=429)
    answers: dict[str, object] = {topic.name: form.cleaned_data} if form.is_valid() else {}
    _progress, token = Progress.objects.start(now=now, answers=answers)
    response = _show(request, topic, form, status=422, is_new=True)
    cookie.leave(response, token)
    return response


def _ask_anew(
    request: HttpRequest, topic: journey.Page, form: PageForm, sent: Progress, *, now: datetime.datetime
) -> HttpResponse:
    """The first request stays as it was sent; another text can become another request."""
    if not form.is_valid():
        return _show(request, topic, form, status=422, sent=sent.request)
    if "anew" not in request.POST:
        return _show(request, topic, form, status=409, sent=sent.request)
    if spam.starts_too_often(request, now=now):
        return try_again(request, status=429)
    progress, token = Progress.objects.start(now=now, answers={topic.name: form.cleaned_data})
    response = redirect(journey.after(topic, progress))
    cookie.leave(response, token)
    return response


@require_http_methods(GET_OR_POST)
@private_page
@only_when_open
def check(request: HttpRequest) -> HttpResponse:
    """All answers on one page; sending is its only button."""
    now = timezone.now()
    progress = cookie.progress_of(request, now=now)
    if progress is None:
        return _gone(request, now=now) if request.method == "POST" else redirect("consultations:start")
    if progress.is_sent:
        return redirect("consultations:received")
    if first := journey.missing(progress):
        return redirect(first.url)
    if request.method == "POST":
        return _send(request, progress, now=now)
    context = {
        "groups": journey.summary(progress),
        "form": SendForm(),
        "back": journey.PAGES[-1].url,
        "step": journey.STEPS,
        "steps": journey.STEPS,
    }
    return TemplateResponse(request, "consultations/check.html", context)


def _send(request: HttpRequest, progress: Progress, *, now: datetime.datetime) -> HttpResponse:
    if spam.is_flood(request, now=now):
        return try_again(request, status=429)
    consent = journey.consent_in(progress, otherwise=_consent_now(now))
    sending.receive(
        sending.Sending(
            form_id=progress.form_id,
            values=journey.values(progress),
            seen_in=get_language() or "en",
            sender=spam.Sender.of(request, age=now - progress.started_at),
            progress=progress,
            consent=consent,
        ),
        now=now,
    )
    return redirect("consultations:received")


@require_http_methods(["GET", "HEAD"])
@private_page
def received(request: HttpRequest) -> HttpResponse:
    """The word "received", said only about a row that is committed."""
    progress = cookie.progress_of(request, now=timezone.now())
    if progress is None or progress.request is None:
        return redirect("consultations:start")
    context = {
        "sent": progress.request,
        "dials": SiteProfile.current().dials_for(progress.request.lives_in),
        "code": return_code(progress.request.form_id, progress.request.codes_ended),
        "files": list(progress.request.attachments.all()),
        "due_there": due_there(progress.request),
    }
    return TemplateResponse(request, "consultations/received.html", context)


def due_there(sent: ConsultationRequest) -> datetime.datetime | None:
    """When we reply, on the patient's own clock."""
    return there_if_other(sent.reply_due_at, country=sent.country, city=sent.time_zone)


@require_POST
@private_page
def forget(request: HttpRequest) -> HttpResponse:
    """For shared computers: what is kept for this browser is erased, and an open request is closed in it. What was
    sent stays sent. `anew`: the next person begins at once."""
    response = redirect("consultations:start" if "anew" in request.POST else "consultations:forgotten")
    for purpose in (cookie.ASKING, cookie.RETURNING):
        if progress := cookie.progress_of(request, purpose, now=timezone.now()):
            progress.delete()
        cookie.take_away(response, purpose)
    return response


@require_http_methods(["GET", "HEAD"])
@private_page
def forgotten(request: HttpRequest) -> HttpResponse:
    return TemplateResponse(request, "consultations/forgotten.html", {})
