"""A handful of views that tell how often they were built and what they could see of the request."""

from collections import Counter
from collections.abc import Callable

from django.conf.urls.i18n import i18n_patterns
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import path, re_path
from django.views.decorators.cache import never_cache

builds: Counter[str] = Counter()
during_build: list[Callable[[], None]] = []  # what happens elsewhere while a page is being built


def page(request: HttpRequest, slug: str = "") -> HttpResponse:
    """A page of some length that shows everything it was given."""
    builds[request.path] += 1
    seen = [
        request.get_full_path(),
        request.COOKIES,
        request.headers.get("Accept-Language"),
        request.build_absolute_uri(),
    ]
    text = f"<title>{slug}</title> built {builds[request.path]} times, saw {seen} "
    for happen in during_build:
        happen()
    return HttpResponse(text + "word " * 500)


def short(request: HttpRequest) -> JsonResponse:
    builds[request.path] += 1
    return JsonResponse({"count": builds[request.path]})


def with_cookie(request: HttpRequest) -> HttpResponse:
    builds[request.path] += 1
    response = HttpResponse("hello")
    response.set_cookie("flavor", "oat")
    return response


def with_form(request: HttpRequest) -> HttpResponse:
    builds[request.path] += 1
    return HttpResponse(f'<input name="csrfmiddlewaretoken" value="{get_token(request)}">')


def streamed(request: HttpRequest) -> StreamingHttpResponse:
    builds[request.path] += 1
    return StreamingHttpResponse([b"a", b"b"])


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a view that fails")


def plain_error(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The site's own error pages look for similar names in the database."""
    status = 500
    if isinstance(exception, Http404):
        status = 404
    elif exception is not None:
        status = 400
    return HttpResponse("error", status=status)


personal = (
    "consultation",
    "callback",
    "feedback",
    "admin",
    "accounts",
    "login",
    "logout",
    "healthz",
    "readyz",
    "metrics",
)

urlpatterns = [
    *i18n_patterns(
        path("", page),
        path("drugs/", page),
        path("drugs/<slug:slug>/", page),
        path("search/", page),
        path("compare/", page),
        *(re_path(rf"^{name}(?:/.*)?$", page) for name in personal),
        prefix_default_language=False,
    ),
    path("api/v1/drugs/", short),
    path("api/v1/docs", page),
    path("about/", never_cache(page), name="pages-details-by-slug"),
    path("private/", never_cache(page)),
    path("with-cookie/", with_cookie),
    path("with-form/", with_form),
    path("streamed/", streamed),
    path("broken/", broken),
    path("old/", lambda request: redirect("/drugs/", permanent=True)),
]

handler400 = handler404 = handler500 = plain_error
