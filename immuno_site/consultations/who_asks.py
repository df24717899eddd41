"""Nobody is asked for health records by somebody who does not say who they are, who pays and whom to ask about data."""

from django.conf import settings

from content.models import SiteProfile
from content.text.hints import Words


def unsaid() -> list[Words]:
    """What keeps the form closed; empty while it is open. Demonstrations stay open."""
    if settings.DEVELOPMENT or settings.CLINICAL_REVIEW != "required":
        return []
    return SiteProfile.current().unsaid
