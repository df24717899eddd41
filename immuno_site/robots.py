"""What search engines are asked to leave alone."""

from django.conf import settings
from django.http import HttpRequest
from django.template.response import TemplateResponse

from immuno_site.addresses import PERSONAL

# Answers without end, each made of pages that are found without them.
ENDLESS = ("/search/", "/find/?", "/compare/?", "/symptoms/?")


def robots(request: HttpRequest) -> TemplateResponse:
    """Personal pages in every language, and pages that a crawler could multiply."""
    prefixes = ["", *(f"/{code}" for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE)]
    context = {
        "paths": [f"{prefix}{path}" for path in (*PERSONAL, *ENDLESS) for prefix in prefixes],
        "sitemap": f"{settings.SITE_URL}/sitemap.xml",
    }
    return TemplateResponse(request, "robots.txt", context, content_type="text/plain")
