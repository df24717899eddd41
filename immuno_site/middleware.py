"""The security headers of every answer that is not a static file.

Two content policies. The public one (in settings.py) allows nothing inline and nothing from elsewhere. Staff
pages (the admin, and public addresses seen by signed-in staff, where django CMS shows its toolbar) also need
inline styles, data: images and frames of our own: the toolbar places itself by style attributes and opens the
admin in frames. Scripts stay strict there too, but for one handler by its hash. Nonces would be narrower:
django CMS has them from Django 6.1.
"""

from collections.abc import Callable

from cms.middleware.toolbar import ToolbarMiddleware
from csp.constants import SELF, UNSAFE_HASHES, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed

from immuno_site.addresses import TOOLBAR_PARAMETERS, is_personal, without_language

METHODS = ("GET", "HEAD", "OPTIONS", "POST")
PUBLIC_METHODS = ("GET", "HEAD", "OPTIONS")

# The toolbar's jQuery asks whether the browser knows "focusin" by setting onfocusin="t"; nothing ever runs it.
JQUERY_PROBE = "'sha256-47mKTaMaEn1L3m5DAz9muidMqw636xxw7EFAK/YnPdg='"

STAFF_CHANGES = {
    "script-src": [SELF, UNSAFE_HASHES, JQUERY_PROBE],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
    "frame-src": [SELF],
    "frame-ancestors": [SELF],
}
# The open data's documentation draws its icons from data: addresses.
DOCUMENTATION_CHANGES = {"img-src": [SELF, "data:"]}
DOCUMENTATION = "/api/v1/docs"

# Open data may be read by pages of other sites. Nothing in them is personal, and no cookie is sent along.
OPEN_DATA = "/api/v1/"
FOR_OTHER_SITES = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "If-None-Match, If-Modified-Since",
    "Access-Control-Expose-Headers": "ETag, Last-Modified",
    "Access-Control-Max-Age": "86400",
}


def is_admin(request: HttpRequest) -> bool:
    return without_language(request.path_info).startswith("/admin/")


def is_for_staff(request: HttpRequest) -> bool:
    if is_admin(request):
        return True
    if request.path_info.startswith("/accounts/"):  # signing in shows no toolbar and keeps the public policy
        return False
    return is_staff(request)


def is_staff(request: HttpRequest) -> bool:
    # Asking for the user reads the session: only when there is one.
    user = getattr(request, "user", None) if settings.SESSION_COOKIE_NAME in request.COOKIES else None
    return user is not None and user.is_authenticated and user.is_staff


class ContentSecurityPolicy(CSPMiddleware):
    """django-csp with a policy for each of the two kinds of pages."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if is_for_staff(request):
            parts.replace = STAFF_CHANGES | (parts.replace or {})
        elif request.path_info == DOCUMENTATION:
            parts.replace = DOCUMENTATION_CHANGES | (parts.replace or {})
        return parts


def known_methods(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Most views would answer OPTIONS, TRACE or a made-up method as if it were GET."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        if request.method == "OPTIONS" and not is_personal(request.path_info):
            return HttpResponse(status=204, headers={"Allow": ", ".join(PUBLIC_METHODS)})
        return get_response(request)

    return middleware


def response_headers(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Headers that Django has no setting for."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        response["Cross-Origin-Embedder-Policy"] = "require-corp"  # nothing from elsewhere is shown in a page
        # django CMS opens its own admin pages in frames, and would let an editor open a public page to
        # everybody's frames: neither the setting alone nor the editor decides.
        response["X-Frame-Options"] = "SAMEORIGIN" if is_admin(request) else "DENY"
        if request.path_info.startswith(OPEN_DATA):
            for name, value in FOR_OTHER_SITES.items():
                response[name] = value
        return response

    return middleware


class Toolbar(ToolbarMiddleware):
    """Only staff have a toolbar: for others django CMS neither asks the database for it after every answer, nor
    writes down in a session whether they want it. A made-up session cookie is no session."""

    def process_request(self, request: HttpRequest) -> None:
        if TOOLBAR_PARAMETERS.intersection(request.GET) and not is_staff(request):
            kept = request.GET.copy()
            for name in TOOLBAR_PARAMETERS:
                kept.pop(name, None)
            request.GET = kept  # type: ignore[assignment] # Django takes it, and its own tests do so
        super().process_request(request)

    def is_edit_mode(self, request: HttpRequest) -> bool:
        return is_staff(request) and super().is_edit_mode(request)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """In the admin it is made only where a page shows it, and no page is kept anywhere: nothing to forbid."""
        is_made = is_staff(request) and not is_admin(request)
        return super().process_response(request, response) if is_made else response
