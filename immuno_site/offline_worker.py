"""The worker that keeps pages for offline. It stands at the root, for it may act only below its own address."""

from django.http import HttpRequest
from django.template.response import TemplateResponse


def offline_worker(request: HttpRequest) -> TemplateResponse:
    return TemplateResponse(request, "offline_worker.js", content_type="text/javascript")
