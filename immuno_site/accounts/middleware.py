"""What stands between a signed-in request and the site: the session's clock and the second factor."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.deprecation import MiddlewareMixin

from content.account import signed_in
from immuno_site.accounts import second_factor, sessions

GetResponse = Callable[[HttpRequest], HttpResponseBase]

ACCOUNTS = "/accounts/"
ENROLLMENT = "/accounts/second-factor/"
# All that a person who has no second factor yet can reach. Whoever has one has to use it to get here.
OPEN_DURING_ENROLLMENT = (ENROLLMENT, "/accounts/reauthenticate/", "/accounts/logout/")
# All of it that a person who is not signed in has business with. allauth would note every other visit in a session.
OPEN_BEFORE_SIGNING_IN = tuple(f"{ENROLLMENT}{page}/" for page in ("authenticate", "trust", "webauthn/login"))
# What a page asks by itself says so: a screen that somebody left is signed out all the same.
UNATTENDED = "Unattended"
# Nothing of ours, the same for everybody.
NOT_PAGES = (settings.STATIC_URL, "/media/", "/api/v1/", "/healthz", "/readyz")


def _is_signed_in(request: HttpRequest) -> bool:
    # Asking for the user reads the session: only when there is one.
    return settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated


def session_clock(get_response: GetResponse) -> GetResponse:
    """Ends sessions that rested or lasted too long, and empties the browser when one ends."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        was_signed_in = _is_signed_in(request)
        if was_signed_in and sessions.is_over(request.session):
            logout(request)
        elif was_signed_in and UNATTENDED not in request.headers:
            sessions.note_use(request.session)
        response = get_response(request)
        if was_signed_in and not request.user.is_authenticated:
            # Not "cookies": that would reach the clinic's other sites under the same domain.
            response["Clear-Site-Data"] = '"cache", "storage"'
        return response

    return middleware


def second_factor_required(get_response: GetResponse) -> GetResponse:
    """Whoever is signed in has used a second factor, or gets no further than enrollment.

    By default closed: every address, not a list of staff pages that somebody must remember to extend.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if not _is_signed_in(request):
            is_own = request.path_info.startswith(ENROLLMENT)
            if is_own and not request.path_info.startswith(OPEN_BEFORE_SIGNING_IN):
                return redirect_to_login(request.path_info)
            return get_response(request)
        if request.path_info.startswith(NOT_PAGES):
            return get_response(request)
        if second_factor.has_second_factor(signed_in(request)):
            if not second_factor.was_used(request):
                # Came past the sign-in page. With the password alone nobody may touch the factors either.
                logout(request)
            return get_response(request)
        if request.path_info.startswith(OPEN_DURING_ENROLLMENT):
            return get_response(request)
        return HttpResponseRedirect(ENROLLMENT)

    return middleware


class RefusedForms(MiddlewareMixin):
    """A form with something to correct is answered with 422, on allauth's pages as everywhere else."""

    def process_template_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if (
            request.method == "POST"
            and request.path_info.startswith(ACCOUNTS)
            and isinstance(response, TemplateResponse)
            and response.status_code == HTTPStatus.OK
            and any(getattr(form, "errors", None) for form in (response.context_data or {}).values())
        ):
            response.status_code = HTTPStatus.UNPROCESSABLE_ENTITY
        return response
