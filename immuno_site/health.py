"""Questions of a supervisor or load balancer: is the process alive, may it get visitors, how is it doing?

Strangers learn nothing but yes or no; what is wrong stands in the log.
"""

import logging
import secrets
from collections.abc import Callable

from django.conf import settings
from django.core.cache import caches
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse

from content.review import gate
from immuno_site.metrics import metrics

logger = logging.getLogger(__name__)


def answer_supervisors(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Answers before sessions, languages and the toolbar, all of which may ask the database; for any host."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        question = QUESTIONS.get(request.path_info)
        return question(request) if question else get_response(request)

    return middleware


def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. Touches nothing else: restarting it would not mend a database."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> JsonResponse:
    """Visitors would be served, and nothing that must be signed off is public without."""
    for check in CHECKS:
        try:
            reason = check()
        except Exception as error:  # whatever a database or cache raises when it is away
            reason = f"{type(error).__name__}: {error}"
        if reason:
            logger.error("Not ready, %s: %s", check.__name__, reason)
            return JsonResponse({"status": "not ready"}, status=503)
    return JsonResponse({"status": "ok"})


# Each says what is wrong, or nothing.


def database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return (
            "" if cursor.fetchone() == (1,) else "The database answers, but not with what it was asked for."
        )


def page_cache() -> str:
    word = secrets.token_hex(8)
    caches["pages"].set("readyz", word, timeout=60)
    found = caches["pages"].get("readyz")
    # Another worker may have written since. A DummyCache keeps nothing, which a developer has chosen.
    return "" if found or settings.DEBUG else "The shared page cache does not keep what it is given."


def migrations() -> str:
    global _are_applied
    if not _are_applied:
        loader = MigrationLoader(connection)
        if missing := set(loader.graph.nodes) - set(loader.applied_migrations):
            return f"{len(missing)} migrations are not applied."
        # This process will not learn of others: new ones come with new code.
        _are_applied = True
    return ""


def sign_offs() -> str:
    if settings.CLINICAL_REVIEW != "required":
        return ""
    unsigned = [version.pk for version in gate.unsigned_public_versions()]  # their names are a query each
    return f"Public without a sign-off: versions {', '.join(map(str, unsigned[:10]))}" if unsigned else ""


_are_applied = False
CHECKS: tuple[Callable[[], str], ...] = (database, page_cache, migrations, sign_offs)
QUESTIONS: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/healthz": healthz,
    "/readyz": readyz,
    "/metrics": metrics,
}
