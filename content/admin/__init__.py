"""The editors' and reviewers' rooms, one file per concept."""

from content.admin import (  # noqa: F401
    asked_term,
    base,
    clinician,
    coverage,
    fact,
    media,
    page,
    result,
    sign,
    sign_off,
    site_profile,
    source,
    together,
)
