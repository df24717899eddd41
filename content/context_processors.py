"""What every template may use without asking."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from content.models import SiteProfile


def site(request: HttpRequest) -> dict[str, object]:
    """`site`: who runs the site, read only when a template uses it."""
    return {"site": SimpleLazyObject(SiteProfile.current)}
