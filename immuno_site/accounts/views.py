"""The pages of signing in that allauth does not have."""

from __future__ import annotations

from collections.abc import Callable

from allauth.account.decorators import reauthentication_required, secure_admin_login
from allauth.account.models import Login
from allauth.core import ratelimit
from allauth.mfa.webauthn.views import login_webauthn
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from content.account import signed_in
from immuno_site.accounts import sessions
from immuno_site.accounts.allauth_internals import perform_login, record_authentication
from immuno_site.accounts.forms import InvitationForm
from immuno_site.client_address import client_network
from immuno_site.rate_counter import RateCounter

MOST_PASSKEYS_PER_HOUR = 60

AdminLogin = Callable[..., HttpResponse]


@never_cache
@login_required
@reauthentication_required(allow_get=True)
@require_http_methods(["GET", "HEAD", "POST"])
def where_signed_in(request: HttpRequest) -> HttpResponse:
    """Where this person is signed in; they end one, or all but this one. Before that they are asked again who they
    are: a screen that was left must not throw its owner out elsewhere."""
    user = signed_in(request)
    if request.method == "POST":
        if "others" in request.POST:
            sessions.end_other_sessions(request, user)
            messages.success(request, _("You are signed out everywhere else."))
        elif sessions.end_one_of(user, request.POST.get("session", "")):
            messages.success(request, _("You are signed out there."))
        else:
            messages.info(request, _("You were signed out there already."))
        return redirect("account_sessions")
    places = sessions.places_of(user, here=request.session)
    return TemplateResponse(request, "accounts/sessions.html", {"places": places})


@never_cache
@sensitive_post_parameters()
def accept_invitation(request: HttpRequest) -> HttpResponse:
    """The letter's code and a new password; then straight on to the second factor.

    The code is posted: it stands in no address, so in no log. The letter's link carries it behind a #.
    """
    if not ratelimit.consume(request, action="invitation"):
        return ratelimit.respond_429(request)
    form = InvitationForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and form.invitation and form.invitation.accept(form.cleaned_data["password1"]):
        user = form.invitation.user
        # Just proved who they are: enrollment does not ask for the password again.
        record_authentication(request, user, method="password", reauthenticated=True)
        return perform_login(request, Login(user=user, redirect_url=reverse("mfa_index")))
    return TemplateResponse(request, "accounts/invitation.html", {"form": form})


@never_cache
def sign_in_by_passkey(request: HttpRequest) -> HttpResponse:
    """allauth's page; what it asks the passkey lies in a session, and so many from one network are enough."""
    times = RateCounter.objects.count_one("passkey", place=client_network(request), now=timezone.now())
    if times > MOST_PASSKEYS_PER_HOUR:  # allauth counts no GET, and each is a row
        return ratelimit.respond_429(request)
    return login_webauthn(request)


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """django CMS's own sign-in form knows no second factor."""
    return HttpResponseRedirect(reverse("account_login"))


def to_password_change(request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
    """Instead of the admin's page: ours tells the person by mail and leads on to the second factor."""
    return HttpResponseRedirect(reverse("account_change_password"))


def without_a_form_of_its_own(admin_login: AdminLogin) -> AdminLogin:
    """The admin's login page, sent to ours; who is signed in and no staff finds nothing here."""
    guarded = secure_admin_login(admin_login)

    def login(request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        if request.user.is_authenticated and not request.user.is_staff:
            raise Http404
        return guarded(request, extra_context)

    return login
