"""What every template may use without asking."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from content import edition
from content.models import SiteProfile


def site(request: HttpRequest) -> dict[str, object]:
    """`site`: who runs the site, read only when a template uses it. `site_url`: what addresses begin with that
    are printed, copied or told to others; a Host header says what a client likes."""
    profile = SimpleLazyObject(lambda: edition.shared("site profile", SiteProfile.current))
    return {"site": profile, "site_url": settings.SITE_URL}
