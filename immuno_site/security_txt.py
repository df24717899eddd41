"""Where somebody who found a hole can tell us (RFC 9116)."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from content.models import SiteProfile

VALID = datetime.timedelta(days=180)


def security_txt(request: HttpRequest) -> HttpResponse:
    """A contact that does not exist would be worse than none."""
    contact = settings.SECURITY_CONTACT or SiteProfile.current().email
    if not contact:
        raise Http404
    # By the day: the page is kept until midnight, and the same for everybody.
    expires = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0) + VALID
    lines = [
        f"Contact: {contact if ':' in contact else f'mailto:{contact}'}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        f"Canonical: {settings.SITE_URL}/.well-known/security.txt",
        "Preferred-Languages: en, he",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
