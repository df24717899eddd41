"""What every page of the private room promises: never kept by others, and honest when it cannot store."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import wraps

from django import forms
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.csrf import csrf_failure as standard_csrf_failure
from django.views.decorators.cache import never_cache

from content.models import SiteProfile
from content.page import languages
from content.text.hints import Words
from immuno_site.addresses import without_language
from immuno_site.consultations import cookie, journey, who_asks
from immuno_site.consultations.fields import answers_of
from immuno_site.consultations.models import Progress
from immuno_site.consultations.short_forms import CallbackForm, FeedbackForm, MessageForm, ReturnForm
from immuno_site.keyring import Undecryptable

logger = logging.getLogger(__name__)

FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
# Our longest page has a tenth of this.
MOST_FIELDS = 100
OURS = ("/consultation/", "/callback/", "/feedback/")
SHORT_FORMS: dict[str, type[forms.Form]] = {
    "consultations:callback": CallbackForm,
    "consultations:feedback": FeedbackForm,
    "consultations:return": ReturnForm,
    "consultations:return-request": MessageForm,
}
# What cannot be undone is asked anew, on the page named here: never one click on a page that repeats it.
IRREVOCABLE = {
    "consultations:withdraw": "consultations:withdraw",
    "consultations:remove-document": "consultations:ask-documents",
    "consultations:forget": "consultations:start",
}

View = Callable[..., HttpResponseBase]


def private_page(view: View) -> View:
    """A page about one person."""

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, **arguments: object) -> HttpResponseBase:
        if refusal := _refusal(request):
            return refusal
        try:
            response = view(request, **arguments)
            last_known_profile.remember()
            if not isinstance(response, TemplateResponse):
                return response
            response.context_data = {
                **(response.context_data or {}),
                "languages": _same_page_elsewhere(request),
            }
            # Templates read the database too: now, while we can still say that it is away.
            return response.render()
        except Progress.DoesNotExist:  # erased in another window
            return redirect("consultations:start")
        except Undecryptable:
            logger.error("Could not read what %s shows: no key opens it.", _view_name(request))
            return _cannot_open(request)
        except (DatabaseError, OSError) as error:
            if settings.DEBUG:
                raise
            # The kind only: a database repeats the row it could not write.
            logger.error("Could not serve %s: %s", _view_name(request), type(error).__name__)
            return try_again(request, status=503)

    return guarded


def only_when_open(view: View) -> View:
    """A page that asks. While patients cannot be told who asks it takes nothing; what they have begun stays."""

    @wraps(view)
    def asking(request: HttpRequest, **arguments: object) -> HttpResponseBase:
        if not who_asks.unsaid():
            return view(request, **arguments)
        if request.method == "POST":
            return try_again(request, status=503, is_closed=True)
        context = {"progress": cookie.progress_of(request, now=timezone.now())}
        return TemplateResponse(request, "consultations/closed.html", context, status=503)

    return asking


def _refusal(request: HttpRequest) -> HttpResponse | None:
    """What no form of ours sends."""
    if request.method != "POST":
        return None
    if request.content_type not in FORM_TYPES:
        return HttpResponse("Send a form.", status=415, content_type="text/plain")
    # Browsers write every other letter as %xx; what does not came from no form of ours.
    if request.content_type == FORM_TYPES[0] and not request.body.isascii():
        return HttpResponse("Not readable.", status=400, content_type="text/plain")
    if sum(len(values) for _name, values in request.POST.lists()) > MOST_FIELDS:
        return HttpResponse("Too many fields.", status=400, content_type="text/plain")
    return None


def _view_name(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""


def _same_page_elsewhere(request: HttpRequest) -> list[dict[str, object]]:
    """For the switcher: unlike what editors write, our own pages exist in every language."""
    name = _view_name(request)
    captured = getattr(request.resolver_match, "captured_kwargs", {})
    return languages.of_view(name, **captured)


def try_again(
    request: HttpRequest, *, status: int, is_foreign: bool = False, is_closed: bool = False
) -> HttpResponse:
    """Nothing was stored: says so, names other ways to reach us, and keeps what was typed. Needs no database."""
    name = _view_name(request)
    is_kept = not is_foreign and name not in IRREVOCABLE
    typed = _typed(request) if is_kept else []
    context = {
        "site": last_known_profile.get(),
        "typed": typed,
        "had_files": is_kept and bool(request.FILES),
        "address": request.path if is_kept else reverse(IRREVOCABLE.get(name, name)),
        "is_sending": request.method == "POST",
        "csrf_token": get_token(request) if typed else "",
        "is_too_often": status == 429,
        "is_forbidden": status == 403,
        "is_foreign": is_foreign,
        "is_closed": is_closed,
    }
    html = render_to_string("consultations/try_again.html", context)
    response = HttpResponse(html, status=status)
    if status in (429, 503) and not is_closed:
        response["Retry-After"] = "120"
    return response


@dataclass(frozen=True)
class Typed:
    """One value that is sent again, and how the person is told of it."""

    name: str
    value: str
    label: Words
    words: str

    @property
    def is_shown(self) -> bool:
        """The form's own mark says nothing to anybody; it names the form, not what is in it."""
        return bool(self.value) and self.name != "form"


def _typed(request: HttpRequest) -> list[Typed]:
    fields = _form_of(request).base_fields
    return [
        Typed(name, value, *_in_words(fields.get(name), name, value))
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken"
    ]


def _form_of(request: HttpRequest) -> type[forms.Form]:
    """The questions of the page that was sent."""
    match = request.resolver_match
    page = journey.BY_NAME.get(match.kwargs.get("name", "")) if match else None
    if page and page.form:
        return page.form
    return SHORT_FORMS.get(_view_name(request), forms.Form)


def _in_words(field: forms.Field | None, name: str, value: str) -> tuple[Words, str]:
    """The names of cancers come from the database; while it is away the value itself has to do."""
    try:
        known = answers_of(field) if field else {}
    except DatabaseError:
        known = {}
    return (field and field.label) or name, str(known.get(value, value))


def _cannot_open(request: HttpRequest) -> HttpResponse:
    """For the one person whose words no key opens: how to reach us. The next form starts anew."""
    now = timezone.now()
    known = (cookie.progress_of(request, purpose, now=now) for purpose in (cookie.RETURNING, cookie.ASKING))
    sent = next((progress.request for progress in known if progress and progress.request), None)
    context = {"site": last_known_profile.get(), "sent": sent}
    html = render_to_string("consultations/cannot_open.html", context)
    response = HttpResponse(html, status=500)
    cookie.take_away(response, cookie.ASKING)
    return response


class LastKnownProfile:
    """How to reach us, as it was when the database last answered: it is needed most when it does not."""

    REREAD_SECONDS = 60

    def __init__(self) -> None:
        self._profile = SiteProfile(pk=1)
        self._next_read = 0.0

    def remember(self) -> None:
        if time.monotonic() >= self._next_read:
            self._profile = SiteProfile.current()
            self._next_read = time.monotonic() + self.REREAD_SECONDS

    def get(self) -> SiteProfile:
        self._next_read = 0.0
        with suppress(DatabaseError):
            self.remember()
        return self._profile


last_known_profile = LastKnownProfile()


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A patient whose browser lost our cookie keeps the text; everybody else gets Django's own page.

    What another site sent is not repeated: with our token and one click it would become the patient's own wish.
    """
    if not without_language(request.path_info).startswith(OURS):
        return standard_csrf_failure(request, reason)
    is_foreign = not _is_from_our_page(request)
    return never_cache(lambda request: try_again(request, status=403, is_foreign=is_foreign))(request)


def _is_from_our_page(request: HttpRequest) -> bool:
    """As the browser says, which a page of another site cannot change. Who says nothing is not believed."""
    if request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        return False
    ours = (f"{request.scheme}://{request.get_host()}", settings.SITE_URL)
    said = request.headers.get("Origin") or request.headers.get("Referer", "")
    return any(said == origin or said.startswith(f"{origin}/") for origin in ours)
