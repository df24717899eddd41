"""What a device shows of this site beside its own programs: name, colors and icons."""

from django.http import HttpRequest, JsonResponse
from django.templatetags.static import static
from django.utils.translation import gettext

from content.models import SiteProfile

# The background of pages in light colors; a manifest knows no second pair (static/css/tokens.css).
PAPER = "#fcf9f4"


def manifest(request: HttpRequest) -> JsonResponse:
    """The web app manifest (https://www.w3.org/TR/appmanifest/). On a home screen the site keeps the way back."""
    name = SiteProfile.current().organization or gettext("Immunotherapy, explained")
    icons = (
        ("img/icon-192.png", "192x192", "any"),
        ("img/icon-512.png", "512x512", "any"),
        ("img/icon-masked.png", "512x512", "maskable"),
    )
    described = {
        "name": name,
        "short_name": name,
        "start_url": "/",
        "scope": "/",
        "display": "minimal-ui",
        "background_color": PAPER,
        "theme_color": PAPER,
        "icons": [
            {"src": static(file), "sizes": sizes, "type": "image/png", "purpose": purpose}
            for file, sizes, purpose in icons
        ],
    }
    return JsonResponse(described, content_type="application/manifest+json")
